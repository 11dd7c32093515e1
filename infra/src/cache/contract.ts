// What every cache promises, as tests: each adapter's test file calls `cacheContract` with a way to open an empty cache.
// Nothing is reopened here: a cache may forget.

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Cache } from '@wagerline/shared-kernel/ports/cache';

const seed = 20190809;
const odds = (price: string) => ({ selections: [{ selectionId: 'home', odds: price }], note: null, deep: { text: 'ü🏇' } });

/** The cache has room for at least 100 entries. */
export function cacheContract(adapter: string, open: () => Promise<Cache>): void {
  let opened: Cache | undefined;
  const openForTest = async (): Promise<Cache> => (opened = await open());
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  describe(`${adapter}: newest version wins`, () => {
    test('an entry is read as it was set; an unknown key is undefined', async () => {
      const cache = await openForTest();
      expect(await cache.setIfNewer('odds:m1', { version: 3, value: odds('3/2') })).toBe(true);
      expect(await cache.get('odds:m1')).toEqual({ version: 3, value: odds('3/2') });
      expect(await cache.get('odds:m2')).toBeUndefined();
    });

    test('an older or equal version changes nothing and says so', async () => {
      const cache = await openForTest();
      await cache.setIfNewer('odds:m1', { version: 3, value: odds('3/2') });
      expect(await cache.setIfNewer('odds:m1', { version: 2, value: odds('2/1') })).toBe(false);
      expect(await cache.setIfNewer('odds:m1', { version: 3, value: odds('2/1') })).toBe(false);
      expect(await cache.get('odds:m1')).toEqual({ version: 3, value: odds('3/2') });
      expect(await cache.setIfNewer('odds:m1', { version: 4, value: odds('2/1') })).toBe(true);
      expect(await cache.get('odds:m1')).toEqual({ version: 4, value: odds('2/1') });
    });

    test('versions are compared as numbers, and 0 is one', async () => {
      const cache = await openForTest();
      expect(await cache.setIfNewer('odds:m1', { version: 0, value: odds('0') })).toBe(true);
      expect(await cache.setIfNewer('odds:m1', { version: 9, value: odds('9') })).toBe(true);
      expect(await cache.setIfNewer('odds:m1', { version: 10, value: odds('10') })).toBe(true);
      expect(await cache.setIfNewer('odds:m1', { version: Number.MAX_SAFE_INTEGER, value: odds('max') })).toBe(true);
      expect((await cache.get('odds:m1'))?.version).toBe(Number.MAX_SAFE_INTEGER);
    });

    test('a tombstone is an entry: it holds back what is older', async () => {
      const cache = await openForTest();
      await cache.setIfNewer('odds:m1', { version: 1, value: odds('3/2') });
      expect(await cache.setIfNewer('odds:m1', { version: 5, value: null })).toBe(true);
      expect(await cache.get('odds:m1')).toEqual({ version: 5, value: null });
      expect(await cache.setIfNewer('odds:m1', { version: 4, value: odds('2/1') })).toBe(false);
      expect(await cache.setIfNewer('odds:m1', { version: 6, value: odds('2/1') })).toBe(true);
    });

    test('getMany answers in the order of its keys, with gaps', async () => {
      const cache = await openForTest();
      await cache.setIfNewer('odds:m1', { version: 1, value: odds('1/1') });
      await cache.setIfNewer('odds:m2', { version: 2, value: null });
      const answer = await cache.getMany(['odds:m2', 'odds:m9', 'odds:m1', 'odds:m2']);
      expect(answer.map((entry) => entry?.version)).toEqual([2, undefined, 1, 2]);
      expect(await cache.getMany([])).toEqual([]);
    });

    test('what is stored does not change with the object it was made from', async () => {
      const cache = await openForTest();
      const value = { odds: '3/2' };
      await cache.setIfNewer('odds:m1', { version: 1, value });
      value.odds = '2/1';
      expect(await cache.get('odds:m1')).toEqual({ version: 1, value: { odds: '3/2' } });
    });

    test('in whatever order versions arrive, the newest of each key stays', async () => {
      const cache = await openForTest();
      let round = 0;
      const arrivals = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), version: fc.nat(20) }), { maxLength: 40 });
      const property = fc.asyncProperty(arrivals, async (sets) => {
        round += 1;
        await Promise.all(sets.map(({ key, version }) => cache.setIfNewer(`${round}:${key}`, { version, value: { version } })));
        for (const key of ['a', 'b', 'c']) {
          const versions = sets.filter((set) => set.key === key).map(({ version }) => version);
          const newest = versions.length === 0 ? undefined : Math.max(...versions);
          expect((await cache.get(`${round}:${key}`))?.value).toEqual(newest === undefined ? undefined : { version: newest });
        }
      });
      await fc.assert(property, { seed, numRuns: 30 });
    });
  });
}
