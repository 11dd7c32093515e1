// What every read-model store promises, as tests: each adapter's test file calls `readModelStoreContract` with a way to open
// an empty store. Whatever is written is read after the store was closed and opened again, so that nothing can pass from memory alone.

import { afterEach, describe, expect, test } from 'vitest';
import type { ReadModelStore, WriteBatch } from '@wagerline/shared-kernel/ports/read-model-store';
import { generationContract } from './contract-generations.ts';
import { queryContract } from './contract-queries.ts';
import { bet, betPut, bets, first, model, type OpenedReadModels } from './testing-bets.ts';

export function readModelStoreContract(adapter: string, open: () => Promise<OpenedReadModels>): void {
  let opened: OpenedReadModels | undefined;
  const openForTest = async (): Promise<OpenedReadModels> => (opened = await open());
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  describe(`${adapter}: writes`, () => writeContract(openForTest));
  describe(`${adapter}: queries`, () => queryContract(openForTest));
  describe(`${adapter}: generations`, () => generationContract(openForTest));
}

/** Prepares the first generation of bets, writes the batches and answers the store, opened again. */
async function written(open: () => Promise<OpenedReadModels>, ...batches: readonly Partial<WriteBatch>[]): Promise<ReadModelStore> {
  const { store, reopen } = await open();
  await store.prepare(first, [bets]);
  for (const batch of batches) await store.write(first, { puts: [], watermarks: [], ...batch });
  return reopen();
}

function writeContract(open: () => Promise<OpenedReadModels>): void {
  test('a document is found by shard and id, and by nothing less', async () => {
    const store = await written(open, { puts: [betPut('ann', 'b1', 3)] });
    expect(await store.get(first, 'bets', 'ann', 'b1')).toEqual({ shard: 'ann', id: 'b1', version: 3, document: bet('ann', 'b1') });
    expect(await store.get(first, 'bets', 'bob', 'b1')).toBeUndefined();
    expect(await store.get(first, 'bets', 'ann', 'b2')).toBeUndefined();
  });

  test('one id in two shards is two documents', async () => {
    const store = await written(open, { puts: [betPut('ann', 'b1', 1, { status: 'open' }), betPut('bob', 'b1', 2, { status: 'void' })] });
    expect((await store.get(first, 'bets', 'ann', 'b1'))?.document).toEqual(bet('ann', 'b1', { status: 'open' }));
    expect((await store.get(first, 'bets', 'bob', 'b1'))?.document).toEqual(bet('bob', 'b1', { status: 'void' }));
  });

  test('every JSON value comes back as it was', async () => {
    const details = { text: 'ü "\\ \u0000 🏇', deep: [{ a: null }, [1.5, -0.25, true]], empty: {}, big: Number.MAX_SAFE_INTEGER };
    const store = await written(open, { puts: [betPut('ann', 'b1', 1, { details })] });
    expect((await store.get(first, 'bets', 'ann', 'b1'))?.document).toEqual(bet('ann', 'b1', { details }));
  });

  test('a put applies only where the stored version is lower', async () => {
    const store = await written(
      open,
      { puts: [betPut('ann', 'b1', 5, { status: 'settled' }), betPut('ann', 'b2', 1, { status: 'open' })] },
      { puts: [betPut('ann', 'b1', 4, { status: 'open' }), betPut('ann', 'b2', 2, { status: 'void' })] },
      { puts: [betPut('ann', 'b1', 5, { status: 'void' })] },
    );
    const [b1, b2] = await store.getMany(first, 'bets', [{ shard: 'ann', id: 'b1' }, { shard: 'ann', id: 'b2' }]);
    expect([b1?.version, b1?.document['status']]).toEqual([5, 'settled']);
    expect([b2?.version, b2?.document['status']]).toEqual([2, 'void']);
  });

  test('version 0 is a first version', async () => {
    const store = await written(open, { puts: [betPut('ann', 'b1', 0)] }, { puts: [betPut('ann', 'b1', 0, { status: 'void' })] });
    expect(await store.get(first, 'bets', 'ann', 'b1')).toEqual({ shard: 'ann', id: 'b1', version: 0, document: bet('ann', 'b1') });
  });

  test('of two puts of one document in a batch the newer version stays', async () => {
    const puts = [betPut('ann', 'b1', 1), betPut('ann', 'b1', 3, { status: 'void' }), betPut('ann', 'b1', 2)];
    const store = await written(open, { puts });
    expect(await store.get(first, 'bets', 'ann', 'b1')).toMatchObject({ version: 3, document: { status: 'void' } });
  });

  test('getMany answers in the order of its keys, with gaps', async () => {
    const store = await written(open, { puts: [betPut('ann', 'b1', 1), betPut('bob', 'b2', 1)] });
    const bobs = { shard: 'bob', id: 'b2' };
    const keys = [bobs, { shard: 'bob', id: 'b1' }, { shard: 'ann', id: 'b1' }, bobs];
    expect((await store.getMany(first, 'bets', keys)).map((found) => found?.id)).toEqual(['b2', undefined, 'b1', 'b2']);
    expect(await store.getMany(first, 'bets', [])).toEqual([]);
  });

  test('a deleted document is gone, its neighbours stay', async () => {
    const store = await written(
      open,
      { puts: [betPut('ann', 'b1', 1), betPut('ann', 'b2', 1), betPut('bob', 'b1', 1)] },
      { deletes: [{ collection: 'bets', shard: 'ann', id: 'b1' }, { collection: 'bets', shard: 'ann', id: 'never' }] },
    );
    const query = { collection: 'bets', shard: 'ann', index: 'by-time', equals: [], order: 'ascending', limit: 10 } as const;
    const answer = await store.find(first, query);
    expect(answer.map(({ id }) => id)).toEqual(['b2']);
    expect(await store.get(first, 'bets', 'ann', 'b1')).toBeUndefined();
    expect(await store.get(first, 'bets', 'bob', 'b1')).toBeDefined();
  });

  test('watermarks carry their values, and undefined where there is none', async () => {
    const bobs = { stream: 'account-bob', revision: 0, values: {} };
    const store = await written(
      open,
      { watermarks: [{ stream: 'account-ann', revision: 4, values: { balanceMinor: 100 } }, bobs] },
      { watermarks: [{ stream: 'account-ann', revision: 9, values: { balanceMinor: 50 } }] },
    );
    expect(await store.watermarks(first, ['account-bob', 'account-eve', 'account-ann'])).toEqual([
      bobs,
      undefined,
      { stream: 'account-ann', revision: 9, values: { balanceMinor: 50 } },
    ]);
  });

  test('a watermark does not go back', async () => {
    const at = (revision: number) => ({ watermarks: [{ stream: 'account-ann', revision, values: { revision } }] });
    const store = await written(open, at(5), at(3), at(5));
    expect(await store.watermarks(first, ['account-ann'])).toEqual([{ stream: 'account-ann', revision: 5, values: { revision: 5 } }]);
  });

  test('a put that replaces one version applies to that very version, and else ends the write before its watermarks', async () => {
    const { store } = await open();
    await store.prepare(first, [bets]);
    const replace = (replaces: number, version: number, revision: number) =>
      store.write(first, {
        puts: [{ ...betPut('ann', 'b1', version), replaces }],
        watermarks: [{ stream: 'account-ann', revision, values: {} }],
      });
    const stored = async () => [(await store.get(first, 'bets', 'ann', 'b1'))?.version, (await store.watermarks(first, ['account-ann']))[0]?.revision];
    await expect(replace(0, 1, 9)).rejects.toMatchObject({ name: 'VersionConflictError' });
    expect(await stored()).toEqual([undefined, undefined]);
    await replace(-1, 1, 0);
    await expect(replace(-1, 2, 9)).rejects.toMatchObject({ name: 'VersionConflictError' });
    await replace(1, 4, 1);
    for (const outdated of [1, 3, 5]) await expect(replace(outdated, 9, 9)).rejects.toMatchObject({ name: 'VersionConflictError' });
    expect(await stored()).toEqual([4, 1]);
  });

  test('checkpoints are kept per partition', async () => {
    const checkpoints = [{ partition: 0, offset: 7 }, { partition: 3, offset: 0 }, { partition: 0, offset: 8 }];
    const store = await written(open, ...checkpoints.map((checkpoint) => ({ checkpoint })));
    expect(new Map(await store.checkpoints(first))).toEqual(new Map([[0, 8], [3, 0]]));
  });

  test('a parked key keeps its first reason until it is unparked', async () => {
    const poison = { stream: 'account-ann', revision: 4, position: 90, reason: 'unknown event type' };
    const store = await written(
      open,
      { park: [poison, { ...poison, stream: 'account-bob' }] },
      { park: [{ ...poison, revision: 5, position: 95, reason: 'parked before' }] },
    );
    expect(byStream(await store.parked(first))).toEqual([poison, { ...poison, stream: 'account-bob' }]);
    await store.unpark(first, 'account-ann');
    await store.unpark(first, 'account-never');
    expect(await store.parked(first)).toEqual([{ ...poison, stream: 'account-bob' }]);
  });

  test('one batch writes documents, watermark and checkpoint together', async () => {
    const watermark = { stream: 'account-ann', revision: 1, values: {} };
    const checkpoint = { partition: 2, offset: 11 };
    const store = await written(open, { puts: [betPut('ann', 'b1', 1)], watermarks: [watermark], checkpoint });
    expect(await store.get(first, 'bets', 'ann', 'b1')).toBeDefined();
    expect(await store.watermarks(first, ['account-ann'])).toEqual([watermark]);
    expect((await store.checkpoints(first)).get(2)).toBe(11);
  });

  test('a batch that fails leaves no checkpoint, and the same store goes on', async () => {
    const { store, reopen } = await open();
    await store.prepare(first, [bets]);
    const unknown = { ...betPut('ann', 'b2', 1), collection: 'never-declared' };
    const checkpoint = { partition: 0, offset: 5 };
    const failing = store.write(first, { puts: [betPut('ann', 'b1', 1), unknown], watermarks: [], checkpoint });
    await expect(failing).rejects.toThrow('never-declared');
    await store.write(first, { puts: [betPut('ann', 'b3', 1)], watermarks: [] });
    const again = await reopen();
    expect(await again.checkpoints(first)).toEqual(new Map());
    expect(await again.get(first, 'bets', 'ann', 'b3')).toBeDefined();
  });

  test('a document in another shard than its own is refused', async () => {
    const { store } = await open();
    await store.prepare(first, [bets]);
    const misplaced = { ...betPut('ann', 'b1', 1), shard: 'bob' };
    await expect(store.write(first, { puts: [misplaced], watermarks: [] })).rejects.toThrow('shard key');
  });

  test('nothing is written to a generation that was not prepared, and reading it finds nothing', async () => {
    const store = await written(open);
    const second = { model, generation: 2 };
    await expect(store.write(second, { puts: [betPut('ann', 'b1', 1)], watermarks: [] })).rejects.toThrow('prepared');
    expect(await store.get(second, 'bets', 'ann', 'b1')).toBeUndefined();
    expect(await store.checkpoints(second)).toEqual(new Map());
    expect(await store.watermarks(second, ['account-ann'])).toEqual([undefined]);
  });

  test('the store id outlives the process', async () => {
    const { store, reopen } = await open();
    const { storeId } = store;
    expect(storeId).not.toBe('');
    await store.adopt();
    expect([store.storeId, await store.currentStoreId()]).toEqual([storeId, storeId]);
    expect((await reopen()).storeId).toBe(storeId);
  });
}

function byStream<Keyed extends { readonly stream: string }>(keys: readonly Keyed[]): readonly Keyed[] {
  return keys.toSorted((left, right) => (left.stream < right.stream ? -1 : 1));
}
