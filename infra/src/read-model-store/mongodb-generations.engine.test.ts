import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeEngine } from '../testing/engines.ts';
import { bets, betPut, collected, first, model } from './testing-bets.ts';
import { openTestDatabase, type TestDatabase } from './testing-mongodb.ts';

const second = { model, generation: 2 };

describeEngine('mongodb', () => {
  let database: TestDatabase;
  beforeEach(() => {
    database = openTestDatabase();
  });
  afterEach(() => database.close());

  const collections = async (): Promise<readonly string[]> => (await database.db.listCollections().toArray()).map(({ name }) => name).sort();

  test('stores that start at once on an empty database see one id, and one generation', async () => {
    const stores = await Promise.all(Array.from({ length: 12 }, () => database.open()));
    const ids = new Set(stores.map((store) => store.storeId));
    expect([ids.size, ids.has('')]).toEqual([1, false]);
    await Promise.all(stores.map((store) => store.prepare(first, [bets])));
    expect(await stores[0]?.generations(model)).toEqual([1]);
    await Promise.all(stores.map((store, n) => store.write(first, { puts: [betPut('ann', `b${n}`, 1)], watermarks: [] })));
    expect((await collected(stores[0]?.scan(first, 'bets') ?? noDocuments())).length).toBe(12);
  });

  test('a reader gives an empty database nothing, and learns its id once there is one', async () => {
    const reader = await database.open({ readOnly: true });
    expect([reader.storeId, await reader.liveGeneration(model)]).toEqual(['', 0]);
    expect(await collections()).toEqual([]);
    const writer = await database.open();
    await reader.ready();
    expect(reader.storeId).toBe(writer.storeId);
    for (const refused of [reader.prepare(first, [bets]), reader.write(first, { puts: [], watermarks: [] }), reader.unpark(first, 's'), reader.drop(first)]) {
      await expect(refused).rejects.toThrow('for reading');
    }
  });

  test('a reader finds a dropped generation empty, and the one made after it', async () => {
    const [writer, reader] = [await database.open(), await database.open({ readOnly: true })];
    const found = () => reader.find(first, { collection: 'bets', shard: 'ann', index: 'by-time', equals: [], order: 'ascending', limit: 10 });
    await writer.prepare(first, [bets]);
    await writer.write(first, { puts: [betPut('ann', 'b1', 9)], watermarks: [] });
    expect((await found()).length).toBe(1);
    await writer.drop(first);
    expect(await found()).toEqual([]);
    await writer.prepare(first, [bets]);
    await writer.write(first, { puts: [betPut('ann', 'b2', 1)], watermarks: [] });
    expect((await found()).map(({ id }) => id)).toEqual(['b2']);
  });

  test('a store that was emptied takes no more writes from those who knew it before', async () => {
    const store = await database.open();
    await store.prepare(first, [bets]);
    await store.write(first, { puts: [betPut('ann', 'b1', 1)], watermarks: [] });
    await database.db.dropDatabase();
    const batch = { puts: [betPut('ann', 'b2', 1)], watermarks: [] };
    await expect(store.write(first, batch)).rejects.toMatchObject({ name: 'StoreReplacedError' });
    await expect(store.prepare(first, [bets])).rejects.toMatchObject({ name: 'StoreReplacedError' });
    const newcomer = await database.open();
    await newcomer.prepare(first, [bets]);
    await expect(store.write(first, batch)).rejects.toMatchObject({ name: 'StoreReplacedError' });
    expect(await collected(newcomer.scan(first, 'bets'))).toEqual([]);
    expect(newcomer.storeId).not.toBe(store.storeId);
    expect(await store.currentStoreId()).toBe(newcomer.storeId);
    await store.adopt();
    await store.write(first, batch);
    expect((await collected(newcomer.scan(first, 'bets'))).map(({ id }) => id)).toEqual(['b2']);
  });

  test('a writer that another process left behind writes nothing into a dropped generation', async () => {
    const [writer, other] = [await database.open(), await database.open()];
    await writer.prepare(first, [bets]);
    await other.drop(first);
    await expect(writer.write(first, { puts: [betPut('ann', 'b1', 1)], watermarks: [] })).rejects.toThrow('prepared');
    expect((await collections()).filter((name) => name.startsWith(model))).toEqual([]);
  });

  test('a drop that was cut off is not seen, and is finished by the next one', async () => {
    const store = await database.open();
    for (const target of [first, second]) {
      await store.prepare(target, [bets]);
      await store.write(target, { puts: [betPut('ann', 'b1', 1)], watermarks: [{ stream: 'account-ann', revision: 1, values: {} }] });
    }
    await database.db.collection('generations').updateOne({ generation: 1 }, { $set: { isDropping: true } });
    expect(await store.generations(model)).toEqual([2]);
    await expect(store.activate(first)).rejects.toThrow('prepared');
    await store.drop({ model, generation: 7 });
    expect((await collections()).filter((name) => name.startsWith(`${model}.1.`))).toEqual([]);
    expect(await store.get(second, 'bets', 'ann', 'b1')).toBeDefined();
  });
});

async function* noDocuments(): AsyncGenerator<never> {}
