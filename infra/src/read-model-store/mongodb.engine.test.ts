import { MongoServerError, type Document } from 'mongodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FindQuery } from '@wagerline/shared-kernel/ports/read-model-store';
import { describeEngine, engineUrl } from '../testing/engines.ts';
import { readModelStoreContract } from './contract.ts';
import { findCommand, shardKey } from './mongodb-layout.ts';
import { openMongoReadModelStore } from './mongodb.ts';
import { bets, betPut, collected, first } from './testing-bets.ts';
import { openSilentProxy, openTestDatabase, type TestDatabase } from './testing-mongodb.ts';

const status = (store: { readonly document: Document } | undefined): unknown => store?.document['status'];

describeEngine('mongodb', () => {
  readModelStoreContract('mongodb, every command by its shard key', async () => {
    const database = openTestDatabase();
    const store = await database.open();
    return {
      store,
      reopen: async () => {
        await store.close();
        return database.open();
      },
      close: async () => {
        await database.close();
        expect(database.faults()).toEqual([]);
        expect(database.commands.length).toBeGreaterThan(0);
      },
    };
  });

  describe('mongodb: writes', () => writeTests());
  describe('mongodb: on a server', () => serverTests());
});

function writeTests(): void {
  let database: TestDatabase;
  beforeEach(() => {
    database = openTestDatabase();
  });
  afterEach(() => database.close());

  test('of many writers of one document the newest version stays, and none of them fails', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => database.open()));
    await stores[0]?.prepare(first, [bets]);
    const versions = Array.from({ length: 80 }, (_, n) => (n * 31) % 80);
    const write = async (version: number, n: number): Promise<void> => {
      await stores[n % stores.length]?.write(first, {
        puts: [betPut('ann', 'b1', version, { status: `v${version}` }), betPut('ann', `b2-${version % 7}`, version, { status: `v${version}` })],
        watermarks: [{ stream: 'account-ann', revision: version, values: { balanceMinor: version } }],
      });
    };
    await Promise.all(versions.map(write));
    const [store] = stores;
    expect(await store?.get(first, 'bets', 'ann', 'b1')).toMatchObject({ version: 79, document: { status: 'v79' } });
    for (let n = 0; n < 7; n += 1) {
      const newest = Math.max(...versions.filter((version) => version % 7 === n));
      expect(await store?.get(first, 'bets', 'ann', `b2-${n}`)).toMatchObject({ version: newest, document: { status: `v${newest}` } });
    }
    expect(await store?.watermarks(first, ['account-ann'])).toEqual([{ stream: 'account-ann', revision: 79, values: { balanceMinor: 79 } }]);
    expect(await database.db.collection('bet-list.1.bets').countDocuments()).toBe(8);
  });

  test('a batch that was cut off behind its documents is repeated harmlessly', async () => {
    const store = await database.open();
    await store.prepare(first, [bets]);
    const puts = Array.from({ length: 300 }, (_, n) => betPut(`a${n % 5}`, `b${n}`, 2, { status: 'settled' }));
    const watermarks = [{ stream: 'account-a0', revision: 2, values: {} }];
    await store.write(first, { puts: puts.slice(0, 200), watermarks: [] });
    await store.write(first, { puts: puts.map((put) => ({ ...put, version: 1, document: { ...put.document, status: 'open' } })), watermarks: [] });
    await store.write(first, { puts, watermarks, checkpoint: { partition: 0, offset: 9 } });
    const all = await collected(store.scan(first, 'bets'));
    expect([all.length, all.every((each) => each.version === 2 && status(each) === 'settled')]).toEqual([300, true]);
    expect(await store.watermarks(first, ['account-a0'])).toEqual(watermarks);
    expect((await store.checkpoints(first)).get(0)).toBe(9);
  });

  test('documents, then watermarks, then parked keys, then the checkpoint', async () => {
    const store = await database.open();
    await store.prepare(first, [bets]);
    const sent = database.commands.length;
    await store.write(first, {
      puts: [betPut('ann', 'b1', 1)],
      deletes: [{ collection: 'bets', shard: 'ann', id: 'b2' }],
      watermarks: [{ stream: 'account-ann', revision: 1, values: {} }],
      park: [{ stream: 'account-bob', revision: 1, position: 1, reason: 'poison' }],
      checkpoint: { partition: 0, offset: 1 },
    });
    const written = database.commands.slice(sent).filter(({ commandName }) => commandName !== 'find');
    expect(written.map(({ commandName, command }) => String(command[commandName]))).toEqual([
      ...['bets', 'bets', '_watermarks', '_parked', '_checkpoints'].map((part) => `bet-list.1.${part}`),
    ]);
  });

  test('getMany takes more keys than one command has', async () => {
    const store = await database.open();
    await store.prepare(first, [bets]);
    await store.write(first, { puts: [betPut('ann', 'b0', 1), betPut('ann', 'b1999', 1)], watermarks: [] });
    const found = await store.getMany(first, 'bets', Array.from({ length: 2000 }, (_, n) => ({ shard: 'ann', id: `b${n}` })));
    expect(found.flatMap((each, place) => (each === undefined ? [] : [`${place} ${each.id}`]))).toEqual(['0 b0', '1999 b1999']);
  });
}

function serverTests(): void {
  let database: TestDatabase;
  beforeEach(() => {
    database = openTestDatabase();
  });
  afterEach(() => database.close());

  test('writes wait for a majority and its journal, reads for what a majority has, and all of them have an end', async () => {
    const store = await database.open();
    await store.prepare(first, [bets]);
    await store.write(first, { puts: [betPut('ann', 'b1', 1)], watermarks: [] });
    await store.find(first, { collection: 'bets', shard: 'ann', index: 'by-time', equals: [], order: 'ascending', limit: 10 });
    const named = (name: string) => database.commands.filter(({ commandName }) => commandName === name).map(({ command }) => command);
    expect(named('update').length).toBeGreaterThan(2);
    for (const command of named('update')) expect(command).toMatchObject({ writeConcern: { w: 'majority', j: true, wtimeout: 30_000 } });
    expect(named('find').length).toBeGreaterThan(3);
    for (const command of named('find')) expect(command).toMatchObject({ readConcern: { level: 'majority' } });
    const timeOuts = (): ReadonlySet<unknown> => new Set(named('find').map((command) => command['maxTimeMS']));
    expect(timeOuts()).toEqual(new Set([30_000]));
    const reader = await database.open({ readOnly: true });
    await reader.get(first, 'bets', 'ann', 'b1');
    await reader.liveGeneration('bet-list');
    expect(timeOuts()).toEqual(new Set([30_000, 2_000]));
  });

  test('while there is no server a read fails, and does not wait for long', async () => {
    const store = openMongoReadModelStore({ url: 'mongodb://127.0.0.1:1/?directConnection=true', readTimeoutMs: 100, writeTimeoutMs: 200 });
    await expect(store.get(first, 'bets', 'ann', 'b1')).rejects.toThrow();
    await expect(store.liveGeneration('bet-list')).rejects.toThrow();
    await expect(store.write(first, { puts: [], watermarks: [] })).rejects.toThrow();
    expect(store.storeId).toBe('');
    await store.close();
    await expect(store.get(first, 'bets', 'ann', 'b1')).rejects.toThrow('is open');
  });

  test('a server that falls silent fails a read, and answers again once it speaks', async () => {
    const proxy = await openSilentProxy(engineUrl('mongodb'));
    const store = await database.open({ url: proxy.url, readTimeoutMs: 300 });
    await store.prepare(first, [bets]);
    await store.write(first, { puts: [betPut('ann', 'b1', 1)], watermarks: [] });
    proxy.silence();
    await expect(store.get(first, 'bets', 'ann', 'b1')).rejects.toThrow();
    await expect(store.liveGeneration('bet-list')).rejects.toThrow();
    proxy.speak();
    expect((await store.get(first, 'bets', 'ann', 'b1'))?.version).toBe(1);
    await store.close();
    await proxy.close();
  });

  test('a server that hangs up on everybody at once is found again, however often', { timeout: 150_000 }, async () => {
    const proxy = await openSilentProxy(engineUrl('mongodb'));
    const store = await database.open({ url: proxy.url });
    await store.prepare(first, [bets]);
    await store.write(first, { puts: [betPut('ann', 'b1', 1)], watermarks: [] });
    for (let times = 0; times < 3; times += 1) {
      // The driver looks at a server at most every 500 ms: what is tested is a look that it begins while its sockets are being closed.
      for (const endMs = performance.now() + 700; performance.now() < endMs; ) await store.get(first, 'bets', 'ann', 'b1');
      const reads = Array.from({ length: 20 }, () => store.get(first, 'bets', 'ann', 'b1').catch(() => undefined));
      proxy.hangUp();
      await Promise.all(reads);
      await expect.poll(() => store.get(first, 'bets', 'ann', 'b1').catch(() => undefined), { timeout: 40_000 }).toMatchObject({ version: 1 });
    }
    await store.close();
    await proxy.close();
  });

  test('every find walks its index, and sorts nothing', async ({ skip }) => {
    const store = await database.open();
    await store.prepare(first, [bets]);
    await store.write(first, { puts: Array.from({ length: 200 }, (_, n) => betPut('ann', `b${n}`, 1, { placedAt: `T${n}` })), watermarks: [] });
    for (const { name, fields } of bets.indexes) {
      const equals = fields.slice(1).map(() => 'x');
      const query: FindQuery = { collection: 'bets', shard: 'ann', index: name, equals, order: 'descending', limit: 20, range: { from: 'T1' } };
      const plan = await explained(database, { ...findCommand(bets, query), limit: 20 });
      if (plan === undefined) return skip('this server explains nothing: mongodb-layout.test.ts holds queries against indexes by their fields');
      expect(plan).toContain(`"indexName":"${name}"`);
      expect(plan).not.toMatch(/"stage":"(COLLSCAN|SORT)"/);
    }
    expect(bets.indexes.length).toBe(5);
  });

  test('collections of rows are sharded by the hash of their owner', async ({ skip }) => {
    const hello = await database.db.command({ hello: 1 });
    if (hello['msg'] !== 'isdbgrid') return skip('this server is no mongos: its collections are plain ones');
    const store = await database.open();
    await store.prepare(first, [bets]);
    const namespaces = ['bets', '_watermarks'].map((part) => `${database.db.databaseName}.bet-list.1.${part}`);
    for (const namespace of namespaces) {
      const [sharded] = await database.db.aggregate([{ $listClusterCatalog: { shards: true } }, { $match: { ns: namespace } }]).toArray();
      expect(sharded).toMatchObject({ sharded: true, shardKey });
    }
  });
}

async function explained(database: TestDatabase, command: Document): Promise<string | undefined> {
  try {
    const answer = await database.db.command({ explain: { find: 'bet-list.1.bets', ...command }, verbosity: 'queryPlanner' });
    return JSON.stringify(answer['queryPlanner']['winningPlan']);
  } catch (error) {
    if (error instanceof MongoServerError && (error.code === 59 || error.codeName === 'CommandNotFound')) return undefined;
    throw error;
  }
}
