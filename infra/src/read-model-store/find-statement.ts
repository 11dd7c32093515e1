// How `find` becomes SQL over the sorted entries of a collection, and the same order and bounds for documents that are not sorted in.
// Pure; used by embedded-collection.ts. A walk along the entries of one owner and index: never a scan, never a sort.

import type { SQLInputValue } from 'node:sqlite';
import type { FindQuery } from '@wagerline/shared-kernel/ports/read-model-store';
import { equalText } from './index-keys.ts';

export type Statement = { readonly sql: string; readonly values: readonly SQLInputValue[] };
type Sort = string | number;

/** One statement per order and kind of bounds. Its columns: id, version, json, sort. */
export function findStatement(collection: number, index: number, shard: number, query: FindQuery): Statement {
  const { equals, range, order, limit } = query;
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
  const sql = `SELECT e.id, d.version, d.json, e.sort FROM entries_${collection} e CROSS JOIN documents_${collection} d ON d.document = e.document
    WHERE e.shard = ? AND e."index" = ? AND e.equal = ? ${bounds.join(' ')}
    ORDER BY e.sort ${direction}, e.id ${direction} LIMIT ?`;
  return { sql, values: [...values, limit] };
}

/** Whether a document at this place of the asked index lies within the query's bounds. */
export function isWithin({ range, order, after }: FindQuery, sort: Sort, id: string): boolean {
  if (range?.from !== undefined && compareSort(sort, range.from) < 0) return false;
  if (range?.before !== undefined && compareSort(sort, range.before) >= 0) return false;
  if (after === undefined) return true;
  const behind = compareSort(sort, after.value) || compareText(id, after.id);
  return order === 'ascending' ? behind > 0 : behind < 0;
}

/** Whether a value lies before the range's own start, in walking direction. */
function isOutside(value: Sort, start: Sort, isAscending: boolean): boolean {
  const order = compareSort(value, start);
  return isAscending ? order < 0 : order >= 0;
}

/** As SQLite sorts: numbers before text. */
export function compareSort(left: Sort, right: Sort): number {
  if (typeof left === 'number') return typeof right === 'number' ? left - right : -1;
  return typeof right === 'number' ? 1 : compareText(left, right);
}

/** As SQLite sorts: by the bytes of UTF-8, which is not quite the order of JavaScript's strings. */
export function compareText(left: string, right: string): number {
  return left === right ? 0 : Buffer.compare(Buffer.from(left), Buffer.from(right));
}
