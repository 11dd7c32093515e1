// Multiples and systems that one last result decides: all their other legs have won before. From the acknowledgement of that result to the last
// settlement.

import type { BetShape } from '@wagerline/shared-kernel/events/bet-shape';
import type { BenchContext } from './bench-context.ts';
import { plainFixture } from './book.ts';
import { bettorIds, offer, openAccounts, stakeMinor } from './preload.ts';
import { legOn } from './preload-account.ts';
import { perBet, threadTimes, timesSince, type ThreadTimes } from './process-cost.ts';
import { serverStatus, waitForStatus } from './server-status.ts';
import { resultHome, settledAll } from './settling.ts';

const waitMsMax = 600_000;
/** The last leg of each is on the market that decides. Two in three are one line. */
const kinds: readonly { readonly legs: number; readonly shape?: BetShape }[] = [
  { legs: 2 },
  { legs: 3 },
  { legs: 4 },
  { legs: 5 },
  { legs: 2 },
  { legs: 3 },
  { legs: 3, shape: { type: 'folds', folds: [2, 3] } },
  { legs: 3, shape: { type: 'folds', folds: [1, 2, 3] } },
  { legs: 4, shape: { type: 'folds', folds: [1, 2, 3, 4] } },
];

export type MixedFigures = {
  readonly settledMixedPerSecond: number;
  readonly mixed: { readonly bets: number; readonly cpuMicrosPerBet: ThreadTimes };
};

export async function measureMixed(context: BenchContext): Promise<MixedFigures> {
  const { bettorCount, mixedBets } = context.sizes;
  const betsEach = Math.ceil(mixedBets / bettorCount);
  const bets = betsEach * bettorCount;
  const fixtures = ['mixed-1', 'mixed-2', 'mixed-3', 'mixed-4', 'mixed-last'].map((name) => plainFixture(name));
  const dataDir = await context.store('mixed', async (log) => {
    await offer(log, fixtures);
    context.progress(`mixed: ${bets} open multiples and systems`);
    for (const [index, account] of (await openAccounts(log, bettorIds(bettorCount))).entries()) {
      for (let bet = 0; bet < betsEach; bet += 1) {
        const { legs, shape } = kinds[(index + bet) % kinds.length] ?? { legs: 2 };
        account.place(fixtures.slice(-legs).map((fixture) => legOn(fixture, 'home')), stakeMinor, new Date().toISOString(), shape);
      }
      await account.flush(log);
    }
  });
  const server = await context.start(dataDir);
  await context.atRest(server, 'mixed');
  for (const fixture of fixtures.slice(0, -1)) await resultHome(server.admin, fixture);
  // Patents and lucky15s wait too: their last leg is a line of its own. Until then every result is looked at and settles nothing.
  await settledAll(server.admin, waitMsMax, (text) => context.tick(`mixed: ${text}`));
  const before = (await serverStatus(server.admin)).settlement.settlement.settled;
  const timesBefore = threadTimes(server.pid);
  await resultHome(server.admin, fixtures.at(-1) ?? plainFixture('none'));
  const { waitedMs } = await waitForStatus(
    server.admin,
    ({ settlement: { settlement } }) => settlement.settled - before >= bets,
    waitMsMax,
    ({ settlement: { settlement } }) => context.tick(`mixed: ${settlement.settled - before} of ${bets}`),
  );
  const cpuMicrosPerBet = perBet(timesSince(timesBefore, threadTimes(server.pid)), bets);
  await context.expectNothingOpen(server, 'mixed');
  await context.stop(server);
  await context.proveLedger('mixed', dataDir, bets);
  return { settledMixedPerSecond: Math.round((bets * 1_000) / waitedMs), mixed: { bets, cpuMicrosPerBet } };
}
