import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SearchAnswer, SearchIndex } from '@wagerline/shared-kernel/ports/search-index';
import { describeEngine } from '../testing/engines.ts';
import { match, matches, searchIndexContract } from './contract.ts';
import { openElasticsearchIndex } from './elasticsearch.ts';
import { openTestIndexes, type TestIndexes } from './testing-elasticsearch.ts';

async function found(index: SearchIndex, text: string): Promise<readonly string[]> {
  const { hits } = await index.search('matches', 1, { text, filters: {}, limit: 100 });
  return hits.map(({ id }) => id);
}

describeEngine('elasticsearch', () => {
  searchIndexContract('elasticsearch', async () => {
    const indexes = openTestIndexes();
    let index = indexes.open();
    return {
      index,
      reopen: async () => {
        await index.close();
        return (index = indexes.open());
      },
      close: () => indexes.close(),
    };
  });

  describe('elasticsearch: words', () => wordTests());
  describe('elasticsearch: on a server', () => serverTests());
});

function wordTests(): void {
  let indexes: TestIndexes;
  beforeEach(() => {
    indexes = openTestIndexes();
  });
  afterEach(() => indexes.close());

  test('a typing mistake is forgiven in a word of some length, but not in its first letter', async () => {
    const index = indexes.open();
    await index.prepare(1, matches);
    await index.index('matches', 1, [match('f1', 'Manchester United', 'Arsenal'), match('f2', 'Leeds United', 'Brøndby IF')]);
    for (const text of ['manchestr', 'mancehster', 'mannchestar', 'arsnal', 'united arsenall', 'manchestar uni', 'manchestxx uni']) {
      expect(await found(index, text)).toEqual(['f1']);
    }
    expect(await found(index, 'brondyb')).toEqual(['f2']);
    for (const text of ['rsenal', 'xrsenal', 'arsxnxl', 'ix', 'manchxxtxx uni']) expect(await found(index, text)).toEqual([]);
  });

  test('an exact word is above a prefix, a prefix above a mistyped one, in whatever field', async () => {
    const index = indexes.open();
    await index.prepare(1, matches);
    await index.index('matches', 1, [
      match('f1', 'Leed', 'x'),
      match('f2', 'Leedsburgh', 'x'),
      match('f3', 'Leeds', 'x'),
      match('f4', 'x', 'x', { competition: 'Leeds' }),
    ]);
    expect(await found(index, 'leeds')).toEqual(['f3', 'f2', 'f4', 'f1']);
  });

  test('a page goes on where the one before it ended, also while others are indexed', async () => {
    const index = indexes.open();
    await index.prepare(1, matches);
    const documents = Array.from({ length: 30 }, (_, n) => match(`f${n + 10}`, n % 2 === 0 ? 'Leeds' : 'Arsenal', n % 3 === 0 ? 'Leeds' : 'Fulham'));
    await index.index('matches', 1, documents);
    const whole = await found(index, 'leeds');
    const paged: string[] = [];
    let answer: SearchAnswer = { hits: [] };
    for (let page = 0; page < 10 && (page === 0 || answer.cursor !== undefined); page += 1) {
      const cursor = answer.cursor === undefined ? {} : { cursor: answer.cursor };
      answer = await index.search('matches', 1, { text: 'leeds', filters: {}, limit: 4, ...cursor });
      paged.push(...answer.hits.map(({ id }) => id));
      await index.index('matches', 1, Array.from({ length: 20 }, (_, n) => match(`a${page}-${n}`, 'Leeds', 'Leeds')));
    }
    expect(paged.filter((id) => id.startsWith('f'))).toEqual(whole);
    expect(new Set(paged).size).toBe(paged.length);
  });

  test('every JSON value of a document comes back as it was', async () => {
    const index = indexes.open();
    await index.prepare(1, matches);
    const details = { text: 'ü "\\ \u0000 🏇', deep: [{ a: null }, [1.5, -0.25, true]], empty: {}, none: [], big: Number.MAX_SAFE_INTEGER };
    const document = match('f1', 'Leeds', 'Norwich', { details, 'a.b': 1, competition: null });
    await index.index('matches', 1, [document]);
    expect((await index.search('matches', 1, { text: 'leeds', filters: {}, limit: 10 })).hits).toEqual([document]);
  });

  test('a search of too many words is refused with a code', async () => {
    const index = indexes.open();
    await index.prepare(1, matches);
    await expect(found(index, 'w '.repeat(33))).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    expect(await found(index, 'word '.repeat(32))).toEqual([]);
  });
}

function serverTests(): void {
  let indexes: TestIndexes;
  beforeEach(() => {
    indexes = openTestIndexes();
  });
  afterEach(() => indexes.close());

  test('a field that was not declared is refused by the engine', async () => {
    await indexes.open().prepare(1, matches);
    const indexing = indexes.client.index({ index: `${indexes.prefix}-matches-1`, document: { surprise: 1 } });
    await expect(indexing).rejects.toThrow('strict_dynamic_mapping_exception');
  });

  test('a generation does not change its declaration', async () => {
    const index = indexes.open();
    await index.prepare(1, matches);
    await expect(index.prepare(1, { ...matches, textFields: ['home'] })).rejects.toThrow('declared otherwise');
  });

  test('an index that another process dropped is not brought back by a write', async () => {
    const [index, other] = [indexes.open(), indexes.open()];
    await index.prepare(1, matches);
    await index.index('matches', 1, [match('f1', 'Leeds', 'Norwich')]);
    await other.drop('matches', 1);
    await expect(index.index('matches', 1, [match('f2', 'Leeds', 'Fulham')])).rejects.toThrow('prepared');
    expect(await indexes.client.indices.exists({ index: `${indexes.prefix}-matches-1` })).toBe(false);
    expect(await found(index, 'leeds')).toEqual([]);
    await index.prepare(1, matches);
    await index.index('matches', 1, [match('f3', 'Leeds', 'Burnley')]);
    expect(await found(index, 'leeds')).toEqual(['f3']);
  });

  test('generations are prepared by several processes at once', async () => {
    const all = Array.from({ length: 5 }, () => indexes.open());
    await Promise.all(all.map((index) => index.prepare(1, matches)));
    await Promise.all(all.map((index, n) => index.index('matches', 1, [match(`f${n}`, 'Leeds', 'Norwich')])));
    expect((await found(indexes.open(), 'leeds')).length).toBe(5);
  });

  test('a reader never writes', async () => {
    const reader = indexes.open({ readOnly: true });
    await expect(reader.prepare(1, matches)).rejects.toThrow('for reading');
    await expect(reader.index('matches', 1, [])).rejects.toThrow('for reading');
    await expect(reader.drop('matches', 1)).rejects.toThrow('for reading');
    expect(await found(reader, 'leeds')).toEqual([]);
  });

  test('while there is no server a search fails', async () => {
    const index = openElasticsearchIndex({ url: 'http://127.0.0.1:1', searchTimeoutMs: 200 });
    await expect(found(index, 'leeds')).rejects.toThrow();
    await index.close();
    await expect(found(index, 'leeds')).rejects.toThrow('is open');
  });
}
