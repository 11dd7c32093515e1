// All reads of the embedded event log, on a read-only connection of the calling thread. Used by embedded.ts.
// Every read is a short transaction: a statement left open would keep the writer from starting its WAL over.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LeaseRecord, RecordedEvent, StreamFilter, SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { busyKind, int, openForReading, otherKind, prepareRows, StreamWalk, text, type Row } from './embedded-schema.ts';
import { EventCache } from './event-cache.ts';

/** A batch of $all ends after this much event text, or after this many rows that a filter left out. */
const batchBytesMax = 4 * 1024 * 1024;
const scannedRowsMax = 4096;

/** A filter against the kinds of this log. `kindsKnown` tells when it must be made anew. */
export type ReadPlan = { readonly prefixes: readonly string[]; readonly kinds: readonly number[]; readonly kindsKnown: number };

const columns = 'position, stream, revision, previous, kind, id, type, data, metadata';

export class EmbeddedReads {
  readonly #db: DatabaseSync;
  readonly #snapshotDb: DatabaseSync;
  readonly #walk: StreamWalk;
  readonly #cache: EventCache;
  readonly #head: StatementSync;
  readonly #at: StatementSync;
  readonly #after: StatementSync;
  readonly #positionsOfKind: StatementSync;
  readonly #newKinds: StatementSync;
  readonly #lease: StatementSync;
  readonly #snapshot: StatementSync;
  /** Prefix of each kind, by its number. */
  readonly #kindPrefixes: string[] = [];

  constructor(dataDir: string, cacheBytesMax?: number) {
    this.#cache = new EventCache(cacheBytesMax);
    this.#db = openForReading(dataDir, 'events.sqlite');
    this.#snapshotDb = openForReading(dataDir, 'snapshots.sqlite');
    this.#walk = new StreamWalk(this.#db);
    this.#head = prepareRows(this.#db, 'SELECT coalesce(max(position), 0) FROM events');
    this.#at = prepareRows(this.#db, `SELECT ${columns} FROM events WHERE position = ?`);
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
    return this.#cache.get(position) ?? this.#read(position)?.event;
  }

  stream(stream: string, fromRevision: number, maxCount: number): readonly RecordedEvent[] {
    return this.#transaction(() => {
      const head = this.#walk.head(stream);
      if (head === undefined) return [];
      const last = Math.min(head.revision, fromRevision + maxCount - 1);
      const events: RecordedEvent[] = [];
      let position = last < fromRevision ? 0 : this.#walk.positionAt(stream, last, head);
      for (let revision = last; revision >= fromRevision && position > 0; revision -= 1) {
        const row = this.#at.get(position);
        if (row === undefined) break; // trimmed by maxCount
        events.push(recorded(row));
        position = int(row[3]);
      }
      return events.reverse();
    });
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

  /** With account events in the filter nearly every row is wanted: all rows in order, from memory as far as they are there. */
  #scan(after: number, head: number, plan: ReadPlan, maxCount: number): SubscriptionBatch {
    const events: RecordedEvent[] = [];
    let position = after;
    if (after >= this.#cache.coveredAfter) {
      const through = Math.min(this.#cache.coveredThrough, head);
      while (position < through && events.length < maxCount) {
        position += 1;
        const event = this.#cache.get(position);
        if (event !== undefined && matches(event, plan)) events.push(event);
      }
      if (events.length >= maxCount || position >= head) return { events, position, caughtUp: position >= head };
    }
    const from = position;
    let bytes = 0;
    let rows = 0;
    for (const row of this.#after.iterate(position, scannedRowsMax)) {
      const { event, bytes: eventBytes } = this.#keep(row);
      position = event.position;
      bytes += eventBytes;
      rows += 1;
      if (matches(event, plan)) events.push(event);
      if (events.length >= maxCount || bytes >= batchBytesMax || rows >= scannedRowsMax) break;
    }
    this.#cache.cover(from, position);
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
      const cached = this.#cache.get(position);
      const read = cached === undefined ? this.#read(position) : { event: cached, bytes: 0 };
      assert(read !== undefined, 'an indexed event is there within one transaction');
      bytes += read.bytes;
      if (matches(read.event, plan)) events.push(read.event);
      picked += 1;
    }
    const isAll = picked === positions.length;
    return { events, position: isAll ? head : (positions[picked - 1] ?? after), caughtUp: isAll };
  }

  #read(position: number): { readonly event: RecordedEvent; readonly bytes: number } | undefined {
    const row = this.#at.get(position);
    return row === undefined ? undefined : this.#keep(row);
  }

  #keep(row: Row): { readonly event: RecordedEvent; readonly bytes: number } {
    const event = recorded(row);
    const bytes = text(row[7]).length + text(row[8]).length;
    this.#cache.put(event, bytes);
    return { event, bytes };
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
    this.#db.exec('BEGIN');
    try {
      return read();
    } finally {
      this.#db.exec('COMMIT');
    }
  }
}

function matches(event: RecordedEvent, plan: ReadPlan): boolean {
  for (const prefix of plan.prefixes) if (event.stream.startsWith(prefix)) return true;
  return false;
}

function recorded(row: Row): RecordedEvent {
  return {
    position: int(row[0]),
    stream: text(row[1]),
    revision: int(row[2]),
    id: text(row[5]),
    type: text(row[6]),
    data: parseObject(text(row[7])),
    metadata: parseObject(text(row[8])),
  };
}

function parseObject(json: string): JsonObject {
  const value: unknown = JSON.parse(json);
  assert(isObject(value), 'the log holds a JSON object here');
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
