// Each-way bets, non-runners, dead heats, places and starting prices, from the trader's commands to GET /v1/bets/{id}, on a running server.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBettor, openWorld, succeeded, type Bettor, type Send, type World } from './testing-world.ts';

let world: World;
let trader: Send;

beforeAll(async () => {
  world = await openWorld();
  await world.start({ env: { WAGERLINE_CLOCK: 'driven' } });
  trader = await world.as('trader-1', 'trader');
});
afterAll(() => world.close());

const runners: Readonly<Record<string, string>> = { ajax: '9', bran: '5', cid: '3', dun: '6.5', eve: '4' };

type Race = {
  do(action: string, body: JsonObject): Promise<JsonObject>;
  leg(selectionId: string, odds?: string): JsonObject;
};

/** A race with its winner market, each-way at these terms unless they are null. */
async function openRace(name: string, terms: JsonObject | null = { places: 3, fraction: '1/5' }): Promise<Race> {
  const fixture = { sport: 'horse-racing', competition: 'ascot', home: 'Ascot', away: '14:30', startsAt: '2030-01-01T14:30:00.000Z' };
  succeeded(await trader('PUT', `/v1/fixtures/${name}`, { body: fixture }));
  const selections = Object.entries(runners).map(([selectionId, odds]) => ({ selectionId, name: selectionId, odds }));
  const opened = succeeded(await trader('PUT', `/v1/markets/${name}`, { body: { fixtureId: name, kind: 'winner', selections } })).body;
  let version = opened['version'] ?? 0;
  const race: Race = {
    async do(action, body) {
      const answer = succeeded(await trader('POST', `/v1/markets/${name}/${action}`, { body })).body;
      version = answer['version'] ?? 0;
      return answer;
    },
    leg: (selectionId, odds) => ({ marketId: name, selectionId, odds: odds ?? runners[selectionId] ?? '', marketVersion: version }),
  };
  if (terms !== null) await race.do('place-terms', terms);
  return race;
}

/** Who is not named came in behind everybody that is. */
function finished(places: Readonly<Record<string, readonly [position: number, tied?: number]>>): JsonObject {
  const results = Object.keys(runners).map((selectionId) => {
    const [position = 5, tied = 1] = places[selectionId] ?? [];
    return { selectionId, position, tied };
  });
  return { results };
}

async function strike(bettor: Bettor, key: string, slip: JsonObject): Promise<string> {
  const answer = succeeded(await bettor.send('POST', '/v1/bets', { body: { currency: 'GBP', ...slip }, key }));
  return String(answer.body['betId']);
}

type Step = { readonly step: string; readonly part: string; readonly text: string };
function stepsOf(bet: JsonObject): readonly Step[] {
  return Object(bet['explanation']).steps as readonly Step[];
}

const single = (leg: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'single', stakeMinor: 1_000, eachWay: true, legs: [leg], ...more });

test('an each-way single: Rule 4 before the dead heat, each part its own dead heat', async () => {
  const race = await openRace('dead-heat');
  const bettor = await openBettor(world, 100_000);
  const quoted = succeeded(await bettor.send('POST', '/v1/bets/quote', { body: { currency: 'GBP', ...single(race.leg('ajax')) } })).body;
  // 10 x 9 + 10 x (1 + 8 / 5)
  expect(quoted).toMatchObject({ lines: 2, stakeMinor: 2_000, returnMaxMinor: 11_600, refusals: [] });
  const won = await strike(bettor, 'won', single(race.leg('ajax')));
  const placed = await strike(bettor, 'placed', single(race.leg('bran')));
  const withdrawn = await race.do('withdrawals', { selectionId: 'dun', rule4Percent: 20, reason: 'lame' });
  // Suspended, asked for, and withdrawn when what was bet is known.
  expect(withdrawn).toMatchObject({ version: 4 });
  const place = (key: string, selectionId: string) => bettor.send('POST', '/v1/bets', { body: { currency: 'GBP', ...single(race.leg(selectionId)) }, key });
  expect(await place('suspended', 'ajax')).toMatchObject({ body: { code: 'MARKET_SUSPENDED' } });
  await race.do('resume', {});
  expect(await place('withdrawn', 'dun')).toMatchObject({
    status: 409,
    body: { code: 'SELECTION_WITHDRAWN', errors: [{ pointer: '/legs/0/selectionId' }] },
  });
  // Struck after the withdrawal: nothing is taken off.
  const after = await strike(bettor, 'after', single(race.leg('ajax')));
  await race.do('close', { reason: 'off' });
  await race.do('result', finished({ ajax: [1, 2], cid: [1, 2], bran: [3, 4], eve: [3, 4] }));
  const revision = 9;
  // 1 + 8 x 0.8 = 7.4; 10 x 7.4 / 2 + 10 x (1 + 6.4 / 5)
  const first = await bettor.bet(won, revision);
  expect(first).toMatchObject({ status: 'settled', returnMinor: 5_980, eachWay: true, lineCount: 2 });
  const detail = { placeResult: 'won', rule4Percent: 20 };
  expect(first['legs']).toMatchObject([{ result: 'won', winDeadHeat: '1/2', placeFraction: '1/5', places: 3, detail }]);
  expect(stepsOf(first).map(({ part, text }) => [part, text])).toEqual([
    ['win', '10.00 x 3.7 (won)'],
    ['place', '10.00 x 2.28 (placed)'],
  ]);
  // 1 + 4 x 0.8 = 4.2; the place at 1.64, a quarter of it: 4 share one place.
  expect(await bettor.bet(placed, revision)).toMatchObject({ returnMinor: 410, legs: [{ result: 'placed', detail: { placeDeadHeat: '1/4' } }] });
  expect(await bettor.bet(after, revision)).toMatchObject({ returnMinor: 4_500 + 2_600 });
  // A correction of the order takes back and settles anew.
  await race.do('correction', { ...finished({ ajax: [2], cid: [1], bran: [3] }), reason: 'photo' });
  const corrected = await bettor.bet(won, revision + 6);
  expect(corrected).toMatchObject({ returnMinor: 2_280, settlementCount: 2, legs: [{ result: 'placed' }] });
});

test('the places of a bet are those that it was struck on', async () => {
  const race = await openRace('places', { places: 2, fraction: '1/4' });
  const bettor = await openBettor(world, 100_000);
  const two = await strike(bettor, 'two', single(race.leg('bran')));
  await race.do('place-terms', { places: 4, fraction: '0.2' });
  const four = await strike(bettor, 'four', single(race.leg('bran')));
  const placeOnly = await strike(bettor, 'place-only', single(race.leg('bran'), { eachWay: false, placeOnly: true }));
  await race.do('close', { reason: 'off' });
  await race.do('result', finished({ ajax: [1], cid: [2], dun: [3], bran: [4] }));
  expect(await bettor.bet(two, 7)).toMatchObject({ returnMinor: 0, legs: [{ places: 2, placeFraction: '1/4' }] });
  expect(await bettor.bet(four, 7)).toMatchObject({ returnMinor: 1_800, legs: [{ places: 4, placeFraction: '1/5' }] });
  expect(await bettor.bet(placeOnly, 7)).toMatchObject({ returnMinor: 1_800, lineCount: 1, rules: { placeOnly: true } });
});

test('an each-way double in both formulas', async () => {
  const [one, two] = [await openRace('double-1', { places: 3, fraction: '1/4' }), await openRace('double-2', { places: 3, fraction: '1/4' })];
  const bettor = await openBettor(world, 100_000);
  const double = { type: 'double', stakeMinor: 100, eachWay: true, legs: [one.leg('ajax'), two.leg('bran')] };
  const winPlace = await strike(bettor, 'win-place', { ...double, eachWayFormula: 'win-place' });
  const equally = await strike(bettor, 'equally', { ...double, eachWayFormula: 'equally-divided' });
  const standard = await strike(bettor, 'standard', double);
  for (const race of [one, two]) await race.do('close', { reason: 'off' });
  await one.do('result', finished({ ajax: [1] }));
  await two.do('result', finished({ bran: [3] }));
  // 3 x 2 for the place part; 2 x (9 + 3) / 2 x 2 / 2
  expect(await bettor.bet(winPlace, 7)).toMatchObject({ returnMinor: 600, rules: { eachWayFormula: 'win-place' } });
  expect(await bettor.bet(equally, 7)).toMatchObject({ returnMinor: 1_200, rules: { eachWayFormula: 'equally-divided' } });
  expect(await bettor.bet(standard, 7)).toMatchObject({ returnMinor: 600 });
});

test('a starting price settles when it is known; a non-runner is void at once', async () => {
  const race = await openRace('starting-price');
  const bettor = await openBettor(world, 100_000);
  const answer = succeeded(await bettor.send('POST', '/v1/bets', { body: { currency: 'GBP', ...single(race.leg('ajax', 'SP')) }, key: 'sp' })).body;
  expect(answer).toMatchObject({ returnMaxMinor: null, eachWay: true, legs: [{ odds: 'SP', requestedOdds: 'SP', places: 3 }] });
  const runs = await strike(bettor, 'runs-not', single(race.leg('eve')));
  const betId = String(answer['betId']);
  await race.do('withdrawals', { selectionId: 'eve', reason: 'lame' });
  expect(await bettor.bet(runs, 4)).toMatchObject({ status: 'void', returnMinor: 2_000, legs: [{ result: 'void' }] });
  await race.do('close', { reason: 'off' });
  await race.do('result', finished({ ajax: [1] }));
  await race.do('starting-prices', { prices: [{ selectionId: 'ajax', odds: '11' }] });
  // The void bet is confirmed by each newer result.
  const settled = await bettor.bet(betId, 7);
  // The withdrawal was before the start, and is in the starting price already.
  expect(settled).toMatchObject({ status: 'settled', returnMinor: 11_000 + 3_000, legs: [{ odds: 'SP', boardOdds: '9', detail: { startingOdds: '11' } }] });
  const market = succeeded(await trader('GET', '/v1/markets/starting-price')).body;
  const shown = [{ startingOdds: '11' }, {}, {}, {}, { withdrawn: { result: 'void', rule4Percent: 25 } }];
  expect(market).toMatchObject({ placeTerms: { places: 3, fraction: '1/5' }, selections: shown });
});

test('what is no such bet is refused', async () => {
  const race = await openRace('no-places', null);
  const bettor = await openBettor(world, 100_000);
  const place = (key: string, body: JsonObject) => bettor.send('POST', '/v1/bets', { body: { currency: 'GBP', ...body }, key });
  const refused = (status: number, code: string, pointer: string): JsonObject => ({ status, body: { code, errors: [{ pointer }] } });
  expect(await place('each-way', single(race.leg('ajax')))).toMatchObject(refused(422, 'EACH_WAY_UNAVAILABLE', '/legs/0'));
  const formula = single(race.leg('ajax'), { eachWay: false, eachWayFormula: 'win-place' });
  expect(await place('formula', formula)).toMatchObject(refused(400, 'RULES_INVALID', '/eachWayFormula'));
  expect(await place('both', single(race.leg('ajax'), { placeOnly: true }))).toMatchObject(refused(400, 'RULES_INVALID', '/placeOnly'));
  expect(await trader('POST', '/v1/markets/no-places/starting-prices', { body: { prices: [{ selectionId: 'ajax', odds: '9' }] } })).toMatchObject({
    status: 409,
    body: { code: 'MARKET_NOT_CLOSED' },
  });
});
