// POST /v1/bets over HTTP, on a real event log: the answer to every bad slip, and what it leaves in the log.

import { randomUUID } from 'node:crypto';
import { issueToken } from '@wagerline/infra/auth';
import { testKeys, type JsonAnswer } from '@wagerline/infra/testing/test-server';
import { betIdOf } from '@wagerline/shared-kernel/values/ids';
import type { Json, JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMarket, startCommandSideUnderTest, versionIn, type Bettor, type CommandSideUnderTest } from '../testing-command-side.ts';

let side: CommandSideUnderTest;
let bettor: Bettor;
let marketId: string;
let otherId: string;

beforeAll(async () => {
  side = await startCommandSideUnderTest();
  bettor = await side.newBettor(100_000);
  [marketId, otherId] = [await openMarket(side, 'f1'), await openMarket(side, 'f2')];
});
afterAll(() => side.close());

const leg = (change: JsonObject = {}): JsonObject => ({ marketId, selectionId: 'home', odds: '1.95', ...change });
const slip = (change: JsonObject = {}): JsonObject => ({ type: 'single', currency: 'GBP', stakeMinor: 500, legs: [leg()], ...change });
const double = (...legs: readonly JsonObject[]): JsonObject => slip({ type: 'double', legs });

function expectProblem(answer: JsonAnswer, status: number, code: string, pointer?: string, extensions: JsonObject = {}): void {
  const errors = pointer === undefined ? {} : { errors: expect.arrayContaining([expect.objectContaining({ pointer })]) };
  expect(answer.json).toMatchObject({ status, code, type: `urn:wagerline:problem:${code}`, ...errors, ...extensions });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
}

/** Refused before `decide`: nothing is recorded, and the key can be used. */
async function expectNothing(body: Json, status: number, code: string, pointer?: string): Promise<void> {
  const key = randomUUID();
  const { answer, events } = await side.recorded(() => bettor.bet(body, key));
  expectProblem(answer, status, code, pointer);
  expect(events).toEqual([]);
  expect((await bettor.bet(slip({ stakeMinor: 1 }), key)).status).toBe(201);
}

/** Refused by `decide`: one event, and the same answer for ever. */
async function expectRefusal(who: Bettor, body: JsonObject, status: number, code: string, pointer?: string, extensions: JsonObject = {}): Promise<void> {
  const key = randomUUID();
  const betId = betIdOf(who.accountId, key);
  const { answer, events } = await side.recorded(() => who.bet(body, key));
  expectProblem(answer, status, code, pointer, { ...extensions, betId });
  expect(events).toMatchObject([{ type: 'BetRefused', data: { betId, code } }]);
  const again = await side.recorded(() => who.bet(body, key));
  expect([again.answer.status, again.answer.json, again.events]).toEqual([answer.status, answer.json, []]);
}

describe('a bet', () => {
  test('is answered with what it was accepted at, and again with the same', async () => {
    const key = 'first-bet';
    const betId = betIdOf(bettor.accountId, key);
    const { answer, events } = await side.recorded(() => bettor.bet(slip({ legs: [leg({ marketVersion: 0 })] }), key));
    expect(events).toMatchObject([{ type: 'BetPlaced', stream: `account-${bettor.accountId}` }]);
    const revision = events[0]?.revision ?? -1;
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      betId,
      currency: 'GBP',
      unitStakeMinor: 500,
      stakeMinor: 500,
      lines: 1,
      returnMaxMinor: 975,
      placedAt: events[0]?.metadata['at'],
      legs: [{ marketId, selectionId: 'home', requestedOdds: '1.95', odds: '1.95' }],
      revision,
    });
    expect(answer.headers.get('etag')).toBe(`"account-${bettor.accountId}@${revision}"`);
    expect(answer.headers.get('location')).toBe(`/v1/bets/${betId}`);
    // The order of members says nothing, and neither does what happened since.
    await side.as('trader', 'POST', `/v1/accounts/${bettor.accountId}/bets/${betId}/void`, { reason: 'by-hand' });
    const { legs, ...rest } = slip({ legs: [leg({ marketVersion: 0 })] });
    const again = await side.recorded(() => bettor.bet({ legs: legs ?? [], ...rest }, key));
    expect(again.events).toEqual([]);
    expect([again.answer.status, again.answer.json, again.answer.headers.get('etag')]).toEqual([201, answer.json, answer.headers.get('etag')]);
  });

  test('at better odds says so', async () => {
    const market = await openMarket(side, 'f3');
    const { json } = await side.as('trader', 'POST', `/v1/markets/${market}/prices`, { prices: [{ selectionId: 'home', odds: '2.1' }] });
    const legs = [leg({ marketId: market, odds: '1.95', marketVersion: versionIn(json) })];
    const answer = await bettor.bet(slip({ legs, oddsChangePolicy: 'better' }));
    expect(answer.json).toMatchObject({ legs: [{ requestedOdds: '1.95', odds: '2.1' }], returnMaxMinor: 1_050 });
  });

  test('on a market opened a moment ago is taken when the slip names its version', async () => {
    const letGo = side.view.hold();
    await side.as('trader', 'PUT', '/v1/fixtures/f4', { sport: 'football', competition: 'E0', home: 'A', away: 'B', startsAt: '2019-08-09T19:00:00.000Z' });
    const selections = ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, name: selectionId, odds: '3' }));
    const { json } = await side.as('trader', 'PUT', '/v1/markets/m4', { fixtureId: 'f4', kind: 'match-result', selections });
    const answer = await bettor.bet(slip({ legs: [leg({ marketId: 'm4', odds: '3', marketVersion: versionIn(json) })] }));
    letGo();
    expect(answer.status).toBe(201);
  });
});

describe('a slip that does not meet its schema leaves nothing behind', () => {
  test.each<[string, Json, number, string, string?]>([
    ['an unknown field', slip({ bonus: true }), 400, 'BODY_INVALID', '/bonus'],
    ['an unknown field of a leg', slip({ legs: [{ marketId: 'm', selectionId: 'home', odds: '2', price: 2 }] }), 400, 'BODY_INVALID', '/legs/0/price'],
    ['no object', [slip()], 400, 'BODY_INVALID', ''],
    ['a number where text belongs', slip({ currency: 826 }), 400, 'BODY_INVALID', '/currency'],
    ['text where a number belongs', slip({ stakeMinor: '500' }), 400, 'BODY_INVALID', '/stakeMinor'],
    ['odds as a number', slip({ legs: [{ marketId: 'm', selectionId: 'home', odds: 1.95 }] }), 400, 'BODY_INVALID', '/legs/0/odds'],
    ['an unknown type', slip({ type: 'quadruple' }), 400, 'BODY_INVALID', '/type'],
    ['an unknown policy', slip({ oddsChangePolicy: 'worse' }), 400, 'BODY_INVALID', '/oddsChangePolicy'],
    ['a version that is text', slip({ legs: [{ marketId: 'm', selectionId: 'home', odds: '2', marketVersion: '0' }] }), 400, 'BODY_INVALID'],
    ['a negative version', slip({ legs: [{ marketId: 'm', selectionId: 'home', odds: '2', marketVersion: -1 }] }), 400, 'BODY_INVALID'],
    ['no legs', slip({ legs: [] }), 400, 'BODY_INVALID', '/legs'],
    ['too many legs', slip({ legs: Array.from({ length: 21 }, () => ({ marketId: 'm', selectionId: 'home', odds: '2' })) }), 400, 'BODY_INVALID', '/legs'],
    ['a stake of nothing', slip({ stakeMinor: 0 }), 422, 'STAKE_INVALID', '/stakeMinor'],
    ['a negative stake', slip({ stakeMinor: -500 }), 422, 'STAKE_INVALID', '/stakeMinor'],
    ['half a penny', slip({ stakeMinor: 0.5 }), 422, 'STAKE_INVALID', '/stakeMinor'],
    ['a stake beyond every number', slip({ stakeMinor: 2 ** 53 }), 422, 'STAKE_INVALID', '/stakeMinor'],
    ['odds with too many digits', slip({ legs: [{ marketId: 'm', selectionId: 'home', odds: '1.95001' }] }), 422, 'ODDS_INVALID', '/legs/0/odds'],
    ['odds of one', slip({ legs: [{ marketId: 'm', selectionId: 'home', odds: '1' }] }), 422, 'ODDS_INVALID', '/legs/0/odds'],
    ['odds as a fraction', slip({ legs: [{ marketId: 'm', selectionId: 'home', odds: '6/4' }] }), 422, 'ODDS_INVALID', '/legs/0/odds'],
    ['a double of one leg', slip({ type: 'double', legs: [{ marketId: 'm', selectionId: 'home', odds: '2' }] }), 422, 'LEGS_INVALID', '/legs'],
  ])('%s', (_, body, status, code, pointer) => expectNothing(body, status, code, pointer));

  const raw = async (body: string, headers: Record<string, string> = {}): Promise<JsonAnswer> => {
    const response = await fetch(`${side.server.url}/v1/bets`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${bettor.token}`, 'Idempotency-Key': 'raw', 'Content-Type': 'application/json', ...headers },
      body,
    });
    return { status: response.status, headers: response.headers, json: JSON.parse(await response.text()) };
  };

  test.each<[string, string, Record<string, string>, number, string]>([
    ['broken JSON', '{"type":"single"', {}, 400, 'BODY_NOT_JSON'],
    ['no body', '', {}, 400, 'BODY_NOT_JSON'],
    ['a megabyte', JSON.stringify({ filler: 'x'.repeat(1_048_576) }), {}, 413, 'BODY_TOO_LARGE'],
    ['another content type', '{}', { 'Content-Type': 'text/plain' }, 415, 'CONTENT_TYPE_UNSUPPORTED'],
    ['a key of many words', '{}', { 'Idempotency-Key': 'one two' }, 400, 'HEADER_INVALID'],
    ['a body as deep as it may be long', `${'['.repeat(32_000)}${']'.repeat(32_000)}`, {}, 400, 'BODY_INVALID'],
  ])('%s', async (_, body, headers, status, code) => {
    const { answer, events } = await side.recorded(() => raw(body, headers));
    expectProblem(answer, status, code);
    expect(events).toEqual([]);
  });
});

describe('a refusal by decision is one event, and final', () => {
  test('an unknown market', () => expectRefusal(bettor, slip({ legs: [leg({ marketId: 'nope' })] }), 422, 'MARKET_UNKNOWN', '/legs/0/marketId'));
  test('an unknown selection', () => expectRefusal(bettor, slip({ legs: [leg({ selectionId: 'over' })] }), 422, 'SELECTION_NOT_FOUND', '/legs/0/selectionId'));
  test('duplicate legs', () => expectRefusal(bettor, double(leg(), leg()), 422, 'LEG_DUPLICATE', '/legs/1'));
  test('two legs of one fixture', () => expectRefusal(bettor, double(leg(), leg({ selectionId: 'draw', odds: '3.5' })), 422, 'LEGS_RELATED', '/legs/1'));
  test('a wrong currency', () => expectRefusal(bettor, slip({ currency: 'EUR' }), 422, 'CURRENCY_MISMATCH', '/currency', { currency: 'GBP' }));
  test('a stake above the limit', () => expectRefusal(bettor, slip({ stakeMinor: 50_001 }), 422, 'STAKE_INVALID', '/stakeMinor', { stakeMinorMax: 50_000 }));
  test('a return above the limit', async () => {
    const selections = ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, name: selectionId, odds: '1000' }));
    const market = await openMarket(side, 'f5', { selections });
    await expectRefusal(bettor, slip({ stakeMinor: 1_001, legs: [leg({ marketId: market, odds: '1000' })] }), 409, 'RETURN_OVER_LIMIT');
  });
  test('odds that have changed, with those of now and their version', async () => {
    const extensions = { requestedOdds: '1.96', currentOdds: '1.95', marketVersion: 0 };
    await expectRefusal(bettor, double(leg({ marketId: otherId }), leg({ odds: '1.96' })), 409, 'ODDS_CHANGED', '/legs/1/odds', extensions);
  });
  test('a suspended and a closed market', async () => {
    const market = await openMarket(side, 'f6');
    const after = async (what: string): Promise<JsonObject> => {
      const { json } = await side.as('trader', 'POST', `/v1/markets/${market}/${what}`, { reason: 'goal' });
      return slip({ legs: [leg({ marketId: market, marketVersion: versionIn(json) })] });
    };
    await expectRefusal(bettor, await after('suspend'), 409, 'MARKET_SUSPENDED', '/legs/0');
    await expectRefusal(bettor, await after('close'), 409, 'MARKET_CLOSED', '/legs/0');
  });
  test('a market limit', async () => {
    const market = await openMarket(side, 'f7', { stakeMaxPerBetMinor: 400 });
    await expectRefusal(bettor, slip({ legs: [leg({ marketId: market })] }), 409, 'STAKE_OVER_LIMIT', '/legs/0', { stakeMaxMinor: 400 });
  });
  test('too little money', async () => expectRefusal(await side.newBettor(499), slip(), 409, 'INSUFFICIENT_FUNDS'));
  test('a self-excluded bettor', async () => {
    const excluded = await side.newBettor(10_000);
    await side.send('POST', `/v1/accounts/${excluded.accountId}/self-exclusion`, { token: excluded.token, body: { until: null } });
    await expectRefusal(excluded, slip(), 409, 'SELF_EXCLUDED');
  });
  test('a limit of the bettor', async () => {
    const limited = await side.newBettor(10_000);
    await side.send('PUT', `/v1/accounts/${limited.accountId}/limits/stake/week`, { token: limited.token, body: { amountMinor: 499 } });
    await expectRefusal(limited, slip(), 409, 'STAKE_LIMIT_EXCEEDED', undefined, { period: 'week', limitMinor: 499 });
  });
});

describe('keys and tokens', () => {
  const expectUnwritten = async (sent: { token?: string; key?: string; body?: Json }, status: number, code: string, pointer?: string): Promise<void> => {
    const { answer, events } = await side.recorded(() => side.send('POST', '/v1/bets', { body: slip(), ...sent }));
    expectProblem(answer, status, code, pointer);
    expect(events).toEqual([]);
  };

  test('no key', () => expectUnwritten({ token: bettor.token }, 400, 'IDEMPOTENCY_KEY_MISSING'));
  test('a key that had another body', async () => {
    await bettor.bet(slip(), 'reused');
    await expectUnwritten({ token: bettor.token, key: 'reused', body: slip({ stakeMinor: 501 }) }, 422, 'IDEMPOTENCY_KEY_REUSED');
  });
  test('a key that was refused with another body', async () => {
    await bettor.bet(slip({ currency: 'EUR' }), 'refused');
    await expectUnwritten({ token: bettor.token, key: 'refused' }, 422, 'IDEMPOTENCY_KEY_REUSED');
  });
  test('the key of a deposit', async () => expectUnwritten({ token: bettor.token, key: 'first' }, 422, 'IDEMPOTENCY_KEY_REUSED'));
  test('the same key is another one for another bettor', async () => {
    const other = await side.newBettor(10_000);
    const answers = [await bettor.bet(slip(), 'shared'), await other.bet(slip({ stakeMinor: 7 }), 'shared')];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  });
  test('the same key ten times at once is one bet and one answer', async () => {
    const { events } = await side.recorded(async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => bettor.bet(slip(), 'at-once')));
      expect(new Set(answers.map(({ status, json }) => JSON.stringify([status, json]))).size).toBe(1);
      return answers[0] ?? bettor.bet(slip());
    });
    expect(events).toMatchObject([{ type: 'BetPlaced' }]);
  });
  test('no token', () => expectUnwritten({ key: 'k' }, 401, 'TOKEN_MISSING'));
  test('a token that is none', () => expectUnwritten({ key: 'k', token: 'abc.def.ghi' }, 401, 'TOKEN_INVALID'));
  test('a token signed by somebody else', async () => {
    const claims = { sub: bettor.accountId, roles: ['bettor'] as const, ttlSeconds: 3_600, issuer: 'test-issuer', audience: 'test-audience' };
    await expectUnwritten({ key: 'k', token: await issueToken(await testKeys(), claims) }, 401, 'TOKEN_INVALID');
  });
  test('a token that has expired', async () => {
    side.clock.aheadMs = -7_200_000;
    const token = await side.server.tokenFor(bettor.accountId, 'bettor');
    side.clock.aheadMs = 0;
    await expectUnwritten({ key: 'k', token }, 401, 'TOKEN_EXPIRED');
  });
  test('a token of another role', async () => {
    await expectUnwritten({ key: 'k', token: await side.server.tokenFor(bettor.accountId, 'trader', 'regulator') }, 403, 'ROLE_FORBIDDEN');
  });
  test('a bettor without an account', async () => {
    await expectUnwritten({ key: 'k', token: await side.server.tokenFor(randomUUID(), 'bettor') }, 404, 'ACCOUNT_NOT_FOUND');
    await expectUnwritten({ key: 'k', token: await side.server.tokenFor('no-uuid', 'bettor') }, 404, 'ACCOUNT_NOT_FOUND');
  });
});

describe('not now', () => {
  const expectLater = async (code: string, until: () => void): Promise<void> => {
    const key = randomUUID();
    const { answer, events } = await side.recorded(() => bettor.bet(slip(), key));
    expectProblem(answer, 503, code);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(events).toEqual([]);
    until();
    // The key is unused: another body may have it.
    expect((await bettor.bet(slip({ stakeMinor: 3 }), key)).status).toBe(201);
  };

  test('a market view that has heard nothing for too long', async () => {
    const letGo = side.view.hold();
    side.clock.aheadMs = 10_000;
    await expectLater('MARKET_VIEW_STALE', () => {
      side.clock.aheadMs = 0;
      letGo();
    });
  });
  test('a key that was answered before keeps its answer, however old the market view is', async () => {
    const [accepted, refused] = [randomUUID(), randomUUID()];
    const first = [await bettor.bet(slip(), accepted), await bettor.bet(slip({ currency: 'EUR' }), refused)];
    expect(first.map(({ status }) => status)).toEqual([201, 422]);
    const letGo = side.view.hold();
    side.clock.aheadMs = 10_000;
    const again = [await bettor.bet(slip(), accepted), await bettor.bet(slip({ currency: 'EUR' }), refused)];
    expect(again.map(({ status, json }) => ({ status, json }))).toEqual(first.map(({ status, json }) => ({ status, json })));
    expectProblem(await bettor.bet(slip({ stakeMinor: 3 }), accepted), 422, 'IDEMPOTENCY_KEY_REUSED');
    side.clock.aheadMs = 0;
    letGo();
  });
  test('a store that takes nothing', async () => {
    side.store.isFull = true;
    await expectLater('STORE_UNAVAILABLE', () => {
      side.store.isFull = false;
    });
  });
});
