import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FindQuery, ReadModelStore, StoredDocument } from '@wagerline/shared-kernel/ports/read-model-store';
import { openEmbeddedReadModelStore } from './embedded.ts';
import { bet, betPut, bets, collected, first } from './testing-bets.ts';
import { hashesMax, youngMax } from './young-documents.ts';

let dataDir = '';
let writer: ReadModelStore;
let reader: ReadModelStore;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'wagerline-young-'));
  await open();
});
afterEach(async () => {
  await close();
  await rm(dataDir, { recursive: true });
});

async function open(): Promise<void> {
  writer = openEmbeddedReadModelStore({ dataDir });
  await writer.prepare(first, [bets]);
  reader = openEmbeddedReadModelStore({ dataDir, readOnly: true });
}

async function close(): Promise<void> {
  await reader.close();
  await writer.close();
}

const statuses = ['open', 'settled'];
const name = fc.record({ shard: fc.constantFrom('ann', 'bob'), id: fc.nat({ max: 3 * youngMax }).map((n) => `b${n}`) });
const operation = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('put' as const), name, status: fc.constantFrom(...statuses), day: fc.nat({ max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer Made> ? Made : never;

/** Applies the operation to the store and, naively, to `expected`. */
async function apply(done: Operation, version: number, expected: Map<string, StoredDocument>): Promise<void> {
  if (done.kind === 'reopen') {
    await close();
    return open();
  }
  const { shard, id } = done.name;
  switch (done.kind) {
    case 'put': {
      const put = betPut(shard, id, version, { status: done.status, placedAt: `T${done.day}` });
      await writer.write(first, { puts: [put], watermarks: [] });
      expected.set(`${shard}/${id}`, { shard, id, version, document: put.document });
      return;
    }
    case 'delete':
      await writer.write(first, { puts: [], deletes: [{ collection: 'bets', shard, id }], watermarks: [] });
      expected.delete(`${shard}/${id}`);
      return;
    case 'fail': {
      const misplaced = { ...betPut('eve', id, version), shard: 'ann' };
      await expect(writer.write(first, { puts: [betPut(shard, `${id}-lost`, version), misplaced], watermarks: [] })).rejects.toThrow('shard key');
    }
  }
}

function naive(expected: Map<string, StoredDocument>, shard: string, status: string): readonly string[] {
  const key = ({ id, document }: StoredDocument): string => `${String(document['placedAt'])} ${id}`;
  const asked = [...expected.values()].filter((stored) => stored.shard === shard && stored.document['status'] === status);
  return asked.toSorted((left, right) => (key(left) < key(right) ? -1 : 1)).map(({ id }) => id);
}

/** Page after page, each behind the last document of the one before. */
async function walked(store: ReadModelStore, query: FindQuery): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let page = await store.find(first, query); page.length > 0; ) {
    ids.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    page = await store.find(first, { ...query, after: { value: String(last?.document['placedAt']), id: last?.id ?? '' } });
  }
  return ids;
}

test('whatever is put, changed, deleted or rolled back, a document is found once and where it stands', async () => {
  let generation = 0;
  const property = fc.asyncProperty(fc.array(operation, { maxLength: 150 }), async (operations) => {
    generation += 1;
    await writer.drop(first);
    await writer.prepare(first, [bets]);
    const expected = new Map<string, StoredDocument>();
    for (const [version, done] of operations.entries()) await apply(done, version, expected);
    for (const store of [writer, reader]) {
      for (const shard of ['ann', 'bob']) {
        for (const status of statuses) {
          const query: FindQuery = { collection: 'bets', shard, index: 'by-status', equals: [status], order: 'ascending', limit: 1000 };
          expect((await store.find(first, query)).map(({ id }) => id)).toEqual(naive(expected, shard, status));
          const newest = await store.find(first, { ...query, order: 'descending', limit: 5 });
          expect(newest.map(({ id }) => id)).toEqual(naive(expected, shard, status).toReversed().slice(0, 5));
          const range = { from: 'T1', before: 'T4' };
          const within = naive(expected, shard, status).filter((id) => /T[1-3]/.test(String(expected.get(`${shard}/${id}`)?.document['placedAt'])));
          expect(await walked(store, { ...query, range, limit: 3 })).toEqual(within);
          expect(await walked(store, { ...query, range, limit: 3, order: 'descending' })).toEqual(within.toReversed());
        }
      }
      for (const { shard, id } of expected.values()) expect(await store.get(first, 'bets', shard, id)).toEqual(expected.get(`${shard}/${id}`));
      const names = (await collected(store.scan(first, 'bets'))).map(({ shard, id }) => `${shard}/${id}`);
      expect(names).toEqual([...expected.keys()].toSorted());
    }
  });
  await fc.assert(property, { seed: 20190809, numRuns: 25 });
  expect(generation).toBe(25);
});

test('a document that is young and one that is sorted in are changed alike, and keep their place under a lower version', async () => {
  const ids = Array.from({ length: youngMax + 1 }, (_, n) => `b${n}`);
  await writer.write(first, { puts: ids.map((id) => betPut('ann', id, 2)), watermarks: [] });
  const [oldest, youngest] = ['b0', `b${youngMax}`];
  for (const id of [oldest, youngest]) {
    await writer.write(first, { puts: [betPut('ann', id, 3, { status: 'void' }), betPut('ann', id, 1, { status: 'settled' })], watermarks: [] });
    expect(await reader.get(first, 'bets', 'ann', id)).toEqual({ shard: 'ann', id, version: 3, document: bet('ann', id, { status: 'void' }) });
  }
  const query: FindQuery = { collection: 'bets', shard: 'ann', index: 'by-status', equals: ['void'], order: 'ascending', limit: 10 };
  expect((await reader.find(first, query)).map(({ id }) => id)).toEqual([oldest, youngest]);
});

test('a shard with more documents than are remembered, or opened again, still knows which of them it has', async () => {
  const ids = Array.from({ length: hashesMax + 3 * youngMax }, (_, n) => `b${n}`);
  for (const [place, id] of ids.entries()) {
    if (place === youngMax + 3 || place === hashesMax + youngMax) {
      await close();
      await open();
    }
    await writer.write(first, { puts: [betPut('ann', id, 2), betPut('ann', ids[place >> 1] ?? id, 3, { status: 'void' })], watermarks: [] });
  }
  expect((await collected(reader.scan(first, 'bets'))).map(({ id }) => id)).toEqual(ids.toSorted());
  const query: FindQuery = { collection: 'bets', shard: 'ann', index: 'by-status', equals: ['void'], order: 'ascending', limit: 1000 };
  const changed = ids.slice(0, Math.ceil(ids.length / 2)).toSorted();
  expect((await reader.find(first, query)).map(({ id }) => id)).toEqual(changed);
});

test('two ids of one hash are two documents', async () => {
  // 'Aa' and 'BB' have the same hash.
  for (const [version, id] of ['Aa', 'BB'].entries()) await writer.write(first, { puts: [betPut('ann', id, version)], watermarks: [] });
  expect((await collected(reader.scan(first, 'bets'))).map(({ id, version }) => [id, version])).toEqual([['Aa', 0], ['BB', 1]]);
});

test('a scan meets each document once, also those that are sorted in while it goes on', async () => {
  const shown = (n: number): string => `b${String(n).padStart(3, '0')}`;
  const puts = Array.from({ length: 30 * youngMax + 8 }, (_, n) => betPut('ann', shown(n), 1));
  await writer.write(first, { puts, watermarks: [] });
  const seen: string[] = [];
  for await (const { id } of reader.scan(first, 'bets')) {
    if (seen.length === 0) await writer.write(first, { puts: Array.from({ length: youngMax }, (_, n) => betPut('ann', `c${n}`, 1)), watermarks: [] });
    seen.push(id);
  }
  expect(seen.filter((id) => id.startsWith('b'))).toEqual(puts.map(({ id }) => id));
});

test('a reader in the middle of a generation that is being dropped finds less and less, and never fails', async () => {
  const shards = ['ann', 'bob', 'eve', 'joe'];
  const puts = Array.from({ length: 9000 }, (_, n) => betPut(`of-${n}`, `b${n}`, 1));
  const young = shards.flatMap((shard) => Array.from({ length: youngMax - 1 }, (_, n) => betPut(shard, `b${n}`, 1)));
  for (const some of [young, puts.slice(0, 4500), puts.slice(4500)]) await writer.write(first, { puts: some, watermarks: [] });
  // What a query does that has just looked up the live generation: it remembers it.
  const look = async (): Promise<number> => {
    const query: FindQuery = { collection: 'bets', shard: 'ann', index: 'by-time', equals: [], order: 'ascending', limit: 1000 };
    expect([undefined, 'b3']).toContain((await reader.get(first, 'bets', 'ann', 'b3'))?.id);
    return (await reader.find(first, query)).length;
  };
  expect(await look()).toBe(youngMax - 1);
  let isDropped = false;
  const dropped = writer.drop(first).then(() => (isDropped = true));
  while (!isDropped) {
    expect([0, youngMax - 1]).toContain(await look());
    await nextTurn();
  }
  await dropped;
  expect(await look()).toBe(0);
});
