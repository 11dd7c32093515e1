import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { encodeCursor } from '@wagerline/infra/http';
import type { BetDocument, BetStatus } from '@wagerline/shared-kernel/read-models/bet-history';

import { ann, ben, bet, idOf, leg } from '../testing-documents.ts';
import { openQuerySide, refusal, type Caller, type RunningQuerySide } from '../testing-query-side.ts';

const asAnn: Caller = { sub: ann, roles: ['bettor'] };
const asTrader: Caller = { sub: 'staff', roles: ['trader'] };

let side: RunningQuerySide;
beforeEach(async () => {
  side = await openQuerySide();
});
afterEach(() => side.close());

const page = z.object({ bets: z.array(z.object({ betId: z.string(), status: z.string() })), nextCursor: z.string().nullable() });

async function pageAt(query: Readonly<Record<string, string>>): Promise<z.infer<typeof page>> {
  const { status, json } = await side.get(`/v1/bets?${new URLSearchParams(query)}`, asAnn);
  expect([status, json]).toEqual([200, json]);
  return page.parse(json);
}

const ids = (found: z.infer<typeof page>): readonly string[] => found.bets.map(({ betId }) => betId);

/** All pages to the end; `between` runs after each page. */
async function allPages(query: Readonly<Record<string, string>>, between: (pages: number) => Promise<void>): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = '';
  for (let pages = 1; cursor !== null && pages <= 100; pages += 1) {
    const found: z.infer<typeof page> = await pageAt(cursor === '' ? query : { ...query, cursor });
    seen.push(...ids(found));
    cursor = found.nextCursor;
    await between(pages);
  }
  return seen;
}

const placedAt = (minute: number): string => `2019-08-09T12:${String(minute).padStart(2, '0')}:00.000Z`;
const statusOf = (n: number): BetStatus => (n % 3 === 0 ? 'open' : n % 3 === 1 ? 'settled' : 'void');

/** Bets of which two at a time were placed at the same instant, in all statuses. */
const manyBets = (count: number): readonly BetDocument[] =>
  Array.from({ length: count }, (_, n) =>
    bet(idOf(`bet ${n}`), { placedAt: placedAt(Math.floor(n / 2)), status: statusOf(n), revision: n + 2 }),
  );

const newestFirst = (bets: readonly BetDocument[]): string[] =>
  [...bets].sort((a, b) => (`${a.placedAt} ${a.betId}` < `${b.placedAt} ${b.betId}` ? 1 : -1)).map(({ betId }) => betId);

test('a bet shows its terms, its legs with decimal odds, and what became of it', async () => {
  const quarter = { ...leg, marketKind: 'asian-handicap' as const, line: '-0.75', selectionId: 'home', result: 'half_won' as const };
  const returned = bet(idOf('settled'), {
    status: 'settled',
    legs: [quarter],
    returnMinor: 738,
    returnExact: '1475/2',
    settledAt: '2019-08-09T21:00:00.000Z',
    settlementCount: 1,
    history: [{ type: 'settled', settlement: 1, at: '2019-08-09T21:00:00.000Z', returnMinor: 738, reason: null }],
    revision: 7,
  });
  await side.bets(returned);
  const { status, headers, json } = await side.get(`/v1/bets/${returned.betId}`, asAnn);
  expect(status).toBe(200);
  expect(headers.get('etag')).toBe(`"account-${ann}@7"`);
  const { competitions: _competitions, ...terms } = returned;
  expect(json).toEqual({
    ...terms,
    type: 'single',
    legs: [{ ...quarter, odds: '1.95', requestedOdds: '2' }],
    returnExact: { rational: '1475/2', decimal: '737.5' },
    explanation: expect.objectContaining({ certainReturnMinor: 738, returnMaxMinor: 738 }),
  });
});

test('a return that never ends as a decimal stays a rational', async () => {
  await side.bets(bet(idOf('third'), { status: 'settled', returnExact: '1000/3', returnMinor: 333 }));
  const { json } = await side.get(`/v1/bets/${idOf('third')}`, asAnn);
  expect(json).toMatchObject({ returnExact: { rational: '1000/3', decimal: null }, returnMinor: 333 });
});

test('bets come newest first, over all statuses, and the list says up to which revision it is', async () => {
  const bets = manyBets(9);
  await side.bets(...bets);
  const { json, headers } = await side.get('/v1/bets', asAnn);
  expect(ids(page.parse(json))).toEqual(newestFirst(bets));
  expect(headers.get('etag')).toBe(`"account-${ann}@10"`);
});

test('filters: status, competition, time, and all of them together', async () => {
  const cup = manyBets(12).map((each, n) => (n % 2 === 0 ? { ...each, competitions: ['fa-cup', 'premier-league'] } : each));
  await side.bets(...cup);
  const where = (keep: (each: BetDocument) => boolean): string[] => newestFirst(cup.filter(keep));
  expect(ids(await pageAt({ status: 'void' }))).toEqual(where((each) => each.status === 'void'));
  expect(ids(await pageAt({ competition: 'fa-cup' }))).toEqual(where((each) => each.competitions.includes('fa-cup')));
  expect(ids(await pageAt({ placedFrom: placedAt(2), placedBefore: placedAt(4) }))).toEqual(
    where((each) => each.placedAt >= placedAt(2) && each.placedAt < placedAt(4)),
  );
  expect(ids(await pageAt({ placedFrom: '2019-08-09T13:04:00+01:00', status: 'open', competition: 'fa-cup' }))).toEqual(
    where((each) => each.placedAt >= placedAt(4) && each.status === 'open' && each.competitions.includes('fa-cup')),
  );
  expect(ids(await pageAt({ competition: 'la-liga' }))).toEqual([]);
});

test('pages have neither gaps nor duplicates while bets are added and settled', async () => {
  const seed = 20190809;
  const sizes = fc.record({ limit: fc.integer({ min: 1, max: 7 }), count: fc.integer({ min: 1, max: 14 }) });
  await fc.assert(
    fc.asyncProperty(sizes, async ({ limit, count }) => {
      await side.close();
      side = await openQuerySide();
      const bets = manyBets(count);
      await side.bets(...bets);
      const seen = await allPages({ limit: String(limit) }, async (pages) => {
        const [first] = bets;
        const added = bet(idOf(`added ${pages}`), { placedAt: placedAt(50 + (pages % 9)), revision: 100 + 2 * pages });
        const moved = first === undefined ? [] : [{ ...first, status: statusOf(pages), revision: 101 + 2 * pages }];
        await side.bets(added, ...moved);
      });
      expect(seen).toEqual(newestFirst(bets));
    }),
    { seed, numRuns: 8 },
  );
});

test('a cursor goes on in its own list only', async () => {
  await side.bets(...manyBets(9), bet(idOf('of ben'), { accountId: ben }));
  const { nextCursor } = await pageAt({ limit: '1', status: 'open' });
  const cursor = nextCursor ?? '';
  expect(ids(await pageAt({ limit: '5', status: 'open', cursor }))).toHaveLength(2);
  const otherLists = ['/v1/bets?limit=1', '/v1/bets?status=settled', '/v1/bets?status=open&competition=premier-league'];
  const foreign = otherLists.map((path) => side.get(`${path}&cursor=${cursor}`, asAnn));
  const elsewhere = [
    side.get(`/v1/bets?status=open&cursor=${cursor}`, { sub: ben, roles: ['bettor'] }),
    side.get(`/v1/accounts/${ben}/bets?status=open&cursor=${cursor}`, asTrader),
    side.get(`/v1/fixtures?cursor=${cursor}`),
  ];
  for (const answer of await Promise.all([...foreign, ...elsewhere])) expect(answer).toMatchObject(refusal(400, 'CURSOR_INVALID'));
});

test.each([
  ['no base64', 'not*base64'],
  ['no JSON', Buffer.from('{').toString('base64url')],
  ['another shape', encodeCursor({ value: 1 })],
  ['a list name of its own', encodeCursor({ of: 'x', value: placedAt(1), id: idOf('bet 1') })],
  ['more than any cursor', 'A'.repeat(2_001)],
])('a broken cursor is refused: %s', async (_what, cursor) => {
  expect(await side.get(`/v1/bets?cursor=${encodeURIComponent(cursor)}`, asAnn)).toMatchObject(refusal(400, 'CURSOR_INVALID'));
});

test.each([
  ['status=won', 'status'],
  ['competition=..%2Fx', 'competition'],
  ['placedFrom=2019-08-09', 'placedFrom'],
  ['placedBefore=yesterday', 'placedBefore'],
  ['limit=0', 'limit'],
  ['limit=201', 'limit'],
  ['limit=1.5', 'limit'],
  ['limit=1e2', 'limit'],
  ['limit=2&limit=3', 'limit'],
  ['cursor=', 'cursor'],
  ['accountId=x', 'accountId'],
  ['__proto__=x', '__proto__'],
])('a bad filter is refused with its name: %s', async (query, pointer) => {
  const { status, json } = await side.get(`/v1/bets?${query}`, asAnn);
  expect([status, json]).toMatchObject([400, { code: 'QUERY_INVALID', errors: [{ pointer }] }]);
});

test('a bet id is a UUID in lower case, and a single bet takes no parameters', async () => {
  const paths = ['/v1/bets/17', `/v1/bets/${idOf('x').toUpperCase()}`, `/v1/accounts/17/bets/${idOf('x')}`];
  const callers = [asAnn, asAnn, asTrader];
  for (const [index, path] of paths.entries())
    expect(await side.get(path, callers[index])).toMatchObject(refusal(400, 'PATH_INVALID'));
  expect(await side.get(`/v1/bets/${idOf('x')}?full=1`, asAnn)).toMatchObject(refusal(400, 'QUERY_INVALID'));
});

test('an account without bets has an empty list; for staff an account that nobody knows is absent', async () => {
  expect(await side.get('/v1/bets', asAnn)).toMatchObject({ status: 200, json: { bets: [], nextCursor: null } });
  expect(await side.get(`/v1/accounts/${ann}/bets`, asTrader)).toMatchObject(refusal(404, 'ACCOUNT_NOT_FOUND'));
});

test('a reader sees the bet that he has just placed, or is told how far the list is', async () => {
  await side.bets(bet(idOf('first'), { revision: 2 }));
  const header = (revision: number) => ({ 'Wagerline-Min-Revision': `account-${ann}@${revision}` });
  expect(await side.get('/v1/bets', asAnn, header(2))).toMatchObject({ status: 200 });
  const behind = await side.get(`/v1/bets/${idOf('second')}`, asAnn, header(3));
  expect(behind).toMatchObject(refusal(503, 'READ_MODEL_BEHIND', { stream: `account-${ann}`, asked: 3, visible: 2 }));
  expect(behind.headers.get('retry-after')).toBe('1');
  await side.bets(bet(idOf('second'), { revision: 3 }));
  expect(await side.get(`/v1/bets/${idOf('second')}`, asAnn, header(3))).toMatchObject({ status: 200 });
});
