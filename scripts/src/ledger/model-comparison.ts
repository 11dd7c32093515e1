// Compares the read models of accounts and bets with the ledger book. Called by verify-ledger.ts: once for everything, then for what
// was left, until nothing is. A document is compared at its own revision: one ahead of the book waits until the book has come that far.

import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { ReadModelStore, StoredDocument } from '@wagerline/shared-kernel/ports/read-model-store';
import { accountOf, accountsCollection, accountSummary } from '@wagerline/shared-kernel/read-models/account-statement';
import { betOf, betsCollection } from '@wagerline/shared-kernel/read-models/bet-history';
import { accountStream, streamIdOf } from '@wagerline/shared-kernel/values/ids';
import type { Finding, LedgerBook } from './ledger-book.ts';

type Model = 'account-statement' | 'bet-history';
type Target = { readonly model: Model; readonly generation: number };
/** An account or a bet; `accountId` is the account whose stream brings it. */
type Subject = { readonly model: Model; readonly id: string; readonly accountId: string };
/** What the book or a document says of a subject. */
type Says = { readonly revision: number; readonly text: string };

const findingsShownMax = 100;
const readAtOnceMax = 500;
const collections = { 'account-statement': accountsCollection.name, 'bet-history': betsCollection.name };

export class ModelComparison {
  readonly #store: ReadModelStore;
  readonly #book: LedgerBook;
  readonly #wrong: Finding[] = [];
  /** Documents ahead of the book. */
  readonly #ahead = new Map<string, Says & Subject>();
  /** Missing, or behind the book: on its way, or lost. */
  #behind = new Map<string, Subject & { readonly detail: string }>();
  /** How far the model has come in these streams, as it was before the documents were read. */
  #reached = new Map<string, number>();
  #generations = '';

  constructor(store: ReadModelStore, book: LedgerBook) {
    this.#store = store;
    this.#book = book;
  }

  /** How many documents could not be compared so far. */
  get left(): number {
    return this.#behind.size + this.#ahead.size;
  }

  findings(): readonly Finding[] {
    const behind = [...this.#behind.values()].map((subject) => findingOf(subject, subject.detail));
    const ahead = [...this.#ahead.values()].map((shown) => findingOf(shown, `read model ${shown.text} @${shown.revision}, not in the log`));
    return [...this.#wrong, ...behind, ...ahead].slice(0, findingsShownMax);
  }

  /** Called after the book has read this event: it may be the one that a document is ahead by. */
  passed({ stream, data }: RecordedEvent): void {
    if (this.#ahead.size === 0 || !stream.startsWith('account-')) return;
    this.#compareAhead(`account-statement ${streamIdOf(stream)}`);
    if (typeof data['betId'] === 'string') this.#compareAhead(`bet-history ${data['betId']}`);
  }

  async compareAll(): Promise<void> {
    for (const target of await this.#targets()) {
      const missing = new Map(this.#subjects(target.model).map((subject) => [subject.id, subject]));
      let documents: StoredDocument[] = [];
      for await (const stored of this.#store.scan(target, collections[target.model])) {
        missing.delete(stored.id);
        documents.push(stored);
        if (documents.length < readAtOnceMax) continue;
        await this.#compareDocuments(target, documents);
        documents = [];
      }
      await this.#compareDocuments(target, documents);
      for (const subject of missing.values()) this.#differs(subject, undefined);
    }
  }

  /** What was missing or behind, once more. */
  async compareLeft(): Promise<void> {
    const left = [...this.#behind.values()];
    const targets = await this.#targets();
    await this.#noteReached(targets, left);
    this.#behind = new Map();
    for (const target of targets) {
      for (const subjects of chunks(left.filter(({ model }) => model === target.model))) {
        const keys = subjects.map(({ id, accountId }) => ({ shard: accountId, id }));
        const documents = await this.#store.getMany(target, collections[target.model], keys);
        await this.#compareDocuments(target, documents.filter((stored) => stored !== undefined));
        for (const [index, subject] of subjects.entries()) if (documents[index] === undefined) this.#differs(subject, undefined);
      }
    }
  }

  async #targets(): Promise<readonly Target[]> {
    const live = async (model: Model): Promise<Target> => ({ model, generation: await this.#store.liveGeneration(model) });
    return [await live('account-statement'), await live('bet-history')];
  }

  async #noteReached(targets: readonly Target[], left: readonly Subject[]): Promise<void> {
    const generations = targets.map(({ generation }) => generation).join();
    this.#reached = new Map();
    // A generation that has just gone live may be a little behind the one before.
    if (generations === this.#generations) {
      for (const target of targets) {
        const accounts = new Set(left.filter(({ model }) => model === target.model).map(({ accountId }) => accountId));
        for (const ids of chunks([...accounts])) {
          const watermarks = await this.#store.watermarks(target, ids.map(accountStream));
          for (const [index, id] of ids.entries()) this.#reached.set(`${target.model} ${id}`, watermarks[index]?.revision ?? -1);
        }
      }
    }
    this.#generations = generations;
  }

  async #compareDocuments(target: Target, documents: readonly StoredDocument[]): Promise<void> {
    if (target.model === 'bet-history') {
      for (const { document } of documents) {
        const { betId: id, accountId, revision, status, returnMinor } = betOf(document);
        this.#compare({ model: target.model, id, accountId, revision, text: `${status}, returned ${returnMinor ?? 0}` });
      }
      return;
    }
    // Money stands in the watermark.
    const watermarks = await this.#store.watermarks(target, documents.map(({ id }) => accountStream(id)));
    for (const [index, { id, document }] of documents.entries()) {
      const subject = { model: target.model, id, accountId: id };
      const watermark = watermarks[index];
      if (watermark === undefined) {
        this.#differs(subject, undefined);
        continue;
      }
      const { revision, balanceMinor, openStakesMinor } = accountSummary(accountOf(document), watermark);
      this.#compare({ ...subject, revision, text: `balance ${balanceMinor}, open stakes ${openStakesMinor}` });
    }
  }

  #compare(shown: Says & Subject): void {
    const booked = this.#booked(shown);
    if (booked === undefined || shown.revision > booked.revision) this.#ahead.set(keyOf(shown), shown);
    else if (shown.revision < booked.revision || shown.text !== booked.text) this.#differs(shown, shown);
  }

  #compareAhead(key: string): void {
    const shown = this.#ahead.get(key);
    if (shown === undefined || (this.#booked(shown)?.revision ?? -1) < shown.revision) return;
    this.#ahead.delete(key);
    this.#compare(shown);
  }

  /** Final at the same revision, and where the model had come further without this document. */
  #differs(subject: Subject, shown: Says | undefined): void {
    const booked = this.#booked(subject);
    if (booked === undefined) return;
    const seen = shown === undefined ? 'not in the read model' : `read model ${shown.text} @${shown.revision}`;
    const detail = `${seen}, log ${booked.text} @${booked.revision}`;
    const isFinal = shown?.revision === booked.revision || (this.#reached.get(`${subject.model} ${subject.accountId}`) ?? -1) >= booked.revision;
    if (isFinal) this.#wrong.push(findingOf(subject, detail));
    else this.#behind.set(keyOf(subject), { ...subject, detail });
  }

  #subjects(model: Model): readonly Subject[] {
    if (model === 'account-statement') return [...this.#book.wallets.keys()].map((id) => ({ model, id, accountId: id }));
    return [...this.#book.bets].map(([id, { accountId }]) => ({ model, id, accountId }));
  }

  #booked({ model, id }: Subject): Says | undefined {
    if (model === 'bet-history') {
      const bet = this.#book.bets.get(id);
      return bet && { revision: bet.revision, text: `${bet.status}, returned ${bet.returnMinor}` };
    }
    const wallet = this.#book.wallets.get(id);
    if (wallet === undefined) return undefined;
    const openBets = wallet.state.status === 'open' ? [...wallet.state.openBets.values()] : [];
    const openStakesMinor = openBets.reduce((sum, bet) => sum + bet.stakeMinor, 0);
    return { revision: wallet.revision, text: `balance ${wallet.postedMinor}, open stakes ${openStakesMinor}` };
  }
}

function keyOf({ model, id }: Subject): string {
  return `${model} ${id}`;
}

function findingOf(subject: Subject, detail: string): Finding {
  return { rule: 'read-model-agrees', subject: keyOf(subject), position: 0, detail };
}

function chunks<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / readAtOnceMax) }, (_, at) => items.slice(at * readAtOnceMax, (at + 1) * readAtOnceMax));
}
