// The tables of one search index and generation in read-models.sqlite, and how a query becomes SQL. Used by embedded.ts.
// Nothing that a user typed ever becomes part of an SQL text.

import type { SQLInputValue } from 'node:sqlite';
import type { SearchIndexDeclaration, SearchQuery } from '@wagerline/shared-kernel/ports/search-index';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { foldWords } from './fold-words.ts';

export type KnownIndex = { readonly number: number; readonly declaration: SearchIndexDeclaration };
/** The last hit of the page before. */
export type Place = { readonly score: number; readonly id: string };
type Statement = { readonly sql: string; readonly values: readonly SQLInputValue[] };

const queryWordsMax = 32;

/** Words are indexed without a copy of the text (`content=''`): the document stands beside them, whole. */
export function tablesOf({ number, declaration: { textFields, filterFields } }: KnownIndex): string {
  const filters = filterFields.map((_field, place) => `filter_${place} TEXT, `);
  const texts = textFields.map((_field, place) => `text_${place}`);
  const filterIndexes = filterFields.map((_field, place) => {
    return `CREATE INDEX search_documents_${number}_${place} ON search_documents_${number} (filter_${place}, id);`;
  });
  return `
    CREATE TABLE search_documents_${number} (
      document INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, ${filters.join('')} json TEXT NOT NULL
    );
    ${filterIndexes.join('\n')}
    CREATE VIRTUAL TABLE search_words_${number} USING fts5 (
      ${texts.join(', ')}, content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
    );
  `;
}

export function dropTables(number: number): string {
  return `DROP TABLE search_words_${number}; DROP TABLE search_documents_${number}`;
}

export function insertStatements({ number, declaration }: KnownIndex): { readonly document: string; readonly words: string } {
  const { textFields, filterFields } = declaration;
  const marks = (count: number) => new Array<string>(count).fill('?').join(', ');
  const texts = textFields.map((_field, place) => `, text_${place}`);
  return {
    document: `INSERT OR REPLACE INTO search_documents_${number} VALUES (${marks(filterFields.length + 4)})`,
    words: `INSERT INTO search_words_${number} (rowid${texts.join('')}) VALUES (${marks(textFields.length + 1)})`,
  };
}

export function textOf(document: JsonObject, field: string): string {
  const value = document[field] ?? '';
  const texts = Array.isArray(value) ? value : [value];
  return texts.flatMap((text) => foldWords(String(text))).join(' ');
}

export function filterOf(document: JsonObject, field: string): string | null {
  const value = document[field] ?? null;
  assert(typeof value !== 'object' || value === null, `filter field ${field} holds a plain value`);
  return value === null ? null : String(value);
}

/** Best score first (bm25 is smaller for better), of equal ones by id. One hit more than asked for tells whether there are more. */
export function searchStatement({ number, declaration }: KnownIndex, query: SearchQuery, after: Place | undefined): Statement {
  const { filters, limit } = query;
  const match = matchText(query.text);
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  for (const [field, value] of Object.entries(filters)) {
    const place = declaration.filterFields.indexOf(field);
    assert(place >= 0, `search index ${declaration.name} declares no filter ${field}`);
    conditions.push(`d.filter_${place} = ?`);
    values.push(value);
  }
  if (match === undefined) {
    if (after !== undefined) conditions.push('d.id > ?');
    const sql = `SELECT d.id, d.version, d.json, 0 FROM search_documents_${number} d ${whereOf(conditions)} ORDER BY d.id LIMIT ?`;
    return { sql, values: [...values, ...(after === undefined ? [] : [after.id]), limit + 1] };
  }
  if (after !== undefined) conditions.push('(m.score, d.id) > (?, ?)');
  const weights = declaration.textFields.map((_field, place) => 2 ** (declaration.textFields.length - 1 - place));
  const matches = `SELECT rowid AS document, bm25(search_words_${number}, ${weights.join(', ')}) AS score
    FROM search_words_${number} WHERE search_words_${number} MATCH ?`;
  const sql = `SELECT d.id, d.version, d.json, m.score
    FROM (${matches}) m CROSS JOIN search_documents_${number} d ON d.document = m.document
    ${whereOf(conditions)} ORDER BY m.score, d.id LIMIT ?`;
  return { sql, values: [match, ...values, ...(after === undefined ? [] : [after.score, after.id]), limit + 1] };
}

function whereOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

/** Words are letters and digits only and stand in quotes, so FTS5 sees no operators. Undefined: nothing to look for, all match. */
function matchText(text: string): string | undefined {
  const words = foldWords(text);
  if (words.length === 0) return undefined;
  if (words.length > queryWordsMax) throw new ProblemException('QUERY_INVALID', { detail: `a search has at most ${queryWordsMax} words` });
  return `${words.map((word) => `"${word}"`).join(' AND ')} *`;
}
