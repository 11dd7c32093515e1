// Small help for the embedded adapters that keep a node:sqlite file: typed columns, cached statements, one-transaction writes.
// Used by read-model-store, search-index and event-bus; it knows no table.

import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';

/** A row as an array of columns: cheaper than an object per row. */
export type Row = Record<number, SQLOutputValue>;

const statementsMax = 200;

/** Statements by their text, prepared once. For hot paths keep the statement itself. */
export class Statements {
  readonly db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.db = db;
  }

  get(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    if (this.#prepared.size >= statementsMax) this.#prepared.clear();
    const statement = prepareRows(this.db, sql);
    this.#prepared.set(sql, statement);
    return statement;
  }

  row(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.get(sql).get(...values);
  }

  rows(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.get(sql).all(...values);
  }

  /** Number of rows changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.get(sql).run(...values).changes);
  }
}

export function prepareRows(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

/** Runs `write` between BEGIN IMMEDIATE and COMMIT. It is synchronous, so no other work of this thread can meet the open transaction. */
export function inTransaction<Result>(db: DatabaseSync, write: () => Result): Result {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = write();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk may have ended the transaction already.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** All that `read` sees is of one moment. */
export function inReadTransaction<Result>(db: DatabaseSync, read: () => Result): Result {
  if (db.isTransaction) return read();
  db.exec('BEGIN');
  try {
    return read();
  } finally {
    db.exec('COMMIT');
  }
}

export function integer(value: SQLOutputValue | undefined): number {
  assert(typeof value === 'number', 'this column holds a number');
  return value;
}

export function text(value: SQLOutputValue | undefined): string {
  assert(typeof value === 'string', 'this column holds text');
  return value;
}

export function jsonObject(value: SQLOutputValue | undefined): JsonObject {
  const parsed: JsonObject = JSON.parse(text(value));
  return parsed;
}

/** What a reader meets when the writer dropped a table, or has not made it yet. */
export function isNoSuchTable(error: unknown): boolean {
  return error instanceof Error && error.message.includes('no such table');
}
