// What the EventStoreDB adapter promises when the server is killed, stopped, paused or away: against the stand-in, which can be told to.

import { afterEach, expect, test } from 'vitest';
import { OutcomeUnknownError, StoreUnavailableError, type AppendResult, type EventStore, type NewEvent } from '@wagerline/shared-kernel/ports/event-store';
import { startDouble, type Double } from '../testing/eventstoredb-double/start-double.ts';
import { openEventStoreDb, type EventStoreDbOptions } from './eventstoredb.ts';
import { newEvents, newStream } from './testing-events.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function start(...flags: readonly string[]): Promise<Double> {
  const double = await startDouble({ flags });
  opened.push(double);
  return double;
}

function connect({ connectionString }: Double, options: Partial<EventStoreDbOptions> = {}): EventStore {
  const store = openEventStoreDb({ connectionString, appendTimeoutMs: 5_000, ...options });
  opened.push(store);
  return store;
}

/** As handle-command does: whatever is not an answer leads to the same append again, ids and revision. */
async function appendSurely(store: EventStore, stream: string, revision: number, events: readonly NewEvent[]): Promise<number> {
  for (;;) {
    try {
      const result = await store.append(stream, revision === -1 ? 'no-stream' : revision, events);
      expect(result.outcome).toBe('appended');
      return result.revision;
    } catch (error) {
      expect(error instanceof OutcomeUnknownError || error instanceof StoreUnavailableError, String(error)).toBe(true);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

test('16 writers and a subscription across kill -9, a stop and kill -9 again: nothing is lost, nothing is there twice', async () => {
  const double = await start();
  const store = connect(double);
  const reader = connect(double, { retryDelayMs: 5 });
  const prefixes = ['account-'];
  const [rounds, writers] = [45, 16];
  let appended = 0;
  const reached = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const written: string[][] = [];
  const writing = Array.from({ length: writers }, async () => {
    const stream = newStream();
    const ids: string[] = [];
    written.push(ids);
    for (let round = 0, revision = -1; round < rounds; round += 1) {
      const events = newEvents(1 + (round % 2));
      revision = await appendSurely(store, stream, revision, events);
      ids.push(...events.map((event) => event.id));
      appended += 1;
      reached[Math.floor((appended / (rounds * writers)) * 4)]?.resolve();
    }
  });
  const abort = new AbortController();
  const seen: { readonly id: string; readonly position: number }[] = [];
  const total = writers * newCount(rounds);
  const reading = (async () => {
    for await (const { events } of reader.subscribeToAll(0, { prefixes }, abort.signal)) {
      seen.push(...events);
      if (seen.length >= total) abort.abort();
    }
  })();

  for (const [index, end] of [double.kill, double.stop, double.kill].entries()) {
    await reached[index + 1]?.promise;
    await end();
    await double.restart();
  }
  await Promise.all([...writing, reading]);

  const positions = seen.map((event) => event.position);
  expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
  expect(seen.map((event) => event.id).sort()).toEqual(written.flat().sort());
  for (const ids of written) {
    const first = seen.filter((event) => ids.includes(event.id)).map((event) => event.id);
    expect(first).toEqual(ids);
  }
}, 60_000);

/** Events of so many rounds: one and two in turn. */
function newCount(rounds: number): number {
  return rounds + Math.floor(rounds / 2);
}

test('a paused server: an append is of unknown outcome after its limit, sent again it is stored once', async () => {
  const double = await start();
  const store = connect(double);
  const stream = newStream();
  await store.append(stream, 'no-stream', newEvents(1));
  const impatient = connect(double, { appendTimeoutMs: 100, readTimeoutMs: 100 });
  await impatient.head();
  const events = newEvents(2);
  double.pause();
  await expect(impatient.append(stream, 0, events)).rejects.toBeInstanceOf(OutcomeUnknownError);
  await expect(impatient.readStream(stream)).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(impatient.head()).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(impatient.readAll(0, { prefixes: ['account-'] }, 10)).rejects.toBeInstanceOf(StoreUnavailableError);
  double.resume();
  const again = await store.append(stream, 0, events);
  expect(again).toMatchObject({ outcome: 'appended', revision: 2 });
  const recorded = await store.readStream(stream);
  expect(recorded.map((event) => event.id).slice(1)).toEqual(events.map((event) => event.id));
  expect(again).toMatchObject({ positions: recorded.slice(1).map((event) => event.position) });
});

test('a paused server makes a subscription start over, and it goes on where it was', async () => {
  const double = await start();
  const losses = Promise.withResolvers<unknown>();
  const onSubscriptionLost = (error: unknown): void => losses.resolve(error);
  const reader = connect(double, { quietMsMax: 50, readTimeoutMs: 100, retryDelayMs: 5, onSubscriptionLost });
  const store = connect(double);
  const events = newEvents(3);
  const stream = newStream();
  await store.append(stream, 'no-stream', events.slice(0, 2));
  const abort = new AbortController();
  const seen: string[] = [];
  let resumed: Promise<AppendResult> | undefined;
  for await (const batch of reader.subscribeToAll(0, { prefixes: ['account-'] }, abort.signal)) {
    seen.push(...batch.events.map((event) => event.id));
    if (seen.length === 3) abort.abort();
    if (!batch.caughtUp || resumed !== undefined) continue;
    double.pause();
    resumed = losses.promise.then(() => {
      double.resume();
      return store.append(stream, 1, events.slice(2));
    });
  }
  // The subscription may have the event before its append is answered.
  expect(await resumed).toMatchObject({ outcome: 'appended' });
  expect(seen).toEqual(events.map((event) => event.id));
  expect(await losses.promise).toBeInstanceOf(StoreUnavailableError);
});

test.each(['end', 'silence'])('subscriptions that meet with %s instead of events are made again, without a gap or a repeat', async (fault) => {
  const double = await start('--subscription-fault', fault);
  const lost: unknown[] = [];
  const reader = connect(double, { quietMsMax: 20, retryDelayMs: 5, onSubscriptionLost: (error) => lost.push(error) });
  const events = newEvents(4);
  const stream = newStream();
  const abort = new AbortController();
  const seen: string[] = [];
  let appended = 0;
  for await (const batch of reader.subscribeToAll(0, { prefixes: ['account-'] }, abort.signal)) {
    seen.push(...batch.events.map((event) => event.id));
    if (seen.length === events.length) abort.abort();
    if (!batch.caughtUp || appended > seen.length || appended === events.length) continue;
    await reader.append(stream, 'any', events.slice(appended, appended + 1));
    appended += 1;
  }
  expect(seen).toEqual(events.map((event) => event.id));
  expect(lost.length).toBeGreaterThanOrEqual(events.length);
  for (const error of lost) expect(error).toBeInstanceOf(StoreUnavailableError);
});

test('a server that is not there: appends and reads say so at once, and work again when it is back', async () => {
  const double = await start();
  const store = connect(double);
  const stream = newStream();
  const events = newEvents(1);
  await double.kill();
  await expect(store.append(stream, 'no-stream', events)).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(store.readStream(stream)).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(store.readSnapshot(stream)).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(store.writeLeases([{ name: 'slot', expectedVersion: 0, data: {} }])).rejects.toBeInstanceOf(StoreUnavailableError);
  await double.restart();
  expect(await store.append(stream, 'no-stream', events)).toMatchObject({ outcome: 'appended', revision: 0 });
});

test('more appends than may wait are refused at once, the others are written', async () => {
  const store = connect(await start(), { appendQueueMax: 3 });
  const stream = newStream();
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => store.append(stream, 'any', newEvents(1))));
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  expect(results[4]).toMatchObject({ reason: expect.any(StoreUnavailableError) });
  expect(await store.readStream(stream)).toHaveLength(3);
});

test('above its limits an append is a mistake of the caller, and so is a connection without credentials', async () => {
  const store = connect(await start());
  const large = newEvents(1, { large: 'é'.repeat(512 * 1024) });
  const wrongNames = ['', 'a'.repeat(201), 'account 1'].map((name) => [name, newEvents(1)] as const);
  const wrongEvents = [[], large, newEvents(1001)].map((events) => ['account-1', events] as const);
  for (const [stream, events] of [...wrongNames, ...wrongEvents]) {
    await expect(store.append(stream, 'any', events)).rejects.toThrow('assertion failed');
  }
  expect(await store.head()).toBe(0);
  expect(() => openEventStoreDb({ connectionString: 'esdb://127.0.0.1:1', appendTimeoutMs: 1 })).toThrow('names user and password');
});

test('a closed client says so, and its subscriptions end with an error', async () => {
  const store = connect(await start());
  const batches = store.subscribeToAll(0, { prefixes: ['account-'] }, new AbortController().signal)[Symbol.asyncIterator]();
  await batches.next();
  const waiting = batches.next();
  await store.close();
  await expect(waiting).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(store.append('account-1', 'any', newEvents(1))).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(store.head()).rejects.toBeInstanceOf(StoreUnavailableError);
});
