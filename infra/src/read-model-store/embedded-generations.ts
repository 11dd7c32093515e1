// Which generations of which read models there are in the file, their collections, and how one is dropped without holding up writers.
// Used by embedded.ts, with a read-write or a read-only connection.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CollectionDeclaration, ModelGeneration } from '@wagerline/shared-kernel/ports/read-model-store';
import { canonicalJson } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { EmbeddedCollection } from './embedded-collection.ts';
import { collectionTables } from './embedded-file.ts';
import { checkDeclaration } from './index-keys.ts';
import { inTransaction, integer, prepareRows, text, type Statements } from './sqlite.ts';

const dropSliceRows = 2000;
const numberOfGeneration = 'SELECT number FROM generations WHERE model = ? AND generation = ?';

/** One generation as this connection knows it. Numbers are never used twice, so what is remembered here can vanish but not change. */
export type KnownGeneration = { readonly number: number; readonly collections: Map<string, EmbeddedCollection> };

export class EmbeddedGenerations {
  readonly #statements: Statements;
  readonly #isReader: boolean;
  readonly #known = new Map<string, KnownGeneration>();
  #sweeping: Promise<void> = Promise.resolve();

  constructor(statements: Statements, isReader: boolean) {
    this.#statements = statements;
    this.#isReader = isReader;
  }

  find({ model, generation }: ModelGeneration): KnownGeneration | undefined {
    const key = `${model} ${generation}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const row = this.#statements.row(numberOfGeneration, model, generation);
    if (row === undefined) return undefined;
    const found: KnownGeneration = { number: integer(row[0]), collections: new Map() };
    for (const collection of this.#statements.rows('SELECT number, declaration FROM collections WHERE owner = ?', found.number)) {
      const declaration: CollectionDeclaration = JSON.parse(text(collection[1]));
      found.collections.set(declaration.name, new EmbeddedCollection(this.#statements.db, integer(collection[0]), declaration, this.#isReader));
    }
    this.#known.set(key, found);
    return found;
  }

  /** What was remembered may have been dropped by the writer: look again. */
  forget(): void {
    this.#known.clear();
  }

  prepare(target: ModelGeneration, declarations: readonly CollectionDeclaration[]): void {
    assert(Number.isSafeInteger(target.generation) && target.generation > 0, 'generations count from 1');
    declarations.forEach(checkDeclaration);
    this.forget();
    inTransaction(this.#statements.db, () => {
      const insert = 'INSERT INTO generations (model, generation) VALUES (?, ?) ON CONFLICT DO NOTHING';
      this.#statements.run(insert, target.model, target.generation);
      const owner = integer(this.#statements.row(numberOfGeneration, target.model, target.generation)?.[0]);
      for (const declaration of declarations) this.#prepareCollection(owner, declaration);
    });
  }

  #prepareCollection(owner: number, { name, shardKey, indexes }: CollectionDeclaration): void {
    const declaration = canonicalJson({ name, shardKey, indexes: indexes.map((index) => ({ name: index.name, fields: index.fields })) });
    const stored = this.#statements.row('SELECT declaration FROM collections WHERE owner = ? AND name = ?', owner, name);
    if (stored !== undefined) {
      assert(stored[0] === declaration, `collection ${name} is declared otherwise: a new declaration needs a new generation`);
      return;
    }
    this.#statements.run('INSERT INTO collections (owner, name, declaration) VALUES (?, ?, ?)', owner, name, declaration);
    const number = integer(this.#statements.row('SELECT number FROM collections WHERE owner = ? AND name = ?', owner, name)?.[0]);
    this.#statements.db.exec(collectionTables(number));
  }

  live(model: string): number {
    const row = this.#statements.row('SELECT generation FROM live WHERE model = ?', model);
    return row === undefined ? 0 : integer(row[0]);
  }

  activate(target: ModelGeneration): void {
    assert(this.find(target) !== undefined, `generation ${target.generation} of ${target.model} is prepared before it goes live`);
    this.#statements.run(
      'INSERT INTO live VALUES (?, ?) ON CONFLICT DO UPDATE SET generation = excluded.generation',
      target.model,
      target.generation,
    );
  }

  all(model: string): readonly number[] {
    const rows = this.#statements.rows('SELECT generation FROM generations WHERE model = ? ORDER BY generation', model);
    return rows.map((row) => integer(row[0]));
  }

  /** The generation vanishes at once; what it leaves, and what an earlier drop left when it was killed, goes in slices. */
  async drop(target: ModelGeneration): Promise<void> {
    assert(this.live(target.model) !== target.generation, 'the live generation is not dropped');
    const statements = this.#statements;
    inTransaction(statements.db, () => {
      statements.run(`INSERT INTO dropped ${numberOfGeneration}`, target.model, target.generation);
      statements.run('DELETE FROM generations WHERE model = ? AND generation = ?', target.model, target.generation);
    });
    this.forget();
    // One sweep at a time: two that run side by side would meet in the same tables.
    const swept = this.#sweeping.then(() => this.#sweepDropped());
    this.#sweeping = swept.catch(() => {});
    await swept;
  }

  async #sweepDropped(): Promise<void> {
    for (const row of this.#statements.rows('SELECT owner FROM dropped')) await this.#sweep(integer(row[0]));
  }

  async #sweep(owner: number): Promise<void> {
    const statements = this.#statements;
    const collections = statements.rows('SELECT number FROM collections WHERE owner = ?', owner);
    for (const row of collections) await this.#sweepCollection(integer(row[0]));
    const lastOfSlice = `SELECT stream FROM watermarks WHERE owner = ?1 ORDER BY stream LIMIT 1 OFFSET ${dropSliceRows}`;
    const slice = `DELETE FROM watermarks WHERE owner = ?1 AND stream <= (${lastOfSlice})`;
    while (statements.run(slice, owner) > 0) await nextTurn();
    inTransaction(statements.db, () => {
      for (const table of ['watermarks', 'checkpoints', 'parked', 'dropped']) statements.run(`DELETE FROM ${table} WHERE owner = ?`, owner);
    });
  }

  async #sweepCollection(number: number): Promise<void> {
    const { db } = this.#statements;
    const oldest = `SELECT document FROM documents_${number} LIMIT ${dropSliceRows}`;
    const documents = prepareRows(db, `DELETE FROM documents_${number} WHERE document IN (${oldest})`);
    while (Number(documents.run().changes) > 0) await nextTurn();
    // Whole shards at a time: a bound of one column is found by the tree.
    for (const table of [`entries_${number}`, `heads_${number}`]) {
      const lastOfSlice = `SELECT shard FROM ${table} ORDER BY shard LIMIT 1 OFFSET ${dropSliceRows}`;
      const rows = prepareRows(db, `DELETE FROM ${table} WHERE shard <= (${lastOfSlice})`);
      while (Number(rows.run().changes) > 0) await nextTurn();
    }
    inTransaction(db, () => {
      db.exec(`DROP TABLE documents_${number}; DROP TABLE entries_${number}; DROP TABLE heads_${number}`);
      this.#statements.run('DELETE FROM collections WHERE number = ?', number);
    });
  }
}
