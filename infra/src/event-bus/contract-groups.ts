// What every event bus promises about consumer groups and their offsets: the part of contract.ts that restarts.
// Called by contract.ts alone.

import { expect, test } from 'vitest';
import type { EventBus, PartitionBatch } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { append, collect, count, type Collected, type OpenedBus } from './testing-consumer.ts';

const streams = (from: number, to: number): readonly string[] => Array.from({ length: to - from }, (_, n) => `account-${(from + n) % 10}`);

async function published(bus: EventBus, eventStore: EventStore, from: number, to: number): Promise<readonly RecordedEvent[]> {
  const events = await append(eventStore, ...streams(from, to));
  await bus.publish(events, events.at(-1)?.position ?? 0);
  return events;
}

const placeOf = ({ stream, revision }: RecordedEvent): string => `${stream}@${revision}`;
const placesUpTo = (events: readonly RecordedEvent[]): readonly string[] => events.map(placeOf).toSorted();
const placesOf = (collected: readonly Collected[]): readonly string[] => placesUpTo(collected.map(({ event }) => event));

export function groupContract(open: () => Promise<OpenedBus>): void {
  test('a group goes on where it was, after a restart too', async () => {
    const { bus, eventStore, reopen } = await open();
    const early = await published(bus, eventStore, 0, 30);
    expect(placesOf(await collect(bus, count(30)))).toEqual(placesUpTo(early));
    const late = await published(bus, eventStore, 30, 45);
    const again = await reopen();
    expect(placesOf(await collect(again.bus, count(15)))).toEqual(placesUpTo(late));
  });

  test('groups and topics do not move each other', async () => {
    const { bus, eventStore, reopen } = await open();
    const events = await published(bus, eventStore, 0, 20);
    await collect(bus, count(20));
    const again = await reopen();
    expect(placesOf(await collect(again.bus, count(20), { group: 'others' }))).toEqual(placesUpTo(events));
    expect(await again.bus.committedOffsets('collectors', 'by-market')).toEqual(new Array(again.bus.partitionCount).fill(undefined));
  });

  test("the reader's own checkpoint wins over the group's", async () => {
    const { bus, eventStore, reopen } = await open();
    const events = await published(bus, eventStore, 0, 30);
    const nextOffsets = new Map<number, number>();
    const eachBatch = async ({ partition, nextOffset }: PartitionBatch) => void nextOffsets.set(partition, nextOffset);
    const seen = await collect(bus, count(30), { batchSizeMax: 2, eachBatch });
    const again = await reopen();
    expect(placesOf(await collect(again.bus, count(30), { startOffset: async () => 0 }))).toEqual(placesUpTo(events));
    const [half] = seen;
    const startOffset = async (partition: number) => (partition === half?.partition ? 0 : nextOffsets.get(partition));
    const ofHalf = seen.filter(({ partition }) => partition === half?.partition);
    expect(placesOf(await collect(again.bus, count(ofHalf.length), { startOffset }))).toEqual(placesOf(ofHalf));
  });

  test('nextOffset goes on right behind the batch, and a batch is no larger than asked for', async () => {
    const { bus, eventStore, reopen } = await open();
    await published(bus, eventStore, 0, 60);
    const batches: PartitionBatch[] = [];
    const all = await collect(bus, count(60), { batchSizeMax: 3, eachBatch: async (batch) => void batches.push(batch) });
    expect(Math.max(...batches.map(({ records }) => records.length))).toBeLessThanOrEqual(3);
    const again = await reopen();
    const given = batches.find(({ records }) => records.length === 3);
    const rest = all.filter(({ partition, offset }) => partition === given?.partition && offset >= (given?.nextOffset ?? 0));
    const ends = await again.bus.endOffsets('by-stream');
    const startOffset = async (partition: number) => (partition === given?.partition ? given.nextOffset : ends[partition]);
    expect(placesOf(await collect(again.bus, count(rest.length), { startOffset }))).toEqual(placesOf(rest));
    expect(rest.length).toBeGreaterThan(0);
  });

  test('one batch at a time per partition, and it is committed when it is done', async () => {
    const { bus, eventStore } = await open();
    await published(bus, eventStore, 0, 40);
    const running = new Set<number>();
    const overlaps: number[] = [];
    const misplaced: number[] = [];
    const done = new Map<number, number>();
    await collect(bus, count(40), {
      batchSizeMax: 2,
      eachBatch: async ({ partition, records, nextOffset }) => {
        if (running.has(partition)) overlaps.push(partition);
        running.add(partition);
        // Neither behind the batch before, nor ahead of this one.
        const committed = (await bus.committedOffsets('collectors', 'by-stream'))[partition] ?? 0;
        if (committed < (done.get(partition) ?? 0) || committed > (records[0]?.offset ?? nextOffset)) misplaced.push(partition);
        done.set(partition, nextOffset);
        running.delete(partition);
      },
    });
    expect(overlaps).toEqual([]);
    expect(misplaced).toEqual([]);
  });

  test('a batch that fails ends the consumer with its error and comes again', async () => {
    const { bus, eventStore, reopen } = await open();
    const events = await published(bus, eventStore, 0, 20);
    const failure = new Error('the read model is away');
    await expect(collect(bus, count(20), { eachBatch: () => Promise.reject(failure) })).rejects.toBe(failure);
    expect(placesOf(await collect((await reopen()).bus, count(20)))).toEqual(placesUpTo(events));
  });

  test('stopping waits for the running batch and commits it', async () => {
    const { bus, eventStore } = await open();
    await published(bus, eventStore, 0, 1);
    const stop = new AbortController();
    const order: string[] = [];
    const finish = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const eachBatch = async () => {
      started.resolve();
      await finish.promise;
      order.push('batch done');
    };
    const consuming = collect(bus, () => false, { signal: stop.signal, eachBatch }).then(() => order.push('consumer ended'));
    await started.promise;
    stop.abort();
    finish.resolve();
    await consuming;
    expect(order).toEqual(['batch done', 'consumer ended']);
    await published(bus, eventStore, 1, 2);
    expect((await collect(bus, count(1))).map(({ key }) => key)).toEqual(['account-1']);
  });

  test('members share the partitions; when one leaves, the others have them all', async () => {
    const { bus, eventStore } = await open();
    const all = Array.from({ length: bus.partitionCount }, (_, partition) => partition);
    const assigned: Record<'one' | 'two', readonly number[]> = { one: [], two: [] };
    const misplaced: string[] = [];
    const stops = { one: new AbortController(), two: new AbortController() };
    const seen = { one: new Set<string>(), two: new Set<string>() };
    let changed = Promise.withResolvers<void>();
    const member = (name: 'one' | 'two') =>
      collect(bus, () => false, {
        signal: stops[name].signal,
        onAssigned: (partitions) => {
          assigned[name] = partitions;
          changed.resolve();
        },
        eachBatch: async ({ partition, records }) => {
          for (const { event } of records) seen[name].add(placeOf(event));
          misplaced.push(...records.flatMap(({ key }) => (bus.partitionOf(key) === partition ? [] : [key])));
          changed.resolve();
        },
      });
    const until = async (isSo: () => boolean) => {
      for (let changes = 0; !isSo() && changes < 1000; changes += 1) {
        await changed.promise;
        changed = Promise.withResolvers();
      }
      expect(isSo()).toBe(true);
    };
    const members = [member('one'), member('two')];
    const assignedNow = () => [...assigned.one, ...assigned.two].toSorted((left, right) => left - right).join();
    await until(() => assigned.one.length > 0 && assigned.two.length > 0 && assignedNow() === all.join());
    const early = placesUpTo(await published(bus, eventStore, 0, 40));
    await until(() => early.every((place) => seen.one.has(place) || seen.two.has(place)));
    expect(seen.one.size).toBeGreaterThan(0);
    expect(seen.two.size).toBeGreaterThan(0);
    stops.one.abort();
    await members[0];
    const late = placesUpTo(await published(bus, eventStore, 40, 80));
    await until(() => late.every((place) => seen.two.has(place)));
    expect(assigned.two.toSorted((left, right) => left - right)).toEqual(all);
    expect(misplaced).toEqual([]);
    stops.two.abort();
    await members[1];
  });

  test('end offsets are where a group stands that has read everything', async () => {
    const { bus, eventStore, reopen } = await open();
    await published(bus, eventStore, 0, 30);
    const ends = await bus.endOffsets('by-stream');
    const places = new Map<number, number>();
    await collect(bus, count(30), { eachBatch: async ({ partition, nextOffset }) => void places.set(partition, nextOffset) });
    expect(ends.length).toBe(bus.partitionCount);
    for (const [partition, nextOffset] of places) expect(nextOffset).toBe(ends[partition]);
    const late = await published(bus, eventStore, 30, 40);
    const again = await reopen();
    const behindEnds = { group: 'late', startOffset: async (partition: number) => ends[partition] };
    expect(placesOf(await collect(again.bus, count(10), behindEnds))).toEqual(placesUpTo(late));
  });

  test('offsets that are set are where a new group begins; a deleted group begins anew', async () => {
    const { bus, eventStore, reopen } = await open();
    const early = await published(bus, eventStore, 0, 20);
    const ends = await bus.endOffsets('by-stream');
    const late = await published(bus, eventStore, 20, 30);
    await bus.setOffsets('made', 'by-stream', ends);
    const again = await reopen();
    expect(await again.bus.committedOffsets('made', 'by-stream')).toEqual(ends);
    expect(placesOf(await collect(again.bus, count(10), { group: 'made' }))).toEqual(placesUpTo(late));
    await again.bus.deleteGroup('made');
    await again.bus.deleteGroup('never-made');
    expect(await again.bus.committedOffsets('made', 'by-stream')).toEqual(new Array(again.bus.partitionCount).fill(undefined));
    expect(placesOf(await collect(again.bus, count(30), { group: 'made' }))).toEqual(placesUpTo([...early, ...late]));
  });
}
