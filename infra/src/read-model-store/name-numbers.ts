// Names that stand in many rows (shards, streams) as small numbers, given in the order in which the names come: rows are a third
// smaller, and those of names that came together lie together. Used by embedded.ts, in its transactions.

import { integer, type Statements } from './sqlite.ts';

const numbersKnownMax = 100_000;

export class NameNumbers {
  readonly #statements: Statements;
  readonly #select: string;
  readonly #insert: string;
  readonly #known = new Map<string, number>();

  constructor(statements: Statements, table: 'shards' | 'streams') {
    this.#statements = statements;
    this.#select = `SELECT number FROM ${table} WHERE name = ?`;
    this.#insert = `INSERT INTO ${table} (name) VALUES (?)`;
  }

  /** A new name gets its number within the running transaction. */
  of(name: string): number {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const row = this.#statements.row(this.#select, name);
    const number = row === undefined ? Number(this.#statements.get(this.#insert).run(name).lastInsertRowid) : integer(row[0]);
    if (this.#known.size >= numbersKnownMax) this.#known.clear();
    this.#known.set(name, number);
    return number;
  }

  /** After a rollback: numbers given to new names went with the transaction. */
  forget(): void {
    this.#known.clear();
  }
}
