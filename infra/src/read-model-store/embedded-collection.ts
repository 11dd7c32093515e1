// One collection of one generation in the embedded read-model store: puts, deletes, and the three ways to read.
// Used by embedded.ts, with a read-write or a read-only connection. A document is young first and sorted in later; every read
// looks at both, the young ones first, so that none is missed that is sorted in meanwhile.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { VersionConflictError, type CollectionDeclaration, type FindQuery, type StoredDocument } from '@wagerline/shared-kernel/ports/read-model-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { compareSort, compareText, findStatement, isWithin } from './find-statement.ts';
import { indexFor, indexKeysOf, equalText, type IndexKey } from './index-keys.ts';
import { inReadTransaction, integer, jsonObject, prepareRows, text, type Row } from './sqlite.ts';
import { mayHave, newestOf, primary, YoungDocuments, youngMax, type Young } from './young-documents.ts';

export const findLimitMax = 1000;
const scanPageSize = 200;
const primaryKey: IndexKey = [0, '', ''];

export class EmbeddedCollection {
  readonly declaration: CollectionDeclaration;
  readonly #db: DatabaseSync;
  readonly #number: number;
  readonly #young: YoungDocuments;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #finds = new Map<string, StatementSync>();
  #lastNumber: number | undefined;

  constructor(db: DatabaseSync, number: number, declaration: CollectionDeclaration, isReader: boolean) {
    this.#db = db;
    this.#number = number;
    this.#young = new YoungDocuments(db, number, isReader);
    this.#statements = prepareStatements(db, number);
    this.declaration = declaration;
  }

  get(shardName: string, id: string): StoredDocument | undefined {
    const shard = this.#shardOf(shardName);
    const number = shard === undefined ? undefined : this.#numberOf(shard, this.#young.of(shard), id);
    const row = number === undefined ? undefined : this.#statements.document.get(number);
    return row === undefined ? undefined : storedDocument(shardName, row);
  }

  find(query: FindQuery): readonly StoredDocument[] {
    const { limit } = query;
    assert(Number.isSafeInteger(limit) && limit > 0 && limit <= findLimitMax, `find takes a limit of 1 to ${findLimitMax}`);
    const index = indexFor(this.declaration, query.index, query.equals);
    return inReadTransaction(this.#db, () => {
      const shard = this.#shardOf(query.shard);
      if (shard === undefined) return [];
      const { sql, values } = findStatement(this.#number, index, shard, query);
      const sorted = this.#findStatement(sql).all(...values);
      const young = this.#findYoung(shard, index, query);
      const rows = young.length === 0 ? sorted : [...sorted, ...young].sort(rowOrder(query.order)).slice(0, limit);
      return rows.map((row) => storedDocument(query.shard, row));
    });
  }

  /** Rows as those of findStatement. */
  #findYoung(shard: number, index: number, query: FindQuery): readonly Row[] {
    const equal = equalText(query.equals);
    const rows: Row[] = [];
    const { numbers, keys } = this.#young.of(shard);
    for (const [place, number] of numbers.entries()) {
      const key = keysOf(keys[place]).find((other) => other[0] === index && other[1] === equal);
      const row = this.#statements.document.get(number);
      if (key !== undefined && row !== undefined && isWithin(query, key[2], text(row[0]))) rows.push({ ...row, 3: key[2] });
    }
    return rows;
  }

  /** Pages of every document in the order of shard and id; each page is one short read, and may be empty. */
  *scan(): Generator<readonly StoredDocument[]> {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const shards: readonly Row[] = this.#statements.shards.all(after);
      let page: StoredDocument[] = [];
      for (const row of shards) {
        for (const documents of this.#scanShard(integer(row[0]), text(row[1]))) {
          page.push(...documents);
          if (page.length < scanPageSize) continue;
          yield page;
          page = [];
        }
      }
      yield page;
      const last = shards.at(-1);
      after = last && text(last[1]);
    }
  }

  /** Those that are young now come from the first look at the shard alone, whether or not they are sorted in later. */
  *#scanShard(shard: number, name: string): Generator<readonly StoredDocument[]> {
    const { ids, numbers } = this.#young.of(shard);
    const known = new Set(ids);
    let young = numbers.flatMap((number) => {
      const row = this.#statements.document.get(number);
      return row === undefined ? [] : [storedDocument(name, row)];
    });
    for (let after = '', isLast = false; !isLast; ) {
      const sorted = this.#statements.sortedAfter.all(shard, after).map((row) => storedDocument(name, row));
      isLast = sorted.length < scanPageSize;
      after = sorted.at(-1)?.id ?? after;
      const isDue = ({ id }: StoredDocument): boolean => isLast || compareText(id, after) < 0;
      yield [...sorted.filter(({ id }) => !known.has(id)), ...young.filter(isDue)].sort((left, right) => compareText(left.id, right.id));
      young = young.filter((document) => !isDue(document));
    }
  }

  /** Applied only where the stored version is lower, or `replaces`. `shard` is the number of the document's shard. */
  put(shard: number, id: string, version: number, document: JsonObject, replaces?: number): void {
    const keys = indexKeysOf(this.declaration, document);
    const keysText = JSON.stringify(keys);
    const young = this.#young.of(shard);
    const number = this.#numberOf(shard, young, id);
    const stored = number === undefined ? undefined : this.#statements.stored.get(number);
    const storedVersion = stored === undefined ? -1 : integer(stored[0]);
    if (replaces !== undefined && replaces !== storedVersion) throw new VersionConflictError(`${id} is at version ${storedVersion}, not ${replaces}`);
    if (number === undefined) {
      this.#insert(shard, young, id, [version, keysText, JSON.stringify(document)]);
      return;
    }
    if (storedVersion >= version) return;
    this.#statements.update.run(version, keysText, JSON.stringify(document), number);
    const place = young.numbers.indexOf(number);
    if (place >= 0) young.keys[place] = keysText;
    else if (stored?.[1] !== keysText) this.#moveEntries(keysOf(stored?.[1]), keys, shard, id, number);
  }

  delete(shard: number, id: string): void {
    const young = this.#young.of(shard);
    if (young.ids.includes(id)) this.#sortIn(shard, young);
    const number = this.#numberOf(shard, young, id);
    if (number === undefined) return;
    for (const key of keysOf(this.#statements.stored.get(number)?.[1])) this.#removeEntry(key, shard, id);
    this.#removeEntry(primaryKey, shard, id);
    this.#statements.delete.run(number);
  }

  /** After a rollback. */
  forget(): void {
    this.#young.forget();
  }

  #shardOf(name: string): number | undefined {
    const row = this.#statements.shard.get(name);
    return row === undefined ? undefined : integer(row[0]);
  }

  #numberOf(shard: number, young: Young, id: string): number | undefined {
    if (!mayHave(young, id)) return undefined;
    const number = young.numbers[young.ids.indexOf(id)];
    if (number !== undefined || !young.hasSorted) return number;
    const row = this.#statements.sorted.get(shard, id);
    return row === undefined ? undefined : integer(row[0]);
  }

  #insert(shard: number, young: Young, id: string, columns: readonly [version: number, keys: string, json: string]): void {
    // Numbers only grow while this collection is open, also past those that a rollback took back.
    const number = (this.#lastNumber ?? integer(this.#statements.newest.get()?.[0])) + 1;
    this.#lastNumber = number;
    this.#statements.insert.run(number, newestOf(young), id, ...columns);
    this.#young.add(shard, young, id, number, columns[1]);
    if (young.numbers.length >= youngMax) this.#sortIn(shard, young);
  }

  #sortIn(shard: number, young: Young): void {
    for (const [place, number] of young.numbers.entries()) {
      const id = young.ids[place] ?? '';
      this.#addEntry(primaryKey, shard, id, number);
      for (const key of keysOf(young.keys[place])) this.#addEntry(key, shard, id, number);
    }
    this.#young.sortedIn(shard, young);
  }

  #moveEntries(before: readonly IndexKey[], after: readonly IndexKey[], shard: number, id: string, number: number): void {
    for (const key of before) if (!hasKey(after, key)) this.#removeEntry(key, shard, id);
    for (const key of after) if (!hasKey(before, key)) this.#addEntry(key, shard, id, number);
  }

  #addEntry([index, equal, sort]: IndexKey, shard: number, id: string, number: number): void {
    this.#statements.add.run(shard, index, equal, sort, id, number);
  }

  #removeEntry([index, equal, sort]: IndexKey, shard: number, id: string): void {
    this.#statements.remove.run(shard, index, equal, sort, id);
  }

  /** The shapes of `find` are a fixed, small set. */
  #findStatement(sql: string): StatementSync {
    const known = this.#finds.get(sql);
    if (known !== undefined) return known;
    const statement = prepareRows(this.#db, sql);
    this.#finds.set(sql, statement);
    return statement;
  }
}

function prepareStatements(db: DatabaseSync, number: number) {
  const [documents, entries] = [`documents_${number}`, `entries_${number}`];
  return {
    shard: prepareRows(db, 'SELECT number FROM shards WHERE name = ?'),
    shards: prepareRows(db, `SELECT number, name FROM shards WHERE name > ? ORDER BY name LIMIT ${scanPageSize}`),
    document: prepareRows(db, `SELECT id, version, json FROM ${documents} WHERE document = ?`),
    stored: prepareRows(db, `SELECT version, keys FROM ${documents} WHERE document = ?`),
    newest: prepareRows(db, `SELECT coalesce(max(document), 0) FROM ${documents}`),
    insert: prepareRows(db, `INSERT INTO ${documents} VALUES (?, ?, ?, ?, ?, ?)`),
    update: prepareRows(db, `UPDATE ${documents} SET version = ?, keys = ?, json = ? WHERE document = ?`),
    delete: prepareRows(db, `DELETE FROM ${documents} WHERE document = ?`),
    sorted: prepareRows(db, `SELECT document FROM ${entries} WHERE shard = ? AND ${primary} AND id = ?`),
    sortedAfter: prepareRows(
      db,
      `SELECT e.id, d.version, d.json FROM ${entries} e CROSS JOIN ${documents} d ON d.document = e.document
       WHERE e.shard = ? AND ${primary} AND e.id > ? ORDER BY e.id LIMIT ${scanPageSize}`,
    ),
    add: prepareRows(db, `INSERT INTO ${entries} VALUES (?, ?, ?, ?, ?, ?)`),
    remove: prepareRows(db, `DELETE FROM ${entries} WHERE shard = ? AND "index" = ? AND equal = ? AND sort = ? AND id = ?`),
  };
}

function rowOrder(order: FindQuery['order']): (left: Row, right: Row) => number {
  const sign = order === 'ascending' ? 1 : -1;
  return (left, right) => sign * (compareSort(sortOf(left), sortOf(right)) || compareText(text(left[0]), text(right[0])));
}

function sortOf(row: Row): string | number {
  const sort = row[3];
  assert(typeof sort === 'string' || typeof sort === 'number', 'a sort value is text or a number');
  return sort;
}

function storedDocument(shard: string, row: Row | undefined): StoredDocument {
  return { shard, id: text(row?.[0]), version: integer(row?.[1]), document: jsonObject(row?.[2]) };
}

function hasKey(keys: readonly IndexKey[], key: IndexKey): boolean {
  return keys.some((other) => other[0] === key[0] && other[1] === key[1] && other[2] === key[2]);
}

function keysOf(stored: Row[number] | undefined): readonly IndexKey[] {
  const keys: readonly IndexKey[] = JSON.parse(text(stored));
  return keys;
}
