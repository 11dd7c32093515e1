import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { EventBus, PartitionBatch } from '@wagerline/shared-kernel/ports/event-bus';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { describeEngine } from '../testing/engines.ts';
import { append, collect, count, positions } from './testing-consumer.ts';
import { CuttableNetwork, kafkaWorld } from './testing-kafka.ts';

const looksMax = 10_000;

describeEngine('kafka', () => {
  const world = kafkaWorld();

  async function published(bus: EventBus, events: number): Promise<readonly RecordedEvent[]> {
    const recorded = await append(world.log().store, ...Array.from({ length: events }, (_, n) => `account-${n % 20}`));
    await bus.publish(recorded, recorded.at(-1)?.position ?? 0);
    return recorded;
  }

  /** Asks Kafka again and again until the group is in that state. */
  async function untilGroupIs(state: string): Promise<void> {
    const groupId = `${world.namespace()}.collectors.by-stream`;
    await world.admin(async (admin) => {
      for (let looks = 0; looks < looksMax; looks += 1) {
        const { groups } = await admin.describeGroups([groupId]);
        if (groups[0]?.state === state) return;
        await nextTurn();
      }
      throw new Error(`the group did not become ${state}`);
    });
  }

  test('a broker that restarts costs a consumer no record and no order', async () => {
    const network = new CuttableNetwork();
    const publisher = world.openBus();
    const early = await published(publisher, 100);
    const consuming = world.openBus({ socketFactory: network.socketFactory });
    const seen = new Set<number>();
    const last = new Map<string, number>();
    const outOfOrder: string[] = [];
    const hasEarly = Promise.withResolvers<void>();
    const collecting = collect(consuming, () => seen.size === 200, {
      batchSizeMax: 7,
      eachBatch: async ({ records }) => {
        for (const { key, event } of records) {
          if (event.revision > (last.get(key) ?? -1) + 1) outOfOrder.push(`${key}@${event.revision}`);
          last.set(key, Math.max(event.revision, last.get(key) ?? -1));
          seen.add(event.position);
        }
        if (seen.size === 100) hasEarly.resolve();
      },
    });
    await hasEarly.promise;
    const late = published(publisher, 100);
    await network.cut(6);
    await collecting;
    expect([...seen].toSorted((left, right) => left - right)).toEqual([...early, ...(await late)].map(({ position }) => position));
    expect(outOfOrder).toEqual([]);
  });

  test('a partition is handed over after its running batch, and neither twice nor not at all', async () => {
    const [one, two] = [world.openBus(), world.openBus()];
    const events = await published(one, 200);
    const stop = new AbortController();
    const running = new Set<number>();
    const overlaps: number[] = [];
    const seen: number[] = [];
    const holding = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const taken: number[] = [];
    const allSeen = Promise.withResolvers<void>();
    const apply = async ({ partition, records }: PartitionBatch, wait: Promise<void> | undefined) => {
      if (running.has(partition)) overlaps.push(partition);
      running.add(partition);
      await wait;
      running.delete(partition);
      seen.push(...records.map(({ event }) => event.position));
      if (new Set(seen).size === events.length) allSeen.resolve();
    };
    const options = { batchSizeMax: 5, signal: stop.signal };
    const first = collect(one, () => false, {
      ...options,
      eachBatch: async (batch) => {
        holding.resolve();
        await apply(batch, release.promise);
      },
    });
    await holding.promise;
    const second = collect(two, () => false, {
      ...options,
      startOffset: async (partition) => void taken.push(partition),
      eachBatch: (batch) => apply(batch, undefined),
    });
    await untilGroupIs('PreparingRebalance');
    expect(taken).toEqual([]);
    release.resolve();
    await allSeen.promise;
    await untilGroupIs('Stable');
    stop.abort();
    await Promise.all([first, second]);
    expect(taken.length).toBe(2);
    expect(overlaps).toEqual([]);
    expect(seen.toSorted((left, right) => left - right)).toEqual(events.map(({ position }) => position));
  });

  test('records that were removed before they were read end the consumer, they are not passed over', async () => {
    const bus = world.openBus({ partitionCount: 1 });
    await published(bus, 10);
    const topic = `${world.namespace()}.by-stream`;
    await world.admin(async (admin) => {
      // Asked first, as kafkajs deletes only in topics that it has heard of.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] });
    });
    await expect(collect(bus, count(10), { startOffset: async () => 3 })).rejects.toThrow('the reader is at 3, the bus begins at 6');
    expect((await collect(bus, count(4), { group: 'others', startOffset: async () => 6 })).map(({ offset }) => offset)).toEqual([6, 7, 8, 9]);
  });

  test('a checkpoint beyond the end of the bus is of another bus and ends the consumer', async () => {
    const bus = world.openBus({ partitionCount: 1 });
    await published(bus, 3);
    await expect(collect(bus, count(3), { startOffset: async () => 9 })).rejects.toThrow('beyond the end of the bus');
  });

  test('a read-model store that is away when partitions are assigned ends the consumer with its error', async () => {
    const bus = world.openBus();
    const away = new Error('the read model is away');
    await expect(collect(bus, count(1), { startOffset: () => Promise.reject(away) })).rejects.toBe(away);
  });

  test('a consumer that was stopped before it began ends at once, one that waits when the bus is closed', async () => {
    const bus = world.openBus();
    expect(await collect(bus, () => false, { signal: AbortSignal.abort() })).toEqual([]);
    const assigned = Promise.withResolvers<void>();
    const startOffset = async () => {
      assigned.resolve();
      return undefined;
    };
    const waiting = collect(bus, () => false, { startOffset });
    await assigned.promise;
    await bus.close();
    expect(await waiting).toEqual([]);
  });

  test('offsets of a group that runs are not set', async () => {
    const bus = world.openBus();
    await published(bus, 20);
    await collect(bus, count(1), {
      eachBatch: async () => {
        await expect(bus.setOffsets('collectors', 'by-stream', [0, 0, 0, 0])).rejects.toThrow('stopped before its offsets are set');
      },
    });
    const again = await collect(bus, count(1), { batchSizeMax: 1, startOffset: async () => 0 });
    expect(positions(again).length).toBe(1);
  });
});
