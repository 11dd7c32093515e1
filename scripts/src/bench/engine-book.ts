// What is on offer when the engines are measured, made through the API: the book, bettors with money, and markets whose prices never rest, so
// that odds board and search have work too. Called by part-engines.ts.

import { setTimeout as delay } from 'node:timers/promises';
import type { Api, Caller } from '../season/api.ts';
import { inParallel } from '../season/api.ts';
import { deposit, openAccount } from '../season/bettors.ts';
import { Trader } from '../season/trader.ts';
import { plainFixture, type BookFixture } from './book.ts';
import { depositMinor } from './preload.ts';

const startsAt = '2030-01-01T15:00:00.000Z';
const restlessCount = 10;
/** To all of them together. */
const commandsPerSecond = 5;
/** New prices are for the odds board alone; search shows whether a market is open. */
const steps = ['prices', 'suspend', 'resume'] as const;

export async function offerBook(trading: Caller, book: readonly BookFixture[]): Promise<void> {
  const trader = new Trader(trading);
  await inParallel(book, async ({ fixtureId, sport, competition, home, away, markets }) => {
    await trading.do('PUT', `/v1/fixtures/${fixtureId}`, { body: { sport, competition, home, away, startsAt } });
    for (const { marketId, kind, line, selections } of markets) {
      await trader.openMarket(marketId, { fixtureId, kind, line, selections: selections.map((selection) => ({ ...selection })) });
    }
  });
}

export async function openBettors(api: Api, accountIds: readonly string[], tokenOf: (accountId: string) => Promise<string>): Promise<void> {
  await inParallel(accountIds, async (accountId) => {
    const bettor = { accountId, caller: api.as(await tokenOf(accountId)) };
    await openAccount(bettor);
    await deposit(bettor, depositMinor, 'funds');
  });
}

/** Nobody bets on these. Goes on until the signal aborts; answers how many commands were sent. */
export async function moveRestlessMarkets(trading: Caller, signal: AbortSignal): Promise<number> {
  const fixtures = Array.from({ length: restlessCount }, (_, index) => plainFixture(`restless-${index}`));
  await offerBook(trading, fixtures);
  const trader = new Trader(trading);
  const marketIds = fixtures.flatMap(({ markets }) => markets.map(({ marketId }) => marketId));
  let sent = 0;
  for (; !signal.aborted; sent += 1) {
    const round = Math.floor(sent / steps.length);
    const prices = ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, odds: `${2 + (round % 7)}.${10 + (round % 80)}` }));
    const step = steps[sent % steps.length] ?? 'prices';
    const body = { prices: { prices }, suspend: { reason: 'restless' }, resume: {} }[step];
    await trader.command(marketIds[round % marketIds.length] ?? '', step, body);
    await delay(1_000 / commandsPerSecond, undefined, { signal }).catch(() => undefined);
  }
  return sent;
}
