// How read models lie in MongoDB: names, the shard key, indexes, and what a query of the port asks of them. Pure; used by the
// mongodb adapter and by index-coverage.ts, which holds every query against the declared indexes.

import type { Filter } from 'mongodb';
import type { CollectionDeclaration, FindQuery, ModelGeneration, StoredDocument } from '@wagerline/shared-kernel/ports/read-model-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { indexFor } from './index-keys.ts';

/** A document or a watermark. `shard` stands in every filter; `_id` holds it too, so it is unique in the whole cluster. */
export type Row = { readonly _id: string; readonly shard: string; readonly version: number; readonly document: JsonObject };

/** Parts of a generation beside its declared collections; no declared name starts like this. */
export const ownParts = ['_watermarks', '_checkpoints', '_parked'] as const;

/**
 * Owners are spread by hash, whatever their ids look like; behind the hash, a heavy owner's documents can still be split.
 * Every put names both fields, every find the first, so no command of a request is a broadcast.
 */
export const shardKey = { shard: 'hashed', _id: 1 } as const;
export const findLimitMax = 1000;

/** Sorts before every character that a shard value may have, so that the order of `_id` is that of shard and id. */
const separator = '\n';
const belowSeparator = /[\u0000-\u001f]/u;

export function collectionName({ model, generation }: ModelGeneration, part: string): string {
  return `${model}.${generation}.${part}`;
}

export function rowId(shard: string, id: string): string {
  return `${shard}${separator}${id}`;
}

export function storedDocument({ _id, shard, version, document }: Row): StoredDocument {
  return { shard, id: _id.slice(shard.length + separator.length), version, document };
}

export function checkName({ name }: CollectionDeclaration): void {
  assert(/^[a-z][a-z0-9-]{0,60}$/.test(name), `${name.slice(0, 80)} is the name of a collection`);
}

/** What the adapter relies on: the document is in its owner's shard, and only the first field of an index is an array. */
export function checkDocument({ name, shardKey: owner, indexes }: CollectionDeclaration, shard: string, document: JsonObject): void {
  assert(document[owner] === shard, `a document of ${name} carries its shard key`);
  assert(!belowSeparator.test(shard), `a shard of ${name} has no control characters`);
  for (const { fields } of indexes) {
    for (const [place, field] of fields.entries()) {
      const value = document[field] ?? null;
      const isPlain = value === null || typeof value !== 'object';
      const mayBeArray = place === 0 && fields.length > 1;
      assert(isPlain || (mayBeArray && Array.isArray(value)), 'an index holds plain values; only its first field may be an array');
    }
  }
}

/** The owner first, then the declared fields, then the tie-break: an equality, a sort and a range are one walk of the index. */
export function indexSpecifications({ indexes }: CollectionDeclaration): readonly { readonly name: string; readonly key: Record<string, 1> }[] {
  return indexes.map(({ name, fields }) => {
    const key: Record<string, 1> = { shard: 1 };
    for (const field of fields) key[pathOf(field)] = 1;
    return { name, key: { ...key, _id: 1 } };
  });
}

export type FindCommand = { readonly filter: Filter<Row>; readonly sort: Readonly<Record<string, 1 | -1>> };

/**
 * All bounds of the sort field hold together and narrow the walk; the tie-break is checked on the index's own keys. A document
 * that has neither text nor number there does not stand in the index. A sort field holds one of the two in all documents.
 */
export function findCommand(declaration: CollectionDeclaration, query: FindQuery): FindCommand {
  const { shard, equals, range, order, after } = query;
  const index = declaration.indexes[indexFor(declaration, query.index, equals) - 1];
  assert(index !== undefined, 'a found index is declared');
  const equalities = Object.fromEntries(index.fields.slice(0, -1).map((field, place) => [pathOf(field), equals[place]]));
  const sortField = pathOf(index.fields.at(-1) ?? '');
  const [behind, notBefore, direction] = order === 'ascending' ? (['$gt', '$gte', 1] as const) : (['$lt', '$lte', -1] as const);
  const bounds: Filter<Row>[] = [];
  if (range?.from !== undefined) bounds.push({ [sortField]: { $gte: range.from } });
  if (range?.before !== undefined) bounds.push({ [sortField]: { $lt: range.before } });
  if (after !== undefined) {
    bounds.push({ [sortField]: { [notBefore]: after.value } });
    bounds.push({ $or: [{ [sortField]: { [behind]: after.value } }, { _id: { [behind]: rowId(shard, after.id) } }] });
  }
  if (bounds.length === 0) bounds.push({ [sortField]: { $type: ['string', 'number'] } });
  return { filter: { shard, ...equalities, $and: bounds }, sort: { [sortField]: direction, _id: direction } };
}

/** A key alone is asked for by equality, which every server answers from its index. */
export function keysFilter(keys: readonly Pick<Row, 'shard' | '_id'>[]): Filter<Row> {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return { _id: only._id, shard: only.shard };
  return { shard: { $in: [...new Set(keys.map(({ shard }) => shard))] }, _id: { $in: keys.map(({ _id }) => _id) } };
}

function pathOf(field: string): string {
  return `document.${field}`;
}
