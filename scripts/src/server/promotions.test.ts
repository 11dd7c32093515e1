// Bonuses, best odds, caps and free bets under a rule set that has them all, from the token to GET /v1/bets/{id}, on a running server.

import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeAndResult, openBettor, openMarket, openWorld, runTool, succeeded, type Market, type Send, type World } from './testing-world.ts';

let world: World;
let trader: Send;

beforeAll(async () => {
  world = await openWorld();
  const env = { WAGERLINE_RULE_SET: 'promotions@1', WAGERLINE_CLOCK: 'driven' };
  await world.start({ env });
  trader = await world.as('trader-1', 'trader');
});
afterAll(() => world.close());

const markets = async (name: string, count: number): Promise<readonly Market[]> => {
  const opened: Market[] = [];
  for (let index = 0; index < count; index += 1) opened.push(await openMarket(trader, `${name}-${index}`));
  return opened;
};
const bonuses = (bet: JsonObject) => Object(bet['explanation']).steps.filter(({ step }: { step: string }) => step !== 'line');

test('an accumulator of four is boosted, and a lucky15 with one winner doubled', async () => {
  const legs = await markets('boost', 4);
  const bettor = await openBettor(world, 100_000);
  const slip = { currency: 'GBP', stakeMinor: 100, legs: legs.map((market) => market.leg('home')) };
  const four = succeeded(await bettor.send('POST', '/v1/bets', { body: { ...slip, type: 'accumulator' }, key: 'four' })).body;
  // 16.00, and 5 and 10 percent of 15.00.
  expect(four).toMatchObject({ returnMaxMinor: 1_600 + 75 + 150 });
  const [first, second, third, fourth] = legs;
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) throw new Error('there are four');
  const mixed = [first.leg('home'), second.leg('away'), third.leg('away'), fourth.leg('away')];
  const lucky = succeeded(await bettor.send('POST', '/v1/bets', { body: { ...slip, legs: mixed, type: 'lucky15' }, key: 'lucky' })).body;
  for (const market of legs) await closeAndResult(trader, market, 'home');
  const boosted = await bettor.bet(four['betId'], 5);
  expect(boosted).toMatchObject({ returnMinor: 1_825, ruleSet: 'promotions@1' });
  expect(bonuses(boosted)).toMatchObject([{ step: 'bonus', amountMinor: { decimal: '150' } }, { step: 'bonus', amountMinor: { decimal: '75' } }]);
  expect(await bettor.bet(lucky['betId'], 5)).toMatchObject({ returnMinor: 200 + 100 });
});

test('the better of the struck and the starting price is paid', async () => {
  const race = 'best-odds';
  const fixture = { sport: 'horse-racing', competition: 'ascot', home: 'Ascot', away: '15:00', startsAt: '2030-01-01T15:00:00.000Z' };
  succeeded(await trader('PUT', `/v1/fixtures/${race}`, { body: fixture }));
  const selections = ['ajax', 'bran'].map((selectionId) => ({ selectionId, name: selectionId, odds: '5' }));
  const { version } = succeeded(await trader('PUT', `/v1/markets/${race}`, { body: { fixtureId: race, kind: 'winner', selections } })).body;
  const bettor = await openBettor(world, 100_000);
  const leg = { marketId: race, selectionId: 'ajax', odds: '5', marketVersion: version ?? 0 };
  const betId = succeeded(await bettor.place('bet', 10_000, leg)).body['betId'];
  const act = (action: string, body: JsonObject) => trader('POST', `/v1/markets/${race}/${action}`, { body });
  succeeded(await act('close', { reason: 'off' }));
  succeeded(await act('starting-prices', { prices: [{ selectionId: 'ajax', odds: '7', rule4Percent: 10 }] }));
  succeeded(await act('result', { results: [{ selectionId: 'ajax', position: 1 }, { selectionId: 'bran', position: 2 }] }));
  const bet = await bettor.bet(betId, 3);
  // 5.00 to 6.40; one leg is too few for the bonuses.
  expect(bet).toMatchObject({ returnMinor: 50_000 + 14_000, legs: [{ detail: { startingOdds: '7', startingRule4Percent: 10 } }] });
  expect(bonuses(bet)).toMatchObject([{ step: 'top-up', amountMinor: { decimal: '14000' } }]);
});

test('a return is capped, the returns of a day together, and a correction gives back what was withheld', async () => {
  const [one, two] = await markets('cap', 2);
  if (one === undefined || two === undefined) throw new Error('there are two');
  const bettor = await openBettor(world, 2_000_000);
  const first = succeeded(await bettor.place('first', 300_000, one.leg('home'))).body['betId'];
  succeeded(await bettor.place('second', 250_000, two.leg('home')));
  await closeAndResult(trader, one, 'home');
  expect(await bettor.bet(first, 4)).toMatchObject({ returnMinor: 500_000, explanation: { steps: [{ step: 'line' }, { step: 'cap' }] } });
  await closeAndResult(trader, two, 'home');
  // 5,000.00 and 5,000.00, of which 8,000.00 are paid: settled at revision 5, withheld at 6.
  expect(await bettor.balance(6)).toBe(2_000_000 - 550_000 + 800_000);
  const results = ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, result: selectionId === 'away' ? 'won' : 'lost' }));
  succeeded(await trader('POST', `/v1/markets/${one.marketId}/correction`, { body: { results, reason: 'wrong-score' } }));
  expect(await bettor.balance(9)).toBe(2_000_000 - 550_000 + 500_000);
  const { body } = succeeded(await bettor.send('GET', `/v1/accounts/${bettor.accountId}/statement`, { minRevision: `${bettor.stream}@9` }));
  const lines = (body['lines'] as readonly { type: string; amountMinor: number }[]).map(({ type, amountMinor }) => [type, amountMinor]);
  expect(lines.slice(0, 4)).toEqual([['DailyCapApplied', 200_000], ['BetSettled', 0], ['BetSettlementReversed', -500_000], ['DailyCapApplied', -200_000]]);
});

test('a free bet: staked by the house, paid without its stake, and given back when it is void', async () => {
  const [won, voided, later] = await markets('free', 3);
  if (won === undefined || voided === undefined || later === undefined) throw new Error('there are three');
  const bettor = await openBettor(world, 1_000);
  const grant = (freeBetId: string, change: JsonObject = {}) =>
    trader('PUT', `/v1/accounts/${bettor.accountId}/free-bets/${freeBetId}`, {
      body: { amountMinor: 500, currency: 'GBP', expiresAt: '2031-01-01T00:00:00.000Z', ...change },
    });
  const [token, other, expired] = [randomUUID(), randomUUID(), randomUUID()];
  const place = (key: string, freeBetId: string, market: Market, stakeMinor = 500) =>
    bettor.send('POST', '/v1/bets', { body: { type: 'single', currency: 'GBP', stakeMinor, freeBetId, legs: [market.leg('home')] }, key });
  succeeded(await grant(token));
  succeeded(await grant(token));
  succeeded(await grant(other));
  succeeded(await grant(expired, { expiresAt: '1970-01-01T00:00:00.000Z' }));
  expect(await grant(token, { amountMinor: 501 })).toMatchObject({ status: 409, body: { code: 'FREE_BET_EXISTS' } });
  expect(await place('unknown', randomUUID(), won)).toMatchObject({ status: 422, body: { code: 'FREE_BET_NOT_FOUND', errors: [{ pointer: '/freeBetId' }] } });
  expect(await place('expired', expired, won)).toMatchObject({ status: 409, body: { code: 'FREE_BET_EXPIRED' } });
  expect(await place('stake', token, won, 400)).toMatchObject({ status: 422, body: { code: 'FREE_BET_STAKE', amountMinor: 500 } });
  const placed = succeeded(await place('bet', token, won)).body;
  expect(placed).toMatchObject({ stakeMinor: 500, returnMaxMinor: 500, freeBet: { freeBetId: token, kind: 'stake-not-returned' } });
  expect(await place('again', token, later)).toMatchObject({ status: 422, body: { code: 'FREE_BET_NOT_FOUND' } });
  const second = succeeded(await place('void', other, voided)).body;
  expect(await bettor.balance(10)).toBe(1_000);
  await closeAndResult(trader, won, 'home');
  // 10.00 less the stake.
  expect(await bettor.bet(placed['betId'], 11)).toMatchObject({ status: 'settled', returnMinor: 500 });
  succeeded(await trader('POST', `/v1/markets/${voided.marketId}/void`, { body: { reason: 'wrong-price' } }));
  expect(await bettor.bet(second['betId'], 12)).toMatchObject({ status: 'void', returnMinor: 0 });
  expect(await bettor.balance(12)).toBe(1_500);
  const account = succeeded(await bettor.send('GET', `/v1/accounts/${bettor.accountId}`, { minRevision: `${bettor.stream}@12` })).body;
  expect(account['freeBets']).toMatchObject([{ freeBetId: expired }, { freeBetId: other, amountMinor: 500 }]);
  succeeded(await place('once-more', other, later));
});

test('the ledger is right with all of it, and a bet keeps its rule set when the server has another', async () => {
  const [market] = await markets('keeps', 1);
  if (market === undefined) throw new Error('there is one');
  const bettor = await openBettor(world, 1_000);
  const { betId } = succeeded(await bettor.place('bet', 100, market.leg('home'))).body;
  await world.stop();
  await world.start({ env: { WAGERLINE_RULE_SET: 'standard@1', WAGERLINE_CLOCK: 'driven' } });
  trader = await world.as('trader-1', 'trader');
  await closeAndResult(trader, market, 'home');
  expect(await bettor.bet(betId, 3)).toMatchObject({ returnMinor: 200, ruleSet: 'promotions@1' });
  const verified = await runTool(world.dataDir, 'ledger', 'verify');
  expect([verified.exitCode, verified.out]).toEqual([0, expect.stringContaining('the ledger is right')]);
});
