// What every event store promises, as tests: each adapter's test file calls `eventStoreContract` with a way to open its store.
// Every test that writes closes and reopens the store before it reads, so that nothing can pass from memory alone.

import { afterEach, describe, expect, test } from 'vitest';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { recordsContract } from './contract-records.ts';
import { subscriptionContract } from './contract-subscriptions.ts';
import { newEvents, newStream, type OpenedStore } from './testing-events.ts';

export function eventStoreContract(adapter: string, open: () => Promise<OpenedStore>): void {
  let opened: OpenedStore | undefined;
  const openForTest = async (): Promise<OpenedStore> => (opened = await open());
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  describe(`${adapter}: appends`, () => appendContract(openForTest));
  describe(`${adapter}: repeated appends`, () => repeatContract(openForTest));
  describe(`${adapter}: streams`, () => streamContract(openForTest));
  describe(`${adapter}: $all`, () => subscriptionContract(openForTest));
  describe(`${adapter}: snapshots and leases`, () => recordsContract(openForTest));
}

function appendContract(open: () => Promise<OpenedStore>): void {
  test('an event comes back as it was given, with its place', async () => {
    const { store, reopen } = await open();
    const stream = newStream();
    const [first, second, third] = newEvents(3);
    const one = await store.append(stream, 'no-stream', [first!, second!]);
    const two = await store.append(stream, 1, [third!]);
    if (one.outcome !== 'appended' || two.outcome !== 'appended') throw new Error('both appends are accepted');
    expect([one.revision, two.revision]).toEqual([1, 2]);
    const positions = [...one.positions, ...two.positions];
    expect(positions).toHaveLength(3);

    const again = await reopen();
    const expected = [first, second, third].map((event, revision) => ({ ...event, stream, revision, position: positions[revision] }));
    expect(await again.readStream(stream)).toEqual(expected);
    for (const event of expected) expect(await again.readAt(event.position!)).toEqual(event);
  });

  test('any text survives: emoji, quotes, zero and unpaired characters, half a mebibyte', async () => {
    const { store, reopen } = await open();
    const stream = newStream();
    const characters = { emoji: '⚽🏇é', quotes: '"\\\'\n\t', zero: 'a\u0000b', unpaired: '\ud800' };
    const data = { ...characters, nested: [{ deep: [null, true, 1.5, -0.25, ''] }], '': 'empty key' };
    const large = newEvents(1, { large: 'é'.repeat(256 * 1024) });
    const [small] = newEvents(1, data);
    await store.append(stream, 'no-stream', [small!]);
    await store.append(stream, 0, large);

    const [first, second] = await (await reopen()).readStream(stream);
    expect(first?.data).toEqual(small?.data);
    expect(second?.data).toEqual(large[0]?.data);
  });

  test('a revision that is not the stream’s is a conflict that names the right one and writes nothing', async () => {
    const { store, reopen } = await open();
    const stream = newStream();
    expect(await store.append(stream, 0, newEvents(1))).toEqual({ outcome: 'conflict', revision: -1 });
    await store.append(stream, 'no-stream', newEvents(2));
    const head = await store.head();

    const again = await reopen();
    for (const expected of ['no-stream', 0, 2, 3] as const) {
      expect(await again.append(stream, expected, newEvents(1)), `expected ${expected}`).toEqual({ outcome: 'conflict', revision: 1 });
    }
    expect(await again.readStream(stream)).toHaveLength(2);
    expect(await again.head()).toBe(head);
    expect(await again.append(stream, 1, newEvents(1))).toMatchObject({ outcome: 'appended', revision: 2 });
  });

  test('an append at any revision goes to the end', async () => {
    const { store, reopen } = await open();
    const stream = newStream();
    await store.append(stream, 'any', newEvents(2));
    const again = await reopen();
    expect(await again.append(stream, 'any', newEvents(1))).toMatchObject({ outcome: 'appended', revision: 2 });
    expect((await again.readStream(stream)).map((event) => event.revision)).toEqual([0, 1, 2]);
  });

  test('of many appends at one revision exactly one wins', async () => {
    const { store, reopen } = await open();
    const stream = newStream();
    await store.append(stream, 'no-stream', newEvents(1));
    const contenders = Array.from({ length: 20 }, () => newEvents(1));
    const results = await Promise.all(contenders.map((events) => store.append(stream, 0, events)));
    const winners = contenders.filter((_, index) => results[index]?.outcome === 'appended');
    expect(winners).toHaveLength(1);
    for (const result of results) expect(result.revision).toBe(1);

    const events = await (await reopen()).readStream(stream);
    expect(events.map((event) => event.id).slice(1)).toEqual(winners.flat().map((event) => event.id));
  });

  test('positions grow across streams and across a restart, and none is given twice', async () => {
    const { store, reopen } = await open();
    const positions: number[] = [];
    const append = async (to: EventStore, stream: string, maxCount: number): Promise<void> => {
      const result = await to.append(stream, 'any', newEvents(2), maxCount > 0 ? { maxCount } : {});
      if (result.outcome === 'appended') positions.push(...result.positions);
    };
    for (let round = 0; round < 3; round += 1) await append(store, newStream(), 0);
    await append(store, newStream('heartbeat'), 1);
    const again = await reopen();
    await append(again, newStream(), 0);
    expect(positions).toHaveLength(10);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    expect(await again.head()).toBe(positions.at(-1));
  });

  test('a stream kept short holds its newest events and goes on counting', async () => {
    const { store, reopen } = await open();
    const stream = newStream('heartbeat');
    for (let revision = -1; revision < 3; revision += 1) {
      await store.append(stream, revision === -1 ? 'no-stream' : revision, newEvents(1), { maxCount: 1 });
    }
    const again = await reopen();
    expect((await again.readStream(stream)).map((event) => event.revision)).toEqual([3]);
    expect(await again.append(stream, 3, newEvents(2), { maxCount: 2 })).toMatchObject({ outcome: 'appended', revision: 5 });
    expect((await again.readStream(stream)).map((event) => event.revision)).toEqual([4, 5]);
    expect((await again.readStream(stream, { fromRevision: 5 })).map((event) => event.revision)).toEqual([5]);
  });
}

function repeatContract(open: () => Promise<OpenedStore>): void {
  // The stream holds a, b, c, d, appended as [a], [b, c], [d].
  const [a, b, c, d, x] = ['a', 'b', 'c', 'd', 'x'].map((type) => ({ ...newEvents(1)[0]!, type }));
  const conflict = { outcome: 'conflict' as const, revision: 3 };
  const rows = [
    { name: 'the first append again', expected: 'no-stream', events: [a], revisions: [0] },
    { name: 'an append of two again', expected: 0, events: [b, c], revisions: [1, 2] },
    { name: 'the last append again', expected: 2, events: [d], revisions: [3] },
    { name: 'two appends again as one', expected: 'no-stream', events: [a, b, c], revisions: [0, 1, 2] },
    { name: 'a part of an append again', expected: 0, events: [b], revisions: [1] },
    { name: 'another first event', expected: 0, events: [x, c], revisions: undefined },
    { name: 'another later event', expected: 0, events: [b, x], revisions: undefined },
    { name: 'the same events and one more, past the end', expected: 2, events: [d, x], revisions: undefined },
    { name: 'known events at another revision', expected: 0, events: [c], revisions: undefined },
    { name: 'any revision: the last events again', expected: 'any', events: [b, c], revisions: [1, 2] },
    { name: 'any revision: a known event, then an unknown one', expected: 'any', events: [c, x], revisions: undefined },
  ] as const;
  test('the same events again are answered with their first places, anything else is a conflict, and nothing is written', async () => {
    const { store, reopen } = await open();
    const stream = newStream();
    const results = [];
    results.push(await store.append(stream, 'no-stream', [a!]));
    results.push(await store.append(stream, 0, [b!, c!]));
    results.push(await store.append(stream, 2, [d!]));
    const positions = results.flatMap((result) => (result.outcome === 'appended' ? result.positions : []));

    const again = await reopen();
    for (const { name, expected, events, revisions } of rows) {
      const places = revisions?.map((revision) => positions[revision]);
      const answer = places === undefined ? conflict : { outcome: 'appended', revision: revisions?.at(-1), positions: places };
      expect(await again.append(stream, expected, events.map((event) => event!)), name).toEqual(answer);
    }
    expect((await again.readStream(stream)).map((event) => event.type)).toEqual(['a', 'b', 'c', 'd']);
    expect(await again.head()).toBe(positions.at(-1));
  });

  test('the same append sent many times at once is stored once and answered alike', async () => {
    const { store, reopen } = await open();
    const stream = newStream();
    const events = newEvents(2);
    const results = await Promise.all(Array.from({ length: 10 }, () => store.append(stream, 'no-stream', events)));
    for (const result of results) expect(result).toEqual(results[0]);
    expect(results[0]).toMatchObject({ outcome: 'appended', revision: 1 });
    expect(await (await reopen()).readStream(stream)).toHaveLength(2);
  });
}

function streamContract(open: () => Promise<OpenedStore>): void {
  test('what is not there is empty', async () => {
    const { store } = await open();
    expect(await store.readStream(newStream())).toEqual([]);
    expect(await store.readAt((await store.head()) + 1000)).toBeUndefined();
  });

  test('a long stream is read from anywhere, in pages of any size', async () => {
    const { store, reopen } = await open();
    const stream = newStream();
    const events = newEvents(1100);
    for (let from = 0; from < events.length; from += 100) {
      await store.append(stream, from === 0 ? 'no-stream' : from - 1, events.slice(from, from + 100));
      await store.append(newStream(), 'no-stream', newEvents(1));
    }
    const again = await reopen();
    const ids = events.map((event) => event.id);
    expect((await again.readStream(stream)).map((event) => event.id)).toEqual(ids);
    const pages = [[0, 1], [0, 300], [255, 2], [256, 1], [257, 511], [511, 2], [1023, 2], [1099, 10], [1100, 10], [5, 0]] as const;
    for (const [fromRevision, maxCount] of pages) {
      const page = await again.readStream(stream, { fromRevision, maxCount });
      expect(page.map((event) => event.id), `${maxCount} from ${fromRevision}`).toEqual(ids.slice(fromRevision, fromRevision + maxCount));
      expect(page.map((event) => event.revision)).toEqual(page.map((_, index) => fromRevision + index));
    }
  });
}
