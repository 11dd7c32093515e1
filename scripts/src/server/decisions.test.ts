// What one person decides of a market above the sum waits for a second one, on a running server: from the request to the bet, the list of what waits,
// the ledger and the replay.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { job, openBettor, openMarket, openWorld, resultsWonBy, succeeded, until, type Send, type World } from './testing-world.ts';

const sumMinor = 1_000;

let world: World;
let trader: Send;
let other: Send;
let admin: Send;

beforeAll(async () => {
  world = await openWorld();
  await world.start({ env: { WAGERLINE_CLOCK: 'driven', WAGERLINE_MARKET_APPROVAL_MINOR: String(sumMinor) } });
  [trader, other, admin] = [await world.as('trader-1', 'trader'), await world.as('trader-2', 'trader'), await world.as('operator', 'admin')];
});
afterAll(() => world.close());

const waiting = async () => succeeded(await admin('GET', '/admin/settlement/decisions')).body['decisions'];

test('a result of a market whose bets add up to more settles nothing until another person approves it', async () => {
  const market = await openMarket(trader, 'large');
  const path = `/v1/markets/${market.marketId}`;
  const bettor = await openBettor(world, 10_000);
  const betId = succeeded(await bettor.place('one', sumMinor + 1, market.leg('home'))).body['betId'];
  succeeded(await trader('POST', `${path}/close`, { body: { reason: 'test' } }));
  const asked = await trader('POST', `${path}/result`, { body: { results: resultsWonBy('home') } });
  const stakes = [{ currency: 'GBP', stakeMinor: sumMinor + 1 }];
  expect(asked).toMatchObject({ status: 202, body: { waitsFor: 'approval', approvalAboveMinor: sumMinor, stakes } });
  const { decisionId = '' } = asked.body;
  const waits = { marketId: market.marketId, decisionId, requestedBy: { role: 'trader', id: 'trader-1' }, stakes };
  expect(await waiting()).toEqual([expect.objectContaining(waits)]);
  expect(await trader('POST', `${path}/decision/approve`, { body: { decisionId } })).toMatchObject({ status: 403, body: { code: 'APPROVAL_SAME_PERSON' } });
  expect(await bettor.bet(betId, 2)).toMatchObject({ status: 'open' });
  succeeded(await other('POST', `${path}/decision/approve`, { body: { decisionId } }));
  expect(await bettor.bet(betId, 3)).toMatchObject({ status: 'settled', returnMinor: 2 * (sumMinor + 1) });
  // Asked again it is done.
  succeeded(await other('POST', `${path}/decision/approve`, { body: { decisionId } }));
  expect(await bettor.balance(3)).toBe(10_000 + sumMinor + 1);
  expect(await waiting()).toEqual([]);
});

test('up to the sum one person is enough, and what was declined may be asked for again', async () => {
  const [small, declined] = [await openMarket(trader, 'small'), await openMarket(trader, 'declined')];
  const bettor = await openBettor(world, 10_000);
  const [one, two] = [await bettor.place('small', sumMinor, small.leg('away')), await bettor.place('declined', sumMinor + 1, declined.leg('away'))];
  const result = { body: { results: resultsWonBy('home') } };
  for (const { marketId } of [small, declined]) succeeded(await trader('POST', `/v1/markets/${marketId}/close`, { body: { reason: 'test' } }));
  expect((await trader('POST', `/v1/markets/${small.marketId}/result`, result)).status).toBe(200);
  expect(await bettor.bet(succeeded(one).body['betId'], 4)).toMatchObject({ status: 'settled', returnMinor: 0 });
  const path = `/v1/markets/${declined.marketId}`;
  const { decisionId = '' } = (await trader('POST', `${path}/result`, result)).body;
  succeeded(await other('POST', `${path}/decision/decline`, { body: { decisionId, reason: 'wrong-market' } }));
  const again = await trader('POST', `${path}/void`, { body: { reason: 'no-contest' } });
  expect(again.status).toBe(202);
  succeeded(await other('POST', `${path}/decision/approve`, { body: { decisionId: again.body['decisionId'] ?? '' } }));
  expect(await bettor.bet(succeeded(two).body['betId'], 5)).toMatchObject({ status: 'void', returnMinor: sumMinor + 1 });
});

test('a price that was an error is corrected by two people, and taken back by two', async () => {
  const market = await openMarket(trader, 'wrong');
  const path = `/v1/markets/${market.marketId}`;
  const declare = (odds: string | null, as = trader) => {
    const said = odds === null ? { odds } : { odds, selectionId: 'home' };
    return as('PUT', `${path}/price-errors/typing`, { body: { ...said, reason: 'wrong-decimal' } });
  };
  const bettor = await openBettor(world, 10_000);
  const betId = succeeded(await bettor.place('wrong', sumMinor + 1, market.leg('home'))).body['betId'];
  const asked = await declare('1.5');
  expect(asked).toMatchObject({ status: 202, body: { waitsFor: 'approval', stakes: [{ currency: 'GBP', stakeMinor: sumMinor + 1 }] } });
  const { decisionId = '' } = asked.body;
  const decision = { type: 'price-error', errorId: 'typing', correction: { selectionId: 'home', odds: '3/2' }, reason: 'wrong-decimal' };
  const shown = { marketId: market.marketId, type: 'price-error', reason: 'wrong-decimal', decision, waitsFor: 'approval' };
  expect(await waiting()).toEqual([expect.objectContaining(shown)]);
  expect(await trader('POST', `${path}/decision/approve`, { body: { decisionId } })).toMatchObject({ status: 403, body: { code: 'APPROVAL_SAME_PERSON' } });
  expect(await declare('1.6', other)).toMatchObject({ status: 409, body: { code: 'DECISION_WAITS', decisionId } });
  succeeded(await other('POST', `${path}/decision/decline`, { body: { decisionId, reason: 'was-right' } }));
  const again = (await declare('1.5')).body['decisionId'] ?? '';
  succeeded(await other('POST', `${path}/decision/approve`, { body: { decisionId: again } }));
  expect(await bettor.bet(betId, 3)).toMatchObject({ status: 'open', legs: [{ odds: '2', corrected: { odds: '1.5' } }] });
  const back = await declare(null, other);
  expect(back.status).toBe(202);
  succeeded(await trader('POST', `${path}/decision/approve`, { body: { decisionId: back.body['decisionId'] ?? '' } }));
  expect(Object.keys(Object((await bettor.bet(betId, 4))['legs'])[0])).not.toContain('corrected');
});

test('nobody bets on a field from which somebody may be withdrawn; up to the sum one person withdraws', async () => {
  const [large, small] = [await openMarket(trader, 'field'), await openMarket(trader, 'small-field')];
  const bettor = await openBettor(world, 10_000);
  const lame = { body: { selectionId: 'away', reason: 'lame' } };
  const [onLarge, onSmall] = [await bettor.place('large', sumMinor + 1, large.leg('away')), await bettor.place('small', sumMinor, small.leg('away'))];
  const path = `/v1/markets/${large.marketId}`;
  const asked = await trader('POST', `${path}/withdrawals`, lame);
  expect(asked).toMatchObject({ status: 202, body: { waitsFor: 'approval' } });
  const { decisionId = '', version = 0 } = asked.body;
  expect(await bettor.place('since', 1, { ...large.leg('home'), marketVersion: version })).toMatchObject({ status: 409, body: { code: 'MARKET_SUSPENDED' } });
  expect(await trader('POST', `${path}/resume`, { body: {} })).toMatchObject({ status: 409, body: { code: 'DECISION_WAITS' } });
  const alone = await trader('POST', `/v1/markets/${small.marketId}/withdrawals`, lame);
  expect([alone.status, Object.keys(alone.body).toSorted()]).toEqual([200, ['marketId', 'revision', 'version']]);
  expect(await bettor.bet(succeeded(onSmall).body['betId'], 5)).toMatchObject({ status: 'void', returnMinor: sumMinor });
  expect(await bettor.bet(succeeded(onLarge).body['betId'], 5)).toMatchObject({ status: 'open' });
  succeeded(await other('POST', `${path}/decision/approve`, { body: { decisionId } }));
  expect(await bettor.bet(succeeded(onLarge).body['betId'], 6)).toMatchObject({ status: 'void', returnMinor: sumMinor + 1 });
  succeeded(await trader('POST', `${path}/resume`, { body: {} }));
});

test('what a fixture is abandoned for is void by two people where more was bet, and by one up to the sum', async () => {
  const [large, small] = [await openMarket(trader, 'fog'), await openMarket(trader, 'rain')];
  const bettor = await openBettor(world, 10_000);
  const [onLarge, onSmall] = [await bettor.place('large', sumMinor + 1, large.leg('away')), await bettor.place('small', sumMinor, small.leg('away'))];
  for (const { fixtureId } of [large, small]) {
    const answer = await trader('POST', `/v1/fixtures/${fixtureId}/abandon`, { body: { reason: 'weather' } });
    expect([answer.status, Object.keys(answer.body).toSorted()]).toEqual([200, ['fixtureId', 'revision']]);
  }
  expect(await bettor.bet(succeeded(onSmall).body['betId'], 4)).toMatchObject({ status: 'void', returnMinor: sumMinor });
  const asked = await until('the void waits', async () => ((await waiting()) as JsonObject[]).find(({ waitsFor }) => waitsFor === 'approval'));
  const requestedBy = { role: 'trader', id: 'trader-1' };
  expect(asked).toMatchObject({ marketId: large.marketId, type: 'void', reason: 'fixture-abandoned', requestedBy });
  const path = `/v1/markets/${large.marketId}/decision`;
  const { decisionId = '' } = asked;
  expect(await trader('POST', `${path}/approve`, { body: { decisionId } })).toMatchObject({ status: 403, body: { code: 'APPROVAL_SAME_PERSON' } });
  succeeded(await other('POST', `${path}/decline`, { body: { decisionId, reason: 'played-on' } }));
  expect(await bettor.bet(succeeded(onLarge).body['betId'], 4)).toMatchObject({ status: 'open' });
  const again = (await trader('POST', `/v1/markets/${large.marketId}/void`, { body: { reason: 'weather' } })).body['decisionId'] ?? '';
  succeeded(await other('POST', `${path}/approve`, { body: { decisionId: again } }));
  expect(await bettor.bet(succeeded(onLarge).body['betId'], 5)).toMatchObject({ status: 'void', returnMinor: sumMinor + 1 });
});

test('the ledger is right, and a replay of what two people decided finds no difference', async () => {
  expect(await job(admin, { kind: 'ledger-verify' })).toMatchObject({ ok: true, findings: [] });
  const replayed = await job(admin, { kind: 'settlement-replay', fresh: false, repair: false });
  expect(replayed).toMatchObject({ ok: true, differences: [], balancesDiffering: 0 });
});
