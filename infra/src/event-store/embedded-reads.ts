// All reads of the embedded event log, on a read-only connection of the calling thread. Used by embedded.ts.
// Every read is a short transaction: a statement left open would keep the writer from starting its WAL over.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  StoreUnavailableError,
  type LeaseRecord,
  type RecordedEvent,
  type StreamFilter,
  type SubscriptionBatch,
} from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { busyKind, int, openForReading, otherKind, prepareRows, StreamWalk, text, type Row, type StreamHead } from './embedded-schema.ts';
import { bytesOf, columns, LoggedEvent, parseObject } from './logged-event.ts';
import type { SharedHeads } from './shared-heads.ts';

/** A batch of $all ends after this much event text, or after this many rows that a filter left out. */
const batchBytesMax = 4 * 1024 * 1024;
const scannedRowsMax = 4096;
/** How often a stream's head is looked for again, where thousands of events were appended between two lines of the search. */
const headSearchesMax = 10;

/** A filter against the kinds of this log. `kindsKnown` tells when it must be made anew. */
export type ReadPlan = { readonly prefixes: readonly string[]; readonly kinds: readonly number[]; readonly kindsKnown: number };

export class EmbeddedReads {
  readonly #db: DatabaseSync;
  readonly #snapshotDb: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #shared: SharedHeads;
  readonly #walk: StreamWalk;
  readonly #head: StatementSync;
  readonly #writtenHead: StatementSync;
  readonly #place: StatementSync;
  readonly #newestSince: StatementSync;
  readonly #at: StatementSync;
  readonly #after: StatementSync;
  readonly #positionsOfKind: StatementSync;
  readonly #newKinds: StatementSync;
  readonly #lease: StatementSync;
  readonly #snapshot: StatementSync;
  /** Prefix of each kind, by its number. */
  readonly #kindPrefixes: string[] = [];

  constructor(dataDir: string, shared: SharedHeads) {
    this.#shared = shared;
    this.#db = openForReading(dataDir, 'events.sqlite');
    this.#snapshotDb = openForReading(dataDir, 'snapshots.sqlite');
    this.#begin = this.#db.prepare('BEGIN');
    this.#end = this.#db.prepare('COMMIT');
    this.#walk = new StreamWalk(this.#db);
    this.#head = prepareRows(this.#db, 'SELECT coalesce(max(position), 0) FROM events');
    this.#writtenHead = prepareRows(this.#db, 'SELECT through, head, revision FROM heads_written LEFT JOIN streams ON name = ?');
    this.#place = prepareRows(this.#db, 'SELECT stream, revision FROM events WHERE position = ?');
    this.#newestSince = prepareRows(
      this.#db,
      'SELECT position, revision FROM events WHERE position > ? AND stream = ? ORDER BY position DESC LIMIT 1',
    );
    this.#at = prepareRows(this.#db, `SELECT ${columns}, previous FROM events WHERE position = ?`);
    this.#after = prepareRows(this.#db, `SELECT ${columns} FROM events WHERE position > ? ORDER BY position LIMIT ?`);
    // `kind <> 1` is what lets SQLite use the partial index for a kind that it learns only when the statement runs.
    this.#positionsOfKind = prepareRows(
      this.#db,
      `SELECT position FROM events INDEXED BY events_of_rare_kinds
       WHERE kind = ? AND kind <> ${busyKind} AND position > ? ORDER BY position LIMIT ?`,
    );
    this.#newKinds = prepareRows(this.#db, 'SELECT kind, prefix FROM kinds WHERE kind >= ? ORDER BY kind');
    this.#lease = prepareRows(this.#db, 'SELECT version, data FROM leases WHERE name = ?');
    this.#snapshot = prepareRows(this.#snapshotDb, 'SELECT data FROM snapshots WHERE name = ?');
  }

  head(): number {
    return int(this.#head.get()?.[0]);
  }

  at(position: number): RecordedEvent | undefined {
    const row = this.#at.get(position);
    return row === undefined ? undefined : new LoggedEvent(row);
  }

  stream(stream: string, fromRevision: number, maxCount: number): readonly RecordedEvent[] {
    for (let search = 0; search < headSearchesMax; search += 1) {
      const events = this.#transaction(() => {
        const head = this.#headOf(stream);
        return head === 'forgotten' ? undefined : this.#eventsUpTo(head, stream, fromRevision, maxCount);
      });
      if (events !== undefined) return events;
    }
    throw new StoreUnavailableError(`${stream} was not found in the rush of appends`);
  }

  #eventsUpTo(head: StreamHead | undefined, stream: string, fromRevision: number, maxCount: number): readonly RecordedEvent[] {
    if (head === undefined) return [];
    const last = Math.min(head.revision, fromRevision + maxCount - 1);
    const events: RecordedEvent[] = [];
    let position = last < fromRevision ? 0 : this.#walk.positionAt(stream, last, head);
    for (let revision = last; revision >= fromRevision && position > 0; revision -= 1) {
      const row = this.#at.get(position);
      if (row === undefined) break; // trimmed by maxCount
      events.push(new LoggedEvent(row));
      position = int(row[7]);
    }
    return events.reverse();
  }

  /**
   * What is committed and not noted in shared memory yet, which is one group at most and nearly always nothing: a subscription may have seen
   * it already. Else, among the places that shared memory has for appends since heads were written, the newest that this transaction sees and
   * that is of this stream; else what `streams` says. `forgotten` when the memory does not reach back to where it sees the heads written.
   */
  #headOf(stream: string): StreamHead | undefined | 'forgotten' {
    // The transaction's view begins with this read, so every append acknowledged to anyone before is in it, and in the shared memory.
    const written = this.#writtenHead.get(stream);
    // Asked before the places: what is noted meanwhile is found twice, never missed.
    const newest = this.#newestSince.get(this.#shared.completeThrough, stream);
    if (newest !== undefined) return { position: int(newest[0]), revision: int(newest[1]) };
    const places = this.#shared.placesOf(stream, int(written?.[0]));
    if (places === undefined) return 'forgotten';
    for (const position of places) {
      const row = this.#place.get(position);
      if (row !== undefined && row[0] === stream) return { position, revision: int(row[1]) };
    }
    return written === undefined || written[1] === null ? undefined : { position: int(written[1]), revision: int(written[2]) };
  }

  all(after: number, filter: StreamFilter, maxCount: number): SubscriptionBatch {
    return this.#transaction(() => {
      const plan = this.plan(filter);
      const head = Math.max(this.head(), after);
      return plan.kinds.includes(busyKind) ? this.#scan(after, head, plan, maxCount) : this.#pick(after, head, plan, maxCount);
    });
  }

  plan(filter: StreamFilter): ReadPlan {
    for (const row of this.#newKinds.all(this.#kindPrefixes.length)) this.#kindPrefixes[int(row[0])] = text(row[1]);
    const kinds: number[] = [];
    this.#kindPrefixes.forEach((kindPrefix, kind) => {
      const overlaps = (prefix: string): boolean => prefix.startsWith(kindPrefix) || kindPrefix.startsWith(prefix);
      if (kind === otherKind || filter.prefixes.some(overlaps)) kinds.push(kind);
    });
    return { prefixes: filter.prefixes, kinds, kindsKnown: this.#kindPrefixes.length };
  }

  /** With account events in the filter nearly every row is wanted: all rows in order. */
  #scan(after: number, head: number, plan: ReadPlan, maxCount: number): SubscriptionBatch {
    const events: RecordedEvent[] = [];
    let position = after;
    let bytes = 0;
    let rows = 0;
    for (const row of this.#after.iterate(position, scannedRowsMax)) {
      position = int(row[0]);
      rows += 1;
      bytes += bytesOf(row);
      if (matches(row, plan)) events.push(new LoggedEvent(row));
      if (events.length >= maxCount || bytes >= batchBytesMax || rows >= scannedRowsMax) break;
    }
    return { events, position, caughtUp: position >= head };
  }

  /** Without account events: the places of the wanted kinds come from the index, in log order; what lies between is never read. */
  #pick(after: number, head: number, plan: ReadPlan, maxCount: number): SubscriptionBatch {
    const positions: number[] = [];
    for (const kind of plan.kinds) {
      for (const row of this.#positionsOfKind.all(kind, after, maxCount + 1)) positions.push(int(row[0]));
    }
    positions.sort((a, b) => a - b);
    const events: RecordedEvent[] = [];
    let bytes = 0;
    let picked = 0;
    for (const position of positions) {
      if (picked >= maxCount || bytes >= batchBytesMax) break;
      const row = this.#at.get(position);
      assert(row !== undefined, 'an indexed event is there within one transaction');
      bytes += bytesOf(row);
      if (matches(row, plan)) events.push(new LoggedEvent(row));
      picked += 1;
    }
    const isAll = picked === positions.length;
    return { events, position: isAll ? head : (positions[picked - 1] ?? after), caughtUp: isAll };
  }

  lease(name: string): LeaseRecord {
    const row = this.#lease.get(name);
    return row === undefined ? { version: 0, data: {} } : { version: int(row[0]), data: parseObject(text(row[1])) };
  }

  snapshot(name: string): JsonObject | undefined {
    const row = this.#snapshot.get(name);
    return row === undefined ? undefined : parseObject(text(row[0]));
  }

  close(): void {
    this.#db.close();
    this.#snapshotDb.close();
  }

  #transaction<Result>(read: () => Result): Result {
    this.#begin.run();
    try {
      return read();
    } finally {
      this.#end.run();
    }
  }
}

function matches(row: Row, plan: ReadPlan): boolean {
  const stream = text(row[1]);
  for (const prefix of plan.prefixes) if (stream.startsWith(prefix)) return true;
  return false;
}
