import { describe, expect, test } from 'vitest';
import type { CollectionDeclaration, FindQuery } from '@wagerline/shared-kernel/ports/read-model-store';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { coverageOf, findCoverage, keysCoverage } from './index-coverage.ts';
import { checkDocument, indexSpecifications, rowId, storedDocument, type FindCommand } from './mongodb-layout.ts';
import { bet, bets } from './testing-bets.ts';
import { shardKeyFault } from './testing-mongodb.ts';

/** Every query that the port lets anybody send to a collection: each index, order, range and continuation. */
function everyQuery(declaration: CollectionDeclaration): readonly FindQuery[] {
  const [from, before, after] = ['T1', 'T9', { value: 'T5', id: 'b5' }];
  const ranges: readonly NonNullable<FindQuery['range']>[] = [{}, { from }, { before }, { from, before }];
  const shapes = (['ascending', 'descending'] as const).flatMap((order) => ranges.flatMap((range) => [{ order, range }, { order, range, after }]));
  return declaration.indexes.flatMap(({ name, fields }) =>
    shapes.map((shape) => {
      return { collection: declaration.name, shard: 'ann', index: name, equals: fields.slice(1).map(() => 'x'), limit: 20, ...shape };
    }),
  );
}

describe('what queries may ask of MongoDB', () => {
  const collections = [bets, ...readModels.flatMap((model) => model.collections)];

  test('every find is one walk along a declared index: equalities first, then the sort, and bounds on nothing else', () => {
    const queries = collections.flatMap((declaration) => everyQuery(declaration).map((query) => ({ declaration, query })));
    expect(queries.length).toBeGreaterThan(100);
    for (const { declaration, query } of queries) expect(findCoverage(declaration, query).fault, JSON.stringify(query)).toBeUndefined();
  });

  test('what no index serves is seen, and what every shard would be asked', () => {
    const index = { name: 'by-status', key: { shard: 1, 'document.status': 1, 'document.placedAt': 1, _id: 1 } } as const;
    const equal = { shard: 'ann', 'document.status': 'open' };
    const sort = { 'document.placedAt': -1, _id: -1 } as const;
    const faultOf = (command: FindCommand): string | undefined => coverageOf(command, index).fault;
    expect(faultOf({ filter: { ...equal, $and: [{ 'document.placedAt': { $lt: 'T' } }] }, sort })).toBeUndefined();
    expect(faultOf({ filter: { 'document.status': 'open' }, sort })).toContain('every shard');
    expect(faultOf({ filter: { ...equal, shard: { $gt: '' } }, sort })).toContain('every shard');
    expect(faultOf({ filter: { shard: 'ann' }, sort })).toContain('no declared index');
    expect(faultOf({ filter: { ...equal, 'document.currency': 'GBP' }, sort })).toContain('no declared index');
    expect(faultOf({ filter: equal, sort: { 'document.placedAt': -1, _id: 1 } })).toContain('both ways');
    expect(faultOf({ filter: { ...equal, $and: [{ 'document.stakeMinor': { $gt: 5 } }] }, sort })).toContain('stakeMinor');
    expect(coverageOf({ filter: equal, sort }, undefined).fault).toContain('no declared index');
  });

  test('reads by key are found by their keys and sent to their shards', () => {
    const keys = ['ann', 'bob'].map((shard) => ({ shard, _id: rowId(shard, 'b1') }));
    expect(keysCoverage(keys)).toEqual({ filter: 'shard in, _id in', sort: '', index: '_id_ (_id)', fault: undefined });
    expect(keysCoverage(keys.slice(1))).toEqual({ filter: '_id =, shard =', sort: '', index: '_id_ (_id)', fault: undefined });
  });

  test('an index is needed by nobody but the query of its name: none is the beginning of another', () => {
    for (const declaration of collections) {
      const keys = indexSpecifications(declaration).map(({ key }) => Object.keys(key).slice(0, -1).join(' '));
      for (const key of keys) expect(keys.filter((other) => other.startsWith(`${key} `))).toEqual([]);
    }
  });
});

describe('rows', () => {
  test('the key of a row is taken apart again, and sorts by shard, then id', () => {
    const row = { _id: rowId('ann', 'b1'), shard: 'ann', version: 3, document: bet('ann', 'b1') };
    expect(storedDocument(row)).toEqual({ shard: 'ann', id: 'b1', version: 3, document: bet('ann', 'b1') });
    const keys = [['a', 'z'], ['a', ' '], ['a!', 'a'], ['ab', 'a']].map(([shard = '', id = '']) => rowId(shard, id));
    expect(keys.toSorted()).toEqual([keys[1], keys[0], keys[2], keys[3]]);
  });

  test('a document that an index could not hold is refused before it is sent', () => {
    expect(() => checkDocument(bets, 'ann', bet('ann', 'b1', { competitions: [], settledAt: null }))).not.toThrow();
    expect(() => checkDocument(bets, 'bob', bet('ann', 'b1'))).toThrow('shard key');
    expect(() => checkDocument(bets, 'a\nb', bet('a\nb', 'b1'))).toThrow('control characters');
    expect(() => checkDocument(bets, 'ann', bet('ann', 'b1', { status: ['open'] }))).toThrow('only its first field');
    expect(() => checkDocument(bets, 'ann', bet('ann', 'b1', { placedAt: ['T1'] }))).toThrow('only its first field');
    expect(() => checkDocument(bets, 'ann', bet('ann', 'b1', { competitions: {} }))).toThrow('plain values');
  });
});

describe('the guard of the shard key', () => {
  const [collection, one] = ['bet-history.1.bets', { _id: 'ann\nb1', shard: 'ann' }];
  const found = (filter: object, more: object = {}) => shardKeyFault({ commandName: 'find', command: { find: collection, filter, ...more } });
  const updated = (...filters: readonly object[]) =>
    shardKeyFault({ commandName: 'update', command: { update: collection, updates: filters.map((q) => ({ q })) } });
  const deleted = (q: object) => shardKeyFault({ commandName: 'delete', command: { delete: collection, deletes: [{ q }] } });

  test('lets through what one shard can answer', () => {
    for (const filter of [one, { shard: 'ann' }, { shard: { $in: ['ann', 'bob'] }, _id: { $in: [] } }]) expect(found(filter)).toBeUndefined();
    expect([updated(one), deleted(one), found({}, { comment: 'scan' })]).toEqual([undefined, undefined, undefined]);
    expect(shardKeyFault({ commandName: 'find', command: { find: 'live', filter: { _id: 'bet-history' } } })).toBeUndefined();
  });

  test('sees a read or a write that would ask them all', () => {
    for (const filter of [{}, { _id: 'ann\nb1' }, { shard: { $gt: '' } }, { shard: { $exists: true } }]) expect(found(filter)).toContain('find without');
    expect(updated(one, { _id: 'ann\nb1' })).toContain('update without');
    expect(updated({ shard: 'ann' })).toContain('update without');
    expect(deleted({ shard: 'ann' })).toContain('delete without');
    expect(shardKeyFault({ commandName: 'aggregate', command: { aggregate: collection, pipeline: [] } })).toContain('aggregate without');
  });
});
