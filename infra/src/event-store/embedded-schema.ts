// The file of the embedded event log: its tables, its pragmas, and the walk along one stream.
// Used by the writer (read-write) and by every client (read-only); never touches anything but {dataDir}/events.sqlite and snapshots.sqlite.

import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { assert } from '@wagerline/shared-kernel/values/unreachable';

/**
 * Events stand in one append-only b-tree by position. There is no index on (stream, revision): its random page writes
 * would cost a third of the throughput. Instead every event names its stream's previous event, `streams` names the
 * last one, and `stream_marks` every 256th, so that reading from the middle of a long stream walks at most 255 rows.
 *
 * `streams` is written behind: it holds the last events up to the position in `heads_written`, and is brought up to date for thousands of
 * appends at once, because each append to a random stream would otherwise write a whole page of it. What came after that position is in
 * the events themselves: the writer reads them at its start, and clients find them through shared-heads.ts.
 *
 * `kind` is the stream name's prefix up to its first '-'. Account events are nearly all of the log, and markets,
 * fixtures and heartbeats are rare: the partial index finds those without reading the accounts' events in between.
 * Within a kind it only ever grows at its end, so keeping it is cheap.
 */
const eventTables = `
  CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, previous INTEGER NOT NULL, kind INTEGER NOT NULL,
    id TEXT NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, metadata TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_of_rare_kinds ON events (kind) WHERE kind <> 1;
  CREATE TABLE IF NOT EXISTS kinds (kind INTEGER PRIMARY KEY, prefix TEXT NOT NULL UNIQUE) STRICT;
  INSERT OR IGNORE INTO kinds VALUES (0, ''), (1, 'account-');
  CREATE TABLE IF NOT EXISTS streams (name TEXT PRIMARY KEY, head INTEGER NOT NULL, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS heads_written (id INTEGER PRIMARY KEY CHECK (id = 1), through INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO heads_written SELECT 1, coalesce(max(position), 0) FROM events;
  CREATE TABLE IF NOT EXISTS stream_marks (
    stream TEXT NOT NULL, revision INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (stream, revision)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, version INTEGER NOT NULL, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Snapshots are disposable and large, so they live in a file of their own that is not flushed on every commit. */
const snapshotTables = 'CREATE TABLE IF NOT EXISTS snapshots (name TEXT PRIMARY KEY, data TEXT NOT NULL) STRICT;';

/** Streams without a '-' and streams of kinds past `kindsMax`: a filter compares their whole names. */
export const otherKind = 0;
/** The kind that the partial index leaves out; the schema above has the same number. */
export const busyKind = 1;
export const kindsMax = 64;
export const markEvery = 256;

/** 2: `streams` may lag behind. A log of version 1 has all heads there, which is what its new row in `heads_written` says. */
const schemaVersion = 2;
/** Few events fill a page, so larger pages mean fewer, longer writes: 8 KiB took a third more events than 4 KiB, and 16 KiB costs a tenth less again. */
const pageSizeBytes = 16_384;
const busyTimeoutMs = 5000;
/** The writer only appends, but for `streams`, which it goes through in order. */
const writerCacheKiB = 8 * 1024;
/** A reader's cache is thrown away whenever the log has grown, so it is to hold the inner pages and what one read needs. */
const readerCacheKiB = 2 * 1024;
const journalSizeLimitBytes = 64 * 1024 * 1024;

export function openEventsForWriting(dataDir: string): DatabaseSync {
  const db = new DatabaseSync(join(dataDir, 'events.sqlite'), { timeout: busyTimeoutMs });
  db.exec(`PRAGMA page_size = ${pageSizeBytes}; PRAGMA journal_mode = WAL`);
  // FULL flushes the WAL in every commit: this is what an acknowledged append stands on.
  // Checkpoints are the writer's own business, after it has answered; SQLite must not start one inside a commit.
  db.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ${journalSizeLimitBytes}`);
  db.exec(`PRAGMA cache_size = -${writerCacheKiB}; PRAGMA temp_store = MEMORY`);
  const found = int(firstColumn(db.prepare('PRAGMA user_version').get()));
  if (found > schemaVersion) throw new Error(`${dataDir}/events.sqlite has schema ${found}, this program knows ${schemaVersion}`);
  db.exec(`BEGIN IMMEDIATE; ${eventTables} PRAGMA user_version = ${schemaVersion}; COMMIT`);
  return db;
}

export function openSnapshotsForWriting(dataDir: string): DatabaseSync {
  const db = new DatabaseSync(join(dataDir, 'snapshots.sqlite'), { timeout: busyTimeoutMs });
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${journalSizeLimitBytes}`);
  db.exec(snapshotTables);
  return db;
}

export function openForReading(dataDir: string, file: 'events.sqlite' | 'snapshots.sqlite'): DatabaseSync {
  const db = new DatabaseSync(join(dataDir, file), { readOnly: true, timeout: busyTimeoutMs });
  db.exec(`PRAGMA cache_size = -${readerCacheKiB}; PRAGMA temp_store = MEMORY`);
  return db;
}

/** A row as an array: half the cost of an object per row. */
export type Row = Record<number, unknown>;

/** Prepares a statement whose rows come as arrays. */
export function prepareRows(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

export function int(value: unknown): number {
  assert(typeof value === 'number', 'the log holds an integer here');
  return value;
}

export function text(value: unknown): string {
  assert(typeof value === 'string', 'the log holds text here');
  return value;
}

function firstColumn(row: Record<string, unknown> | undefined): unknown {
  return row === undefined ? undefined : Object.values(row)[0];
}

/** SQLite said no (disk full, I/O, busy), as opposed to a mistake of ours. `errcode` is SQLite's extended result code. */
export function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  if (!(error instanceof Error) || !('code' in error) || !('errcode' in error)) return false;
  return error.code === 'ERR_SQLITE_ERROR' && typeof error.errcode === 'number';
}

/** SQLITE_FULL and its extended codes: nothing was written and there may be room later. */
export function isDiskFull(error: unknown): boolean {
  return isSqliteError(error) && (error.errcode & 0xff) === 13;
}

export type StreamHead = { position: number; revision: number };

/** Finds places in one stream. Must run inside a transaction, so that all its reads see the same log. */
export class StreamWalk {
  readonly #mark: StatementSync;
  readonly #previous: StatementSync;

  constructor(db: DatabaseSync) {
    const nextMark = 'SELECT revision, position FROM stream_marks WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT 1';
    this.#mark = prepareRows(db, nextMark);
    this.#previous = prepareRows(db, 'SELECT previous FROM events WHERE position = ?');
  }

  /** Position of the stream's event at `revision` (<= the head's), 0 when it was trimmed away. */
  positionAt(stream: string, revision: number, head: StreamHead): number {
    let { position, revision: at } = head;
    if (at - revision >= markEvery) {
      const mark = this.#mark.get(stream, revision);
      if (mark !== undefined) {
        at = int(mark[0]);
        position = int(mark[1]);
      }
    }
    for (; at > revision && position > 0; at -= 1) position = this.previousOf(position);
    return position;
  }

  /** Position of the event before this one in its stream, 0 at the stream's beginning or when this one was trimmed away. */
  previousOf(position: number): number {
    const row = this.#previous.get(position);
    return row === undefined ? 0 : int(row[0]);
  }
}
