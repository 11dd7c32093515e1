// The append rules against a model of a few lines, with rollbacks and restarts in between.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Appender } from './embedded-appender.ts';
import { anyRevision, type Reply } from './embedded-messages.ts';
import { EmbeddedReads } from './embedded-reads.ts';
import { openEventsForWriting, openSnapshotsForWriting } from './embedded-schema.ts';
import { SharedHeads } from './shared-heads.ts';

type Stored = { readonly id: string; readonly position: number };
type Command = {
  readonly stream: string;
  readonly expected: number;
  readonly ids: readonly string[];
  readonly fate: 'commit' | 'rollback' | 'reload';
};

const command = fc.record({
  stream: fc.constantFrom('account-1', 'market-1'),
  expected: fc.integer({ min: anyRevision, max: 5 }),
  ids: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }),
  fate: fc.constantFrom('commit', 'commit', 'commit', 'rollback', 'reload'),
});

function expectedReply(log: readonly Stored[], { expected, ids }: Command, head: number): Reply {
  const last = log.length - 1;
  const known = log.findLastIndex((event) => event.id === ids[0]);
  const from = expected === anyRevision ? (known === -1 ? log.length : known) : expected + 1;
  if (from > log.length) return ['conflict', 1, last];
  if (from === log.length) return ['written', 1, last + ids.length, head + 1];
  const there = log.slice(from, from + ids.length);
  if (there.length < ids.length || there.some((event, index) => event.id !== ids[index])) return ['conflict', 1, last];
  return ['repeated', 1, from + ids.length - 1, there.map((event) => event.position)];
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

test('every append is answered as the model says, whatever was rolled back before', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 40 }), (commands) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'appender-'));
      folders.push(dataDir);
      const db = openEventsForWriting(dataDir);
      db.exec('PRAGMA synchronous = OFF');
      openSnapshotsForWriting(dataDir).close();
      const shared = new SharedHeads();
      const appender = new Appender(db, shared);
      const model = new Map<string, Stored[]>([['account-1', []], ['market-1', []]]);
      let head = 0;
      for (const one of commands) {
        const log = model.get(one.stream) ?? [];
        db.exec('BEGIN IMMEDIATE');
        const reply = appender.append(['append', 1, one.stream, one.expected, 0, ...one.ids.flatMap((id) => [id, 'Noted', '{}', '{}'])]);
        expect(reply).toEqual(expectedReply(log, one, head));
        db.exec(one.fate === 'rollback' ? 'ROLLBACK' : 'COMMIT');
        if (one.fate !== 'rollback') appender.committed();
        if (one.fate !== 'commit') appender.reload();
        if (one.fate !== 'rollback' && reply[0] === 'written') for (const id of one.ids) log.push({ id, position: (head += 1) });
        expect(appender.head).toBe(head);
        // Both kinds' newest positions are at or past what was stored, so that no subscription sleeps through an event.
        for (const [index, stream] of ['account-1', 'market-1'].entries()) {
          expect(appender.kindHeads[index + 1] ?? 0).toBeGreaterThanOrEqual(model.get(stream)?.at(-1)?.position ?? 0);
        }
      }
      const reads = new EmbeddedReads(dataDir, shared);
      for (const [stream, log] of model) {
        const events = reads.stream(stream, 0, 1000).map(({ id, position, revision }) => ({ id, position, revision }));
        expect(events).toEqual(log.map((event, revision) => ({ ...event, revision })));
      }
      reads.close();
      db.close();
    }),
    { seed: 7, numRuns: 30 },
  );
});
