import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import type { StatementLineDocument } from '@wagerline/shared-kernel/read-models/account-statement';

import { account, ann, statementLine } from '../testing-documents.ts';
import { openQuerySide, refusal, type Caller, type RunningQuerySide } from '../testing-query-side.ts';

const asAnn: Caller = { sub: ann, roles: ['bettor'] };
const path = `/v1/accounts/${ann}`;

let side: RunningQuerySide;
beforeEach(async () => {
  side = await openQuerySide();
});
afterEach(() => side.close());

const page = z.object({ lines: z.array(z.object({ revision: z.int() })), nextCursor: z.string().nullable() });

test('the summary shows balance, open stakes, limits, exclusion and the revision it is at', async () => {
  const summary = account(ann, {
    balanceMinor: -40,
    blocked: true,
    limits: [{ kind: 'stake', period: 'day', amountMinor: 5_000, next: null }],
    exclusion: { until: null },
    revision: 9,
  });
  await side.account(summary);
  const { status, json, headers } = await side.get(path, asAnn);
  expect([status, json]).toEqual([200, summary]);
  expect(headers.get('etag')).toBe(`"account-${ann}@9"`);
});

test('a looser limit is in force from its instant on, and an exclusion is over at its end', async () => {
  const startsAt = '2019-08-10T12:00:00.000Z';
  const limit = { kind: 'loss', period: 'week', amountMinor: 1_000, next: { amountMinor: null, effectiveAt: startsAt } } as const;
  await side.account(account(ann, { limits: [limit], exclusion: { until: startsAt } }));
  side.nowMs = Date.parse(startsAt) - 1;
  expect(await side.get(path, asAnn)).toMatchObject({ json: { limits: [limit], exclusion: { until: startsAt } } });
  side.nowMs = Date.parse(startsAt);
  expect(await side.get(path, asAnn)).toMatchObject({ json: { limits: [{ ...limit, amountMinor: null, next: null }], exclusion: null } });
});

test('the statement lists every posting, newest first, in order of revision where instants are equal', async () => {
  const lines = [1, 2, 3, 4, 5, 12].map((revision) => statementLine(ann, revision, revision > 3 ? { at: '2019-08-02T00:00:00.000Z' } : {}));
  await side.account(account(ann, { revision: 12 }), ...lines);
  const { json, headers } = await side.get(`${path}/statement`, asAnn);
  expect(json).toEqual({ accountId: ann, currency: 'GBP', lines: lines.toReversed(), nextCursor: null });
  expect(headers.get('etag')).toBe(`"account-${ann}@12"`);
});

test('pages of the statement have neither gaps nor duplicates while lines are added', async () => {
  const add = (revision: number): Promise<void> => side.account(account(ann, { revision }), statementLine(ann, revision));
  const lines: readonly StatementLineDocument[] = Array.from({ length: 11 }, (_, n) => statementLine(ann, n + 1));
  await side.account(account(ann, { revision: 11 }), ...lines);
  const seen: number[] = [];
  let cursor: string | null = '';
  for (let pages = 1; cursor !== null && pages < 20; pages += 1) {
    const { json } = await side.get(`${path}/statement?limit=3${cursor && `&cursor=${cursor}`}`, asAnn);
    const found = page.parse(json);
    seen.push(...found.lines.map(({ revision }) => revision));
    cursor = found.nextCursor;
    await add(11 + pages);
  }
  expect(seen).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

test('a page is filled across revisions that moved no money, and hands on where there are too many of them together', async () => {
  await side.account(account(ann, { revision: 20_000 }), statementLine(ann, 1), statementLine(ann, 18_000), statementLine(ann, 19_990));
  const first = page.parse((await side.get(`${path}/statement?limit=1`, asAnn)).json);
  expect(first.lines.map(({ revision }) => revision)).toEqual([19_990]);
  const seen: number[] = [];
  let pages = 0;
  for (let cursor = first.nextCursor; cursor !== null && pages < 20; pages += 1) {
    const found = page.parse((await side.get(`${path}/statement?limit=1&cursor=${cursor}`, asAnn)).json);
    seen.push(...found.lines.map(({ revision }) => revision));
    cursor = found.nextCursor;
  }
  expect(seen).toEqual([18_000, 1]);
  expect(pages).toBeGreaterThan(2);
});

test('a broken cursor, a bad limit, an unknown parameter and a bad account id are refused', async () => {
  await side.account(account(ann));
  expect(await side.get(`${path}/statement?cursor=e30`, asAnn)).toMatchObject(refusal(400, 'CURSOR_INVALID'));
  expect(await side.get(`${path}/statement?limit=-1`, asAnn)).toMatchObject(refusal(400, 'QUERY_INVALID'));
  expect(await side.get(`${path}?currency=GBP`, asAnn)).toMatchObject(refusal(400, 'QUERY_INVALID'));
  expect(await side.get('/v1/accounts/me', asAnn)).toMatchObject(refusal(400, 'PATH_INVALID'));
});

test('a summary waits for the revision that its reader has written', async () => {
  await side.account(account(ann, { revision: 4 }));
  const header = { 'Wagerline-Min-Revision': `account-${ann}@5` };
  expect(await side.get(path, asAnn, header)).toMatchObject(refusal(503, 'READ_MODEL_BEHIND', { visible: 4 }));
  await side.account(account(ann, { revision: 5 }));
  expect(await side.get(path, asAnn, header)).toMatchObject({ status: 200, json: { revision: 5 } });
});

test('a parked account is answered as it is, and refused at once to who waits for more', async () => {
  await side.account(account(ann, { revision: 4 }));
  const key = { stream: `account-${ann}`, revision: 5, position: 30, reason: 'unknown version' };
  await side.models.writer.write({ model: 'account-statement', generation: 1 }, { puts: [], watermarks: [], park: [key] });
  expect(await side.get(path, asAnn)).toMatchObject({ status: 200 });
  const refused = await side.get(path, asAnn, { 'Wagerline-Min-Revision': `account-${ann}@5` });
  expect(refused).toMatchObject(refusal(503, 'READ_MODEL_PARKED', { asked: 5, visible: 4 }));
  expect(JSON.stringify(refused.json)).not.toContain('unknown version');
});
