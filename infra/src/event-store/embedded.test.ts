// The embedded event log against the contract, and what only this adapter promises: groups, limits, waking, many clients.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { StoreUnavailableError, type SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import { eventStoreContract } from './contract.ts';
import { kindsMax } from './embedded-schema.ts';
import { openTemporaryLog, type TemporaryLog } from './temporary-log.ts';
import { newEvents, newStream } from './testing-events.ts';

// Interval 0: every append that a filtered subscription leaves out moves its position.
eventStoreContract('embedded event log', () => openTemporaryLog({ checkpointIntervalMs: 0 }));
eventStoreContract('embedded event log that lets events gather', () => openTemporaryLog({ checkpointIntervalMs: 0, gatherMsMax: 5 }));

describe('embedded event log only', () => {
  let temporary: TemporaryLog | undefined;
  const open: typeof openTemporaryLog = async (options) => (temporary = await openTemporaryLog(options));
  afterEach(async () => {
    await temporary?.close();
    temporary = undefined;
  });

  test('a follower of positions alone hears how far the log is, whatever is in it', async () => {
    const { connect, store } = await open();
    await store.append(newStream(), 'no-stream', newEvents(3));
    const stop = new AbortController();
    const batches: SubscriptionBatch[] = [];
    for await (const batch of connect({ positionsOnly: true }).subscribeToAll(0, { prefixes: ['account-'] }, stop.signal)) {
      batches.push(batch);
      if (batches.length === 1) await store.append('account-1', 'no-stream', newEvents(2));
      else stop.abort();
    }
    expect(batches).toEqual([{ events: [], position: 3, caughtUp: true }, { events: [], position: 5, caughtUp: true }]);
  });

  test('appends sent in one turn see each other and are answered each for itself', async () => {
    const { store, reopen } = await open();
    const stream = newStream();
    const other = newStream();
    const results = await Promise.all([
      store.append(stream, 'no-stream', newEvents(1)),
      store.append(stream, 0, newEvents(2)),
      store.append(stream, 0, newEvents(1)),
      store.append(other, 5, newEvents(1)),
      store.append(other, 'no-stream', newEvents(1)),
      store.append(stream, 2, newEvents(1)),
    ]);
    expect(results.map((result) => [result.outcome, result.revision])).toEqual([
      ['appended', 0], ['appended', 2], ['conflict', 2], ['conflict', -1], ['appended', 0], ['appended', 3],
    ]);
    expect((await (await reopen()).readStream(stream)).map((event) => event.revision)).toEqual([0, 1, 2, 3]);
  });

  test('above its limits an append is a mistake of the caller, and nothing is written', async () => {
    const { store } = await open();
    const large = newEvents(1, { large: 'x'.repeat(1024 * 1024) });
    const wrongNames = ['', 'a'.repeat(201), 'account 1'].map((name) => [name, newEvents(1)] as const);
    const wrongEvents = [[], large, newEvents(1001)].map((events) => ['account-1', events] as const);
    for (const [stream, events] of [...wrongNames, ...wrongEvents]) {
      await expect(store.append(stream, 'any', events)).rejects.toThrow('assertion failed');
    }
    expect(await store.head()).toBe(0);
  });

  test('more appends than may wait are refused at once, the others are written', async () => {
    const { connect } = await open();
    const store = connect({ appendQueueMax: 3 });
    const stream = newStream();
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => store.append(stream, 'any', newEvents(1))));
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(results[4]).toMatchObject({ reason: expect.any(StoreUnavailableError) });
    expect(await store.readStream(stream)).toHaveLength(3);
    await store.append(stream, 2, newEvents(1));
  });

  test('account events do not wake a market subscription before its interval is over', async () => {
    let nowMs = 0;
    const { store, connect } = await open();
    const reader = connect({ checkpointIntervalMs: 500, monotonicMs: () => nowMs });
    const abort = new AbortController();
    const batches: SubscriptionBatch[] = [];
    const appended = async (category: string): Promise<void> => void (await store.append(newStream(category), 'no-stream', newEvents(1)));
    const reading = (async () => {
      for await (const batch of reader.subscribeToAll(0, { prefixes: ['market-'] }, abort.signal)) {
        batches.push(batch);
        if (batch.position >= 3) abort.abort();
      }
    })();
    await appended('account');
    await appended('account');
    // The reader's own append is answered with the head, so by now it has seen both and decided not to wake.
    await reader.append(newStream('account'), 'no-stream', newEvents(1));
    expect(batches.filter((batch) => batch.position > 0).map((batch) => batch.events.length)).toEqual([]);
    nowMs = 500;
    await appended('account');
    await reading;
    expect(batches.at(-1)).toMatchObject({ events: [], caughtUp: true });
  });

  test('what one client was answered, every other client reads, while heads are written and long before', async () => {
    const { store, connect } = await open();
    const readers = [connect(), connect()];
    const streams = Array.from({ length: 300 }, () => newStream());
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(streams.map((stream) => store.append(stream, round === 0 ? 'no-stream' : round - 1, newEvents(1))));
      for (const [index, answer] of answers.entries()) {
        const events = await readers[index % 2]!.readStream(streams[index]!, { fromRevision: round });
        expect(events.map(({ position }) => position)).toEqual(answer.outcome === 'appended' ? answer.positions : []);
      }
    }
  });

  test('streams of more kinds than are numbered are still found by their prefix', async () => {
    const { store, reopen } = await open();
    const categories = Array.from({ length: kindsMax + 6 }, (_, index) => `kind${index}`);
    for (const category of categories) await store.append(`${category}-1`, 'no-stream', newEvents(1));
    await store.append('nodash', 'no-stream', newEvents(1));
    const again = await reopen();
    for (const prefix of ['kind0-', 'kind3-', `${categories.at(-1)}-`, 'nodash']) {
      const { events } = await again.readAll(0, { prefixes: [prefix] }, 100);
      expect(events.map((event) => event.stream.startsWith(prefix)), prefix).toEqual([true]);
    }
  });

  test('a client in another thread appends through the root, and its death hurts nobody', async () => {
    const { store, log, dataDir } = await open();
    const port = log.connect();
    const program = new URL('./testing-client-thread.ts', import.meta.url);
    const worker = new Worker(program, { workerData: { dataDir, port, stream: 'account-1' }, transferList: [port] });
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    expect((await store.readStream('account-1')).length).toBeGreaterThanOrEqual(100);
    expect(await store.append('account-2', 'no-stream', newEvents(1))).toMatchObject({ outcome: 'appended' });
  });

  test('a closed client says so, and its subscriptions end with an error', async () => {
    const { store, connect } = await open();
    const client = connect();
    const batches = client.subscribeToAll(0, { prefixes: ['account-'] }, new AbortController().signal)[Symbol.asyncIterator]();
    await batches.next();
    const waiting = batches.next();
    await client.close();
    await expect(waiting).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(client.append('account-1', 'any', newEvents(1))).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(client.head()).rejects.toBeInstanceOf(StoreUnavailableError);
    await store.append('account-1', 'no-stream', newEvents(1));
  });

  test('the write-ahead file stays bounded while readers read', async () => {
    const { store, dataDir, connect } = await open();
    const abort = new AbortController();
    const reading = (async () => {
      for await (const batch of connect().subscribeToAll(0, { prefixes: ['account-'] }, abort.signal)) if (batch.position >= 15_000) return;
    })();
    for (let round = 0; round < 15; round += 1) {
      const appends = Array.from({ length: 1000 }, () => store.append(newStream(), 'no-stream', newEvents(1, { text: 'x'.repeat(4000) })));
      await Promise.all(appends);
    }
    await reading;
    expect(statSync(join(dataDir, 'events.sqlite')).size).toBeGreaterThan(8 * 1024 * 1024);
    expect(statSync(join(dataDir, 'events.sqlite-wal')).size).toBeLessThan(64 * 1024 * 1024);
  });
});
