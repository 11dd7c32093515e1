// The append rules against a model of a few lines, with rollbacks, restarts and streams that are kept short in between.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { StoreUnavailableError } from '@wagerline/shared-kernel/ports/event-store';
import { Appender } from './embedded-appender.ts';
import { anyRevision, type Reply } from './embedded-messages.ts';
import { EmbeddedReads } from './embedded-reads.ts';
import { int, openEventsForWriting, openSnapshotsForWriting, prepareRows } from './embedded-schema.ts';
import { rememberedPositions, SharedHeads } from './shared-heads.ts';

type Stored = { readonly id: string; readonly position: number; readonly revision: number };
type Command = {
  readonly stream: string;
  readonly expected: number;
  readonly ids: readonly string[];
  /** `crash`: nothing but the file is left. */
  readonly fate: 'commit' | 'rollback' | 'crash';
};

const streams = ['account-1', 'market-1', 'heartbeat-1'];
/** Heartbeats keep two events, the others all. */
const maxCountOf = (stream: string): number => (stream.startsWith('heartbeat-') ? 2 : 0);
const command = fc.record({
  stream: fc.constantFrom(...streams),
  expected: fc.integer({ min: anyRevision, max: 5 }),
  ids: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }),
  fate: fc.constantFrom('commit', 'commit', 'commit', 'rollback', 'crash'),
});

/** `kept` holds the stream's events that were not trimmed away, `last` is its revision. */
function expectedReply(kept: readonly Stored[], last: number, { expected, ids }: Command, head: number): Reply {
  const known = kept.findLast((event) => event.id === ids[0])?.revision;
  const from = expected === anyRevision ? (known ?? last + 1) : expected + 1;
  if (from > last + 1) return ['conflict', 1, last];
  if (from === last + 1) return ['written', 1, last + ids.length, head + 1];
  const there = ids.map((id, index) => kept.find((event) => event.revision === from + index && event.id === id));
  if (there.includes(undefined)) return ['conflict', 1, last];
  return ['repeated', 1, from + ids.length - 1, there.map((event) => event?.position ?? 0)];
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function openLog() {
  const dataDir = mkdtempSync(join(tmpdir(), 'appender-'));
  folders.push(dataDir);
  const db = openEventsForWriting(dataDir);
  db.exec('PRAGMA synchronous = OFF');
  openSnapshotsForWriting(dataDir).close();
  return { dataDir, db };
}

/** What a client reads of a stream; it must be what the model holds after every single command. */
function storedIn(reads: EmbeddedReads, stream: string): Stored[] {
  return reads.stream(stream, 0, 1000).map(({ id, position, revision }) => ({ id, position, revision }));
}

test('every append is answered and read as the model says, whatever was rolled back or lost before', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 40 }), (commands) => {
      const { dataDir, db } = openLog();
      const start = (shared: SharedHeads) => ({ appender: new Appender(db, shared, { writeHeadsEveryEvents: 7 }), reads: new EmbeddedReads(dataDir, shared) });
      let { appender, reads } = start(new SharedHeads());
      const model = new Map<string, { kept: Stored[]; last: number }>(streams.map((stream) => [stream, { kept: [], last: -1 }]));
      let head = 0;
      for (const one of commands) {
        const log = model.get(one.stream) ?? { kept: [], last: -1 };
        const maxCount = maxCountOf(one.stream);
        db.exec('BEGIN IMMEDIATE');
        const reply = appender.append(['append', 1, one.stream, one.expected, maxCount, ...one.ids.flatMap((id) => [id, 'Noted', '{}', '{}'])]);
        expect(reply).toEqual(expectedReply(log.kept, log.last, one, head));
        db.exec(one.fate === 'rollback' ? 'ROLLBACK' : 'COMMIT');
        if (one.fate === 'rollback') appender.reload();
        else appender.committed();
        if (one.fate !== 'rollback' && reply[0] === 'written') {
          for (const id of one.ids) log.kept.push({ id, position: (head += 1), revision: (log.last += 1) });
          if (maxCount > 0) log.kept = log.kept.slice(-maxCount);
        }
        if (one.fate === 'crash') {
          reads.close();
          ({ appender, reads } = start(new SharedHeads()));
        }
        expect(appender.head).toBe(head);
        for (const [stream, { kept }] of model) expect(storedIn(reads, stream)).toEqual(kept);
        // Each kind's newest position is at or past what was stored, so that no subscription sleeps through an event.
        for (const { kept } of model.values()) expect(Math.max(...appender.kindHeads)).toBeGreaterThanOrEqual(kept.at(-1)?.position ?? 0);
      }
      reads.close();
      db.close();
    }),
    { seed: 7, numRuns: 60 },
  );
});

test('a stream is read as far as all events are: also between COMMIT and the note that it has happened', () => {
  const { dataDir, db } = openLog();
  const shared = new SharedHeads();
  const appender = new Appender(db, shared);
  const reads = new EmbeddedReads(dataDir, shared);
  const append = (...ids: string[]): Reply =>
    appender.append(['append', 1, 'account-1', anyRevision, 0, ...ids.flatMap((id) => [id, 'Noted', '{}', '{}'])]);
  for (const ids of [['a'], ['b', 'c']]) {
    db.exec('BEGIN IMMEDIATE');
    append(...ids);
    db.exec('COMMIT');
    const followed = reads.all(0, { prefixes: ['account-'] }, 100).events.map(({ id }) => id);
    expect(followed.at(-1)).toBe(ids.at(-1));
    expect(storedIn(reads, 'account-1').map(({ id }) => id)).toEqual(followed);
    appender.committed();
    expect(storedIn(reads, 'account-1').map(({ id }) => id)).toEqual(followed);
  }
  reads.close();
  db.close();
});

test('a log of the version before, whose heads were all in place, is taken over', () => {
  const { dataDir, db } = openLog();
  const appender = new Appender(db, new SharedHeads(), { writeHeadsEveryEvents: 1 });
  appender.append(['append', 1, 'account-1', anyRevision, 0, 'a', 'Noted', '{}', '{}']);
  db.exec('DROP TABLE heads_written; PRAGMA user_version = 1');
  db.close();
  const again = openEventsForWriting(dataDir);
  expect(int(prepareRows(again, 'SELECT through FROM heads_written').get()?.[0])).toBe(1);
  const shared = new SharedHeads();
  const reply = new Appender(again, shared).append(['append', 1, 'account-1', 0, 0, 'b', 'Noted', '{}', '{}']);
  expect(reply).toEqual(['written', 1, 1, 2]);
  again.close();
});

test('a reader that the appends outrun for good says so, instead of an older state', () => {
  const { dataDir, db } = openLog();
  const shared = new SharedHeads();
  const reads = new EmbeddedReads(dataDir, shared);
  shared.note(rememberedPositions, [0, rememberedPositions], [['account-1', rememberedPositions]]);
  expect(() => reads.stream('account-1', 0, 10)).toThrow(StoreUnavailableError);
  reads.close();
  db.close();
});
