// What every read-model store promises about generations side by side: the part of contract.ts about rebuilds. Called by contract.ts alone.

import { expect, test } from 'vitest';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import { bets, betPut, collected, first, model, type OpenedReadModels } from './testing-bets.ts';

const second = { model, generation: 2 };
const other = { model: 'statement', generation: 1 };

export function generationContract(open: () => Promise<OpenedReadModels>): void {
  const bothPrepared = async (): Promise<{ readonly store: ReadModelStore; readonly reopen: () => Promise<ReadModelStore> }> => {
    const opened = await open();
    for (const target of [first, second, other]) await opened.store.prepare(target, [bets]);
    return { store: opened.store, reopen: () => opened.reopen() };
  };

  test('generations and models do not see each other', async () => {
    const { store, reopen } = await bothPrepared();
    const park = [{ stream: 'account-ann', revision: 1, position: 1, reason: 'poison' }];
    const watermarks = [{ stream: 'account-ann', revision: 1, values: {} }];
    await store.write(first, { puts: [betPut('ann', 'b1', 1)], watermarks, park, checkpoint: { partition: 0, offset: 1 } });
    await store.write(second, { puts: [betPut('ann', 'b1', 7, { status: 'void' })], watermarks: [] });
    const again = await reopen();
    expect((await again.get(first, 'bets', 'ann', 'b1'))?.version).toBe(1);
    expect((await again.get(second, 'bets', 'ann', 'b1'))?.version).toBe(7);
    expect(await again.get(other, 'bets', 'ann', 'b1')).toBeUndefined();
    for (const target of [second, other]) {
      expect(await again.watermarks(target, ['account-ann'])).toEqual([undefined]);
      expect(await again.parked(target)).toEqual([]);
      expect(await again.checkpoints(target)).toEqual(new Map());
    }
  });

  test('preparing again changes nothing', async () => {
    const { store, reopen } = await bothPrepared();
    await store.write(first, { puts: [betPut('ann', 'b1', 1)], watermarks: [] });
    await store.prepare(first, [bets]);
    const again = await reopen();
    await again.prepare(first, [bets]);
    expect(await again.get(first, 'bets', 'ann', 'b1')).toBeDefined();
    expect(await again.generations(model)).toEqual([1, 2]);
  });

  test('a generation does not change its declaration', async () => {
    const { store } = await bothPrepared();
    await expect(store.prepare(first, [{ ...bets, indexes: bets.indexes.slice(1) }])).rejects.toThrow('declared otherwise');
  });

  test('no generation is live until one is activated, then exactly one', async () => {
    const { store, reopen } = await bothPrepared();
    expect(await store.liveGeneration(model)).toBe(0);
    await store.activate(first);
    await store.activate(second);
    const again = await reopen();
    expect(await again.liveGeneration(model)).toBe(2);
    expect(await again.liveGeneration('statement')).toBe(0);
  });

  test('a generation that was not prepared does not go live', async () => {
    const { store } = await bothPrepared();
    await expect(store.activate({ model, generation: 3 })).rejects.toThrow('prepared');
  });

  test('dropping takes everything of one generation and nothing of the others', async () => {
    const { store, reopen } = await bothPrepared();
    const puts = Array.from({ length: 500 }, (_, n) => betPut(`a${n % 7}`, `b${n}`, 1));
    const watermarks = [{ stream: 'account-ann', revision: 1, values: {} }];
    for (const target of [first, second]) await store.write(target, { puts, watermarks, checkpoint: { partition: 0, offset: 1 } });
    await store.activate(second);
    await store.drop(first);
    const again = await reopen();
    expect(await again.generations(model)).toEqual([2]);
    expect(await collected(again.scan(first, 'bets'))).toEqual([]);
    expect(await again.watermarks(first, ['account-ann'])).toEqual([undefined]);
    expect((await collected(again.scan(second, 'bets'))).length).toBe(500);
    expect(await again.watermarks(second, ['account-ann'])).toEqual(watermarks);
    expect(await again.checkpoints(second)).toEqual(new Map([[0, 1]]));
  });

  test('a dropped generation can be made anew, and is empty', async () => {
    const { store, reopen } = await bothPrepared();
    await store.write(first, { puts: [betPut('ann', 'b1', 9)], watermarks: [] });
    await store.drop(first);
    await store.drop(first);
    await store.prepare(first, [bets]);
    await store.write(first, { puts: [betPut('ann', 'b2', 1)], watermarks: [] });
    const again = await reopen();
    expect((await collected(again.scan(first, 'bets'))).map(({ id }) => id)).toEqual(['b2']);
  });

  test('generations are dropped side by side', async () => {
    const { store, reopen } = await bothPrepared();
    for (const target of [first, second, other]) await store.write(target, { puts: [betPut('ann', 'b1', 1)], watermarks: [] });
    await Promise.all([store.drop(first), store.drop(second), store.drop(other)]);
    const again = await reopen();
    expect(await Promise.all([again.generations(model), again.generations(other.model)])).toEqual([[], []]);
  });

  test('the live generation is not dropped', async () => {
    const { store } = await bothPrepared();
    await store.activate(first);
    await expect(store.drop(first)).rejects.toThrow('live');
    expect(await store.generations(model)).toEqual([1, 2]);
  });
}
