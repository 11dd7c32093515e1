// Bet builders over HTTP, from the trader's price to the settled bet, and what is refused of related selections, on a running server.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBettor, openWorld, succeeded, until, type Bettor, type Send, type World } from './testing-world.ts';

let world: World;
let trader: Send;

beforeAll(async () => {
  world = await openWorld();
  await world.start({ env: { WAGERLINE_CLOCK: 'driven' } });
  trader = await world.as('trader-1', 'trader');
});
afterAll(() => world.close());

const terms = {
  '1x2': { kind: 'match-result', line: null, selections: { home: '1.5', draw: '4', away: '6' } },
  ou: { kind: 'total-goals', line: '2', selections: { over: '2', under: '1.9' } },
  ah: { kind: 'asian-handicap', line: '-0.5', selections: { home: '1.8', away: '2.1' } },
} as const;

/** A match with three markets, and a price of 4.5 for the home side's win, with more than two goals, by its handicap. */
async function openMatch(fixtureId: string): Promise<readonly JsonObject[]> {
  const fixture = { sport: 'football', competition: 'E0', home: 'Liverpool', away: 'Norwich', startsAt: '2030-01-01T15:00:00.000Z' };
  succeeded(await trader('PUT', `/v1/fixtures/${fixtureId}`, { body: fixture }));
  const legs: JsonObject[] = [];
  for (const [name, { kind, line, selections }] of Object.entries(terms)) {
    const marketId = `${fixtureId}.${name}`;
    const offered = Object.entries(selections).map(([selectionId, odds]) => ({ selectionId, name: selectionId, odds }));
    const { version } = succeeded(await trader('PUT', `/v1/markets/${marketId}`, { body: { fixtureId, kind, line, selections: offered } })).body;
    const [selectionId = '', odds = ''] = Object.entries(selections)[0] ?? [];
    legs.push({ marketId, selectionId, odds, marketVersion: version ?? 0 });
  }
  return legs;
}

function price(fixtureId: string, legs: readonly JsonObject[], odds: string | null) {
  const priced = legs.map(({ marketId, selectionId }) => ({ marketId: marketId ?? '', selectionId: selectionId ?? '' }));
  return trader('PUT', `/v1/fixtures/${fixtureId}/bet-builders/combo`, { body: { legs: priced, odds } });
}

const builder = (legs: readonly JsonObject[], change: JsonObject = {}): JsonObject => {
  return { type: 'bet-builder', currency: 'GBP', stakeMinor: 1_000, combinedOdds: '4.5', legs: [...legs], ...change };
};

/** The first quote that says so: the price is on its way to whoever judges slips. */
function quoted(bettor: Bettor, body: JsonObject, refusals: readonly JsonObject[]): Promise<JsonObject> {
  return until(`the quote refuses ${JSON.stringify(refusals)}`, async () => {
    const quote = succeeded(await bettor.send('POST', '/v1/bets/quote', { body })).body;
    return JSON.stringify((quote['refusals'] as JsonObject[]).map(({ code }) => code)) === JSON.stringify(refusals.map(({ code }) => code)) ? quote : undefined;
  });
}

test('is struck at the price of its selections together, and a void leg divides it', async () => {
  const legs = await openMatch('builder');
  const bettor = await openBettor(world, 10_000);
  succeeded(await price('builder', legs, '4.5'));
  expect(await quoted(bettor, builder(legs), [])).toMatchObject({ lines: 1, stakeMinor: 1_000, returnMaxMinor: 4_500 });
  const answer = succeeded(await bettor.send('POST', '/v1/bets', { body: builder(legs.toReversed()), key: 'bet' })).body;
  expect(answer).toMatchObject({ lines: 1, returnMaxMinor: 4_500 });
  const results = { '1x2': ['won', 'lost', 'lost'], ou: ['void', 'void'], ah: ['won', 'lost'] };
  for (const [name, outcomes] of Object.entries(results)) {
    succeeded(await trader('POST', `/v1/markets/builder.${name}/close`, { body: { reason: 'full-time' } }));
    const { selections } = terms[name as keyof typeof terms];
    const given = Object.keys(selections).map((selectionId, index) => ({ selectionId, result: outcomes[index] ?? 'lost' }));
    succeeded(await trader('POST', `/v1/markets/builder.${name}/result`, { body: { results: given } }));
  }
  // 4.5 / 2
  const bet = await bettor.bet(answer['betId'], 3);
  expect(bet).toMatchObject({ type: 'bet-builder', status: 'settled', returnMinor: 2_250, shape: { type: 'bet-builder', combinedOdds: '9/2' } });
  expect(bet['explanation']).toMatchObject({ certainReturnMinor: 2_250, steps: [{ step: 'line', legs: [0, 1, 2] }] });
});

test('is refused where its price has moved, is withdrawn or was never made', async () => {
  const legs = await openMatch('moves');
  const other = await openMatch('other');
  const bettor = await openBettor(world, 10_000);
  const place = (key: string, body: JsonObject) => bettor.send('POST', '/v1/bets', { body, key });
  expect(await place('never', builder(legs))).toMatchObject({ status: 422, body: { code: 'BUILDER_NOT_OFFERED', errors: [{ pointer: '/legs' }] } });
  succeeded(await price('moves', legs, '4'));
  await quoted(bettor, builder(legs), [{ code: 'ODDS_CHANGED' }]);
  const moved = { code: 'ODDS_CHANGED', currentOdds: '4', errors: [{ pointer: '/combinedOdds' }] };
  expect(await place('moved', builder(legs))).toMatchObject({ status: 409, body: moved });
  expect(succeeded(await place('any', builder(legs, { oddsChangePolicy: 'any' }))).body).toMatchObject({ returnMaxMinor: 4_000 });
  succeeded(await price('moves', legs, null));
  await quoted(bettor, builder(legs, { oddsChangePolicy: 'any' }), [{ code: 'BUILDER_NOT_OFFERED' }]);
  const [first = {}] = legs;
  const [, second = {}] = other;
  const wrongAt = (pointer: string): JsonObject => ({ status: 422, body: { code: 'LEGS_INVALID', errors: [{ pointer }] } });
  expect(await place('two-fixtures', builder([first, second]))).toMatchObject(wrongAt('/legs/1'));
  expect(await price('moves', [first, { ...first, selectionId: 'draw' }], '3')).toMatchObject(wrongAt('/legs/1/marketId'));
});

test('without it selections of one fixture are related', async () => {
  const legs = await openMatch('related');
  const bettor = await openBettor(world, 10_000);
  const double = { type: 'double', currency: 'GBP', stakeMinor: 1_000, legs: legs.slice(0, 2) };
  expect(await bettor.send('POST', '/v1/bets', { body: double, key: 'double' })).toMatchObject({
    status: 422,
    body: { code: 'LEGS_RELATED', fixtureId: 'related', errors: [{ pointer: '/legs/1' }] },
  });
});
