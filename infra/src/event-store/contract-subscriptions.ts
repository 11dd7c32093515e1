// The part of the event store's contract about the whole log: order, filters, catch-up subscriptions. Called by contract.ts.

import { expect, test } from 'vitest';
import type { EventStore, StreamFilter, SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import type { OpenedStore } from './testing-events.ts';
import { newEvents, newStream } from './testing-events.ts';

const everything: StreamFilter = { prefixes: ['account-', 'market-', 'fixture-', 'heartbeat-'] };
const trading: StreamFilter = { prefixes: ['market-', 'fixture-'] };

/** Appends to streams of these categories in turn; answers the positions. */
async function fill(store: EventStore, categories: readonly string[]): Promise<number[]> {
  const positions: number[] = [];
  for (const category of categories) {
    const result = await store.append(newStream(category), 'no-stream', newEvents(1, { category }));
    if (result.outcome === 'appended') positions.push(...result.positions);
  }
  return positions;
}

/** Reads a subscription until its batches have passed this position, then ends it. */
async function readThrough(store: EventStore, after: number, filter: StreamFilter, through: number): Promise<SubscriptionBatch[]> {
  const batches: SubscriptionBatch[] = [];
  const abort = new AbortController();
  for await (const batch of store.subscribeToAll(after, filter, abort.signal)) {
    batches.push(batch);
    if (batch.position >= through) abort.abort();
  }
  return batches;
}

function positionsIn(batches: readonly SubscriptionBatch[]): number[] {
  return batches.flatMap((batch) => batch.events.map((event) => event.position));
}

export function subscriptionContract(open: () => Promise<OpenedStore>): void {
  test('the log is read in order, in pages that say how far they went', async () => {
    const { store, reopen } = await open();
    const start = await store.head();
    const positions = await fill(store, ['account', 'market', 'account', 'fixture', 'heartbeat', 'account', 'market']);
    const again = await reopen();
    const pages: SubscriptionBatch[] = [];
    for (let after = start; pages.length < 20 && pages.at(-1)?.caughtUp !== true; after = pages.at(-1)?.position ?? after) {
      pages.push(await again.readAll(after, everything, 3));
    }
    expect(positionsIn(pages)).toEqual(positions);
    for (const page of pages) {
      expect(page.events.length).toBeLessThanOrEqual(3);
      expect(page.position).toBeGreaterThanOrEqual(page.events.at(-1)?.position ?? 0);
    }
    expect(pages.at(-1)?.position).toBe(await again.head());
  });

  test('a filter picks by the beginning of the stream’s name, and its position passes over the rest', async () => {
    const { store, reopen } = await open();
    const start = await store.head();
    const categories = ['account', 'market', 'account', 'markets', 'fixture', 'account', 'heartbeat', 'account'];
    const positions = await fill(store, categories);
    const again = await reopen();
    const page = await again.readAll(start, trading, 100);
    expect(positionsIn([page])).toEqual([positions[1], positions[4]]);
    expect(page).toMatchObject({ position: positions.at(-1), caughtUp: true });
    // The last page that is full does not claim more than it has seen.
    expect(await again.readAll(start, trading, 1)).toMatchObject({ position: positions[1], caughtUp: false });

    const one = newStream('market');
    const other = newStream('market');
    for (const stream of [one, other, one]) await again.append(stream, 'any', newEvents(1));
    const ofOne = await again.readAll(start, { prefixes: [one] }, 100);
    expect(ofOne.events.map((event) => event.stream)).toEqual([one, one]);
    expect(positionsIn([await again.readAll(start, { prefixes: ['mark', 'acc'] }, 100)])).toHaveLength(9);
    expect((await again.readAll(start, { prefixes: ['absent-'] }, 100)).events).toEqual([]);
  });

  test('at the end of the log there is nothing more', async () => {
    const { store, reopen } = await open();
    const [position] = await fill(store, ['account']);
    const again = await reopen();
    for (const filter of [everything, trading]) {
      expect(await again.readAll(position!, filter, 10)).toEqual({ events: [], position, caughtUp: true });
    }
  });

  test('a subscription delivers what is there, says when it is at the end, then what comes', async () => {
    const { store, reopen } = await open();
    const start = await store.head();
    const before = await fill(store, ['account', 'market', 'account']);
    const again = await reopen();
    const abort = new AbortController();
    const delivered: number[] = [];
    let later: number[] = [];
    for await (const batch of again.subscribeToAll(start, everything, abort.signal)) {
      delivered.push(...positionsIn([batch]));
      if (batch.caughtUp && later.length === 0) later = await fill(again, ['fixture', 'account']);
      else if (batch.position >= (later.at(-1) ?? Infinity)) abort.abort();
    }
    expect(later).toHaveLength(2);
    expect(delivered).toEqual([...before, ...later]);
  });

  test('a subscription with nothing to deliver says at once that it is at the end', async () => {
    const { store, reopen } = await open();
    const [position] = await fill(store, ['account']);
    const batches = await readThrough(await reopen(), position!, trading, position!);
    expect(batches).toEqual([{ events: [], position, caughtUp: true }]);
  });

  test('resumed from any of its batches, a subscription goes on without a gap or a repeat', async () => {
    const { store, reopen } = await open();
    const start = await store.head();
    const results = [];
    for (let round = 0; round < 3; round += 1) {
      results.push(await store.append(newStream('market'), 'no-stream', newEvents(400)));
      results.push(await store.append(newStream('account'), 'no-stream', newEvents(200)));
    }
    const positions = results.flatMap((result) => (result.outcome === 'appended' ? result.positions : []));
    const markets = results.flatMap((result, index) => (result.outcome === 'appended' && index % 2 === 0 ? result.positions : []));
    const again = await reopen();
    for (const [filter, expected] of [[everything, positions], [trading, markets]] as const) {
      const batches = await readThrough(again, start, filter, positions.at(-1)!);
      expect(positionsIn(batches)).toEqual(expected);
      expect(batches.length).toBeGreaterThan(1);
      for (const { position } of batches) {
        const rest = await readThrough(again, position, filter, positions.at(-1)!);
        expect(positionsIn(rest)).toEqual(expected.filter((one) => one > position));
      }
    }
  });

  test('a filtered subscription moves its position on while only others append', async () => {
    const { store, reopen } = await open();
    const position = await store.head();
    await fill(store, ['account']);
    const again = await reopen();
    const abort = new AbortController();
    let last = 0;
    let writing: Promise<unknown> = Promise.resolve();
    for await (const batch of again.subscribeToAll(position, trading, abort.signal)) {
      expect(batch.events).toEqual([]);
      if (last > 0 && batch.position > last) abort.abort();
      else if (last === 0) writing = fill(again, ['account', 'account', 'account']);
      last = batch.position;
    }
    await writing;
    expect(last).toBeGreaterThan(position + 1);
  });

  test('several subscriptions see the same log, each with its own filter', async () => {
    const { store, reopen } = await open();
    const start = await store.head();
    const again = await reopen();
    const categories = Array.from({ length: 60 }, (_, index) => ['account', 'market', 'account', 'fixture'][index % 4]!);
    const written = fill(again, categories);
    const reading = (filter: StreamFilter, count: number): Promise<number[]> => readCount(again, start, filter, count);
    const [all, alsoAll, rare] = await Promise.all([reading(everything, 60), reading(everything, 60), reading(trading, 30)]);
    const positions = await written;
    expect(all).toEqual(positions);
    expect(alsoAll).toEqual(positions);
    expect(rare).toEqual(positions.filter((_, index) => categories[index] !== 'account'));
  });

  test('an abort ends a subscription: before it begins, while it waits, while a batch is handled', async () => {
    const { store } = await open();
    for await (const batch of store.subscribeToAll(0, everything, AbortSignal.abort())) expect(batch).toBeUndefined();

    const waiting = new AbortController();
    const iterator = store.subscribeToAll(await store.head(), everything, waiting.signal)[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    waiting.abort();
    expect(await next).toMatchObject({ done: true });

    await fill(store, ['account', 'account']);
    const handling = new AbortController();
    let batches = 0;
    for await (const batch of store.subscribeToAll(0, everything, handling.signal)) {
      batches += batch.events.length > 0 ? 1 : 0;
      handling.abort();
    }
    expect(batches).toBeLessThanOrEqual(1);
  });
}

async function readCount(store: EventStore, after: number, filter: StreamFilter, count: number): Promise<number[]> {
  const abort = new AbortController();
  const positions: number[] = [];
  for await (const batch of store.subscribeToAll(after, filter, abort.signal)) {
    positions.push(...positionsIn([batch]));
    if (positions.length >= count) abort.abort();
  }
  return positions;
}
