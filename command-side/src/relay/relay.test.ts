import { createLogger } from '@wagerline/infra/logger';
import type { EventBus } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore, RecordedEvent, SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import { expect, test } from 'vitest';
import type { Pause } from '../persevere.ts';
import { startRelay } from './relay.ts';

const logger = createLogger({ logLevel: 'silent' });
const event = (position: number): RecordedEvent => {
  return { id: `e${position}`, type: 'T', data: {}, metadata: {}, stream: 'account-a', revision: position, position };
};

/** A log of so many events, read two at a time; `stop` is called when the reader has come to its end. */
function logOf(count: number, stop: () => void): Pick<EventStore, 'subscribeToAll'> & { readonly starts: number[] } {
  const starts: number[] = [];
  return {
    starts,
    async *subscribeToAll(after: number, _filter: unknown, signal: AbortSignal): AsyncGenerator<SubscriptionBatch> {
      starts.push(after);
      for (let position = after; position < count; position += 2) {
        if (signal.aborted) return;
        const events = [position + 1, position + 2].filter((at) => at <= count).map(event);
        yield { events, position: Math.min(position + 2, count), caughtUp: position + 2 >= count };
      }
      stop();
    },
  };
}

/** Remembers what it was given; `publish` fails on the calls named, before or after it has stored. */
function busOf(failures: Readonly<Record<number, 'before' | 'after'>>): Pick<EventBus, 'publish' | 'publishedThrough'> & { readonly received: number[] } {
  const received: number[] = [];
  let through = 0;
  let calls = 0;
  return {
    received,
    publishedThrough: async () => through,
    async publish(events, throughPosition) {
      calls += 1;
      const failure = failures[calls];
      if (failure === 'before') throw new Error('bus away');
      received.push(...events.map((item) => item.position));
      if (failure === 'after') throw new Error('acknowledgement lost');
      through = throughPosition;
    },
  };
}

async function relayed(count: number, bus: ReturnType<typeof busOf>, pauses: number[] = []) {
  const stop = new AbortController();
  const log = logOf(count, () => stop.abort());
  const pause: Pause = async (ms) => void pauses.push(ms);
  const relay = startRelay({ eventStore: log, bus, signal: stop.signal, logger, pause });
  await relay.done;
  return { relay, log };
}

test('every event reaches the bus once, in order, when nothing fails', async () => {
  const bus = busOf({});
  const { relay } = await relayed(5, bus);
  expect(bus.received).toEqual([1, 2, 3, 4, 5]);
  expect(relay.status()).toEqual({ publishedThrough: 5, failures: 0, lastFailure: null });
});

test('a failed publish is repeated from what the bus has, never passed over', async () => {
  const bus = busOf({ 2: 'before', 3: 'before' });
  const pauses: number[] = [];
  const { relay, log } = await relayed(5, bus, pauses);
  expect(bus.received).toEqual([1, 2, 3, 4, 5]);
  expect(log.starts).toEqual([0, 2, 2]);
  expect(pauses).toEqual([50, 100]);
  expect(relay.status()).toMatchObject({ failures: 0, lastFailure: 'bus away' });
});

test('a lost acknowledgement makes duplicates, and no gap', async () => {
  const bus = busOf({ 2: 'after' });
  await relayed(5, bus);
  expect(bus.received).toEqual([1, 2, 3, 4, 3, 4, 5]);
});

test('pauses are bounded, tries are not', async () => {
  const bus = busOf(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [index + 1, 'before'])));
  const pauses: number[] = [];
  await relayed(2, bus, pauses);
  expect(pauses).toHaveLength(30);
  expect(Math.max(...pauses)).toBe(5_000);
  expect(bus.received).toEqual([1, 2]);
});

test('it goes on from where the bus says it is', async () => {
  const bus = busOf({});
  await bus.publish([], 3);
  const { log } = await relayed(5, bus);
  expect(log.starts).toEqual([3]);
  expect(bus.received).toEqual([4, 5]);
});

test('under load events gather between two publishes, and a single one never waits', async () => {
  const bus = busOf({});
  const pauses: number[] = [];
  const stop = new AbortController();
  async function* batches(): AsyncGenerator<SubscriptionBatch> {
    for (const [from, to] of [[1, 15], [16, 31], [32, 32]] as const) {
      yield { events: Array.from({ length: to - from + 1 }, (_, index) => event(from + index)), position: to, caughtUp: true };
    }
    stop.abort();
  }
  const pause: Pause = async (ms) => void pauses.push(ms);
  await startRelay({ eventStore: { subscribeToAll: batches }, bus, signal: stop.signal, logger, pause, gatherMs: 50 }).done;
  expect(bus.received).toHaveLength(32);
  expect(pauses).toEqual([50]);
});
