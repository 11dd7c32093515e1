// Proves the ledger: first from the log alone, then that the read models agree with it. Called by the ledger part of a server.
// Under load the log moves on while the models are read, so a document is compared at its own revision, in rounds.

import { decode } from '@wagerline/shared-kernel/events/codec';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import { accountOf, accountStatement } from '@wagerline/shared-kernel/read-models/account-statement';
import { betHistory, betOf } from '@wagerline/shared-kernel/read-models/bet-history';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { LedgerBook, type Finding } from './ledger-book.ts';

export type VerifyOptions = {
  readonly eventStore: EventStore;
  readonly readModels: ReadModelStore;
  readonly onProgress: (position: number, head: number) => void;
  readonly pause: (ms: number) => Promise<void>;
};

/** `ok` false: at least one finding. Amounts are minor units. */
export type VerifiedLedger = {
  readonly ok: boolean;
  readonly position: number;
  readonly head: number;
  readonly events: number;
  readonly accounts: number;
  readonly bets: number;
  readonly openBets: number;
  readonly settlements: number;
  readonly reversals: number;
  /** Per currency: what `bettors`, `open-stakes`, `house` and `payments` hold. */
  readonly sums: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly blockedAccounts: readonly { readonly accountId: string; readonly balanceMinor: number }[];
  readonly findings: readonly Finding[];
};

const readBatchEvents = 2_000;
const roundsMax = 60;
const roundPauseMs = 250;

export async function verifyLedger(options: VerifyOptions): Promise<VerifiedLedger> {
  const { eventStore } = options;
  const book = new LedgerBook();
  let position = await readOn(options, book, 0);
  book.close(position);
  const models = new ModelComparison(options.readModels, book);
  let left = await models.compare();
  for (let round = 1; left > 0 && round < roundsMax; round += 1) {
    await options.pause(roundPauseMs);
    position = await readOn(options, book, position);
    left = await models.compare();
  }
  if (left > 0) book.close(position);
  const findings = [...book.findings, ...models.findings()];
  return {
    ok: findings.length === 0,
    position,
    head: await eventStore.head(),
    events: book.events,
    accounts: book.wallets.size,
    bets: book.bets.size,
    openBets: [...book.bets.values()].filter((bet) => bet.status === 'open').length,
    settlements: book.settlements,
    reversals: book.reversals,
    sums: Object.fromEntries([...book.sums].map(([currency, sums]) => [currency, Object.fromEntries(sums)])),
    blockedAccounts: book.blockedAccounts(),
    findings,
  };
}

/** Folds everything up to the head of this moment; answers where it stands. */
async function readOn({ eventStore, onProgress }: VerifyOptions, book: LedgerBook, from: number): Promise<number> {
  const head = await eventStore.head();
  let position = from;
  while (position < head) {
    const batch = await eventStore.readAll(position, { prefixes: domainPrefixes }, readBatchEvents);
    for (const recorded of batch.events) book.apply(decode(recorded), recorded.position);
    position = batch.position;
    onProgress(position, head);
    if (batch.caughtUp) break;
  }
  return position;
}

/** What was never seen equal at the same revision: it becomes less from round to round, or it is a finding. */
class ModelComparison {
  readonly #store: ReadModelStore;
  readonly #book: LedgerBook;
  readonly #agreed = new Set<string>();
  #different = new Map<string, Finding>();

  constructor(store: ReadModelStore, book: LedgerBook) {
    this.#store = store;
    this.#book = book;
  }

  findings(): readonly Finding[] {
    return [...this.#different.values()].slice(0, 100);
  }

  /** Answers how many documents are missing, superfluous or different at this moment. */
  async compare(): Promise<number> {
    this.#different = new Map();
    await this.#compareAccounts();
    await this.#compareBets();
    return this.#different.size;
  }

  async #compareAccounts(): Promise<void> {
    const missing = new Set(this.#book.wallets.keys());
    const target = { model: accountStatement.name, generation: await this.#store.liveGeneration(accountStatement.name) };
    for await (const stored of this.#store.scan(target, 'accounts')) {
      const account = accountOf(stored.document);
      const wallet = this.#book.wallets.get(account.accountId);
      missing.delete(account.accountId);
      const same = wallet?.shownRevision === account.revision && wallet.postedMinor === account.balanceMinor;
      const detail = `balance ${account.balanceMinor}@${account.revision}, log ${wallet?.postedMinor}@${wallet?.shownRevision}`;
      this.#compared('account-statement', account.accountId, same, detail);
    }
    for (const accountId of missing) this.#compared('account-statement', accountId, false, 'not in the read model');
  }

  async #compareBets(): Promise<void> {
    const missing = new Set(this.#book.bets.keys());
    const target = { model: betHistory.name, generation: await this.#store.liveGeneration(betHistory.name) };
    for await (const stored of this.#store.scan(target, 'bets')) {
      const bet = betOf(stored.document);
      const booked = this.#book.bets.get(bet.betId);
      missing.delete(bet.betId);
      const same = booked?.revision === bet.revision && booked.status === bet.status && booked.returnMinor === (bet.returnMinor ?? 0);
      const detail = `${bet.status} ${bet.returnMinor}@${bet.revision}, log ${booked?.status} ${booked?.returnMinor}@${booked?.revision}`;
      this.#compared('bet-history', bet.betId, same, detail);
    }
    for (const betId of missing) this.#compared('bet-history', betId, false, 'not in the read model');
  }

  #compared(model: string, subject: string, same: boolean, detail: string): void {
    const key = `${model} ${subject}`;
    if (same) this.#agreed.add(key);
    else if (!this.#agreed.has(key)) this.#different.set(key, { rule: 'read-model-agrees', subject: key, position: 0, detail });
  }
}
