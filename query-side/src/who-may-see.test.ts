import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Role } from '@wagerline/infra/auth';

import { account, ann, ben, bet, fixture, fixtureId, idOf } from './testing-documents.ts';
import { liability, market, marketId, statementLine } from './testing-documents.ts';
import { openQuerySide, refusal, type Caller, type RunningQuerySide } from './testing-query-side.ts';

const annsBet = idOf('a bet of ann');
const bensBet = idOf('a bet of ben');
const nobody = idOf('nobody');

let side: RunningQuerySide;
beforeAll(async () => {
  side = await openQuerySide();
  await side.bets(bet(annsBet), bet(bensBet, { accountId: ben }));
  await side.account(account(ann), statementLine(ann, 1));
  await side.account(account(ben), statementLine(ben, 1));
  await side.market(market());
  await side.fixtures(fixture());
  await side.liability(liability());
});
afterAll(() => side.close());

const columns = ['no token', 'ann', 'ben', 'trader', 'regulator', 'admin', 'settler'] as const;
type Column = (typeof columns)[number];

const staffMember = (role: Role): Caller => ({ sub: `staff-${role}`, roles: [role] });
const callers: Readonly<Record<Column, Caller | undefined>> = {
  'no token': undefined,
  ann: { sub: ann, roles: ['bettor'] },
  ben: { sub: ben, roles: ['bettor'] },
  trader: staffMember('trader'),
  regulator: staffMember('regulator'),
  admin: staffMember('admin'),
  settler: staffMember('settler'),
};

/** One row per address, one figure per column, as in `columns`. Ann's objects are asked for; ben is another bettor. */
const matrix: readonly (readonly [route: string, path: string, statuses: readonly number[]])[] = [
  ['/v1/bets', '/v1/bets', [401, 200, 200, 403, 403, 403, 403]],
  ['/v1/bets/:betId', `/v1/bets/${annsBet}`, [401, 200, 404, 403, 403, 403, 403]],
  ['/v1/bets/:betId', `/v1/bets/${idOf('no bet')}`, [401, 404, 404, 403, 403, 403, 403]],
  ['/v1/accounts/:accountId/bets', `/v1/accounts/${ann}/bets`, [401, 403, 403, 200, 200, 200, 403]],
  ['/v1/accounts/:accountId/bets', `/v1/accounts/${nobody}/bets`, [401, 403, 403, 404, 404, 404, 403]],
  ['/v1/accounts/:accountId/bets/:betId', `/v1/accounts/${ann}/bets/${annsBet}`, [401, 403, 403, 200, 200, 200, 403]],
  ['/v1/accounts/:accountId/bets/:betId', `/v1/accounts/${ann}/bets/${bensBet}`, [401, 403, 403, 404, 404, 404, 403]],
  ['/v1/accounts/:accountId', `/v1/accounts/${ann}`, [401, 200, 404, 200, 200, 200, 403]],
  ['/v1/accounts/:accountId', `/v1/accounts/${nobody}`, [401, 404, 404, 404, 404, 404, 403]],
  ['/v1/accounts/:accountId/statement', `/v1/accounts/${ann}/statement`, [401, 200, 404, 200, 200, 200, 403]],
  ['/v1/accounts/:accountId/statement', `/v1/accounts/${nobody}/statement`, [401, 404, 404, 404, 404, 404, 403]],
  ['/v1/markets/:marketId/liability', `/v1/markets/${marketId}/liability`, [401, 403, 403, 200, 200, 200, 403]],
  ['/v1/markets/:marketId/liability', '/v1/markets/no-market/liability', [401, 403, 403, 404, 404, 404, 403]],
  ['/v1/markets/:marketId', `/v1/markets/${marketId}`, [200, 200, 200, 200, 200, 200, 200]],
  ['/v1/markets/:marketId', '/v1/markets/no-market', [404, 404, 404, 404, 404, 404, 404]],
  ['/v1/fixtures', '/v1/fixtures', [200, 200, 200, 200, 200, 200, 200]],
  ['/v1/fixtures/:fixtureId', `/v1/fixtures/${fixtureId}`, [200, 200, 200, 200, 200, 200, 200]],
  ['/v1/fixtures/:fixtureId', '/v1/fixtures/no-fixture', [404, 404, 404, 404, 404, 404, 404]],
  ['/v1/fixtures/:fixtureId/markets', `/v1/fixtures/${fixtureId}/markets`, [200, 200, 200, 200, 200, 200, 200]],
  ['/v1/fixtures/:fixtureId/markets', '/v1/fixtures/no-fixture/markets', [404, 404, 404, 404, 404, 404, 404]],
];

test.each(matrix)('%s: who gets %s', async (_route, path, statuses) => {
  const answers = await Promise.all(columns.map((column) => side.get(path, callers[column])));
  expect(Object.fromEntries(columns.map((column, index) => [column, answers[index]?.status]))).toEqual(
    Object.fromEntries(columns.map((column, index) => [column, statuses[index]])),
  );
});

test('the matrix has every route', () => {
  expect(new Set(matrix.map(([route]) => route))).toEqual(new Set(side.paths));
});

describe('another bettor', () => {
  test('cannot tell an object that exists from one that does not', async () => {
    for (const [theirs, absent] of [
      [`/v1/bets/${annsBet}`, `/v1/bets/${idOf('no bet')}`],
      [`/v1/accounts/${ann}`, `/v1/accounts/${nobody}`],
      [`/v1/accounts/${ann}/statement`, `/v1/accounts/${nobody}/statement`],
    ] as const) {
      const [one, other] = await Promise.all([side.get(theirs, callers.ben), side.get(absent, callers.ben)]);
      expect(one.json).toEqual(other.json);
    }
  });

  test('cannot ask how far the stream of an account is', async () => {
    const header = { 'Wagerline-Min-Revision': `account-${ann}@999` };
    expect(await side.get('/v1/bets', callers.ben, header)).toMatchObject(refusal(400, 'HEADER_INVALID'));
    expect(await side.get(`/v1/accounts/${ann}`, callers.ben, header)).toMatchObject({ status: 404 });
    expect(await side.get(`/v1/markets/${marketId}`, callers.ben, header)).toMatchObject(refusal(400, 'HEADER_INVALID'));
  });

  test('sees own bets alone', async () => {
    const { json } = await side.get('/v1/bets', callers.ben);
    expect(json).toMatchObject({ bets: [{ betId: bensBet, accountId: ben }] });
  });
});

test('who is bettor and trader at once may do both', async () => {
  const both: Caller = { sub: ben, roles: ['bettor', 'trader'] };
  expect((await side.get('/v1/bets', both)).status).toBe(200);
  expect((await side.get(`/v1/accounts/${ann}`, both)).status).toBe(200);
});

test('private answers are kept by nobody; public ones for a second, and never in place of one with a revision', async () => {
  for (const [, path, [withoutToken, asAnn, , asTrader]] of matrix) {
    const seenBy = asAnn === 200 ? callers.ann : asTrader === 200 ? callers.trader : undefined;
    if (seenBy === undefined) continue;
    const { status, headers } = await side.get(path, seenBy);
    const isPublic = withoutToken === 200;
    expect([path, status, headers.get('cache-control')]).toEqual([path, 200, isPublic ? 'public, max-age=1' : 'no-store']);
    expect(headers.get('vary')).toBe(isPublic ? 'Wagerline-Min-Revision' : null);
  }
});
