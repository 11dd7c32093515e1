import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FindQuery } from '@wagerline/shared-kernel/ports/read-model-store';
import { readModelStoreContract } from './contract.ts';
import { findStatement } from './find-statement.ts';
import { openEmbeddedReadModelStore } from './embedded.ts';
import { bets, betPut, collected, first } from './testing-bets.ts';

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'wagerline-read-models-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

readModelStoreContract('embedded', async () => {
  let store = openEmbeddedReadModelStore({ dataDir });
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = openEmbeddedReadModelStore({ dataDir }));
    },
    close: () => store.close(),
  };
});

/** Looks into one folder after the other until the last store is there; says so, and ends. An error of its ends it as well. */
const lookingThread = `
  import { parentPort, workerData } from 'node:worker_threads';
  const { openEmbeddedReadModelStore } = await import(workerData.module);
  parentPort.postMessage('looking');
  for (const dataDir of workerData.folders) {
    for (let id = ''; id === ''; ) {
      const reader = openEmbeddedReadModelStore({ dataDir, readOnly: true });
      id = await reader.currentStoreId();
      await reader.close();
    }
  }
  parentPort.postMessage('seen');
`;

describe('embedded: a reader beside the writer', () => {
  test('that looks at the very moment when the file is made finds it empty or there', async () => {
    const folders = Array.from({ length: 60 }, (_, index) => join(dataDir, String(index)));
    const module = new URL('./embedded.ts', import.meta.url).href;
    const looking = new Worker(new URL(`data:text/javascript,${encodeURIComponent(lookingThread)}`), { workerData: { module, folders } });
    await once(looking, 'message');
    const seen = once(looking, 'message');
    for (const folder of folders) await openEmbeddedReadModelStore({ dataDir: folder }).close();
    expect(await seen).toEqual(['seen']);
  });

  test('finds an empty store before there is a file, and what is written once there is', async () => {
    const reader = openEmbeddedReadModelStore({ dataDir, readOnly: true });
    const query: FindQuery = { collection: 'bets', shard: 'ann', index: 'by-time', equals: [], order: 'ascending', limit: 10 };
    expect(reader.storeId).toBe('');
    expect(await reader.liveGeneration('bet-list')).toBe(0);
    expect(await reader.find(first, query)).toEqual([]);
    expect(await reader.getMany(first, 'bets', [{ shard: 'ann', id: 'b1' }])).toEqual([undefined]);
    expect(await collected(reader.scan(first, 'bets'))).toEqual([]);

    const writer = openEmbeddedReadModelStore({ dataDir });
    expect(await reader.find(first, query)).toEqual([]);
    await writer.prepare(first, [bets]);
    expect(await reader.find(first, query)).toEqual([]);
    await writer.write(first, { puts: [betPut('ann', 'b1', 1)], watermarks: [{ stream: 'account-ann', revision: 0, values: {} }] });
    expect((await reader.find(first, query)).map(({ id }) => id)).toEqual(['b1']);
    expect(await reader.watermarks(first, ['account-ann'])).toEqual([{ stream: 'account-ann', revision: 0, values: {} }]);
    expect(reader.storeId).toBe(writer.storeId);
    await writer.close();
    await reader.close();
  });

  test('finds a dropped generation empty, and the one made after it', async () => {
    const writer = openEmbeddedReadModelStore({ dataDir });
    const reader = openEmbeddedReadModelStore({ dataDir, readOnly: true });
    await writer.prepare(first, [bets]);
    await writer.write(first, { puts: [betPut('ann', 'b1', 1)], watermarks: [] });
    expect(await reader.get(first, 'bets', 'ann', 'b1')).toBeDefined();
    await writer.drop(first);
    expect(await reader.get(first, 'bets', 'ann', 'b1')).toBeUndefined();
    await writer.prepare(first, [bets]);
    await writer.write(first, { puts: [betPut('ann', 'b1', 2)], watermarks: [] });
    expect((await reader.get(first, 'bets', 'ann', 'b1'))?.version).toBe(2);
    await writer.close();
    await reader.close();
  });

  test('reads a file whose writer has gone, and never writes', async () => {
    const writer = openEmbeddedReadModelStore({ dataDir });
    await writer.prepare(first, [bets]);
    await writer.write(first, { puts: [betPut('ann', 'b1', 1)], watermarks: [] });
    await writer.close();
    const reader = openEmbeddedReadModelStore({ dataDir, readOnly: true });
    expect(await reader.get(first, 'bets', 'ann', 'b1')).toBeDefined();
    await expect(reader.write(first, { puts: [], watermarks: [] })).rejects.toThrow('for reading');
    await expect(reader.prepare(first, [bets])).rejects.toThrow('for reading');
    await expect(reader.drop(first)).rejects.toThrow('for reading');
    await reader.close();
  });
});

describe('embedded: the file', () => {
  test('one of another layout is deleted and made anew, and one of this layout stays', async () => {
    const old = new DatabaseSync(join(dataDir, 'read-models.sqlite'));
    old.exec("CREATE TABLE store (id TEXT NOT NULL); INSERT INTO store VALUES ('old'); CREATE TABLE documents_1 (json TEXT)");
    old.close();
    const made = openEmbeddedReadModelStore({ dataDir });
    const { storeId } = made;
    expect(storeId).not.toBe('old');
    await made.prepare(first, [bets]);
    await made.write(first, { puts: [betPut('ann', 'b1', 1)], watermarks: [] });
    await made.close();
    const again = openEmbeddedReadModelStore({ dataDir });
    expect(again.storeId).toBe(storeId);
    expect(await again.get(first, 'bets', 'ann', 'b1')).toBeDefined();
    await again.close();
  });
});

describe('embedded: one transaction', () => {
  test('a batch that fails half-way leaves nothing of itself, new shards included', async () => {
    const store = openEmbeddedReadModelStore({ dataDir });
    await store.prepare(first, [bets]);
    const failing = { ...betPut('bob', 'b2', 1), shard: 'ann' };
    await expect(store.write(first, { puts: [betPut('ann', 'b1', 1), failing], watermarks: [] })).rejects.toThrow('shard key');
    expect(await store.get(first, 'bets', 'ann', 'b1')).toBeUndefined();
    await store.write(first, { puts: [betPut('eve', 'b3', 1), betPut('ann', 'b4', 1)], watermarks: [] });
    expect((await collected(store.scan(first, 'bets'))).map(({ shard, id }) => `${shard} ${id}`)).toEqual(['ann b4', 'eve b3']);
    await store.close();
  });
});

describe('embedded: large collections', () => {
  test('a drop leaves the thread free between its slices, and nothing in the file', async () => {
    const store = openEmbeddedReadModelStore({ dataDir });
    await store.prepare(first, [bets]);
    await store.write(first, {
      puts: Array.from({ length: 5000 }, (_, n) => betPut(`a${n % 97}`, `b${n}`, 1)),
      watermarks: Array.from({ length: 5000 }, (_, n) => ({ stream: `account-${n}`, revision: 0, values: {} })),
    });
    let turns = 0;
    const count = () => {
      turns += 1;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    await store.drop(first);
    clearImmediate(immediate);
    expect(turns).toBeGreaterThan(5);
    await store.close();

    const db = new DatabaseSync(join(dataDir, 'read-models.sqlite'));
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'documents_%' OR name LIKE 'entries_%' OR name LIKE 'heads_%'").all();
    const rowsOf = (table: string) => db.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'];
    const left = ['watermarks', 'collections', 'dropped'].map(rowsOf);
    db.close();
    expect(tables).toEqual([]);
    expect(left).toEqual([0, 0, 0]);
  });

  test('every shape of find walks its index: no scan, no sorting', async () => {
    const store = openEmbeddedReadModelStore({ dataDir });
    await store.prepare(first, [bets]);
    const db = new DatabaseSync(join(dataDir, 'read-models.sqlite'), { readOnly: true });
    const [from, before, after] = ['T1', 'T9', { value: 'T5', id: 'b5' }];
    const ranges: readonly NonNullable<FindQuery['range']>[] = [{}, { from }, { before }, { from, before }];
    const shapes = (['ascending', 'descending'] as const).flatMap((order) =>
      ranges.flatMap((range) => [{ order, range }, { order, range, after }, { order, range, after: { value: 'T0', id: 'b0' } }]),
    );
    for (const shape of shapes) {
      const base = { collection: 'bets', shard: 'ann', index: 'by-status', equals: ['open'], limit: 20 };
      const { sql, values } = findStatement(1, 2, 1, { ...base, ...shape });
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values).map((step) => String(step['detail']));
      expect(plan.filter((step) => /SCAN|TEMP B-TREE/.test(step))).toEqual([]);
      const bounded = 'after' in shape || Object.keys(shape.range).length > 0;
      const search = String.raw`SEARCH e USING PRIMARY KEY \(shard=\? AND index=\? AND equal=\?`;
      expect(plan[0]).toMatch(new RegExp(bounded ? `${search} AND .*sort` : search));
    }
    db.close();
    await store.close();
  });
});
