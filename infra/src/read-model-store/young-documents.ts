// The newest documents of each shard of a collection, not yet sorted into its `entries`: kept as a chain through the documents.
// Used by embedded-collection.ts. What an owner gets in many commits is sorted in at once, into pages that lie together: sorting
// each document in by itself cost two changed pages per bet, and half of the projections' processor time.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { integer, prepareRows, text } from './sqlite.ts';

/** Where the primary keys stand in `entries`. */
export const primary = '"index" = 0 AND equal = \'\' AND sort = \'\'';

/** A query looks through so many documents at most that are not sorted in. */
export const youngMax = 16;
/** Of a shard with more documents, whether one is among them is looked up. */
export const hashesMax = 128;
const shardsKnownMax = 20_000;

/** Of one shard, oldest first. */
export type Young = {
  readonly ids: string[];
  readonly numbers: number[];
  /** The text of their index keys. */
  readonly keys: string[];
  /** The shard has documents in `entries` too. */
  hasSorted: boolean;
  /** Of the ids of all documents that the shard ever had, so that a new id shows without a look; undefined where they are not known. */
  hashes: number[] | undefined;
};

export class YoungDocuments {
  readonly #isReader: boolean;
  /** What the one writer remembers: a new document reads nothing, and sorting in reads no document again. */
  readonly #known = new Map<number, Young>();
  readonly #head: StatementSync;
  readonly #setHead: StatementSync;
  readonly #link: StatementSync;
  readonly #sortedIds: StatementSync;

  constructor(db: DatabaseSync, collection: number, isReader: boolean) {
    this.#isReader = isReader;
    this.#head = prepareRows(db, `SELECT newest, has_sorted FROM heads_${collection} WHERE shard = ?`);
    this.#setHead = prepareRows(db, `INSERT OR REPLACE INTO heads_${collection} VALUES (?, ?, ?)`);
    this.#link = prepareRows(db, `SELECT previous, id, keys FROM documents_${collection} WHERE document = ?`);
    this.#sortedIds = prepareRows(db, `SELECT id FROM entries_${collection} WHERE shard = ? AND ${primary} LIMIT ${hashesMax + 1}`);
  }

  of(shard: number): Young {
    const known = this.#known.get(shard);
    if (known !== undefined) return known;
    const head = this.#head.get(shard);
    const hasSorted = head?.[1] === 1;
    const young: Young = { ids: [], numbers: [], keys: [], hasSorted, hashes: undefined };
    for (let number = integer(head?.[0] ?? 0); number !== 0; ) {
      const row = this.#link.get(number);
      if (row === undefined) {
        // Deleted since the head was read, or with its whole generation: then all of the shard were sorted in before.
        assert(this.#isReader, 'what hangs on the chain is there');
        young.hasSorted = true;
        break;
      }
      young.ids.unshift(text(row[1]));
      young.numbers.unshift(number);
      young.keys.unshift(text(row[2]));
      number = integer(row[0]);
    }
    if (this.#isReader) return young;
    young.hashes = this.#hashesOf(shard, young);
    if (this.#known.size >= shardsKnownMax) this.#known.clear();
    this.#known.set(shard, young);
    return young;
  }

  #hashesOf(shard: number, { ids, hasSorted }: Young): number[] | undefined {
    const sorted = hasSorted ? this.#sortedIds.all(shard).map((row) => text(row[0])) : [];
    return sorted.length > hashesMax ? undefined : [...sorted, ...ids].map(hashOf);
  }

  /** `number` hangs on the document that was the newest before: `newestOf`. */
  add(shard: number, young: Young, id: string, number: number, keys: string): void {
    young.ids.push(id);
    young.numbers.push(number);
    young.keys.push(keys);
    if (young.hashes !== undefined && young.hashes.push(hashOf(id)) > hashesMax) young.hashes = undefined;
    this.#setHead.run(shard, number, young.hasSorted ? 1 : 0);
  }

  /** All of the shard's documents stand in `entries` now. */
  sortedIn(shard: number, young: Young): void {
    for (const list of [young.ids, young.numbers, young.keys]) list.length = 0;
    young.hasSorted = true;
    this.#setHead.run(shard, 0, 1);
  }

  /** After a rollback: what was added is gone. */
  forget(): void {
    this.#known.clear();
  }
}

/** False only where a look would find nothing. */
export function mayHave({ hashes }: Young, id: string): boolean {
  return hashes === undefined || hashes.includes(hashOf(id));
}

/** 0: there is none. */
export function newestOf(young: Young): number {
  return young.numbers.at(-1) ?? 0;
}

/** 30 bits: what V8 keeps in an array without a box. */
function hashOf(id: string): number {
  let hash = 0;
  for (let at = 0; at < id.length; at += 1) hash = (Math.imul(hash, 31) + id.charCodeAt(at)) | 0;
  return hash & 0x3fffffff;
}
