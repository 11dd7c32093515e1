// What every search index promises, as tests: each adapter's test file calls `searchIndexContract` with a way to open an empty index.
// Whatever is indexed is searched after the index was closed and opened again.

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { SearchDocument, SearchIndex, SearchIndexDeclaration, SearchQuery } from '@wagerline/shared-kernel/ports/search-index';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

export type OpenedSearch = {
  readonly index: SearchIndex;
  /** Closes the index and opens it again on the same data. */
  reopen(): Promise<SearchIndex>;
  close(): Promise<void>;
};

const seed = 20190809;
export const matches: SearchIndexDeclaration = {
  name: 'matches',
  textFields: ['home', 'away', 'competition'],
  filterFields: ['competition', 'status'],
};

export function match(id: string, home: string, away: string, changes: JsonObject = {}): SearchDocument {
  return { id, version: 1, document: { home, away, competition: 'Premier League', status: 'scheduled', ...changes } };
}

export function searchIndexContract(adapter: string, open: () => Promise<OpenedSearch>): void {
  let opened: OpenedSearch | undefined;
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });
  /** Prepares the first generation, indexes each batch and answers the index, opened again. */
  const indexed = async (...batches: readonly (readonly SearchDocument[])[]): Promise<SearchIndex> => {
    opened = await open();
    await opened.index.prepare(1, matches);
    for (const batch of batches) await opened.index.index('matches', 1, batch);
    return opened.reopen();
  };

  describe(`${adapter}: words`, () => wordContract(indexed));
  describe(`${adapter}: pages and filters`, () => pageContract(indexed));
  describe(`${adapter}: versions and generations`, () => versionContract(indexed));
}

type Indexed = (...batches: readonly (readonly SearchDocument[])[]) => Promise<SearchIndex>;

async function found(index: SearchIndex, text: string, query: Partial<SearchQuery> = {}): Promise<readonly string[]> {
  const { hits } = await index.search('matches', 1, { text, filters: {}, limit: 100, ...query });
  return hits.map(({ id }) => id);
}

function wordContract(indexed: Indexed): void {
  test('a document is found by a word of any text field, whole and with its version', async () => {
    const document = { ...match('f1', 'Leeds United', 'Norwich City'), version: 7 };
    const index = await indexed([document]);
    for (const word of ['leeds', 'City', 'PREMIER']) {
      const { hits, cursor } = await index.search('matches', 1, { text: word, filters: {}, limit: 10 });
      expect(hits).toEqual([document]);
      expect(cursor).toBeUndefined();
    }
    expect(await found(index, 'arsenal')).toEqual([]);
    expect(await found(index, 'scheduled')).toEqual([]);
  });

  test('every word must match, in any order and in any field', async () => {
    const index = await indexed([match('f1', 'Leeds United', 'Norwich City'), match('f2', 'Leeds United', 'Arsenal')]);
    expect(await found(index, 'city leeds')).toEqual(['f1']);
    expect(await found(index, 'united leeds premier arsenal')).toEqual(['f2']);
    expect(await found(index, 'leeds chelsea')).toEqual([]);
  });

  test('the last word is a prefix, the others are whole', async () => {
    const index = await indexed([match('f1', 'Manchester United', 'Norwich City')]);
    expect(await found(index, 'man')).toEqual(['f1']);
    expect(await found(index, 'm')).toEqual(['f1']);
    expect(await found(index, 'manchester uni')).toEqual(['f1']);
    expect(await found(index, 'manch united')).toEqual([]);
    expect(await found(index, 'nited')).toEqual([]);
  });

  test('case and diacritics do not matter, on either side', async () => {
    const index = await indexed([match('f1', 'Malmö FF', 'Brøndby IF'), match('f2', 'Śląsk Wrocław', 'Atlético Madrid')]);
    for (const text of ['malmo', 'MALMÖ', 'Brondby', 'brøndby', 'malm\u006f\u0308']) expect(await found(index, text)).toEqual(['f1']);
    for (const text of ['slask', 'Śląsk', 'wroclaw', 'atletico', 'ATLÉTICO']) expect(await found(index, text)).toEqual(['f2']);
  });

  test('a match in a more important field ranks higher; equals come by id', async () => {
    const index = await indexed([
      match('f1', 'Arsenal', 'Leeds'),
      match('f2', 'Leeds', 'Chelsea'),
      match('f3', 'Arsenal', 'Leeds'),
      match('f4', 'Burnley', 'Chelsea', { competition: 'Leeds' }),
    ]);
    expect(await found(index, 'leeds')).toEqual(['f2', 'f1', 'f3', 'f4']);
  });

  test('whatever is typed is words, never an operator', async () => {
    const index = await indexed([match('f1', 'Leeds United', 'Norwich City'), match('f2', "Queen's Park", 'AND OR NOT')]);
    expect(await found(index, '"leeds')).toEqual(['f1']);
    expect(await found(index, 'leeds*')).toEqual(['f1']);
    expect(await found(index, 'home:leeds')).toEqual([]);
    expect(await found(index, 'leeds OR arsenal')).toEqual([]);
    expect(await found(index, 'NOT')).toEqual(['f2']);
    expect(await found(index, 'and not')).toEqual(['f2']);
    expect(await found(index, "queen's")).toEqual(['f2']);
    expect(await found(index, 'queens')).toEqual(['f2']);
    expect(await found(index, "leeds'; DROP TABLE x; --")).toEqual([]);
    expect(await found(index, '🏇 leeds')).toEqual(['f1']);
  });

  test('no text, however typed, is a failure', async () => {
    const index = await indexed([match('f1', 'Leeds United', 'Norwich City')]);
    const texts = fc.string({ unit: fc.constantFrom(...'leds "*^+-:(){}\\\'~\u0000🏇ö'.split(''), 'AND', 'NEAR('), maxLength: 24 });
    const property = fc.asyncProperty(texts, async (text) => {
      expect((await found(index, text)).length).toBeLessThanOrEqual(1);
    });
    await fc.assert(property, { seed, numRuns: 200 });
  });

  test('no words at all match everything, by id', async () => {
    const index = await indexed([match('f2', 'Leeds', 'Burnley'), match('f1', 'Arsenal', 'Chelsea')]);
    for (const text of ['', '   ', '"*', '🏇']) expect(await found(index, text)).toEqual(['f1', 'f2']);
  });
}

function pageContract(indexed: Indexed): void {
  const season = Array.from({ length: 57 }, (_, n) =>
    match(`f${String((n * 31) % 57).padStart(2, '0')}`, n % 3 === 0 ? 'Leeds' : 'Arsenal', n % 2 === 0 ? 'Leeds United' : 'Chelsea', {
      competition: n % 5 === 0 ? 'FA Cup' : 'Premier League',
      status: n % 4 === 0 ? 'ended' : 'scheduled',
    }),
  );

  test('filters are equalities and hold together, with and without text', async () => {
    const index = await indexed(season);
    const is = (key: string, value: string) => ({ document }: SearchDocument) => document[key] === value;
    const ids = (documents: readonly SearchDocument[]) => documents.map(({ id }) => id).toSorted();
    const cup = season.filter(is('competition', 'FA Cup'));
    expect(ids(cup).length).toBeGreaterThan(3);
    expect(await found(index, '', { filters: { competition: 'FA Cup' } })).toEqual(ids(cup));
    expect(await found(index, '', { filters: { competition: 'FA Cup', status: 'ended' } })).toEqual(ids(cup.filter(is('status', 'ended'))));
    const chelsea = cup.filter(is('away', 'Chelsea'));
    expect((await found(index, 'chelsea', { filters: { competition: 'FA Cup' } })).toSorted()).toEqual(ids(chelsea));
    expect(await found(index, '', { filters: { competition: 'fa cup' } })).toEqual([]);
    expect(await found(index, '', { filters: { competition: 'FA' } })).toEqual([]);
  });

  test('an undeclared filter and a senseless limit are refused', async () => {
    const index = await indexed([]);
    await expect(found(index, '', { filters: { home: 'Leeds' } })).rejects.toThrow('assertion');
    await expect(found(index, '', { limit: 0 })).rejects.toThrow('assertion');
  });

  test('pages laid end to end are the whole answer, each hit once and in the same order', async () => {
    const index = await indexed(season);
    for (const text of ['', 'leeds', 'premier l']) {
      const whole = await found(index, text);
      expect(whole.length).toBeGreaterThan(20);
      const paged: string[] = [];
      let cursor: string | undefined;
      for (let pages = 0; pages < 20 && (pages === 0 || cursor !== undefined); pages += 1) {
        const answer = await index.search('matches', 1, { text, filters: {}, limit: 7, ...(cursor === undefined ? {} : { cursor }) });
        paged.push(...answer.hits.map(({ id }) => id));
        cursor = answer.cursor;
      }
      expect(cursor).toBeUndefined();
      expect(paged).toEqual(whole);
    }
  });

  test('a page that is just full has a cursor only when more follows', async () => {
    const index = await indexed(season.slice(0, 4));
    const answer = async (limit: number) => (await index.search('matches', 1, { text: '', filters: {}, limit })).cursor !== undefined;
    expect([await answer(3), await answer(4), await answer(5)]).toEqual([true, false, false]);
  });

  test('a cursor that was not made here is refused with its code', async () => {
    const index = await indexed(season);
    const asCursor = (json: string) => Buffer.from(json).toString('base64url');
    const texts = ['', 'x', '%%%', 'bnVsbA', asCursor('{"score":"1","id":3}'), asCursor('[]'), asCursor('{')];
    for (const cursor of texts) await expect(found(index, 'leeds', { cursor })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });
}

function versionContract(indexed: Indexed): void {
  test('a newer version replaces the whole document, an older or equal one is skipped', async () => {
    const newer = { ...match('f1', 'Burnley', 'Chelsea', { status: 'ended' }), version: 3 };
    const older = { ...match('f1', 'Arsenal', 'Everton'), version: 2 };
    const equal = { ...match('f1', 'Watford', 'Everton'), version: 3 };
    const index = await indexed([match('f1', 'Leeds', 'Norwich'), match('f2', 'Leeds', 'Fulham')], [newer, older], [equal]);
    expect(await found(index, 'leeds')).toEqual(['f2']);
    expect(await found(index, 'norwich')).toEqual([]);
    expect(await found(index, 'arsenal')).toEqual([]);
    expect(await found(index, 'watford')).toEqual([]);
    expect((await index.search('matches', 1, { text: 'burn', filters: { status: 'ended' }, limit: 10 })).hits).toEqual([newer]);
    expect(await found(index, '', { filters: { status: 'scheduled' } })).toEqual(['f2']);
  });

  test('generations do not see each other, and a dropped one is gone', async () => {
    const index = await indexed([match('f1', 'Leeds', 'Norwich')]);
    await index.prepare(2, matches);
    await index.prepare(1, matches);
    await index.index('matches', 2, [match('f2', 'Leeds', 'Fulham')]);
    const inSecond = async () => (await index.search('matches', 2, { text: 'leeds', filters: {}, limit: 10 })).hits.map(({ id }) => id);
    expect([await found(index, 'leeds'), await inSecond()]).toEqual([['f1'], ['f2']]);
    expect([await index.exists('matches', 1), await index.exists('matches', 3)]).toEqual([true, false]);
    await index.drop('matches', 1);
    await index.drop('matches', 1);
    expect([await index.exists('matches', 1), await index.exists('matches', 2)]).toEqual([false, true]);
    expect([await found(index, 'leeds'), await inSecond()]).toEqual([[], ['f2']]);
  });

  test('what was never prepared is found empty and is not written', async () => {
    const index = await indexed([]);
    expect(await index.search('matches', 9, { text: 'leeds', filters: {}, limit: 10 })).toEqual({ hits: [] });
    await expect(index.index('matches', 9, [match('f1', 'Leeds', 'Norwich')])).rejects.toThrow('prepared');
  });
}
