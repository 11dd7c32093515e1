// The newest documents of each shard of a collection, not yet sorted into its `entries`: kept as a chain through the documents.
// Used by embedded-collection.ts. What an owner gets in many commits is sorted in at once, into pages that lie together: sorting
// each document in by itself cost two changed pages per bet, and half of the projections' processor time.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { integer, prepareRows, text } from './sqlite.ts';

/** A query looks through so many documents at most that are not sorted in. */
export const youngMax = 16;
const shardsKnownMax = 20_000;

/** Of one shard, oldest first. */
export type Young = {
  readonly ids: string[];
  readonly numbers: number[];
  /** The shard has documents in `entries` too. */
  hasSorted: boolean;
};
export type YoungLink = { readonly number: number; readonly keys: string };

export class YoungDocuments {
  readonly #isReader: boolean;
  /** What the one writer remembers, so that it need not walk the chain for every document. */
  readonly #known = new Map<number, Young>();
  readonly #head: StatementSync;
  readonly #setHead: StatementSync;
  readonly #link: StatementSync;

  constructor(db: DatabaseSync, collection: number, isReader: boolean) {
    this.#isReader = isReader;
    this.#head = prepareRows(db, `SELECT newest, has_sorted FROM heads_${collection} WHERE shard = ?`);
    this.#setHead = prepareRows(db, `INSERT OR REPLACE INTO heads_${collection} VALUES (?, ?, ?)`);
    this.#link = prepareRows(db, `SELECT previous, id, keys FROM documents_${collection} WHERE document = ?`);
  }

  of(shard: number): Young {
    const known = this.#known.get(shard);
    if (known !== undefined) return known;
    const head = this.#head.get(shard);
    const young: Young = { ids: [], numbers: [], hasSorted: head?.[1] === 1 };
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
      number = integer(row[0]);
    }
    if (this.#isReader) return young;
    if (this.#known.size >= shardsKnownMax) this.#known.clear();
    this.#known.set(shard, young);
    return young;
  }

  /** `number` hangs on the document that was the newest before: `newestOf`. */
  add(shard: number, young: Young, id: string, number: number): void {
    young.ids.push(id);
    young.numbers.push(number);
    this.#setHead.run(shard, number, young.hasSorted ? 1 : 0);
  }

  /** All of the shard's documents stand in `entries` now. */
  sortedIn(shard: number, young: Young): void {
    young.ids.length = 0;
    young.numbers.length = 0;
    young.hasSorted = true;
    this.#setHead.run(shard, 0, 1);
  }

  /** With the text of their index keys. */
  links(shard: number): readonly YoungLink[] {
    return this.of(shard).numbers.map((number) => ({ number, keys: text(this.#link.get(number)?.[2]) }));
  }

  /** After a rollback: what was added is gone. */
  forget(): void {
    this.#known.clear();
  }
}

export function numberOf(young: Young, id: string): number | undefined {
  const place = young.ids.indexOf(id);
  return place < 0 ? undefined : young.numbers[place];
}

/** 0: there is none. */
export function newestOf(young: Young): number {
  return young.numbers.at(-1) ?? 0;
}
