import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { encodeCursor } from '@wagerline/infra/http';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

import { fixture, fixtureId, market, marketId } from '../testing-documents.ts';
import { openQuerySide, refusal, type RunningQuerySide } from '../testing-query-side.ts';

const path = `/v1/fixtures/${fixtureId}`;

let side: RunningQuerySide;
beforeEach(async () => {
  side = await openQuerySide();
});
afterEach(() => side.close());

const page = z.object({ fixtures: z.array(z.object({ fixtureId: z.string() })), nextCursor: z.string().nullable() });

async function search(query: Readonly<Record<string, string>>): Promise<{ ids: string[]; nextCursor: string | null }> {
  const { status, json } = await side.get(`/v1/fixtures?${new URLSearchParams(query)}`);
  expect([status, json]).toEqual([200, json]);
  const { fixtures, nextCursor } = page.parse(json);
  return { ids: fixtures.map((each) => each.fixtureId), nextCursor };
}

test('a fixture shows its markets, and not how its document came about', async () => {
  await side.fixtures(fixture({ applied: { 'fixture-1': 0 } }));
  const { counter: _counter, ...shown } = fixture();
  expect(await side.get(path)).toMatchObject({ status: 200, json: shown });
  for (const own of ['counter', 'applied']) expect((await side.get(path)).json).not.toHaveProperty(own);
});

test('a stub that only a market has made is absent', async () => {
  await side.fixtures(fixture({ status: 'unknown' }));
  expect(await side.get(path)).toMatchObject(refusal(404, 'FIXTURE_NOT_FOUND'));
  expect(await side.get(`${path}/markets`)).toMatchObject(refusal(404, 'FIXTURE_NOT_FOUND'));
});

test('the markets of a fixture come with decimal odds, those that are priced already', async () => {
  const { markets } = fixture();
  await side.fixtures(fixture({ markets: [...markets, ...markets.map((listed) => ({ ...listed, marketId: 'not-priced-yet' }))] }));
  await side.market(market());
  const { status, json } = await side.get(`${path}/markets`);
  expect(status).toBe(200);
  const selections = [{ odds: '1.14' }, { odds: '10' }, { odds: '19' }];
  expect(json).toMatchObject({ fixtureId, markets: [{ marketId, version: 3, selections }] });
});

test('who has just opened a market can wait for it in the list and for its prices', async () => {
  await side.fixtures(fixture());
  const header = { 'Wagerline-Min-Revision': `market-${marketId}@0` };
  expect(await side.get(`${path}/markets`, undefined, header)).toMatchObject(refusal(503, 'READ_MODEL_BEHIND', { visible: null }));
  const seen = [{ stream: `market-${marketId}`, revision: 0, values: {} }];
  await side.models.writer.write({ model: 'fixture-search', generation: 1 }, { puts: [], watermarks: seen });
  expect(await side.get(path, undefined, header)).toMatchObject({ status: 200 });
  expect(await side.get(`${path}/markets`, undefined, header)).toMatchObject({ status: 503 });
  await side.market(market());
  expect(await side.get(`${path}/markets`, undefined, header)).toMatchObject({ status: 200 });
  expect(await side.get(path, undefined, { 'Wagerline-Min-Revision': 'fixture-other@0' })).toMatchObject(refusal(400, 'HEADER_INVALID'));
});

test('search: text, filters, and a fixture that has just been scheduled', async () => {
  await side.fixtures(
    fixture(),
    fixture({ fixtureId: 'arsenal-spurs', home: 'Arsenal', away: 'Tottenham', status: 'ended' }),
    fixture({ fixtureId: 'koeln-mainz', home: 'Köln', away: 'Mainz', competition: 'bundesliga' }),
  );
  expect((await search({ q: 'liverp' })).ids).toEqual([fixtureId]);
  expect((await search({ q: 'koln' })).ids).toEqual(['koeln-mainz']);
  expect((await search({ competition: 'bundesliga' })).ids).toEqual(['koeln-mainz']);
  expect((await search({ status: 'ended', sport: 'football' })).ids).toEqual(['arsenal-spurs']);
  expect((await search({ sport: 'tennis' })).ids).toEqual([]);
  expect((await search({})).ids).toHaveLength(3);
  const behind = await side.get('/v1/fixtures', undefined, { 'Wagerline-Min-Revision': 'fixture-new@0' });
  expect(behind).toMatchObject(refusal(503, 'READ_MODEL_BEHIND'));
});

test('pages of a search have neither gaps nor duplicates', async () => {
  const ids = Array.from({ length: 7 }, (_, n) => `fixture-${n}`);
  await side.fixtures(...ids.map((id) => fixture({ fixtureId: id })));
  const seen: string[] = [];
  let cursor: string | null = '';
  for (let pages = 1; cursor !== null && pages < 10; pages += 1) {
    const found: Awaited<ReturnType<typeof search>> = await search({ q: 'norwich', limit: '3', ...(cursor !== '' && { cursor }) });
    seen.push(...found.ids);
    cursor = found.nextCursor;
  }
  expect(seen.toSorted()).toEqual(ids);
});

test('broken cursors and bad filters are refused', async () => {
  await side.fixtures(fixture(), fixture({ fixtureId: 'second' }));
  const { nextCursor } = await search({ limit: '1' });
  const place: JsonObject = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString());
  const tampered = encodeCursor({ ...place, value: 'of no index' });
  for (const cursor of ['e30', '%00', encodeCursor({ ...place, of: 'x' }), tampered, `${nextCursor}&q=liverpool`]) {
    expect(await side.get(`/v1/fixtures?limit=1&cursor=${cursor}`)).toMatchObject(refusal(400, 'CURSOR_INVALID'));
  }
  for (const query of ['status=unknown', 'sport=', `q=${'x'.repeat(201)}`, 'limit=zero', 'page=2', 'q=a&q=b']) {
    expect(await side.get(`/v1/fixtures?${query}`)).toMatchObject(refusal(400, 'QUERY_INVALID'));
  }
});
