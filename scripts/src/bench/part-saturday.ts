// A Saturday: many markets that are resulted one after another while a million legs are open on them, singles and multiples across matches. From the
// acknowledgement of the last result to the last settlement. What comes before is done meanwhile, if the server keeps up.

import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext } from './bench-context.ts';
import { plainFixture, type BookFixture } from './book.ts';
import { bettorIds, offer, openAccounts, stakeMinor } from './preload.ts';
import { legOn, type PreloadedAccount } from './preload-account.ts';
import type { PreloadLog } from './preload-log.ts';
import { serverStatus } from './server-status.ts';
import { resultHome, settledAll } from './settling.ts';

const waitMsMax = 1_800_000;
/** Legs of one bet after another: half of all bets are singles. */
const legCounts = [1, 1, 1, 2, 3, 4] as const;
const legsPerRound = legCounts.reduce<number>((sum, count) => sum + count, 0);

export type SaturdayFigures = {
  readonly lastResultToSettledMs: number;
  readonly saturday: {
    readonly markets: number;
    readonly bets: number;
    readonly legs: number;
    readonly spreadMs: number;
    /** Events that settlement wrote: settlements, and confirmations of bets that were lost already. */
    readonly written: number;
  };
};

export async function measureSaturday(context: BenchContext): Promise<SaturdayFigures> {
  const { bettorCount, saturdayMarkets, saturdayLegs, saturdaySpreadMs } = context.sizes;
  const fixtures = Array.from({ length: saturdayMarkets }, (_, index) => plainFixture(`saturday-${index}`));
  const placed = { bets: 0, legs: 0 };
  const dataDir = await context.store('saturday', async (log) => {
    await offer(log, fixtures);
    const accounts = await openAccounts(log, bettorIds(bettorCount));
    const roundsEach = Math.ceil(saturdayLegs / (bettorCount * legsPerRound));
    context.progress(`saturday: ${roundsEach * legsPerRound * bettorCount} open legs on ${saturdayMarkets} markets`);
    await placeAll(log, accounts, fixtures, roundsEach, placed);
  });
  const server = await context.start(dataDir);
  await context.atRest(server, 'saturday');
  const before = (await serverStatus(server.admin)).settlement.settlement.settled;
  const startMs = performance.now();
  for (const [index, fixture] of fixtures.entries()) {
    const dueMs = startMs + (index * saturdaySpreadMs) / fixtures.length;
    await delay(Math.max(0, dueMs - performance.now()));
    await resultHome(server.admin, fixture);
    context.tick(`saturday: ${index + 1} of ${fixtures.length} markets are resulted`);
  }
  const spreadMs = Math.round(performance.now() - startMs);
  const lastResultToSettledMs = Math.round(await settledAll(server.admin, waitMsMax, (text) => context.tick(`saturday: ${text}`)));
  const written = (await serverStatus(server.admin)).settlement.settlement.settled - before;
  await context.expectNothingOpen(server, 'saturday');
  await context.stop(server);
  await context.proveLedger('saturday', dataDir, placed.bets);
  return { lastResultToSettledMs, saturday: { markets: fixtures.length, ...placed, spreadMs, written } };
}

async function placeAll(
  log: PreloadLog,
  accounts: readonly PreloadedAccount[],
  fixtures: readonly BookFixture[],
  rounds: number,
  placed: { bets: number; legs: number },
): Promise<void> {
  for (const [index, account] of accounts.entries()) {
    for (let bet = 0; bet < rounds * legCounts.length; bet += 1) {
      const count = Math.min(legCounts[bet % legCounts.length] ?? 1, fixtures.length);
      // Neighbours on the list, from places that spread over all markets: every market has about the same number of legs.
      const first = index * 7 + bet * 13;
      const legs = Array.from({ length: count }, (_, leg) => fixtures[(first + leg) % fixtures.length] ?? plainFixture('none'));
      account.place(legs.map((fixture, leg) => legOn(fixture, (index + bet + leg) % 3 === 0 ? 'away' : 'home')), stakeMinor, new Date().toISOString());
      placed.bets += 1;
      placed.legs += count;
    }
    await account.flush(log);
  }
}
