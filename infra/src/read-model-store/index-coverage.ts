// What MongoDB gets to see of a query of the port, and which declared index serves it: equalities first, then the sort, bounds on nothing
// else, and the shard key among the equalities. Pure; called by the checker of indexes and by tests.

import type { Filter } from 'mongodb';
import type { CollectionDeclaration, FindQuery } from '@wagerline/shared-kernel/ports/read-model-store';
import { findCommand, indexSpecifications, keysFilter, type FindCommand, type Row } from './mongodb-layout.ts';

export type Coverage = {
  /** As people read it: `shard =, document.status =, document.placedAt < >=`. */
  readonly filter: string;
  readonly sort: string;
  /** The serving index with its fields. */
  readonly index: string;
  /** Why no declared index serves it, or why every shard would be asked. */
  readonly fault: string | undefined;
};

type Specification = { readonly name: string; readonly key: Readonly<Record<string, 1>> };
type Test = readonly [field: string, operator: string];

export function findCoverage(declaration: CollectionDeclaration, query: FindQuery): Coverage {
  const specification = indexSpecifications(declaration).find(({ name }) => name === query.index);
  return coverageOf(findCommand(declaration, query), specification);
}

/** Of reads by key, one or many: `_id` is the index of every collection. */
export function keysCoverage(keys: readonly Pick<Row, 'shard' | '_id'>[]): Coverage {
  return coverageOf({ filter: keysFilter(keys), sort: {} }, { name: '_id_', key: { _id: 1 } });
}

export function coverageOf({ filter, sort }: FindCommand, specification: Specification | undefined): Coverage {
  const tests = testsOf(filter);
  const texts = [...Map.groupBy(tests, ([field]) => field)].map(([field, of]) => `${field} ${[...new Set(of.map(([, operator]) => operator))].join(' ')}`);
  const { name, key } = specification ?? { name: 'none', key: {} };
  return {
    filter: texts.join(', '),
    sort: Object.entries(sort).map(([field, direction]) => `${field} ${direction === 1 ? 'ascending' : 'descending'}`).join(', '),
    index: `${name} (${Object.keys(key).join(', ')})`,
    fault: faultOf(tests, sort, Object.keys(key)),
  };
}

function faultOf(tests: readonly Test[], sort: FindCommand['sort'], key: readonly string[]): string | undefined {
  const equal = tests.flatMap(([field, operator]) => (operator === '=' || operator === 'in' ? [field] : []));
  if (!equal.includes('shard')) return 'the shard key is not in the filter: every shard would be asked';
  const sorted = Object.keys(sort);
  // The key of a row alone finds it; its shard says where.
  const wanted = sorted.length === 0 ? equal.filter((field) => field !== 'shard') : [...equal, ...sorted];
  if (wanted.length === 0 || wanted.join() !== key.slice(0, wanted.length).join()) return 'no declared index begins with these equalities and this sort';
  if (new Set(Object.values(sort)).size > 1) return 'the sort goes both ways, the index one';
  const outside = tests.filter(([field, operator]) => operator !== '=' && operator !== 'in' && !sorted.includes(field));
  return outside.length === 0 ? undefined : `${outside.map(([field]) => field).join(', ')}: a bound on a field that is not sorted by`;
}

function testsOf(filter: Filter<Row>): readonly Test[] {
  return Object.entries(filter).flatMap(([field, value]): readonly Test[] => {
    if (field === '$and' || field === '$or') return [...value].flatMap(testsOf);
    if (typeof value !== 'object' || value === null) return [[field, '=']];
    return Object.keys(value).map((operator): Test => [field, operatorNames[operator] ?? operator]);
  });
}

const operatorNames: Readonly<Record<string, string>> = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=', $in: 'in', $type: 'is there' };
