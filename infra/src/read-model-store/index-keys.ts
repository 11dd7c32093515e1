// Where a document stands in the declared indexes of its collection. Pure; used by the embedded adapter's writes and reads.

import type { CollectionDeclaration, IndexDeclaration } from '@wagerline/shared-kernel/ports/read-model-store';
import type { Json, JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';

/** Number of the index (0 is the primary key), JSON text of the values before the sort field, the sort value. */
export type IndexKey = readonly [index: number, equal: string, sort: string | number];

/**
 * The entries of a document. One that has no text or number in the sort field does not stand in that index;
 * an absent field among the others counts as null.
 */
export function indexKeysOf(declaration: CollectionDeclaration, document: JsonObject): readonly IndexKey[] {
  const keys: IndexKey[] = [];
  for (const [place, { fields }] of declaration.indexes.entries()) {
    const sort = document[fields.at(-1) ?? ''];
    if (typeof sort !== 'string' && typeof sort !== 'number') continue;
    const values = fields.slice(0, -1).map((field) => document[field] ?? null);
    const [first] = values;
    if (!Array.isArray(first)) {
      keys.push([place + 1, equalText(values), sort]);
      continue;
    }
    const elements: readonly Json[] = first;
    const equals = new Set(elements.map((element) => equalText([element, ...values.slice(1)])));
    for (const equal of equals) keys.push([place + 1, equal, sort]);
  }
  return keys;
}

export function equalText(values: readonly Json[]): string {
  const isPlain = values.every((value) => value === null || typeof value !== 'object');
  assert(isPlain, 'an index holds plain values; only its first field may be an array');
  return JSON.stringify(values);
}

export function checkDeclaration({ name, shardKey, indexes }: CollectionDeclaration): void {
  assert(name.length > 0 && shardKey.length > 0, 'a collection has a name and a shard key');
  assert(new Set(indexes.map((index) => index.name)).size === indexes.length, `the indexes of ${name} have different names`);
  assert(indexes.every(({ fields }) => fields.length > 0), `every index of ${name} has a field`);
}

/** The declared index and its number. A query names all fields before the sort field, else no index could serve it. */
export function indexFor(declaration: CollectionDeclaration, name: string, equals: readonly Json[]): number {
  const place = declaration.indexes.findIndex((index) => index.name === name);
  const index: IndexDeclaration | undefined = declaration.indexes[place];
  assert(index !== undefined, `collection ${declaration.name} declares no index ${name}`);
  assert(equals.length === index.fields.length - 1, `index ${name} of ${declaration.name} takes ${index.fields.length - 1} equals`);
  return place + 1;
}
