// Settles a whole log from zero into a copy, and compares what is in force there with what was paid. Called by the part that answers reports.
// The copy is a log of its own with a settlement worker of its own; the log that is replayed is only read.

import { startSettlement, type Settlement } from '@wagerline/command-side/settlement';
import type { handlersOf } from '@wagerline/command-side/start';
import type { Logger } from '@wagerline/infra/logger';
import type { SettlementInfra } from '@wagerline/infra/open-infra';
import type { EventStore, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isBySettlement, isResult, Standing, type StandingBet } from './standing.ts';

export type Copy = { readonly infra: SettlementInfra; readonly handlers: ReturnType<typeof handlersOf> };
export type ReplayProgress = { readonly position: number; readonly head: number; readonly settled: number };
export type Difference = { readonly betId: string; readonly accountId: string; readonly paid: string; readonly replayed: string };
export type Comparison = {
  readonly bets: number;
  readonly accounts: number;
  /** Changed while the replay ran: not compared. */
  readonly newer: number;
  readonly differences: readonly Difference[];
  readonly balancesDiffering: number;
};

const progressName = 'settlement-replay';
const batchEvents = 500;
const waitMs = 2;
/** What was paid had its approvals: in a copy nothing waits for any. */
const workerConfig = { returnApprovalMinor: Number.MAX_SAFE_INTEGER, slotConcurrencyMax: 32, leaseRenewMs: 200, leaseTakeoverMs: 5_000 };
const listedMax = 1_000;
const stored = z.object({ position: z.int() });

/** Goes on where an earlier replay into this copy stopped. */
export async function replayInto(
  copy: Copy,
  source: Pick<EventStore, 'readAll'>,
  to: number,
  { logger, onProgress }: { readonly logger: Logger; readonly onProgress: (progress: ReplayProgress) => void },
): Promise<void> {
  const { eventStore, index, clock, tree } = copy.infra;
  const stop = new AbortController();
  const worker = startSettlement({ eventStore, handlers: copy.handlers, index, clock, config: workerConfig, signal: stop.signal, logger, tree });
  const failed = worker.done.then(() => undefined);
  try {
    for (let position = await copiedThrough(eventStore); position < to; ) {
      const batch = await source.readAll(position, { prefixes: domainPrefixes }, batchEvents);
      const facts = batch.events.filter((event) => event.position <= to && !isBySettlement(event));
      await Promise.race([copyInOrder(eventStore, worker, facts), failed]);
      position = Math.min(batch.position, to);
      await noteCopied(eventStore, position);
      onProgress({ position, head: to, settled: worker.status().settled });
      if (batch.caughtUp) break;
    }
    await Promise.race([settled(eventStore, worker), failed]);
  } finally {
    stop.abort();
    await worker.done;
  }
}

/** What follows a result was decided after its settlement: so it is here, and no account is asked for money that it has not won yet. */
async function copyInOrder(eventStore: EventStore, worker: Settlement, events: readonly RecordedEvent[]): Promise<void> {
  let appended: Promise<unknown>[] = [];
  for (const [place, event] of events.entries()) {
    const { id, type, data, metadata, stream } = event;
    appended.push(eventStore.append(stream, 'any', [{ id, type, data, metadata }]));
    const next = events[place + 1];
    if (!isResult(event) || (next !== undefined && isResult(next))) continue;
    await Promise.all(appended);
    appended = [];
    await settled(eventStore, worker);
  }
  await Promise.all(appended);
}

async function settled(eventStore: EventStore, worker: Settlement): Promise<void> {
  for (let head = await eventStore.head(); worker.settledThrough() < head; head = await eventStore.head()) await delay(waitMs);
}

async function copiedThrough(eventStore: EventStore): Promise<number> {
  const [lease] = await eventStore.readLeases([progressName]);
  return lease === undefined || lease.version === 0 ? 0 : stored.parse(lease.data).position;
}

async function noteCopied(eventStore: EventStore, position: number): Promise<void> {
  const [lease] = await eventStore.readLeases([progressName]);
  await eventStore.writeLeases([{ name: progressName, expectedVersion: lease?.version ?? 0, data: { position } }]);
}

export type Compared = { readonly comparison: Comparison; readonly replayed: ReadonlyMap<string, StandingBet> };

/** Both logs are at rest: every result up to `to` is settled in both. */
export async function compared(copy: EventStore, source: EventStore, to: number): Promise<Compared> {
  const [again, paid] = [new Standing(Number.MAX_SAFE_INTEGER), new Standing(to)];
  await again.readAll(copy, await copy.head());
  await paid.readAll(source, await source.head());
  const differences: Difference[] = [];
  const { newerAccounts, newerMarkets } = paid;
  let newer = 0;
  for (const [betId, bet] of paid.bets) {
    const other = again.bets.get(betId);
    if (bet.marketIds.some((marketId) => newerMarkets.has(marketId)) || (other === undefined && newerAccounts.has(bet.accountId))) {
      newer += 1;
      newerAccounts.add(bet.accountId);
    } else if (other?.inForce !== bet.inForce) {
      differences.push({ betId, accountId: bet.accountId, paid: bet.inForce, replayed: other?.inForce ?? 'never placed' });
    }
  }
  const isNewer = (account: string): boolean => newerAccounts.has(account.slice('bettor:'.length));
  const differing = [...paid.balances].filter(([account, amount]) => !isNewer(account) && again.balances.get(account) !== amount);
  const counts = { bets: paid.bets.size - newer, accounts: paid.balances.size, newer, balancesDiffering: differing.length };
  return { comparison: { ...counts, differences: differences.slice(0, listedMax) }, replayed: again.bets };
}
