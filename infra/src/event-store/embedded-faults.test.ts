// The embedded event log when things break: no answer, a dead writer, a full disk, a killed process.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { OutcomeUnknownError, StoreUnavailableError } from '@wagerline/shared-kernel/ports/event-store';
import { startEventLog } from './embedded-log.ts';
import { int, openForReading, prepareRows } from './embedded-schema.ts';
import { openEmbeddedEventStore } from './embedded.ts';
import { openTemporaryLog, type TemporaryLog } from './temporary-log.ts';
import { newEvents, newStream } from './testing-events.ts';

let temporary: TemporaryLog | undefined;
const open: typeof openTemporaryLog = async (options) => (temporary = await openTemporaryLog(options));
afterEach(async () => {
  await temporary?.close();
  temporary = undefined;
});

/** Keeps the writer from beginning a transaction until it is called. */
function holdWriter(dataDir: string): () => void {
  const other = new DatabaseSync(join(dataDir, 'events.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  return () => other.close();
}

test('an append without an answer is of unknown outcome; sent again it is stored once', async () => {
  const { dataDir, connect } = await open();
  const store = connect({ appendTimeoutMs: 30 });
  const events = newEvents(2);
  const letGo = holdWriter(dataDir);
  await expect(store.append('account-1', 'no-stream', events)).rejects.toBeInstanceOf(OutcomeUnknownError);
  letGo();
  const patient = connect();
  const again = await patient.append('account-1', 'no-stream', events);
  expect(again).toEqual({ outcome: 'appended', revision: 1, positions: [1, 2] });
  expect(await patient.readStream('account-1')).toHaveLength(2);
});

test('when the writer dies, what is on its way is of unknown outcome, and the root is told', async () => {
  const { dataDir, log, store, reopen } = await open();
  await store.append('account-1', 'no-stream', newEvents(1));
  const letGo = holdWriter(dataDir);
  const events = newEvents(1);
  const pending = store.append('account-1', 0, events);
  const waiting = store.subscribeToAll(1, { prefixes: ['account-'] }, new AbortController().signal)[Symbol.asyncIterator]();
  await waiting.next();
  const ended = waiting.next();
  // The request leaves at the end of this turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  const died = log.terminate();
  letGo();
  await expect(pending).rejects.toBeInstanceOf(OutcomeUnknownError);
  await expect(ended).rejects.toBeInstanceOf(StoreUnavailableError);
  expect((await log.failed).message).toContain('ended');
  await died;
  await expect(store.append('account-1', 0, events)).rejects.toBeInstanceOf(StoreUnavailableError);

  const again = await reopen();
  expect(await again.append('account-1', 0, events)).toMatchObject({ outcome: 'appended', revision: 1 });
  expect(await again.readStream('account-1')).toHaveLength(2);
});

test('on a full disk appends are refused with certainty, and taken again when there is room', async () => {
  const { store, log, reopen } = await open();
  await store.append('account-0', 'no-stream', newEvents(1));
  log.limitPages(20);
  const text = 'x'.repeat(3000);
  const acknowledged = new Set<string>();
  const refused: { stream: string; events: ReturnType<typeof newEvents> }[] = [];
  for (let round = 0; round < 20; round += 1) {
    const appends = Array.from({ length: 5 }, () => ({ stream: newStream(), events: newEvents(1, { text }) }));
    const results = await Promise.allSettled(appends.map(({ stream, events }) => store.append(stream, 'no-stream', events)));
    results.forEach((result, index) => {
      const append = appends[index]!;
      if (result.status === 'fulfilled') acknowledged.add(append.stream);
      else refused.push(append);
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StoreUnavailableError);
    });
  }
  expect(acknowledged.size).toBeGreaterThan(0);
  expect(refused.length).toBeGreaterThan(0);
  const { events } = await store.readAll(0, { prefixes: ['account-'] }, 500);
  expect(new Set(events.map((event) => event.stream))).toEqual(new Set(['account-0', ...acknowledged]));

  log.limitPages(1_000_000);
  for (const { stream, events: again } of refused) {
    expect(await store.append(stream, 'no-stream', again)).toMatchObject({ outcome: 'appended', revision: 0 });
  }
  const after = await (await reopen()).readAll(0, { prefixes: ['account-'] }, 500);
  expect(after.events.map((event) => event.position)).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
});

test('a log that cannot be opened fails at the start', async () => {
  await expect(startEventLog({ dataDir: join(tmpdir(), 'no-such-folder', 'at-all') })).rejects.toThrow('unable to open');
});

/** Starts a process that appends to 16 streams, and kills it when it has printed so many acknowledgements. */
async function killAfter(dataDir: string, count: number): Promise<readonly (readonly [stream: string, revision: number, id: string])[]> {
  const program = fileURLToPath(new URL('./testing-crash-child.ts', import.meta.url));
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: (readonly [stream: string, revision: number, id: string])[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [stream = '', revision, id = ''] = line.split(' ');
    // The last line may have been cut off by the kill.
    if (id.length === 36) acknowledged.push([stream, Number(revision), id]);
    if (acknowledged.length === count) child.kill('SIGKILL');
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(count);
  return acknowledged;
}

/** How far the file itself names the streams' heads. */
function headsWrittenThrough(dataDir: string): number {
  const db = openForReading(dataDir, 'events.sqlite');
  const row = prepareRows(db, 'SELECT through FROM heads_written').get();
  db.close();
  return int(row?.[0]);
}

// Heads are written every 4,096 events: the first log has none of them in place, the second some.
const kills = [{ count: 400, heads: 'no' }, { count: 4500, heads: 'some' }];
test.each(kills)('after kill -9 with $heads heads written every acknowledged event is there, in order and once', async ({ count, heads }) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'event-log-'));
  const acknowledged = await killAfter(dataDir, count);

  const log = await startEventLog({ dataDir });
  const store = openEmbeddedEventStore({ dataDir, port: log.connect(), appendTimeoutMs: 10_000 });
  const streams = new Map<string, readonly string[]>();
  for (const [stream] of acknowledged) {
    if (!streams.has(stream)) streams.set(stream, (await store.readStream(stream)).map((event) => event.id));
  }
  for (const [stream, revision, id] of acknowledged) expect(streams.get(stream)?.[revision]).toBe(id);
  for (const ids of streams.values()) expect(new Set(ids).size).toBe(ids.length);
  const stored = [...streams.values()].reduce((sum, ids) => sum + ids.length, 0);
  expect(await store.head()).toBe(stored);
  const through = headsWrittenThrough(dataDir);
  expect(through).toBeLessThan(stored);
  expect(through > 0).toBe(heads === 'some');
  for (const [stream, ids] of streams) {
    expect(await store.append(stream, ids.length - 1, newEvents(1))).toMatchObject({ outcome: 'appended', revision: ids.length });
  }
  await store.close();
  await log.close();
  await rm(dataDir, { recursive: true });
});
