// Pages of a list: the limit and cursor parameters, and cursors that know which list they belong to. Called by the routes of lists.
// A cursor names the last document shown (keyset), never a count of documents.

import { z } from 'zod';

import { decodeCursor, encodeCursor } from '@wagerline/infra/http';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { sha256Hex } from '@wagerline/shared-kernel/values/ids';

import type { QueryDeps } from './query-deps.ts';

/** What is listed, filters included; a filter that is not given is undefined. */
export type List = Readonly<Record<string, string | undefined>>;
export type Place = { readonly value: string; readonly id: string };
export type Page<T> = { readonly items: readonly T[]; readonly next: Place | undefined };

/** A find takes at most 1,000 documents, and a page asks for one more than it shows. */
const pageSizeLimit = 999;

export function pageParameters({ pageSizeDefault, pageSizeMax: configuredMax }: QueryDeps['http']) {
  const pageSizeMax = Math.min(configuredMax, pageSizeLimit);
  const digits = z.string().regex(/^[1-9]\d{0,3}$/, `a whole number from 1 to ${pageSizeMax}`);
  return {
    limit: digits.transform(Number).pipe(z.int().max(pageSizeMax)).default(Math.min(pageSizeDefault, pageSizeMax)),
    cursor: z.string().min(1).optional(),
  };
}

const placeSchema = z.strictObject({ of: z.string(), value: z.string().max(500), id: z.string().max(500) });

/** A cursor of another list is refused, as it would silently leave documents out. */
export function placeOf(cursor: string | undefined, list: List): Place | undefined {
  if (cursor === undefined) return undefined;
  const { of, value, id } = decodeCursor(placeSchema, cursor);
  if (of !== nameOf(list)) throw new ProblemException('CURSOR_INVALID');
  return { value, id };
}

export function cursorOf(place: Place | undefined, list: List): string | null {
  return place === undefined ? null : encodeCursor({ of: nameOf(list), ...place });
}

/** One document more than asked tells whether there is a next page. */
export function pageOf<T>(found: readonly T[], limit: number, placeOfItem: (item: T) => Place): Page<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last !== undefined ? placeOfItem(last) : undefined };
}

function nameOf(list: List): string {
  const given = Object.entries(list).filter(([, value]) => value !== undefined);
  return sha256Hex(JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1)))).slice(0, 16);
}
