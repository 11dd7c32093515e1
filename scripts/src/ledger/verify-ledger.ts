// Proves the ledger: first from the log alone, then that the read models agree with it. Called by the ledger part of a server.
// Under load the log moves on while the models are read, so what could not be compared is tried again, in rounds.

import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { LedgerBook, type Finding } from './ledger-book.ts';
import { ModelComparison } from './model-comparison.ts';

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
const roundPauseMs = 250;
const roundsMax = 240;
/** So many rounds without anything new in the log or in the models: longer than a projector waits before it tries again. */
const idleRoundsMax = 30;

export async function verifyLedger(options: VerifyOptions): Promise<VerifiedLedger> {
  const { eventStore } = options;
  const book = new LedgerBook();
  const models = new ModelComparison(options.readModels, book);
  let position = await readOn(options, book, models, 0);
  await models.compareAll();
  for (let round = 1, idleRounds = 0; models.left > 0 && round < roundsMax && idleRounds < idleRoundsMax; round += 1) {
    await options.pause(roundPauseMs);
    const before = { events: book.events, left: models.left };
    // The models first: what they have by now, the book will have read when this round ends.
    await models.compareLeft();
    position = await readOn(options, book, models, position);
    idleRounds = before.events === book.events && before.left === models.left ? idleRounds + 1 : 0;
  }
  book.close(position);
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
async function readOn({ eventStore, onProgress }: VerifyOptions, book: LedgerBook, models: ModelComparison, from: number): Promise<number> {
  const head = await eventStore.head();
  let position = from;
  while (position < head) {
    const batch = await eventStore.readAll(position, { prefixes: domainPrefixes }, readBatchEvents);
    for (const recorded of batch.events) {
      book.read(recorded);
      models.passed(recorded);
    }
    position = batch.position;
    onProgress(position, head);
    if (batch.caughtUp) break;
  }
  return position;
}
