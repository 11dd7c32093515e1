// The embedded search index: FTS5 in the file of the read models, on a connection of its own. Written by the thread that writes the
// read models, before the checkpoint that covers it, so that a lost tail is indexed again; read by any other with `readOnly`.
// Pages go on behind a score: while documents are indexed scores move a little, and so may the border between two pages.

import type { DatabaseSync } from 'node:sqlite';
import type {
  SearchAnswer,
  SearchDocument,
  SearchIndex,
  SearchIndexDeclaration,
  SearchQuery,
} from '@wagerline/shared-kernel/ports/search-index';
import { canonicalJson } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../http/cursors.ts';
import { openFileForReading, openFileForWriting } from '../read-model-store/embedded-file.ts';
import { inTransaction, integer, isNoSuchTable, jsonObject, Statements, text } from '../read-model-store/sqlite.ts';
import { dropTables, filterOf, insertStatements, searchStatement, tablesOf, textOf, type KnownIndex } from './embedded-tables.ts';

export type EmbeddedSearchIndexOptions = {
  readonly dataDir: string;
  /** For queries in another thread or process. A file or index that is not there yet looks empty. */
  readonly readOnly?: boolean;
};

const cacheKiB = 8 * 1024;
const searchLimitMax = 1000;
const place = z.strictObject({ score: z.number(), id: z.string() });

const indexesTable = `CREATE TABLE IF NOT EXISTS search_indexes (
  number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, generation INTEGER NOT NULL, declaration TEXT NOT NULL,
  UNIQUE (name, generation)
)`;

export function openEmbeddedSearchIndex(options: EmbeddedSearchIndexOptions): SearchIndex {
  return new EmbeddedSearchIndex(options);
}

class EmbeddedSearchIndex implements SearchIndex {
  readonly #dataDir: string;
  readonly #isReader: boolean;
  #statements: Statements | undefined;
  #isClosed = false;

  constructor({ dataDir, readOnly = false }: EmbeddedSearchIndexOptions) {
    this.#dataDir = dataDir;
    this.#isReader = readOnly;
    if (readOnly) return;
    const db = openFileForWriting(dataDir, cacheKiB);
    db.exec(indexesTable);
    this.#statements = new Statements(db);
  }

  async prepare(generation: number, { name, textFields, filterFields }: SearchIndexDeclaration): Promise<void> {
    assert(textFields.length > 0, `search index ${name} has a text field`);
    const statements = this.#writer();
    const declaration = canonicalJson({ name, textFields, filterFields });
    inTransaction(statements.db, () => {
      const known = statements.row('SELECT declaration FROM search_indexes WHERE name = ? AND generation = ?', name, generation);
      if (known !== undefined) {
        assert(known[0] === declaration, `search index ${name} is declared otherwise: a new declaration needs a new generation`);
        return;
      }
      statements.run('INSERT INTO search_indexes (name, generation, declaration) VALUES (?, ?, ?)', name, generation, declaration);
      const made = knownIndex(statements, name, generation);
      assert(made !== undefined, 'an index is known once it is made');
      statements.db.exec(tablesOf(made));
    });
  }

  async exists(name: string, generation: number): Promise<boolean> {
    const statements = this.#reader();
    return statements !== undefined && knownIndex(statements, name, generation) !== undefined;
  }

  async index(name: string, generation: number, documents: readonly SearchDocument[]): Promise<void> {
    const statements = this.#writer();
    const known = knownIndex(statements, name, generation);
    assert(known !== undefined, `generation ${generation} of search index ${name} is prepared before it is written`);
    inTransaction(statements.db, () => {
      for (const document of documents) indexDocument(statements, known, document);
    });
  }

  async search(name: string, generation: number, query: SearchQuery): Promise<SearchAnswer> {
    const { limit } = query;
    assert(Number.isSafeInteger(limit) && limit > 0 && limit <= searchLimitMax, `search takes a limit of 1 to ${searchLimitMax}`);
    const after = query.cursor === undefined ? undefined : decodeCursor(place, query.cursor);
    const statements = this.#reader();
    if (statements === undefined) return { hits: [] };
    try {
      const known = knownIndex(statements, name, generation);
      if (known === undefined) return { hits: [] };
      const { sql, values } = searchStatement(known, query, after);
      const rows = statements.rows(sql, ...values);
      const hits = rows.slice(0, limit).map((row) => ({ id: text(row[0]), version: integer(row[1]), document: jsonObject(row[2]) }));
      const last = rows[limit - 1];
      if (rows.length <= limit || last === undefined) return { hits };
      return { hits, cursor: encodeCursor({ score: integer(last[3]), id: text(last[0]) }) };
    } catch (error) {
      // The writer dropped it between two statements.
      if (this.#isReader && isNoSuchTable(error)) return { hits: [] };
      throw error;
    }
  }

  async drop(name: string, generation: number): Promise<void> {
    const statements = this.#writer();
    inTransaction(statements.db, () => {
      const known = knownIndex(statements, name, generation);
      if (known === undefined) return;
      statements.db.exec(dropTables(known.number));
      statements.run('DELETE FROM search_indexes WHERE number = ?', known.number);
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#statements?.db.close();
  }

  #writer(): Statements {
    assert(!this.#isReader, 'this search index was opened for reading');
    const statements = this.#reader();
    assert(statements !== undefined, 'the search index is open');
    return statements;
  }

  #reader(): Statements | undefined {
    assert(!this.#isClosed, 'the search index is open');
    if (this.#statements !== undefined) return this.#statements;
    const db: DatabaseSync | undefined = openFileForReading(this.#dataDir, 'search_indexes');
    if (db !== undefined) this.#statements = new Statements(db);
    return this.#statements;
  }
}

function knownIndex(statements: Statements, name: string, generation: number): KnownIndex | undefined {
  const row = statements.row('SELECT number, declaration FROM search_indexes WHERE name = ? AND generation = ?', name, generation);
  if (row === undefined) return undefined;
  const declaration: SearchIndexDeclaration = JSON.parse(text(row[1]));
  return { number: integer(row[0]), declaration };
}

function indexDocument(statements: Statements, known: KnownIndex, { id, version, document }: SearchDocument): void {
  const { number, declaration } = known;
  const stored = statements.row(`SELECT document, version FROM search_documents_${number} WHERE id = ?`, id);
  if (stored !== undefined && integer(stored[1]) >= version) return;
  const insert = insertStatements(known);
  const filters = declaration.filterFields.map((field) => filterOf(document, field));
  const rowid = stored === undefined ? null : integer(stored[0]);
  const inserted = statements.get(insert.document).run(rowid, id, version, ...filters, JSON.stringify(document)).lastInsertRowid;
  if (rowid !== null) statements.run(`DELETE FROM search_words_${number} WHERE rowid = ?`, rowid);
  statements.run(insert.words, inserted, ...declaration.textFields.map((field) => textOf(document, field)));
}
