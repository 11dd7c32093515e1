// Compares the read models of accounts and bets with the ledger book, document by document. Called by verify-ledger.ts, round by round.
// A document is compared at its own revision: one that is ahead of the book waits until the book has come that far.

import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import { accountOf, accountsCollection, accountSummary, type AccountDocument } from '@wagerline/shared-kernel/read-models/account-statement';
import { betOf, betsCollection } from '@wagerline/shared-kernel/read-models/bet-history';
import { accountStream, streamIdOf } from '@wagerline/shared-kernel/values/ids';
import type { Finding, LedgerBook } from './ledger-book.ts';

/** What the book and a document say of one account or bet. */
type Says = { readonly revision: number; readonly text: string };
type Model = 'account-statement' | 'bet-history';
type Target = { readonly model: Model; readonly generation: number };

const findingsShownMax = 100;
const watermarksReadMax = 500;
const agrees = { rule: 'read-model-agrees', position: 0 };

export class ModelComparison {
  readonly #store: ReadModelStore;
  readonly #book: LedgerBook;
  /** By model and id. Once seen equal is enough: what comes later comes the same way. */
  readonly #agreed = new Set<string>();
  readonly #wrong = new Map<string, Finding>();
  /** Documents ahead of the book. */
  readonly #ahead = new Map<string, Says>();
  /** Documents that are missing, or behind the book: on their way, or lost. By model and id, with the account whose stream brings them. */
  #behind = new Map<string, { readonly finding: Finding; readonly accountId: string }>();
  /** How far each of these was at the end of the last round, by model and account. What is read after that is at least as new. */
  #reached = new Map<string, number>();
  #generations = '';

  constructor(store: ReadModelStore, book: LedgerBook) {
    this.#store = store;
    this.#book = book;
  }

  findings(): readonly Finding[] {
    const ahead = [...this.#ahead].map(([subject, { text, revision }]) => ({ ...agrees, subject, detail: `read model ${text} @${revision}, not in the log` }));
    const behind = [...this.#behind.values()].map(({ finding }) => finding);
    return [...this.#wrong.values(), ...behind, ...ahead].slice(0, findingsShownMax);
  }

  /** Called after the book has read this event: it may be the one that a document is ahead by. */
  passed({ stream, data }: RecordedEvent): void {
    if (this.#ahead.size === 0 || !stream.startsWith('account-')) return;
    this.#compareAhead('account-statement', streamIdOf(stream));
    if (typeof data['betId'] === 'string') this.#compareAhead('bet-history', data['betId']);
  }

  /** Answers how many documents could not be compared so far. */
  async compare(): Promise<number> {
    const [statement, history] = [await this.#live('account-statement'), await this.#live('bet-history')];
    // Another generation may be a little behind the one that was read.
    if (this.#generations !== `${statement.generation} ${history.generation}`) this.#reached.clear();
    this.#generations = `${statement.generation} ${history.generation}`;
    this.#behind = new Map();
    await this.#compareAccounts(statement);
    await this.#compareBets(history);
    await this.#noteReached(statement, history);
    return this.#behind.size + this.#ahead.size;
  }

  async #live(model: Model): Promise<Target> {
    return { model, generation: await this.#store.liveGeneration(model) };
  }

  async #noteReached(...targets: readonly Target[]): Promise<void> {
    this.#reached.clear();
    for (const target of targets) {
      const keys = [...this.#behind].filter(([key]) => key.startsWith(`${target.model} `));
      const accounts = [...new Set(keys.map(([, { accountId }]) => accountId))];
      for (const ids of chunks(accounts, watermarksReadMax)) {
        const watermarks = await this.#store.watermarks(target, ids.map(accountStream));
        for (const [index, id] of ids.entries()) this.#reached.set(`${target.model} ${id}`, watermarks[index]?.revision ?? -1);
      }
    }
  }

  async #compareBets(target: Target): Promise<void> {
    const missing = new Set(this.#book.bets.keys());
    for await (const { document } of this.#store.scan(target, betsCollection.name)) {
      const { betId, revision, status, returnMinor } = betOf(document);
      missing.delete(betId);
      this.#compare('bet-history', betId, { revision, text: `${status}, returned ${returnMinor ?? 0}` });
    }
    for (const betId of missing) this.#differs('bet-history', betId, undefined);
  }

  async #compareAccounts(target: Target): Promise<void> {
    const missing = new Set(this.#book.wallets.keys());
    const compareNow = async (documents: readonly AccountDocument[]): Promise<void> => {
      const watermarks = await this.#store.watermarks(target, documents.map(({ accountId }) => accountStream(accountId)));
      for (const [index, document] of documents.entries()) {
        const watermark = watermarks[index];
        if (watermark === undefined) continue;
        const { accountId, revision, balanceMinor, openStakesMinor } = accountSummary(document, watermark);
        missing.delete(accountId);
        this.#compare('account-statement', accountId, { revision, text: `balance ${balanceMinor}, open stakes ${openStakesMinor}` });
      }
    };
    let documents: AccountDocument[] = [];
    for await (const { document } of this.#store.scan(target, accountsCollection.name)) {
      documents.push(accountOf(document));
      if (documents.length < watermarksReadMax) continue;
      await compareNow(documents);
      documents = [];
    }
    await compareNow(documents);
    for (const accountId of missing) this.#differs('account-statement', accountId, undefined);
  }

  #compare(model: Model, id: string, shown: Says): void {
    const key = `${model} ${id}`;
    if (this.#agreed.has(key) || this.#wrong.has(key) || this.#ahead.has(key)) return;
    const booked = this.#booked(model, id);
    if (booked === undefined || shown.revision > booked.revision) this.#ahead.set(key, shown);
    else if (shown.revision === booked.revision && shown.text === booked.text) this.#agreed.add(key);
    else this.#differs(model, id, shown);
  }

  #compareAhead(model: Model, id: string): void {
    const key = `${model} ${id}`;
    const shown = this.#ahead.get(key);
    if (shown === undefined || (this.#booked(model, id)?.revision ?? -1) < shown.revision) return;
    this.#ahead.delete(key);
    this.#compare(model, id, shown);
  }

  /** Final at the same revision, and where the model has come further without this document. */
  #differs(model: Model, id: string, shown: Says | undefined): void {
    const key = `${model} ${id}`;
    const booked = this.#booked(model, id);
    if (booked === undefined || this.#agreed.has(key)) return;
    const detail = `${shown === undefined ? 'not in the read model' : `read model ${shown.text} @${shown.revision}`}, log ${booked.text} @${booked.revision}`;
    const finding = { ...agrees, subject: key, detail };
    const isFinal = shown?.revision === booked.revision || (this.#reached.get(`${model} ${booked.accountId}`) ?? -1) >= booked.revision;
    if (isFinal) this.#wrong.set(key, finding);
    else this.#behind.set(key, { finding, accountId: booked.accountId });
  }

  #booked(model: Model, id: string): (Says & { readonly accountId: string }) | undefined {
    if (model === 'bet-history') {
      const bet = this.#book.bets.get(id);
      return bet && { accountId: bet.accountId, revision: bet.revision, text: `${bet.status}, returned ${bet.returnMinor}` };
    }
    const wallet = this.#book.wallets.get(id);
    if (wallet === undefined) return undefined;
    const openBets = wallet.state.status === 'open' ? [...wallet.state.openBets.values()] : [];
    const openStakesMinor = openBets.reduce((sum, bet) => sum + bet.stakeMinor, 0);
    return { accountId: id, revision: wallet.revision, text: `balance ${wallet.postedMinor}, open stakes ${openStakesMinor}` };
  }
}

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
