// Every command route but the busiest over HTTP, on a real event log: who may call it, what it answers, what it leaves in the log.

import { randomUUID } from 'node:crypto';
import type { Role } from '@wagerline/infra/auth';
import type { JsonAnswer } from '@wagerline/infra/testing/test-server';
import type { Json, JsonObject } from '@wagerline/shared-kernel/values/json';
import { betIdOf } from '@wagerline/shared-kernel/values/ids';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMarket, startCommandSideUnderTest, startsAt, type Bettor, type CommandSideUnderTest } from './testing-command-side.ts';

let side: CommandSideUnderTest;
let bettor: Bettor;

beforeAll(async () => {
  side = await startCommandSideUnderTest();
  bettor = await side.newBettor(10_000);
});
afterAll(() => side.close());

const everyRole: readonly Role[] = ['bettor', 'trader', 'settler', 'regulator', 'admin', 'feed'];
const trading: readonly Role[] = ['trader', 'admin'];
const approving: readonly Role[] = ['settler', 'admin'];
const owning: readonly Role[] = ['bettor', 'admin'];
const someone = randomUUID();
const matrix: readonly (readonly [method: 'POST' | 'PUT', path: string, roles: readonly Role[]])[] = [
  ['POST', '/v1/bets', ['bettor']],
  ['PUT', `/v1/accounts/${someone}`, owning],
  ['POST', `/v1/accounts/${someone}/deposits`, owning],
  ['POST', `/v1/accounts/${someone}/withdrawals`, owning],
  ['PUT', `/v1/accounts/${someone}/limits/stake/day`, owning],
  ['POST', `/v1/accounts/${someone}/self-exclusion`, owning],
  ['POST', `/v1/accounts/${someone}/bets/${someone}/void`, trading],
  ['POST', `/v1/accounts/${someone}/bets/${someone}/void/approve`, approving],
  ['POST', `/v1/accounts/${someone}/bets/${someone}/return/approve`, approving],
  ['POST', '/v1/markets/none/void/approve', approving],
  ['POST', '/v1/markets/none/decision/approve', ['trader', ...approving]],
  ['POST', '/v1/markets/none/decision/decline', ['trader', ...approving]],
  ['POST', '/v1/feed', ['feed', ...trading]],
  ['POST', '/v1/feed/producers/1/recovery', ['feed', ...trading]],
  ['PUT', '/v1/fixtures/none', trading],
  ...['reschedule', 'postpone', 'start', 'end', 'abandon'].map((verb) => ['POST', `/v1/fixtures/none/${verb}`, trading] as const),
  ['PUT', '/v1/markets/none', trading],
  ...['prices', 'suspend', 'resume', 'close', 'result', 'correction', 'void', 'release', 'ante-post'].map((verb) => {
    return ['POST', `/v1/markets/none/${verb}`, trading] as const;
  }),
  ...['hold', 'resume'].map((verb) => ['POST', `/v1/markets/none/settlement/${verb}`, trading] as const),
];

describe('roles', () => {
  test.each(matrix)('%s %s is for %s', async (method, path, roles) => {
    const { events } = await side.recorded(async () => {
      for (const role of everyRole) {
        const { status, json } = await side.as(role, method, path);
        if (roles.includes(role)) expect([401, 403, 405, 500], role).not.toContain(status);
        else expect([status, json], role).toEqual([403, expect.objectContaining({ code: 'ROLE_FORBIDDEN' })]);
      }
      const { status, json } = await side.send(method, path, { body: {}, key: 'k' });
      expect(json).toMatchObject({ code: 'TOKEN_MISSING' });
      return { status, json, headers: new Headers() };
    });
    expect(events).toEqual([]);
  });
});

function expectProblem({ status, json }: JsonAnswer, expected: number, code: string, pointer?: string): void {
  const errors = pointer === undefined ? {} : { errors: [expect.objectContaining({ pointer })] };
  expect(json).toMatchObject({ status: expected, code, ...errors });
  expect(status).toBe(expected);
}

/** Sends it as the bettor, and says which events it wrote. */
async function own(method: string, path: string, body: Json, key?: string): Promise<{ readonly answer: JsonAnswer; readonly types: readonly string[] }> {
  const sent = { token: bettor.token, body, ...(key !== undefined && { key }) };
  const { answer, events } = await side.recorded(() => side.send(method, `/v1/accounts/${bettor.accountId}${path}`, sent));
  return { answer, types: events.map((event) => event.type) };
}

describe('an account', () => {
  const opening = { currency: 'GBP', brand: 'demo', jurisdiction: 'GB' };

  test('is opened once; the same again changes nothing, and other attributes are refused', async () => {
    const again = await own('PUT', '', opening);
    expect([again.answer.status, again.answer.json, again.types]).toEqual([200, { accountId: bettor.accountId, revision: 1 }, []]);
    expect(again.answer.headers.get('etag')).toBe(`"account-${bettor.accountId}@1"`);
    expectProblem((await own('PUT', '', { ...opening, currency: 'EUR' })).answer, 409, 'ACCOUNT_ALREADY_OPEN');
    expectProblem((await own('PUT', '', { ...opening, nickname: 'Joe' })).answer, 400, 'BODY_INVALID', '/nickname');
  });

  test('of a currency that nobody knows', async () => {
    const id = randomUUID();
    const token = await side.server.tokenFor(id, 'bettor');
    expectProblem(await side.send('PUT', `/v1/accounts/${id}`, { token, body: { ...opening, currency: 'XXX' } }), 422, 'CURRENCY_UNKNOWN', '/currency');
  });

  test('of another bettor is as absent as none', async () => {
    const other = await side.newBettor(0);
    const requests = [
      ['PUT', '', opening],
      ['POST', '/deposits', { amountMinor: 1, currency: 'GBP' }],
      ['POST', '/withdrawals', { amountMinor: 1, currency: 'GBP' }],
      ['PUT', '/limits/stake/day', { amountMinor: 1 }],
      ['POST', '/self-exclusion', { until: null }],
    ] as const;
    for (const [method, path, body] of requests) {
      const sent = { token: bettor.token, body, key: 'k' };
      const { answer, events } = await side.recorded(() => side.send(method, `/v1/accounts/${other.accountId}${path}`, sent));
      const absent = await side.send(method, `/v1/accounts/${randomUUID()}${path}`, sent);
      expectProblem(answer, 404, 'ACCOUNT_NOT_FOUND');
      expect([absent.status, absent.json, events]).toEqual([answer.status, answer.json, []]);
    }
  });

  test('has a lower-case UUID', async () => {
    expectProblem(await side.as('admin', 'PUT', '/v1/accounts/joe', opening), 400, 'PATH_INVALID', 'accountId');
    expectProblem(await side.as('admin', 'PUT', `/v1/accounts/${randomUUID().toUpperCase()}`, opening), 400, 'PATH_INVALID', 'accountId');
  });
});

describe('funds', () => {
  const money = (amountMinor: number): Json => ({ amountMinor, currency: 'GBP' });

  test('a deposit is answered once and for ever', async () => {
    const first = await own('POST', '/deposits', money(700), 'd-1');
    expect(first.types).toEqual(['FundsDeposited']);
    expect(first.answer.status).toBe(201);
    expect(first.answer.json).toMatchObject({ accountId: bettor.accountId, amountMinor: 700, currency: 'GBP' });
    const again = await own('POST', '/deposits', money(700), 'd-1');
    expect([again.answer.json, again.types]).toEqual([first.answer.json, []]);
    expectProblem((await own('POST', '/deposits', money(701), 'd-1')).answer, 422, 'IDEMPOTENCY_KEY_REUSED');
    expectProblem((await own('POST', '/withdrawals', money(700), 'd-1')).answer, 422, 'IDEMPOTENCY_KEY_REUSED');
  });

  test('a refusal is recorded, and final', async () => {
    const first = await own('POST', '/withdrawals', money(900_000), 'w-1');
    expect(first.types).toEqual(['WithdrawalRefused']);
    expectProblem(first.answer, 409, 'INSUFFICIENT_FUNDS');
    await own('POST', '/deposits', money(900_000), 'd-2');
    const again = await own('POST', '/withdrawals', money(900_000), 'w-1');
    expect([again.answer.json, again.types]).toEqual([first.answer.json, []]);
    expect((await own('POST', '/withdrawals', money(900_000), 'w-2')).types).toEqual(['FundsWithdrawn']);
  });

  test.each([
    ['too much', { amountMinor: 1_000_001, currency: 'GBP' }, 422, 'AMOUNT_INVALID', '/amountMinor', ['DepositRefused']],
    ['another currency', { amountMinor: 1, currency: 'EUR' }, 422, 'CURRENCY_MISMATCH', '/currency', ['DepositRefused']],
    ['nothing', { amountMinor: 0, currency: 'GBP' }, 422, 'AMOUNT_INVALID', '/amountMinor', []],
    ['half a penny', { amountMinor: 0.5, currency: 'GBP' }, 422, 'AMOUNT_INVALID', '/amountMinor', []],
    ['text', { amountMinor: '1', currency: 'GBP' }, 400, 'BODY_INVALID', '/amountMinor', []],
    ['more fields', { amountMinor: 1, currency: 'GBP', note: 'x' }, 400, 'BODY_INVALID', '/note', []],
  ] as const)('a deposit of %s', async (_, body, status, code, pointer, types) => {
    const refused = await own('POST', '/deposits', body, randomUUID());
    expectProblem(refused.answer, status, code, pointer);
    expect(refused.types).toEqual(types);
  });

  test('a deposit without a key', async () => expectProblem((await own('POST', '/deposits', money(1))).answer, 400, 'IDEMPOTENCY_KEY_MISSING'));
});

describe('limits and self-exclusion', () => {
  test('a limit is set, and only for periods and kinds that there are', async () => {
    expect((await own('PUT', '/limits/loss/month', { amountMinor: 5_000_000 })).types).toEqual(['LimitSet']);
    expect((await own('PUT', '/limits/loss/month', { amountMinor: 5_000_000 })).types).toEqual([]);
    expectProblem((await own('PUT', '/limits/loss/year', { amountMinor: 1 })).answer, 400, 'PATH_INVALID', 'period');
    expectProblem((await own('PUT', '/limits/loss/month', { amountMinor: -1 })).answer, 422, 'AMOUNT_INVALID', '/amountMinor');
  });
  test('a self-exclusion only becomes longer', async () => {
    const excluded = await side.newBettor(0);
    const exclude = (until: string | null): Promise<JsonAnswer> =>
      side.send('POST', `/v1/accounts/${excluded.accountId}/self-exclusion`, { token: excluded.token, body: { until } });
    expect((await exclude('2099-01-01T00:00:00.000Z')).status).toBe(200);
    expectProblem(await exclude('2098-01-01T00:00:00.000Z'), 409, 'SELF_EXCLUSION_SHORTER', '/until');
    expectProblem(await exclude('tomorrow'), 400, 'BODY_INVALID', '/until');
  });
});

describe('trading', () => {
  const results = (...all: readonly string[]): JsonObject => {
    return { results: ['home', 'draw', 'away'].map((selectionId, index) => ({ selectionId, result: all[index] ?? '' })) };
  };
  const trader = (path: string, body: Json = {}): Promise<JsonAnswer> => side.as('trader', 'POST', path, body);

  test('a market from its opening to its correction; every answer names the version', async () => {
    const market = `/v1/markets/${await openMarket(side, 't1')}`;
    const steps: readonly (readonly [path: string, body: Json])[] = [
      ['/prices', { prices: [{ selectionId: 'home', odds: '2.02' }] }],
      ['/suspend', { reason: 'goal' }],
      ['/resume', {}],
      ['/close', { reason: 'over' }],
      ['/result', results('won', 'lost', 'lost')],
      ['/correction', { ...results('lost', 'lost', 'won'), reason: 'var' }],
      ['/void', { reason: 'fixed' }],
      ['/settlement/hold', { reason: 'disputed' }],
      ['/settlement/resume', {}],
    ];
    for (const [index, [path, body]] of steps.entries()) {
      const answer = await trader(market + path, body);
      // A void after the result is a request.
      const isRequest = path === '/void';
      const waits = { waitsFor: 'approval', decisionId: null, approvalAboveMinor: null, stakes: null };
      const said = { marketId: 't1-1x2', version: index + 1, revision: index + 1, ...(isRequest && waits) };
      expect([answer.status, answer.json]).toEqual([isRequest ? 202 : 200, said]);
      expect(answer.headers.get('etag')).toBe(`"market-t1-1x2@${index + 1}"`);
    }
  });

  test('a market that cannot be', async () => {
    await openMarket(side, 't2');
    const open = (change: Record<string, Json>): Promise<JsonAnswer> => {
      const selections = ['over', 'under'].map((selectionId) => ({ selectionId, name: selectionId, odds: '1.9' }));
      return side.as('trader', 'PUT', '/v1/markets/t2-goals', { fixtureId: 't2', kind: 'total-goals', line: '2.5', selections, ...change });
    };
    expectProblem(await open({ line: null }), 400, 'BODY_INVALID', '/line');
    expectProblem(await open({ line: '0.25' }), 400, 'BODY_INVALID', '/line');
    expectProblem(await open({ kind: 'match-result', line: null }), 400, 'BODY_INVALID', '/selections');
    expectProblem(await open({ selections: [] }), 400, 'BODY_INVALID');
    expectProblem(await open({ fixtureId: 'nowhere' }), 404, 'FIXTURE_NOT_FOUND', '/fixtureId');
    expect((await open({})).status).toBe(200);
    expectProblem(await open({ line: '3.5' }), 409, 'MARKET_EXISTS');
  });

  test('what a market does not take', async () => {
    const market = `/v1/markets/${await openMarket(side, 't3')}`;
    expectProblem(await trader('/v1/markets/none/close', { reason: 'over' }), 404, 'MARKET_NOT_FOUND');
    expectProblem(await trader(`${market}/prices`, { prices: [{ selectionId: 'home', odds: '2.02001' }] }), 422, 'ODDS_INVALID', '/prices/0/odds');
    expectProblem(await trader(`${market}/prices`, { prices: [{ selectionId: 'over', odds: '2' }] }), 422, 'SELECTION_NOT_FOUND', '/prices/0/selectionId');
    expectProblem(await trader(`${market}/result`, results('won', 'lost', 'lost')), 409, 'MARKET_NOT_CLOSED');
    await trader(`${market}/close`, { reason: 'over' });
    expectProblem(await trader(`${market}/result`, { results: [{ selectionId: 'home', result: 'won' }] }), 422, 'RESULT_INCOMPLETE');
    expectProblem(await trader(`${market}/suspend`, { reason: 'no reason' }), 400, 'BODY_INVALID', '/reason');
  });

  test('a fixture from its schedule to its end, and no market on it afterwards', async () => {
    await openMarket(side, 't4');
    const fixture = '/v1/fixtures/t4';
    expect((await trader(`${fixture}/reschedule`, { startsAt: '2019-08-10T19:00:00.000Z' })).json).toEqual({ fixtureId: 't4', revision: 1 });
    expectProblem(await trader(`${fixture}/end`, { score: null }), 409, 'FIXTURE_NOT_STARTED');
    expect((await trader(`${fixture}/start`)).status).toBe(200);
    const selections = ['home', 'away'].map((selectionId) => ({ selectionId, name: selectionId, odds: '1.9' }));
    const late = { fixtureId: 't4', kind: 'asian-handicap', line: '-0.75', selections };
    expectProblem(await side.as('trader', 'PUT', '/v1/markets/t4-ah', late), 409, 'FIXTURE_STARTED');
    expect((await side.as('trader', 'PUT', '/v1/markets/t4-ah', { ...late, inPlay: true })).status).toBe(200);
    expect((await trader(`${fixture}/end`, { score: { home: 4, away: 1 } })).status).toBe(200);
    expectProblem(await side.as('trader', 'PUT', '/v1/markets/t4-new', { ...late, inPlay: true }), 409, 'FIXTURE_ENDED');
    expectProblem(await side.as('trader', 'PUT', fixture, { sport: 'football', competition: 'E0', home: 'B', away: 'A', startsAt }), 409, 'FIXTURE_EXISTS');
    expectProblem(await trader(`${fixture}/abandon`, { reason: 'fog' }), 409, 'FIXTURE_ENDED');
  });

  test('a bet is voided by hand, once', async () => {
    const marketId = await openMarket(side, 't5');
    const legs = [{ marketId, selectionId: 'home', odds: '1.95' }];
    await bettor.bet({ type: 'single', currency: 'GBP', stakeMinor: 5, legs }, 'to-void');
    const path = `/v1/accounts/${bettor.accountId}/bets/${betIdOf(bettor.accountId, 'to-void')}/void`;
    const { answer, events } = await side.recorded(() => trader(path, { reason: 'error' }));
    expect([answer.status, events.map((event) => event.type)]).toEqual([200, ['BetVoided']]);
    expect((await side.recorded(() => trader(path, { reason: 'error' }))).events).toEqual([]);
    expectProblem(await trader(`/v1/accounts/${bettor.accountId}/bets/${randomUUID()}/void`, { reason: 'error' }), 404, 'BET_NOT_FOUND');
  });
});
