// What every read-model store promises about `find` and `scan`: the part of contract.ts that asks. Called by contract.ts alone.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FindQuery, ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import type { Json, JsonObject } from '@wagerline/shared-kernel/values/json';
import { bets, betPut, collected, first, type OpenedReadModels } from './testing-bets.ts';

const seed = 20190809;
const base = { collection: 'bets', shard: 'ann', equals: [], limit: 100 } as const;

async function ids(store: ReadModelStore, query: Pick<FindQuery, 'index' | 'order'> & Partial<FindQuery>): Promise<readonly string[]> {
  return (await store.find(first, { ...base, ...query })).map(({ id }) => id);
}

export function queryContract(open: () => Promise<OpenedReadModels>): void {
  const stored = async (...changes: readonly (JsonObject & { readonly betId: string })[]): Promise<ReadModelStore> => {
    const { store, reopen } = await open();
    await store.prepare(first, [bets]);
    await store.write(first, { puts: changes.map((each) => betPut('ann', each.betId, 1, each)), watermarks: [] });
    return reopen();
  };

  test('documents come in the order of the sort field, of equal values by id, both ways', async () => {
    const store = await stored({ betId: 'b3', placedAt: 'T1' }, { betId: 'b1', placedAt: 'T2' }, { betId: 'b2', placedAt: 'T1' });
    expect(await ids(store, { index: 'by-time', order: 'ascending' })).toEqual(['b2', 'b3', 'b1']);
    expect(await ids(store, { index: 'by-time', order: 'descending' })).toEqual(['b1', 'b3', 'b2']);
  });

  test('numbers sort as numbers', async () => {
    const store = await stored({ betId: 'b1', stakeMinor: 1000 }, { betId: 'b2', stakeMinor: 90 }, { betId: 'b3', stakeMinor: 200 });
    expect(await ids(store, { index: 'by-stake', order: 'ascending' })).toEqual(['b2', 'b3', 'b1']);
    expect(await ids(store, { index: 'by-stake', order: 'ascending', range: { from: 100, before: 1000 } })).toEqual(['b3']);
  });

  test('a range takes in `from` and leaves out `before`', async () => {
    const store = await stored({ betId: 'b1', placedAt: 'T1' }, { betId: 'b2', placedAt: 'T2' }, { betId: 'b3', placedAt: 'T3' });
    for (const order of ['ascending', 'descending'] as const) {
      const inOrder = (...expected: readonly string[]) => (order === 'ascending' ? expected : expected.toReversed());
      expect(await ids(store, { index: 'by-time', order, range: { from: 'T1', before: 'T3' } })).toEqual(inOrder('b1', 'b2'));
      expect(await ids(store, { index: 'by-time', order, range: { from: 'T2' } })).toEqual(inOrder('b2', 'b3'));
      expect(await ids(store, { index: 'by-time', order, range: { before: 'T2' } })).toEqual(inOrder('b1'));
    }
  });

  test('a range and a place behind which to go on hold together', async () => {
    const store = await stored({ betId: 'b1', placedAt: 'T1' }, { betId: 'b2', placedAt: 'T2' }, { betId: 'b3', placedAt: 'T3' });
    const range = { from: 'T2', before: 'T3' };
    expect(await ids(store, { index: 'by-time', order: 'ascending', range, after: { value: 'T1', id: 'b1' } })).toEqual(['b2']);
    expect(await ids(store, { index: 'by-time', order: 'ascending', range, after: { value: 'T2', id: 'b2' } })).toEqual([]);
    expect(await ids(store, { index: 'by-time', order: 'descending', range, after: { value: 'T3', id: 'b3' } })).toEqual(['b2']);
    expect(await ids(store, { index: 'by-time', order: 'descending', range, after: { value: 'T3', id: 'a' } })).toEqual(['b2']);
  });

  test('an array field is found by each of its elements, once', async () => {
    const store = await stored(
      { betId: 'b1', competitions: ['cup', 'league', 'cup'] },
      { betId: 'b2', competitions: ['league'] },
      { betId: 'b3', competitions: [] },
      { betId: 'b4', competitions: ['cup'], status: 'void' },
    );
    expect(await ids(store, { index: 'by-competition', equals: ['cup', 'open'], order: 'ascending' })).toEqual(['b1']);
    expect(await ids(store, { index: 'by-competition', equals: ['league', 'open'], order: 'ascending' })).toEqual(['b1', 'b2']);
    expect(await ids(store, { index: 'by-competition', equals: ['cup', 'void'], order: 'ascending' })).toEqual(['b4']);
  });

  test('a document without the sort value does not stand in that index', async () => {
    const store = await stored({ betId: 'b1', settledAt: null }, { betId: 'b2', settledAt: 'T1' });
    expect(await ids(store, { index: 'by-settled', order: 'ascending' })).toEqual(['b2']);
    expect(await ids(store, { index: 'by-settled', order: 'descending', range: { before: 'T9' } })).toEqual(['b2']);
  });

  test('null is found as null, and not as the text "null"', async () => {
    const store = await stored({ betId: 'b1', status: null }, { betId: 'b2', status: 'null' });
    expect(await ids(store, { index: 'by-status', equals: [null], order: 'ascending' })).toEqual(['b1']);
    expect(await ids(store, { index: 'by-status', equals: ['null'], order: 'ascending' })).toEqual(['b2']);
  });

  test('a changed document moves in its indexes', async () => {
    const { store, reopen } = await open();
    await store.prepare(first, [bets]);
    await store.write(first, { puts: [betPut('ann', 'b1', 1, { competitions: ['cup', 'league'] })], watermarks: [] });
    const settled = { competitions: ['league', 'friendly'], status: 'settled', settledAt: 'T5' };
    await store.write(first, { puts: [betPut('ann', 'b1', 2, settled)], watermarks: [] });
    const again = await reopen();
    const found = (competition: string, status: string) =>
      ids(again, { index: 'by-competition', equals: [competition, status], order: 'ascending' });
    expect(await found('cup', 'open')).toEqual([]);
    expect(await found('league', 'open')).toEqual([]);
    expect(await found('league', 'settled')).toEqual(['b1']);
    expect(await found('friendly', 'settled')).toEqual(['b1']);
    expect(await ids(again, { index: 'by-status', equals: ['open'], order: 'ascending' })).toEqual([]);
    expect(await ids(again, { index: 'by-settled', order: 'ascending' })).toEqual(['b1']);
  });

  test('another owner sees nothing', async () => {
    const store = await stored({ betId: 'b1' });
    expect(await ids(store, { shard: 'bob', index: 'by-time', order: 'ascending' })).toEqual([]);
    expect(await ids(store, { shard: 'an', index: 'by-time', order: 'ascending' })).toEqual([]);
  });

  test('an undeclared index, too few or too many equals, and a senseless limit are refused', async () => {
    const store = await stored();
    const refused = async (query: Partial<FindQuery>) => {
      const asked = ids(store, { index: 'by-status', equals: ['open'], order: 'ascending', ...query });
      await expect(asked).rejects.toThrow('assertion');
    };
    await refused({ index: 'by-colour' });
    await refused({ equals: [] });
    await refused({ equals: ['open', 'T1'] });
    await refused({ limit: 0 });
    await refused({ limit: 1_000_000 });
  });

  test('pages of any query, laid end to end, are the naive answer', async () => {
    const [statuses, competitions, days] = [['open', 'settled'], ['cup', 'league', 'friendly'], 6];
    const documents = Array.from({ length: 120 }, (_, n) => ({
      betId: `b${(n * 7919) % 997}`,
      status: statuses[n % 2] ?? '',
      placedAt: `T${(n * 31) % days}`,
      competitions: competitions.filter((_name, place) => ((n * 13) >> place) % 2 === 1),
    }));
    const store = await stored(...documents);
    const day = fc.option(fc.nat(days).map((n) => `T${n}`), { nil: undefined });
    const shape = fc.record({
      status: fc.constantFrom(...statuses),
      competition: fc.option(fc.constantFrom(...competitions), { nil: undefined }),
      order: fc.constantFrom('ascending' as const, 'descending' as const),
      from: day,
      before: day,
      limit: fc.integer({ min: 1, max: 30 }),
    });
    const property = fc.asyncProperty(shape, async ({ status, competition, order, from, before, limit }) => {
      const range = { ...(from === undefined ? {} : { from }), ...(before === undefined ? {} : { before }) };
      const equals: readonly Json[] = competition === undefined ? [status] : [competition, status];
      const query: FindQuery = { ...base, index: competition === undefined ? 'by-status' : 'by-competition', equals, range, order, limit };
      const expected = documents
        .filter((each) => each.status === status && (competition === undefined || each.competitions.includes(competition)))
        .filter((each) => (from === undefined || each.placedAt >= from) && (before === undefined || each.placedAt < before));
      expect(await laidEndToEnd(store, query)).toEqual(order === 'ascending' ? inTextOrder(expected) : inTextOrder(expected).toReversed());
    });
    await fc.assert(property, { seed, numRuns: 100 });
  });

  test('scan gives every document, ordered by shard and id', async () => {
    const { store, reopen } = await open();
    await store.prepare(first, [bets]);
    const keys = Array.from({ length: 700 }, (_, n) => ({ shard: `a${(n * 7) % 11}`, id: `b${(n * 7919) % 1009}` }));
    await store.write(first, { puts: keys.map(({ shard, id }) => betPut(shard, id, 1)), watermarks: [] });
    await store.write(first, { puts: [], deletes: [{ collection: 'bets', shard: 'a0', id: 'b0' }], watermarks: [] });
    const scanned = await collected((await reopen()).scan(first, 'bets'));
    const expected = keys.filter(({ shard, id }) => `${shard} ${id}` !== 'a0 b0').map(({ shard, id }) => `${shard} ${id}`);
    expect(scanned.map(({ shard, id }) => `${shard} ${id}`)).toEqual(expected.toSorted());
    expect(scanned.every(({ shard, id, document }) => document['accountId'] === shard && document['betId'] === id)).toBe(true);
  });
}

function inTextOrder(documents: readonly { readonly placedAt: string; readonly betId: string }[]): readonly string[] {
  const inOrder = documents.toSorted((left, right) => compareText(left.placedAt, right.placedAt) || compareText(left.betId, right.betId));
  return inOrder.map(({ betId }) => betId);
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

async function laidEndToEnd(store: ReadModelStore, query: FindQuery): Promise<readonly string[]> {
  const all: string[] = [];
  let after: FindQuery['after'];
  for (let pages = 0; pages < 200; pages += 1) {
    const page = await store.find(first, after === undefined ? query : { ...query, after });
    all.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    if (last === undefined || page.length < query.limit) return all;
    after = { value: String(last.document['placedAt']), id: last.id };
  }
  throw new Error('the pages do not end');
}
