import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Cache } from '@wagerline/shared-kernel/ports/cache';
import { cacheContract } from './contract.ts';
import { openEmbeddedCache } from './embedded.ts';

cacheContract('embedded', async () => openEmbeddedCache({ entriesMax: 100 }));

const entry = { version: 1, value: { odds: '3/2' } };

async function kept(cache: Cache, ...keys: readonly string[]): Promise<readonly string[]> {
  const entries = await cache.getMany(keys);
  return keys.filter((_key, place) => entries[place] !== undefined);
}

describe('embedded: bounds and sharing', () => {
  test('the entry used longest ago makes room', async () => {
    const cache = openEmbeddedCache({ entriesMax: 3 });
    for (const key of ['a', 'b', 'c']) await cache.setIfNewer(key, entry);
    await cache.get('a');
    await cache.setIfNewer('b', { ...entry, version: 2 });
    await cache.setIfNewer('d', entry);
    expect(await kept(cache, 'a', 'b', 'c', 'd')).toEqual(['a', 'b', 'd']);
  });

  test('a refused set makes no room', async () => {
    const cache = openEmbeddedCache({ entriesMax: 2 });
    for (const key of ['a', 'b']) await cache.setIfNewer(key, entry);
    await cache.setIfNewer('b', entry);
    expect(await kept(cache, 'a', 'b')).toEqual(['a', 'b']);
  });

  test('instances of one name see what another stores, others do not', async () => {
    const [writer, reader, stranger] = ['one', 'one', 'two'].map((sharedAs) => openEmbeddedCache({ entriesMax: 10, sharedAs }));
    await reader?.setIfNewer('b', { version: 9, value: null });
    await writer?.setIfNewer('b', entry);
    await writer?.setIfNewer('a', entry);
    // What one instance tells arrives in its order: with `a`, `b` is there too.
    for (let turns = 0; turns < 10_000 && (await reader?.get('a')) === undefined; turns += 1) await nextTurn();
    expect(await reader?.get('a')).toEqual(entry);
    expect((await reader?.get('b'))?.version).toBe(9);
    expect(await stranger?.get('a')).toBeUndefined();
    for (const cache of [writer, reader, stranger]) await cache?.close();
  });
});
