// One collection of one generation in the embedded read-model store: its statements, prepared when first used.
// Used by embedded.ts, with a read-write or a read-only connection.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { CollectionDeclaration, FindQuery, StoredDocument } from '@wagerline/shared-kernel/ports/read-model-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { equalText, indexFor, indexKeysOf, type IndexKey } from './index-keys.ts';
import { integer, jsonObject, prepareRows, text, type Row } from './sqlite.ts';

export const findLimitMax = 1000;
const scanPageSize = 200;
const shardNumber = '(SELECT number FROM shards WHERE name = ?)';
const primary = '"index" = 0 AND equal = \'\' AND sort = \'\'';

export class EmbeddedCollection {
  readonly declaration: CollectionDeclaration;
  readonly #db: DatabaseSync;
  readonly #number: number;
  readonly #statements = new Map<string, StatementSync>();
  #lastNumber: number | undefined;

  constructor(db: DatabaseSync, number: number, declaration: CollectionDeclaration) {
    this.#db = db;
    this.#number = number;
    this.declaration = declaration;
  }

  get(shard: string, id: string): StoredDocument | undefined {
    const row = this.#statement(
      'get',
      () => `SELECT e.id, d.version, d.json FROM entries_${this.#number} e CROSS JOIN documents_${this.#number} d ON d.document = e.document
        WHERE e.shard = ${shardNumber} AND ${primary} AND e.id = ?`,
    ).get(shard, id);
    return row === undefined ? undefined : storedDocument(shard, row);
  }

  find(query: FindQuery): readonly StoredDocument[] {
    const { shard, limit } = query;
    assert(Number.isSafeInteger(limit) && limit > 0 && limit <= findLimitMax, `find takes a limit of 1 to ${findLimitMax}`);
    const { sql, values } = findStatement(this.#number, indexFor(this.declaration, query.index, query.equals), query);
    return this.#statement(sql, () => sql)
      .all(...values)
      .map((row) => storedDocument(shard, row));
  }

  /** Pages of every document in the order of shard and id; each page is one short read. */
  *scan(): Generator<readonly StoredDocument[]> {
    const columns = `SELECT e.id, d.version, d.json, s.name FROM shards s CROSS JOIN entries_${this.#number} e ON e.shard = s.number
      CROSS JOIN documents_${this.#number} d ON d.document = e.document`;
    const restOfShard = `${columns} WHERE s.name = ? AND ${primary} AND e.id > ? ORDER BY e.id LIMIT ${scanPageSize}`;
    const nextShards = `${columns} WHERE s.name > ? AND ${primary} ORDER BY s.name, e.id LIMIT ${scanPageSize}`;
    const documentOf = (row: Row): StoredDocument => storedDocument(text(row[3]), row);
    let page = this.#statement(nextShards, () => nextShards).all('').map(documentOf);
    // Every turn goes on behind the last document of the page before; an empty page of later shards is the end.
    for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
      yield page;
      page = this.#statement(restOfShard, () => restOfShard).all(last.shard, last.id).map(documentOf);
      if (page.length === 0) page = this.#statement(nextShards, () => nextShards).all(last.shard).map(documentOf);
    }
  }

  /** Applied only where the stored version is lower. `shardNumber` is the number of the document's shard. */
  put(shard: number, id: string, version: number, document: JsonObject): void {
    const keys = indexKeysOf(this.declaration, document);
    const keysText = JSON.stringify(keys);
    const json = JSON.stringify(document);
    const next = this.#nextNumber();
    // Most documents are new: trying to be the first costs no more than looking whether one is.
    if (this.#claim().run(shard, id, next).changes === 1) {
      this.#lastNumber = next;
      this.#statement('insert', () => `INSERT INTO documents_${this.#number} VALUES (?, ?, ?, ?)`).run(next, version, keysText, json);
      for (const key of keys) this.#addEntry(key, shard, id, next);
      return;
    }
    const found = this.#entry().get(shard, id);
    const number = integer(found?.[0]);
    const stored = this.#stored().get(number);
    if (integer(stored?.[0]) >= version) return;
    const update = () => `UPDATE documents_${this.#number} SET version = ?, keys = ?, json = ? WHERE document = ?`;
    this.#statement('update', update).run(version, keysText, json, number);
    if (stored?.[1] !== keysText) this.#moveEntries(keysOf(stored), keys, shard, id, number);
  }

  delete(shard: number, id: string): void {
    const found = this.#entry().get(shard, id);
    if (found === undefined) return;
    const number = integer(found[0]);
    for (const key of keysOf(this.#stored().get(number))) this.#removeEntry(key, shard, id);
    this.#removeEntry([0, '', ''], shard, id);
    this.#statement('delete', () => `DELETE FROM documents_${this.#number} WHERE document = ?`).run(number);
  }

  #moveEntries(before: readonly IndexKey[], after: readonly IndexKey[], shard: number, id: string, number: number): void {
    for (const key of before) if (!hasKey(after, key)) this.#removeEntry(key, shard, id);
    for (const key of after) if (!hasKey(before, key)) this.#addEntry(key, shard, id, number);
  }

  /** Numbers only grow while this collection is open, also past those that a rollback took back. */
  #nextNumber(): number {
    const newest = () => `SELECT coalesce(max(document), 0) FROM documents_${this.#number}`;
    this.#lastNumber ??= integer(this.#statement('newest', newest).get()?.[0]);
    return this.#lastNumber + 1;
  }

  #claim(): StatementSync {
    const sql = () => `INSERT INTO entries_${this.#number} VALUES (?, 0, '', '', ?, ?) ON CONFLICT DO NOTHING`;
    return this.#statement('claim', sql);
  }

  #entry(): StatementSync {
    return this.#statement('entry', () => `SELECT document FROM entries_${this.#number} WHERE shard = ? AND ${primary} AND id = ?`);
  }

  #stored(): StatementSync {
    return this.#statement('stored', () => `SELECT version, keys FROM documents_${this.#number} WHERE document = ?`);
  }

  #addEntry([index, equal, sort]: IndexKey, shard: number, id: string, number: number): void {
    const sql = () => `INSERT INTO entries_${this.#number} VALUES (?, ?, ?, ?, ?, ?)`;
    this.#statement('add', sql).run(shard, index, equal, sort, id, number);
  }

  #removeEntry([index, equal, sort]: IndexKey, shard: number, id: string): void {
    const sql = () => `DELETE FROM entries_${this.#number} WHERE shard = ? AND "index" = ? AND equal = ? AND sort = ? AND id = ?`;
    this.#statement('remove', sql).run(shard, index, equal, sort, id);
  }

  /** The names in use are a fixed, small set: a few operations and the shapes of `find`. */
  #statement(name: string, sql: () => string): StatementSync {
    const known = this.#statements.get(name);
    if (known !== undefined) return known;
    const statement = prepareRows(this.#db, sql());
    this.#statements.set(name, statement);
    return statement;
  }
}

export type Statement = { readonly sql: string; readonly values: readonly SQLInputValue[] };

/** One statement per order and kind of bounds: a walk along the entries of one owner and index, no sorting. */
export function findStatement(collection: number, index: number, query: FindQuery): Statement {
  const { shard, equals, range, order, limit } = query;
  const isAscending = order === 'ascending';
  const near = isAscending ? range?.from : range?.before;
  const far = isAscending ? range?.before : range?.from;
  const bounds: string[] = [];
  const values: SQLInputValue[] = [shard, index, equalText(equals)];
  // The walk starts at one place. SQLite would choose either bound for it and skip row by row to the other, so only one is said.
  const isBehind = query.after !== undefined && near !== undefined && isOutside(query.after.value, near, isAscending);
  const after = isBehind ? undefined : query.after;
  if (after !== undefined) {
    bounds.push(`AND (e.sort, e.id) ${isAscending ? '>' : '<'} (?, ?)`);
    values.push(after.value, after.id);
  } else if (near !== undefined) {
    bounds.push(`AND e.sort ${isAscending ? '>=' : '<'} ?`);
    values.push(near);
  }
  if (far !== undefined) {
    bounds.push(`AND e.sort ${isAscending ? '<' : '>='} ?`);
    values.push(far);
  }
  const direction = isAscending ? 'ASC' : 'DESC';
  const sql = `SELECT e.id, d.version, d.json FROM entries_${collection} e CROSS JOIN documents_${collection} d ON d.document = e.document
    WHERE e.shard = ${shardNumber} AND e."index" = ? AND e.equal = ? ${bounds.join(' ')}
    ORDER BY e.sort ${direction}, e.id ${direction} LIMIT ?`;
  return { sql, values: [...values, limit] };
}

/** Whether a value lies before the range's own start, in walking direction. Numbers sort before text, text by its UTF-8 bytes. */
function isOutside(value: string | number, start: string | number, isAscending: boolean): boolean {
  const order = compareSort(value, start);
  return isAscending ? order < 0 : order >= 0;
}

function compareSort(left: string | number, right: string | number): number {
  if (typeof left === 'number') return typeof right === 'number' ? left - right : -1;
  return typeof right === 'number' ? 1 : Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function storedDocument(shard: string, row: Row): StoredDocument {
  return { shard, id: text(row[0]), version: integer(row[1]), document: jsonObject(row[2]) };
}

function hasKey(keys: readonly IndexKey[], key: IndexKey): boolean {
  return keys.some((other) => other[0] === key[0] && other[1] === key[1] && other[2] === key[2]);
}

function keysOf(stored: Row | undefined): readonly IndexKey[] {
  const keys: readonly IndexKey[] = JSON.parse(text(stored?.[1]));
  return keys;
}
