// Prices that were palpable errors and outcomes that are paid early, from the trader's request to GET /v1/bets/{id}, the statement, the ledger and
// the replay, on a running server.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeAndResult, job, openBettor, openMarket, openWorld, resultsWonBy, succeeded, type Send, type World } from './testing-world.ts';

let world: World;
let trader: Send;

beforeAll(async () => {
  world = await openWorld();
  await world.start({ env: { WAGERLINE_CLOCK: 'driven' } });
  trader = await world.as('trader-1', 'trader');
});
afterAll(() => world.close());

const texts = (bet: JsonObject): readonly string[] => Object(bet['explanation']).steps.map(({ text }: { text: string }) => text);

test('a bet struck at a wrong price is settled at the corrected one, open or settled, and shows both', async () => {
  const [market, other] = [await openMarket(trader, 'wrong'), await openMarket(trader, 'wrong-other')];
  const declare = (body: JsonObject, errorId = 'away') => trader('PUT', `/v1/markets/${market.marketId}/price-errors/${errorId}`, { body });
  const bettor = await openBettor(world, 10_000);
  const single = succeeded(await bettor.place('single', 500, market.leg('away'))).body['betId'];
  const double = succeeded(await bettor.place('double', 100, market.leg('away'), other.leg('home'))).body['betId'];
  await closeAndResult(trader, market, 'away');
  expect(await bettor.bet(single, 4)).toMatchObject({ returnMinor: 2_000 });
  const error = { selectionId: 'away', odds: '3', fromVersion: 0, untilVersion: 1, reason: 'wrong-decimal' };
  const version = succeeded(await declare(error)).body['version'];
  expect(succeeded(await declare(error)).body).toMatchObject({ version: version ?? 0 });
  const repriced = await bettor.bet(single, 7);
  expect(repriced).toMatchObject({
    status: 'settled', returnMinor: 1_500, legs: [{ odds: '4', corrected: { odds: '3', reason: 'wrong-decimal' }, result: 'won' }],
    history: [{ type: 'settled' }, { type: 'reversed', reason: 'wrong-decimal' }, { type: 'settled', reason: 'wrong-decimal' }],
  });
  expect(texts(repriced)).toEqual(['leg 1 at 3, because 4 was a palpable error (wrong-decimal)', '5.00 x 3 (won)']);
  expect(await bettor.bet(double, 7)).toMatchObject({ status: 'open', returnMaxMinor: 600, legs: [{ odds: '4', corrected: { odds: '3' } }, { odds: '2' }] });
  await closeAndResult(trader, other, 'home');
  expect(await bettor.bet(double, 8)).toMatchObject({ status: 'settled', returnMinor: 600 });
  expect(await bettor.balance(8)).toBe(10_000 - 600 + 1_500 + 600);
  succeeded(await declare({ odds: null, reason: 'was-right' }));
  expect(await bettor.balance(12)).toBe(10_000 - 600 + 2_000 + 800);
});

test('what is not declared well is refused, with a code and a place', async () => {
  const market = await openMarket(trader, 'refused');
  const declare = (body: JsonObject) => trader('PUT', `/v1/markets/${market.marketId}/price-errors/e`, { body });
  const [earlier, later] = ['2019-08-09T12:00:00.000Z', '2019-08-09T13:00:00.000Z'];
  const error = { selectionId: 'home', odds: '3', reason: 'wrong-decimal' };
  const swapped = await declare({ ...error, from: later, until: earlier });
  expect(swapped).toMatchObject({ status: 400, body: { code: 'BODY_INVALID', errors: [{ pointer: '/until' }] } });
  expect(await declare({ ...error, fromVersion: 3, untilVersion: 3 })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/untilVersion' }] } });
  expect(await declare({ ...error, odds: '1' })).toMatchObject({ body: { errors: [{ code: 'ODDS_INVALID', pointer: '/odds' }] } });
  expect(await declare({ ...error, selectionId: 'nobody' })).toMatchObject({ status: 422, body: { code: 'SELECTION_NOT_FOUND' } });
  const nowhere = await trader('PUT', '/v1/markets/nowhere/price-errors/e', { body: error });
  expect(nowhere).toMatchObject({ status: 404, body: { code: 'MARKET_NOT_FOUND' } });
  const settler = await world.as('settler-1', 'settler');
  expect((await settler('PUT', `/v1/markets/${market.marketId}/price-errors/e`, { body: error })).status).toBe(403);
});

test('an outcome that is paid early is won for good: by the statement of a feed, whatever the result', async () => {
  const market = await openMarket(trader, 'early');
  const bettor = await openBettor(world, 10_000);
  const before = succeeded(await bettor.place('before', 500, market.leg('home'))).body['betId'];
  const feed = await world.as('producer-1', 'feed');
  const body = { selectionId: 'home', reason: 'two-goals-ahead' };
  succeeded(await feed('POST', `/v1/markets/${market.marketId}/early-payouts`, { body }));
  const paid = await bettor.bet(before, 3);
  expect(paid).toMatchObject({ status: 'settled', returnMinor: 1_000, legs: [{ result: 'won', paidEarly: 'two-goals-ahead' }] });
  expect(texts(paid)).toEqual(['leg 1 is won for good, paid early (two-goals-ahead)', '5.00 x 2 (won)']);
  const after = succeeded(await bettor.place('after', 100, market.leg('home'))).body['betId'];
  await closeAndResult(trader, market, 'away');
  expect(await bettor.bet(after, 6)).toMatchObject({ status: 'settled', returnMinor: 0, legs: [{ result: 'lost' }] });
  const correction = { results: resultsWonBy('draw'), reason: 'wrong-score' };
  succeeded(await trader('POST', `/v1/markets/${market.marketId}/correction`, { body: correction }));
  expect(await bettor.bet(before, 7)).toMatchObject({ status: 'settled', returnMinor: 1_000, history: [{ type: 'settled', reason: 'early-payout' }] });
  const statement = succeeded(await bettor.send('GET', `/v1/accounts/${bettor.accountId}/statement`, { minRevision: `${bettor.stream}@7` })).body;
  expect(statement['lines']).toEqual(expect.arrayContaining([expect.objectContaining({ type: 'BetSettled', amountMinor: 1_000, reason: 'early-payout' })]));
});

test('the ledger is right after all of it, and the log settles from zero to the same', async () => {
  const admin = await world.as('admin-1', 'admin');
  expect(await job(admin, { kind: 'ledger-verify' })).toMatchObject({ ok: true, findings: [] });
  const replayed = await job(admin, { kind: 'settlement-replay', fresh: false, repair: false });
  expect(replayed).toMatchObject({ ok: true, differences: [], balancesDiffering: 0 });
});
