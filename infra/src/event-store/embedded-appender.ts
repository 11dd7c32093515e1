// The append rules of the embedded log: expected revisions, repeated appends, positions. Called by the writer thread,
// inside its transaction; it never begins, commits or answers anything itself.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { anyRevision, fieldsPerEvent, headerLength, type AppendRequest, type LeaseRequest, type Reply } from './embedded-messages.ts';
import { busyKind, int, kindsMax, markEvery, otherKind, prepareRows, StreamWalk, text, type StreamHead } from './embedded-schema.ts';
import type { SharedHeads } from './shared-heads.ts';

/** Heads kept in memory, so that a stream in use costs no read. About 20 MiB when full. */
const headsCachedMax = 100_000;
/** Heads go to `streams` after this many events: what the writer reads at its start, and what readers look up in shared memory. */
const writeHeadsEveryEvents = 4096;
/** How far back an append at any revision looks for its own events: best effort, callers that need certainty name a revision. */
const repeatWindowEvents = 64;

/** Moves with each append inside the transaction, so `reload` follows a rollback. */
type KnownHead = StreamHead & { readonly stream: string; isWritten: boolean };

export class Appender {
  readonly #walk: StreamWalk;
  readonly #insertEvent: StatementSync;
  readonly #insertMark: StatementSync;
  readonly #insertKind: StatementSync;
  readonly #streamHead: StatementSync;
  readonly #upsertStream: StatementSync;
  readonly #setHeadsWritten: StatementSync;
  readonly #idAndPrevious: StatementSync;
  readonly #deleteEvent: StatementSync;
  readonly #deleteMarks: StatementSync;
  readonly #upsertLease: StatementSync;
  readonly #db: DatabaseSync;
  readonly #shared: SharedHeads;
  readonly #writeHeadsEveryEvents: number;
  /** Those that are not `isWritten` are newer than in `streams`. */
  readonly #heads = new Map<string, KnownHead>();
  #unwritten: KnownHead[] = [];
  #headsWrittenThrough = 0;
  /** What other threads may hear of after the COMMIT. */
  #uncommitted: (readonly [stream: string, position: number])[] = [];
  readonly #kinds = new Map<string, number>();
  /** Position of the newest event. */
  head = 0;
  /** Position of the newest event of each kind. */
  kindHeads: number[] = [];

  constructor(db: DatabaseSync, shared: SharedHeads, options: { readonly writeHeadsEveryEvents?: number } = {}) {
    this.#db = db;
    this.#shared = shared;
    this.#writeHeadsEveryEvents = options.writeHeadsEveryEvents ?? writeHeadsEveryEvents;
    this.#walk = new StreamWalk(db);
    this.#insertEvent = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#insertMark = db.prepare('INSERT INTO stream_marks VALUES (?, ?, ?)');
    this.#insertKind = db.prepare('INSERT INTO kinds VALUES (?, ?)');
    this.#streamHead = prepareRows(db, 'SELECT head, revision FROM streams WHERE name = ?');
    this.#upsertStream = db.prepare(
      'INSERT INTO streams VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET head = excluded.head, revision = excluded.revision',
    );
    this.#setHeadsWritten = db.prepare('UPDATE heads_written SET through = ?');
    this.#idAndPrevious = prepareRows(db, 'SELECT id, previous FROM events WHERE position = ?');
    this.#deleteEvent = prepareRows(db, 'DELETE FROM events WHERE position = ? RETURNING previous');
    this.#deleteMarks = db.prepare('DELETE FROM stream_marks WHERE stream = ? AND revision <= ?');
    this.#upsertLease = db.prepare(
      `INSERT INTO leases SELECT ?1, ?2 + 1, ?3 WHERE ?2 = coalesce((SELECT version FROM leases WHERE name = ?1), 0)
       ON CONFLICT (name) DO UPDATE SET version = excluded.version, data = excluded.data`,
    );
    this.#load();
    for (const { stream, position } of this.#unwritten.toSorted((a, b) => a.position - b.position)) this.#uncommitted.push([stream, position]);
    this.committed();
  }

  /** To be called after each COMMIT, before anything of it is answered. */
  committed(): void {
    this.#shared.note(this.head, this.kindHeads, this.#uncommitted);
    this.#uncommitted = [];
  }

  /** To be called after each rollback. */
  reload(): void {
    this.#load();
    this.#uncommitted = [];
  }

  /** Takes everything kept in memory from the file. */
  #load(): void {
    this.#heads.clear();
    this.#unwritten = [];
    this.#kinds.clear();
    this.kindHeads = [];
    // The newest event is never deleted (maxCount is at least 1), so positions grow for ever without a counter of their own.
    this.head = int(prepareRows(this.#db, 'SELECT coalesce(max(position), 0) FROM events').get()?.[0]);
    const newest = prepareRows(this.#db, 'SELECT coalesce(max(position), 0) FROM events WHERE kind = ? AND kind <> 1');
    for (const row of prepareRows(this.#db, 'SELECT kind, prefix FROM kinds ORDER BY kind').all()) {
      const kind = int(row[0]);
      this.#kinds.set(text(row[1]), kind);
      this.kindHeads[kind] = kind === busyKind ? this.head : int(newest.get(kind)?.[0]);
    }
    this.#headsWrittenThrough = int(prepareRows(this.#db, 'SELECT through FROM heads_written').get()?.[0]);
    const since = prepareRows(this.#db, 'SELECT position, stream, revision FROM events WHERE position > ? ORDER BY position');
    for (const row of since.iterate(this.#headsWrittenThrough)) this.#move(this.#headOf(text(row[1])), int(row[0]), int(row[2]));
  }

  append(request: AppendRequest): Reply {
    const [, seq, stream, expected] = request;
    const head = this.#headOf(stream);
    if (expected === anyRevision) {
      const first = this.#recentRevisionOf(head, request[headerLength]);
      if (first !== undefined) return this.#repeated(request, head, first);
    } else if (expected > head.revision) {
      return ['conflict', seq, head.revision];
    } else if (expected < head.revision) {
      return this.#repeated(request, head, expected + 1);
    }
    return this.#write(request, head);
  }

  #write(request: AppendRequest, head: KnownHead): Reply {
    const [, seq, stream, , maxCount] = request;
    const kind = this.#kindOf(stream);
    const first = this.head + 1;
    let previous = head.position;
    let revision = head.revision;
    for (let at = headerLength; at < request.length; at += fieldsPerEvent) {
      revision += 1;
      this.head += 1;
      this.#insertEvent.run(
        this.head, stream, revision, previous, kind, text(request[at]), text(request[at + 1]), text(request[at + 2]), text(request[at + 3]),
      );
      if (revision > 0 && revision % markEvery === 0) this.#insertMark.run(stream, revision, this.head);
      previous = this.head;
    }
    this.kindHeads[kind] = this.head;
    this.#move(head, this.head, revision);
    this.#uncommitted.push([stream, this.head]);
    if (maxCount > 0) this.#trim(stream, head, maxCount);
    if (this.head - this.#headsWrittenThrough >= this.#writeHeadsEveryEvents) this.#writeHeads();
    return ['written', seq, revision, first];
  }

  /**
   * The stream is past the expected revision. It is the same append again when the events from `firstRevision` on carry
   * the same ids: then the answer is the original one. Anything else is a conflict.
   */
  #repeated(request: AppendRequest, head: StreamHead, firstRevision: number): Reply {
    const [, seq, stream] = request;
    const count = (request.length - headerLength) / fieldsPerEvent;
    const lastRevision = firstRevision + count - 1;
    if (lastRevision > head.revision) return ['conflict', seq, head.revision];
    const positions = new Array<number>(count);
    let position = this.#walk.positionAt(stream, lastRevision, head);
    for (let index = count - 1; index >= 0; index -= 1) {
      const row = this.#idAndPrevious.get(position);
      if (row === undefined || row[0] !== request[headerLength + index * fieldsPerEvent]) return ['conflict', seq, head.revision];
      positions[index] = position;
      position = int(row[1]);
    }
    return ['repeated', seq, lastRevision, positions];
  }

  #recentRevisionOf(head: StreamHead, id: string | number | undefined): number | undefined {
    let { position, revision } = head;
    for (let looked = 0; looked < repeatWindowEvents && position > 0; looked += 1) {
      const row = this.#idAndPrevious.get(position);
      if (row === undefined) return undefined;
      if (row[0] === id) return revision;
      position = int(row[1]);
      revision -= 1;
    }
    return undefined;
  }

  /** Keeps the newest `maxCount` events of the stream; walks on until it meets what was deleted before. */
  #trim(stream: string, head: StreamHead, maxCount: number): void {
    let position = head.position;
    for (let kept = 0; kept < maxCount && position > 0; kept += 1) position = this.#walk.previousOf(position);
    while (position > 0) {
      const deleted = this.#deleteEvent.get(position);
      position = deleted === undefined ? 0 : int(deleted[0]);
    }
    this.#deleteMarks.run(stream, head.revision - maxCount);
  }

  leases(request: LeaseRequest): Reply {
    const written: boolean[] = [];
    for (let at = 2; at < request.length; at += 3) {
      written.push(this.#upsertLease.run(text(request[at]), int(request[at + 1]), text(request[at + 2])).changes === 1);
    }
    return ['leases', request[1], written];
  }

  #headOf(stream: string): KnownHead {
    const known = this.#heads.get(stream);
    if (known !== undefined) return known;
    const row = this.#streamHead.get(stream);
    const [position, revision] = row === undefined ? [0, -1] : [int(row[0]), int(row[1])];
    return { stream, position, revision, isWritten: true };
  }

  #move(head: KnownHead, position: number, revision: number): void {
    head.position = position;
    head.revision = revision;
    if (!head.isWritten) return;
    head.isWritten = false;
    this.#unwritten.push(head);
    this.#heads.set(head.stream, head);
  }

  /** In the order of names, so that each page of `streams` is visited once. Afterwards none is in memory alone: the oldest may be forgotten. */
  #writeHeads(): void {
    this.#unwritten.sort((a, b) => (a.stream < b.stream ? -1 : 1));
    for (const head of this.#unwritten) {
      this.#upsertStream.run(head.stream, head.position, head.revision);
      head.isWritten = true;
    }
    this.#unwritten = [];
    this.#setHeadsWritten.run(this.head);
    this.#headsWrittenThrough = this.head;
    for (const stream of this.#heads.keys()) {
      if (this.#heads.size <= headsCachedMax) return;
      this.#heads.delete(stream);
    }
  }

  #kindOf(stream: string): number {
    const prefix = stream.slice(0, stream.indexOf('-') + 1);
    const known = this.#kinds.get(prefix);
    if (known !== undefined) return known;
    if (this.#kinds.size >= kindsMax) return otherKind;
    const kind = this.#kinds.size;
    this.#insertKind.run(kind, prefix);
    this.#kinds.set(prefix, kind);
    this.kindHeads[kind] = 0;
    return kind;
  }
}
