// The key index on its own: whatever is sealed and merged, every key is found, the newest position first.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOf, KeyIndex, KeyTail, type Segment } from './key-index.ts';

const seed = 48;

/** Keeps snapshots as a store does, and counts what is read. */
class Records {
  readonly records = new Map<string, string>();
  reads = 0;

  readSnapshot(name: string): Promise<JsonObject | undefined> {
    this.reads += 1;
    const text = this.records.get(name);
    return Promise.resolve(text === undefined ? undefined : JSON.parse(text));
  }

  writeSnapshot(name: string, data: JsonObject): Promise<void> {
    this.records.set(name, JSON.stringify(data));
    return Promise.resolve();
  }
}

test('every sequence of keys and seals', async () => {
  // Few hashes, so that many are equal; up to the largest that there is.
  const hash = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(2 ** 48 - 1, 2 ** 47));
  const runs = fc.array(fc.array(hash, { maxLength: 12 }), { minLength: 1, maxLength: 40 });
  const limits = fc.record({
    chunkEntriesMax: fc.integer({ min: 1, max: 6 }),
    mergeFactor: fc.integer({ min: 2, max: 5 }),
    cacheBytesMax: fc.constantFrom(0, 100, 1e6),
  });
  await fc.assert(
    fc.asyncProperty(runs, limits, async (tails, small) => {
      const store = new Records();
      const index = new KeyIndex(store, small);
      const expected = new Map<number, number[]>();
      let segments: readonly Segment[] = [];
      let position = 0;
      for (const [revision, hashes] of tails.entries()) {
        const tail = new KeyTail();
        for (const each of hashes) {
          position += 1;
          tail.add(each, position);
          expected.set(each, [position, ...(expected.get(each) ?? [])]);
        }
        segments = await index.seal('s', segments, tail, { from: revision, to: revision });
      }
      for (const [each, positions] of expected) {
        expect(await index.find(segments, each)).toEqual(positions);
        expect(await new KeyIndex(store, small).find(segments, each)).toEqual(positions);
      }
      expect(await index.find(segments, 17)).toEqual([]);
      expect(segments.length).toBeLessThan(small.mergeFactor * (1 + Math.log(tails.length) / Math.log(small.mergeFactor)));
    }),
    { seed, numRuns: 150 },
  );
});

test('a tail gives its newest position first', () => {
  const tail = new KeyTail();
  for (const [position, hash] of [7, 8, 7, 9].entries()) tail.add(hash, position);
  expect([tail.find(7), tail.find(9), tail.find(1)]).toEqual([[2, 0], [3], []]);
});

test('what is in memory is found without waiting, and no more is kept than there is room for', async () => {
  const store = new Records();
  const index = new KeyIndex(store, { chunkEntriesMax: 4, mergeFactor: 99, cacheBytesMax: 4 * 16 });
  let segments: readonly Segment[] = [];
  for (const [revision, hash] of [1, 2].entries()) {
    const tail = new KeyTail();
    for (let count = 0; count < 4; count += 1) tail.add(hash, count);
    segments = await index.seal('s', segments, tail, { from: revision, to: revision });
  }
  expect(index.find(segments.slice(1), 2)).toEqual([3, 2, 1, 0]);
  expect(store.reads).toBe(0);
  expect(await index.find(segments, 1)).toEqual([3, 2, 1, 0]);
  expect(store.reads).toBeGreaterThan(0);
});

test('two processes that saved up to the same event, from different ones on, do not overwrite each other', async () => {
  const store = new Records();
  const seal = (from: number): Promise<readonly Segment[]> => {
    const tail = new KeyTail();
    for (let revision = from; revision <= 14; revision += 1) tail.add(revision, revision);
    return new KeyIndex(store, { chunkEntriesMax: 4, mergeFactor: 8, cacheBytesMax: 0 }).seal('s', [], tail, { from, to: 14 });
  };
  const [earlier, later] = [await seal(7), await seal(8)];
  const index = new KeyIndex(store, { chunkEntriesMax: 4, mergeFactor: 8, cacheBytesMax: 0 });
  expect([await index.find(earlier, 7), await index.find(later, 7), await index.find(later, 8)]).toEqual([[7], [], [8]]);
});

test('48 bits of a key', () => {
  expect(hashOf(`key:${'0123456789ab'}${'f'.repeat(52)}`)).toBe(0x0123456789ab);
  expect(hashOf('bet:01234567-89ab-5fff-8fff-ffffffffffff')).toBe(0x0123456789ab);
  expect(() => hashOf('key:none')).toThrow('hexadecimal');
});
