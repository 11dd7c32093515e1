import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbeddedReadModelStore } from '../read-model-store/embedded.ts';
import { match, matches, searchIndexContract } from './contract.ts';
import { openEmbeddedSearchIndex } from './embedded.ts';
import { foldWords } from './fold-words.ts';

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'wagerline-search-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

searchIndexContract('embedded', async () => {
  let index = openEmbeddedSearchIndex({ dataDir });
  return {
    index,
    reopen: async () => {
      await index.close();
      return (index = openEmbeddedSearchIndex({ dataDir }));
    },
    close: () => index.close(),
  };
});

describe('embedded: in the file of the read models', () => {
  test('a reader finds nothing before there is a file, and what is indexed once there is', async () => {
    const reader = openEmbeddedSearchIndex({ dataDir, readOnly: true });
    const hits = async () => (await reader.search('matches', 1, { text: 'leeds', filters: {}, limit: 10 })).hits.map(({ id }) => id);
    expect(await hits()).toEqual([]);
    const store = openEmbeddedReadModelStore({ dataDir });
    expect(await hits()).toEqual([]);
    const writer = openEmbeddedSearchIndex({ dataDir });
    expect(await hits()).toEqual([]);
    await writer.prepare(1, matches);
    await writer.index('matches', 1, [match('f1', 'Leeds', 'Norwich')]);
    expect(await hits()).toEqual(['f1']);
    await expect(reader.index('matches', 1, [])).rejects.toThrow('for reading');
    for (const each of [reader, writer, store]) await each.close();
  });

  test('the read models and the index are written in turn by one thread', async () => {
    const store = openEmbeddedReadModelStore({ dataDir });
    const index = openEmbeddedSearchIndex({ dataDir });
    const target = { model: 'match-search', generation: 1 };
    await store.prepare(target, [{ name: 'matches', shardKey: 'id', indexes: [] }]);
    await index.prepare(1, matches);
    for (let version = 1; version <= 20; version += 1) {
      const indexing = index.index('matches', 1, [{ ...match('f1', 'Leeds', 'Norwich'), version }]);
      const put = { collection: 'matches', shard: 'f1', id: 'f1', version, document: { id: 'f1' } };
      await Promise.all([indexing, store.write(target, { puts: [put], watermarks: [], checkpoint: { partition: 0, offset: version } })]);
    }
    expect((await index.search('matches', 1, { text: '', filters: {}, limit: 10 })).hits[0]?.version).toBe(20);
    expect((await store.checkpoints(target)).get(0)).toBe(20);
    await index.close();
    await store.close();
  });

  test('a search of too many words is refused with a code', async () => {
    const index = openEmbeddedSearchIndex({ dataDir });
    await index.prepare(1, matches);
    const text = Array.from({ length: 33 }, (_, n) => `w${n}`).join(' ');
    await expect(index.search('matches', 1, { text, filters: {}, limit: 10 })).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    await index.close();
  });
});

test('words are letters and digits, folded', () => {
  expect(foldWords("Queen's Park-Rangers  1. FC Köln\u0000ﬁnal ① Straße İstanbul")).toEqual([
    'queens', 'park', 'rangers', '1', 'fc', 'koln', 'final', '1', 'strasse', 'istanbul',
  ]);
  expect(foldWords('🏇 *^"')).toEqual([]);
});
