// Conditional writes in bulk: a row replaces only an older one. Every one of them may be repeated at any time, so the driver's
// and the caller's retries are harmless. Used by mongodb.ts and mongodb-generations.ts.

import { MongoBulkWriteError, MongoServerError, type AnyBulkWriteOperation, type Collection } from 'mongodb';
import { VersionConflictError } from '@wagerline/shared-kernel/ports/read-model-store';
import type { Row } from './mongodb-layout.ts';

const duplicateKey = 11_000;
const namespaceNotFound = 26;
/** What older servers say instead of a code. */
const noSuchCollectionText = 'ns not found';

/** `replaces`: the one version that the row may take the place of; -1 = none. */
export type RowChange = { readonly row: Row; readonly replaces: number | undefined };

/**
 * The upsert of a row that is there already, as new or newer, fails on `_id`; so does one that met another writer's first
 * insert. A second look without upsert tells them apart: it replaces what is older and leaves the rest.
 */
export async function replaceOlder(collection: Collection<Row>, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const newest = newestOfEach(rows);
  const met = await duplicatesOf(() => collection.bulkWrite(newest.map(replacement(true)), { ordered: false }));
  if (met.length === 0) return;
  const again = met.flatMap((place) => newest[place] ?? []);
  await collection.bulkWrite(again.map(replacement(false)), { ordered: false });
}

/** @throws VersionConflictError after all that can be written is written */
export async function writeRows(collection: Collection<Row>, changes: readonly RowChange[]): Promise<void> {
  await replaceOlder(collection, changes.flatMap(({ row, replaces }) => (replaces === undefined ? [row] : [])));
  const exact = changes.flatMap(({ row, replaces }) => (replaces === undefined ? [] : [exactly(row, replaces)]));
  if (exact.length === 0) return;
  let writtenCount = 0;
  const met = await duplicatesOf(async () => {
    const { insertedCount, matchedCount } = await collection.bulkWrite(exact, { ordered: false });
    writtenCount = insertedCount + matchedCount;
  });
  if (met.length > 0 || writtenCount < exact.length) throw new VersionConflictError('documents were changed by another writer');
}

function exactly({ _id, shard, version, document }: Row, replaces: number): AnyBulkWriteOperation<Row> {
  if (replaces < 0) return { insertOne: { document: { _id, shard, version, document } } };
  return { replaceOne: { filter: { _id, shard, version: replaces }, replacement: { shard, version, document } } };
}

/** An insert, or an upsert at the same moment as another one: what is there stays as it is. */
export async function unlessThere(insert: () => Promise<unknown>): Promise<void> {
  try {
    await insert();
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === duplicateKey)) throw error;
  }
}

export function isNoSuchCollection(error: unknown): boolean {
  return error instanceof MongoServerError && (error.code === namespaceNotFound || error.errmsg === noSuchCollectionText);
}

/** One row per key, so that the rest may be written in any order. */
function newestOfEach(rows: readonly Row[]): readonly Row[] {
  const newest = new Map<string, Row>();
  for (const row of rows) {
    const known = newest.get(row._id);
    if (known === undefined || known.version < row.version) newest.set(row._id, row);
  }
  return [...newest.values()];
}

function replacement(upsert: boolean): (row: Row) => AnyBulkWriteOperation<Row> {
  return ({ _id, shard, version, document }) => ({
    replaceOne: { filter: { _id, shard, version: { $lt: version } }, replacement: { shard, version, document }, upsert },
  });
}

/** Places of the operations that met a row of their key; any other failure is thrown. */
async function duplicatesOf(write: () => Promise<unknown>): Promise<readonly number[]> {
  try {
    await write();
    return [];
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const failures = [error.writeErrors].flat();
    const isAllDuplicates = failures.length > 0 && failures.every(({ code }) => code === duplicateKey);
    if (!isAllDuplicates || error.result.getWriteConcernError() !== undefined) throw error;
    return failures.map(({ index }) => index);
  }
}
