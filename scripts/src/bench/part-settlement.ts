// One market that every bettor has bet on, resulted: once they all lose, once they all win. From the acknowledgement of the result to the
// last settlement, and to the last balance that the query API shows.

import type { BenchContext, BenchServer } from './bench-context.ts';
import { plainFixture, type BookFixture } from './book.ts';
import { addOpenSingles, bettorIds, depositMinor, offer, openAccounts, stakeMinor } from './preload.ts';
import { perBet, threadTimes, timesSince, type ThreadTimes } from './process-cost.ts';
import { isProjectedThrough, serverStatus, waitForStatus } from './server-status.ts';

const waitMsMax = 300_000;
/** Balances that are read one by one in the end, spread over all accounts. */
const balancesRead = 50;
const evens = 2;

export type SettlementFigures = {
  readonly settledLosingPerSecond: number;
  readonly settledWinningPerSecond: number;
  readonly resultToVisibleMs: number;
  readonly settlement: { readonly bets: number; readonly losing: Settled; readonly winning: Settled };
};
type Settled = { readonly perSecond: number; readonly visibleMs: number; readonly cpuMicrosPerBet: ThreadTimes };

export async function measureSettlement(context: BenchContext): Promise<SettlementFigures> {
  const { bettorCount, settledBets } = context.sizes;
  const bettors = bettorIds(bettorCount);
  const betsEach = Math.ceil(settledBets / bettorCount);
  const bets = betsEach * bettorCount;
  const [losing, winning] = [plainFixture('all-lose'), plainFixture('all-win')];
  const dataDir = await context.store('settlement', async (log) => {
    await offer(log, [losing, winning]);
    const accounts = await openAccounts(log, bettors);
    for (const fixture of [losing, winning]) {
      context.progress(`settlement: ${bets} open singles on ${fixture.fixtureId}`);
      await addOpenSingles(log, accounts, fixture, betsEach);
    }
  });
  const server = await context.start(dataDir);
  await context.atRest(server, 'settlement');
  const staked = depositMinor - 2 * betsEach * stakeMinor;
  const lost = await settle(context, server, { fixture: losing, homeWins: false, bets, bettors, balanceMinor: staked });
  const returned = betsEach * stakeMinor * evens;
  const won = await settle(context, server, { fixture: winning, homeWins: true, bets, bettors, balanceMinor: staked + returned });
  await context.stop(server);
  await context.proveLedger('settlement', dataDir, 2 * bets);
  return {
    settledLosingPerSecond: lost.perSecond,
    settledWinningPerSecond: won.perSecond,
    resultToVisibleMs: won.visibleMs,
    settlement: { bets, losing: lost, winning: won },
  };
}

type Settling = {
  readonly fixture: BookFixture;
  readonly homeWins: boolean;
  readonly bets: number;
  readonly bettors: readonly string[];
  /** What every account holds when it is over. */
  readonly balanceMinor: number;
};

async function settle(context: BenchContext, server: BenchServer, settling: Settling): Promise<Settled> {
  const { fixture, homeWins, bets, bettors, balanceMinor } = settling;
  const { admin, pid } = server;
  const marketId = fixture.markets[0]?.marketId ?? '';
  await admin.call('POST', `/v1/markets/${marketId}/close`, { body: { reason: 'started' } });
  const before = (await serverStatus(admin)).settlement.settlement.settled;
  const timesBefore = threadTimes(pid);
  const winner = homeWins ? 'home' : 'away';
  const results = ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, result: selectionId === winner ? 'won' : 'lost' }));
  await admin.call('POST', `/v1/markets/${marketId}/result`, { body: { results } });
  const resultedMs = performance.now();
  const isSettled = await waitForStatus(
    admin,
    ({ settlement: { settlement } }) => settlement.settled - before >= bets,
    waitMsMax,
    ({ settlement: { settlement } }) => context.tick(`settlement: ${settlement.settled - before} of ${bets}`),
  );
  await waitForStatus(admin, isProjectedThrough(isSettled.status.head), waitMsMax);
  const step = Math.max(1, Math.floor(bettors.length / balancesRead));
  const read = bettors.filter((_, index) => index % step === 0);
  for (const accountId of read) {
    const { body } = await admin.call('GET', `/v1/accounts/${accountId}`);
    const { balanceMinor: shown } = body;
    if (shown !== balanceMinor) context.defects.push(`${accountId} shows ${String(shown)}, not ${balanceMinor}`);
  }
  const visibleMs = Math.round(performance.now() - resultedMs);
  const perSecond = Math.round((bets * 1_000) / isSettled.waitedMs);
  return { perSecond, visibleMs, cpuMicrosPerBet: perBet(timesSince(timesBefore, threadTimes(pid)), bets) };
}
