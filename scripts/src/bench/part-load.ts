// The main figure: bets accepted per second beside what bare express answers per second, measured in turns so that both see the same
// machine; then latency at half of that, how far the read models were behind, memory, and processor time per bet and thread.

import type { BenchContext, BenchServer } from './bench-context.ts';
import { median, prepareLoads, type BetLoads, type Round, type Target } from './bet-load.ts';
import { seasonBook } from './book.ts';
import { bettorIds, offer, openAccounts } from './preload.ts';
import { isEventLogFirst, perBet, sumOfTimes, type ThreadTimes } from './process-cost.ts';
import { isProjectedThrough, serverStatus, waitForStatus } from './server-status.ts';

const lagWaitMsMax = 120_000;
/** So that what is measured is compiled code: V8 is still at it in the first seconds. */
const warmUpTimes = 4;

export type LoadFigures = {
  readonly acceptedPerSecond: number;
  readonly bareExpressPerSecond: number;
  /** Of the two above. */
  readonly ratio: number;
  /** The two of a round are neighbours in time: how far these lie apart is how much the machine's speed drifts. */
  readonly ratioByRound: readonly number[];
  readonly atHalfLoad: { readonly offeredPerSecond: number; readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number };
  /**
   * Per batch of events the age of its oldest, from `at` (before the append, so before the 201) to its being visible; over the newest
   * 4,096 batches, weighted by events, of the slowest read model. The projector measures it, which costs nothing and misses nothing.
   */
  readonly projectionLagMs: { readonly p50: number; readonly p99: number; readonly atEnd: number };
  /** The log's writer was allowed to run before all other threads. */
  readonly eventLogFirst: boolean;
  readonly slipBytes: number;
  readonly cpuMicrosPerBet: Readonly<Record<string, number>>;
};

export async function measureLoad(context: BenchContext): Promise<LoadFigures> {
  const { sizes } = context;
  const bettors = bettorIds(sizes.bettorCount);
  const book = await seasonBook();
  const dataDir = await context.store('load', async (log) => {
    await offer(log, book);
    await openAccounts(log, bettors);
  });
  const server = await context.start(dataDir);
  const loads = await prepareLoads(context, server, bettors, book);
  const bareExpress = await context.startBare({ answers: await loads.answers(server, bettors[0] ?? '') });
  await loads.warmUp('bare express', bareExpress.url, warmUpTimes);
  await loads.warmUp('wagerline', server.url, warmUpTimes);
  const { bare, wagerline } = await measureInTurns(context, loads, bareExpress, server);
  const lag = await measureLag(server);
  const acceptedPerSecond = median(wagerline.map(({ result }) => result.answeredPerSecond));
  const bareExpressPerSecond = median(bare.map(({ result }) => result.answeredPerSecond));
  const ratioByRound = bare.map(({ result }, round) => ratioOf(wagerline[round]?.result.answeredPerSecond ?? 0, result.answeredPerSecond));
  const offeredPerSecond = Math.round(acceptedPerSecond / 2);
  const eventLogFirst = isEventLogFirst(server.pid);
  const half = await loads.offered('wagerline at half load', server.url, offeredPerSecond, sizes.halfLoadMs);
  await expectNothingLost(context, server, loads.acceptedOf(server.url));
  await context.stop(server);
  await context.proveLedger('load', dataDir, loads.acceptedOf(server.url));
  return {
    acceptedPerSecond,
    bareExpressPerSecond,
    ratio: ratioOf(acceptedPerSecond, bareExpressPerSecond),
    ratioByRound,
    atHalfLoad: { offeredPerSecond, p50Ms: half.p50Ms, p95Ms: half.p95Ms, p99Ms: half.p99Ms },
    projectionLagMs: lag,
    eventLogFirst,
    slipBytes: loads.meanSlipBytes,
    cpuMicrosPerBet: costPerBet(wagerline, bare),
  };
}

function ratioOf(accepted: number, bare: number): number {
  return Number((accepted / bare).toFixed(3));
}

async function measureInTurns(context: BenchContext, loads: BetLoads, bareExpress: Target, server: BenchServer) {
  const { roundCount, bareRoundMs, roundMs } = context.sizes;
  const bare: Round[] = [];
  const wagerline: Round[] = [];
  for (let round = 1; round <= roundCount; round += 1) {
    // What the last load has left to project would take from bare express.
    await measureLag(server);
    bare.push(await loads.peak(`bare express, round ${round} of ${roundCount}`, bareExpress, bareRoundMs));
    wagerline.push(await loads.peak(`wagerline, round ${round} of ${roundCount}`, server, roundMs));
  }
  return { bare, wagerline };
}

/** Called when the last load has ended: how long until nothing is left, and what the ages were until then. */
async function measureLag({ admin }: BenchServer): Promise<LoadFigures['projectionLagMs']> {
  const { head } = await serverStatus(admin);
  const { status, waitedMs } = await waitForStatus(admin, isProjectedThrough(head), lagWaitMsMax);
  const ages = status.projections.models.map(({ ageMs }) => ageMs);
  return { p50: Math.max(...ages.map(({ p50 }) => p50)), p99: Math.max(...ages.map(({ p99 }) => p99)), atEnd: Math.round(waitedMs) };
}

/** Every acknowledged bet is an event, and every event is in the bettors' history: one each, and no more. */
async function expectNothingLost(context: BenchContext, { admin }: BenchServer, acceptedBets: number): Promise<void> {
  const { head } = await serverStatus(admin);
  const { status } = await waitForStatus(admin, isProjectedThrough(head), lagWaitMsMax);
  const applied = status.projections.models.find(({ model }) => model === 'bet-history')?.eventsApplied ?? 0;
  if (applied !== acceptedBets) context.defects.push(`${acceptedBets} bets were acknowledged and ${applied} are in the bet histories`);
}

function costPerBet(wagerline: readonly Round[], bare: readonly Round[]): Readonly<Record<string, number>> {
  const load = (rounds: readonly Round[]): number => median(rounds.map(({ result }) => result.cpuMicrosPerRequest));
  const { main, other } = serverCost(bare);
  return { ...serverCost(wagerline), load: load(wagerline), bareExpress: main + other, bareLoad: load(bare) };
}

function serverCost(rounds: readonly Round[]): ThreadTimes {
  const requests = rounds.reduce((sum, { result }) => sum + result.sentInAll, 0);
  return perBet(sumOfTimes(rounds.map(({ times }) => times)), requests);
}
