import { afterEach, beforeEach, expect, test } from 'vitest';

import { oddsCacheKey } from '@wagerline/shared-kernel/read-models/odds-board';

import { market, marketId } from '../testing-documents.ts';
import { openQuerySide, refusal, type RunningQuerySide } from '../testing-query-side.ts';

const path = `/v1/markets/${marketId}`;
const stream = `market-${marketId}`;

let side: RunningQuerySide;
beforeEach(async () => {
  side = await openQuerySide();
});
afterEach(() => side.close());

test('a market shows decimal odds and the version that a slip names', async () => {
  await side.market(market());
  const { status, json, headers } = await side.get(path);
  const [home, draw, away] = market().selections;
  expect(status).toBe(200);
  expect(json).toEqual({
    ...market(),
    selections: [
      { ...home, odds: '1.14' },
      { ...draw, odds: '10' },
      { ...away, odds: '19' },
    ],
  });
  expect(headers.get('etag')).toBe(`"${stream}@3"`);
});

test('within a quarter of a second prices come from the cache, after it from the store', async () => {
  await side.market(market({ version: 3 }));
  await side.get(path);
  expect(side.storeReads).toBe(1);
  await side.market(market({ version: 4, status: 'suspended' }));
  side.monotonicMs = 249;
  expect(await side.get(path)).toMatchObject({ json: { version: 3 } });
  expect(side.storeReads).toBe(1);
  side.monotonicMs = 250;
  expect(await side.get(path)).toMatchObject({ json: { version: 4, status: 'suspended' } });
  expect(side.storeReads).toBe(2);
});

test('a newer entry that a projector put into the cache is shown', async () => {
  await side.market(market({ version: 3 }));
  await side.get(path);
  await side.models.cache.setIfNewer(oddsCacheKey(marketId), { version: 5, value: market({ version: 5 }) });
  expect(await side.get(path)).toMatchObject({ json: { version: 5 } });
});

test('a cached market older than the asked revision is read from the store, which is waited for', async () => {
  await side.market(market({ version: 3 }));
  await side.get(path);
  const header = { 'Wagerline-Min-Revision': `${stream}@4` };
  expect(await side.get(path, undefined, header)).toMatchObject(refusal(503, 'READ_MODEL_BEHIND', { asked: 4, visible: 3 }));
  await side.market(market({ version: 4 }));
  expect(await side.get(path, undefined, header)).toMatchObject({ status: 200, json: { version: 4 } });
});

test('a tombstone and a cache that is away cost time, never an answer', async () => {
  await side.market(market());
  await side.models.cache.setIfNewer(oddsCacheKey(marketId), { version: 99, value: null });
  expect(await side.get(path)).toMatchObject({ status: 200, json: { version: 3 } });
  expect(await side.get(path)).toMatchObject({ status: 200, json: { version: 3 } });
  side.cacheIsAway = true;
  expect(await side.get(path)).toMatchObject({ status: 200, json: { version: 3 } });
});

test('a store that is away is a 503 without its words, also when the cache has an old price', async () => {
  await side.market(market());
  await side.get(path);
  side.storeIsAway = true;
  expect(await side.get(path)).toMatchObject({ status: 200 });
  side.monotonicMs = 1_000;
  const answer = await side.get(path);
  expect(answer).toMatchObject(refusal(503, 'READ_MODEL_UNAVAILABLE', { model: 'odds-board' }));
  expect(JSON.stringify(answer.json)).not.toContain('10.0.0.7');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('retry-after')).toBe('1');
});

test('a market that does not exist is never cached', async () => {
  expect(await side.get(path)).toMatchObject(refusal(404, 'MARKET_NOT_FOUND'));
  await side.market(market({ version: 0 }));
  expect(await side.get(path)).toMatchObject({ status: 200, json: { version: 0 } });
});

test('bad ids, parameters and headers are refused', async () => {
  expect(await side.get('/v1/markets/a%20b')).toMatchObject(refusal(400, 'PATH_INVALID'));
  expect(await side.get(`${path}?fields=odds`)).toMatchObject(refusal(400, 'QUERY_INVALID'));
  for (const header of ['market-other@1', stream, `${stream}@-1`, `${stream}@01`, 'x']) {
    const answer = await side.get(path, undefined, { 'Wagerline-Min-Revision': header });
    expect(answer).toMatchObject(refusal(400, 'HEADER_INVALID', { errors: [{ pointer: 'Wagerline-Min-Revision' }] }));
  }
});
