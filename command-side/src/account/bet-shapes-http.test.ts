// Slips of every shape over HTTP, on a real event log, and their quotes: what is answered, what is refused, what is left in the log.

import { randomUUID } from 'node:crypto';
import type { JsonAnswer } from '@wagerline/infra/testing/test-server';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMarket, startCommandSideUnderTest, type Bettor, type CommandSideUnderTest } from '../testing-command-side.ts';

let side: CommandSideUnderTest;
let bettor: Bettor;
const markets: string[] = [];

beforeAll(async () => {
  side = await startCommandSideUnderTest();
  bettor = await side.newBettor(100_000);
  for (let index = 0; index < 9; index += 1) markets.push(await openMarket(side, `f${index}`));
});
afterAll(() => side.close());

const legs = (count: number): JsonObject[] => markets.slice(0, count).map((marketId) => ({ marketId, selectionId: 'home', odds: '1.95' }));
const banker = (index: number, all: readonly JsonObject[]): JsonObject[] => all.map((leg, place) => (place === index ? { ...leg, banker: true } : leg));
const slip = (change: JsonObject): JsonObject => ({ currency: 'GBP', stakeMinor: 10, ...change });
const totalled = (totalStakeMinor: number, change: JsonObject): JsonObject => ({ currency: 'GBP', totalStakeMinor, ...change });
const quote = (body: JsonObject, who = bettor): Promise<JsonAnswer> => side.send('POST', '/v1/bets/quote', { token: who.token, body });

describe('accepted', () => {
  test.each<[string, () => JsonObject, JsonObject]>([
    ['a lucky15', () => slip({ type: 'lucky15', legs: legs(4) }), { lines: 15, unitStakeMinor: 10, stakeMinor: 150 }],
    ['a yankee with a banker', () => slip({ type: 'yankee', legs: banker(4, legs(5)) }), { lines: 11, stakeMinor: 110 }],
    ['a heinz at a total', () => totalled(570, { type: 'heinz', legs: legs(6) }), { lines: 57, unitStakeMinor: 10, stakeMinor: 570 }],
    ['singles and doubles', () => slip({ folds: [2, 1], legs: legs(3) }), { lines: 6 }],
    ['doubles of groups', () => slip({ folds: [2], groups: [[0, 1], [2], [3]], legs: legs(4) }), { lines: 3 }],
    ['given lines', () => slip({ lines: [[0, 1], [1, 2]], legs: legs(3) }), { lines: 2 }],
    ['a round robin', () => slip({ type: 'round-robin', legs: legs(3) }), { lines: 10 }],
    ['a union jack', () => slip({ type: 'union-jack', legs: legs(9) }), { lines: 8 }],
    ['each-way, when it is not', () => slip({ type: 'single', eachWay: false, legs: legs(1) }), { lines: 1 }],
  ])('%s', async (_, body, expected) => {
    const key = randomUUID();
    const quoted = await quote(body());
    const { answer, events } = await side.recorded(() => bettor.bet(body(), key));
    expect([answer.status, answer.json]).toEqual([201, expect.objectContaining(expected)]);
    const { lines: lineCount, ...stakes } = expected;
    const data = { ...stakes, lineCount, ruleSet: 'standard@1', eachWay: false };
    expect(events).toMatchObject([{ type: 'BetPlaced', metadata: { schemaVersion: 4 }, data }]);
    expect((await bettor.bet(body(), key)).json).toEqual(answer.json);
    // The quote said the same before.
    const { lines, unitStakeMinor, stakeMinor, returnMaxMinor } = Object(answer.json) as JsonObject;
    expect(quoted.json).toMatchObject({ lines, unitStakeMinor, stakeMinor, returnMaxMinor, refusals: [] });
  });
});

describe('a slip that makes no bet leaves nothing behind', () => {
  test.each<[string, () => JsonObject, number, string, string]>([
    ['a type of another number of legs', () => slip({ type: 'lucky15', legs: legs(3) }), 422, 'LEGS_INVALID', '/legs'],
    ['a banker of a rounder', () => slip({ type: 'rounder', legs: banker(0, legs(3)) }), 422, 'LEGS_INVALID', '/legs'],
    ['neither type nor folds nor lines', () => slip({ legs: legs(2) }), 422, 'BET_TYPE_INVALID', ''],
    ['type and folds', () => slip({ type: 'double', folds: [2], legs: legs(2) }), 422, 'BET_TYPE_INVALID', ''],
    ['groups without folds', () => slip({ type: 'double', groups: [[0], [1]], legs: legs(2) }), 422, 'BET_TYPE_INVALID', ''],
    ['a fold that is too long', () => slip({ folds: [1, 4], legs: legs(3) }), 422, 'BET_TYPE_INVALID', '/folds/1'],
    ['a fold twice', () => slip({ folds: [2, 2], legs: legs(3) }), 422, 'BET_TYPE_INVALID', '/folds/1'],
    ['a leg in two groups of one line', () => slip({ folds: [2], groups: [[0, 1], [1, 2]], legs: legs(3) }), 422, 'BET_TYPE_INVALID', '/groups/1/0'],
    ['a leg that is in no group', () => slip({ folds: [2], groups: [[0], [1]], legs: legs(3) }), 422, 'BET_TYPE_INVALID', '/legs/2'],
    ['a line of a leg that is not there', () => slip({ lines: [[0, 2]], legs: legs(2) }), 422, 'BET_TYPE_INVALID', '/lines/0/1'],
    ['a leg that is in no line', () => slip({ lines: [[0, 2]], legs: legs(3) }), 422, 'BET_TYPE_INVALID', '/legs/1'],
    ['a banker that is not in every line', () => slip({ lines: [[0], [1]], legs: banker(1, legs(2)) }), 422, 'BET_TYPE_INVALID', '/legs/1/banker'],
    ['too many given lines', () => slip({ lines: Array.from({ length: 257 }, () => [0]), legs: legs(1) }), 400, 'BODY_INVALID', '/lines'],
    ['too many legs in lines', () => slip({ lines: Array.from({ length: 223 }, () => [...legs(9).keys()]), legs: legs(9) }), 422, 'LINES_OVER_LIMIT', '/lines'],
    ['a bet builder without a price', () => slip({ type: 'bet-builder', legs: legs(2) }), 422, 'ODDS_INVALID', '/combinedOdds'],
    ['a price of no bet builder', () => slip({ type: 'double', combinedOdds: '3', legs: legs(2) }), 422, 'BET_TYPE_INVALID', '/combinedOdds'],
    ['a bet builder of one leg', () => slip({ type: 'bet-builder', combinedOdds: '3', legs: legs(1) }), 422, 'LEGS_INVALID', '/legs'],
    ['an each-way bet builder', () => slip({ type: 'bet-builder', combinedOdds: '3', eachWay: true, legs: legs(2) }), 400, 'RULES_INVALID', '/eachWay'],
    ['a formula without each-way', () => slip({ type: 'single', eachWayFormula: 'win-place', legs: legs(1) }), 400, 'RULES_INVALID', '/eachWayFormula'],
    ['place-only and each-way', () => slip({ type: 'single', eachWay: true, placeOnly: true, legs: legs(1) }), 400, 'RULES_INVALID', '/placeOnly'],
    ['no stake', () => ({ currency: 'GBP', type: 'single', legs: legs(1) }), 422, 'STAKE_INVALID', '/stakeMinor'],
    ['two stakes', () => slip({ type: 'single', totalStakeMinor: 10, legs: legs(1) }), 422, 'STAKE_INVALID', '/totalStakeMinor'],
    ['a banker that is no truth', () => slip({ type: 'single', legs: [{ ...legs(1)[0], banker: 'yes' }] }), 400, 'BODY_INVALID', '/legs/0/banker'],
    ['an unknown field', () => slip({ type: 'single', freeBet: true, legs: legs(1) }), 400, 'BODY_INVALID', '/freeBet'],
  ])('%s', async (_, body, status, code, pointer) => {
    const { answer, events } = await side.recorded(() => bettor.bet(body()));
    expect(answer.json).toMatchObject({ status, code, errors: [{ pointer }] });
    expect(events).toEqual([]);
    expect((await quote(body())).json).toMatchObject({ status, code, errors: [{ pointer }] });
  });
});

test('each-way and the starting price want a market for them', async () => {
  const eachWay = slip({ type: 'single', eachWay: true, legs: legs(1) });
  const { answer, events } = await side.recorded(() => bettor.bet(eachWay));
  expect(answer.json).toMatchObject({ status: 422, code: 'EACH_WAY_UNAVAILABLE', errors: [{ pointer: '/legs/0' }] });
  expect(events).toMatchObject([{ type: 'BetRefused', data: { code: 'EACH_WAY_UNAVAILABLE' } }]);
  const [leg] = legs(1);
  const refused = await side.recorded(() => bettor.bet(slip({ type: 'single', legs: [{ ...leg, odds: 'SP' }] })));
  expect(refused.answer.json).toMatchObject({ status: 422, code: 'STARTING_PRICE_UNAVAILABLE', errors: [{ pointer: '/legs/0/odds' }] });
  expect(refused.events).toMatchObject([{ type: 'BetRefused', data: { legs: [{ requestedOdds: 'SP' }] } }]);
});

test('a total that does not divide is refused on record, and names the nearest two', async () => {
  const body = totalled(100, { type: 'lucky15', legs: legs(4) });
  const { answer, events } = await side.recorded(() => bettor.bet(body));
  expect(answer.json).toMatchObject({ status: 422, code: 'STAKE_INDIVISIBLE', nearestTotalsMinor: [90, 105], errors: [{ pointer: '/totalStakeMinor' }] });
  expect(events).toMatchObject([{ type: 'BetRefused', data: { code: 'STAKE_INDIVISIBLE', stakeMinor: 100 } }]);
});

describe('a quote', () => {
  test('writes nothing and needs no key', async () => {
    const { answer, events } = await side.recorded(() => quote(slip({ type: 'lucky15', legs: legs(4) })));
    expect([answer.status, answer.headers.get('cache-control'), events]).toEqual([200, 'no-store', []]);
    expect(answer.json).toMatchObject({ currency: 'GBP', lines: 15, unitStakeMinor: 10, stakeMinor: 150, returnMaxMinor: 747, refusals: [] });
  });
  test('sees the balance as it is now', async () => {
    const poor = await side.newBettor(1_000);
    const double = slip({ type: 'double', stakeMinor: 600, legs: legs(2) });
    expect((await quote(double, poor)).json).toMatchObject({ stakeMaxMinor: 1_000, refusals: [] });
    expect((await poor.bet(double)).status).toBe(201);
    const refusals = [{ code: 'INSUFFICIENT_FUNDS', title: 'The balance does not cover this amount' }];
    expect((await quote(double, poor)).json).toMatchObject({ stakeMaxMinor: 400, refusals });
  });
  test('says what would refuse the slip, with the same codes', async () => {
    const [first = {}, second = {}] = legs(2);
    const body = slip({ type: 'double', legs: [{ ...first, odds: '2' }, { ...second, marketId: 'nope' }] });
    expect((await quote(body)).json).toMatchObject({
      lines: null,
      stakeMaxMinor: 0,
      refusals: [
        { code: 'ODDS_CHANGED', pointer: '/legs/0/odds', requestedOdds: '2', currentOdds: '1.95' },
        { code: 'MARKET_UNKNOWN', pointer: '/legs/1/marketId' },
      ],
    });
  });
  test('is of a bettor with an account', async () => {
    const body = slip({ type: 'single', legs: legs(1) });
    const stranger = await side.server.tokenFor(randomUUID(), 'bettor');
    expect((await side.send('POST', '/v1/bets/quote', { token: stranger, body })).json).toMatchObject({ status: 404, code: 'ACCOUNT_NOT_FOUND' });
    expect((await side.as('trader', 'POST', '/v1/bets/quote', body)).json).toMatchObject({ status: 403, code: 'ROLE_FORBIDDEN' });
    expect((await side.send('POST', '/v1/bets/quote', { body })).json).toMatchObject({ status: 401, code: 'TOKEN_MISSING' });
  });
  test('waits for fresh prices as a bet does', async () => {
    const letGo = side.view.hold();
    side.clock.aheadMs = 10_000;
    expect((await quote(slip({ type: 'single', legs: legs(1) }))).json).toMatchObject({ status: 503, code: 'MARKET_VIEW_STALE' });
    side.clock.aheadMs = 0;
    letGo();
  });
});
