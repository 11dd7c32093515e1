import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventBus, PartitionBatch } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { openTemporaryLog, type TemporaryLog } from '../event-store/temporary-log.ts';
import { eventBusContract } from './contract.ts';
import { openEmbeddedBus, unstoredPositionsMax, type EmbeddedBusOptions } from './embedded.ts';
import { append, collect, count, domainPrefixes, keysOf, positions } from './testing-consumer.ts';

let dataDir = '';
let log: TemporaryLog;
const opened = new Set<EventBus>();

function openBus(changes: Partial<EmbeddedBusOptions> = {}): EventBus {
  const bus = openEmbeddedBus({ dataDir, eventStore: log.store, partitionCount: 4, domainPrefixes, keysOf, ...changes });
  opened.add(bus);
  return bus;
}

async function closeAll(): Promise<void> {
  for (const bus of opened) await bus.close();
  opened.clear();
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'wagerline-bus-'));
  log = await openTemporaryLog();
});
afterEach(async () => {
  await closeAll();
  await log.close();
  await rm(dataDir, { recursive: true });
});

eventBusContract('embedded', async () => ({
  bus: openBus(),
  eventStore: log.store,
  reopen: async () => {
    await closeAll();
    return { eventStore: await log.reopen(), bus: openBus() };
  },
  close: closeAll,
}));

describe('embedded: one log, many readers', () => {
  test('all partitions of a member are served by one read of the log', async () => {
    const bus = openBus();
    const events = await append(log.store, ...Array.from({ length: 40 }, (_, n) => `account-${n}`));
    await bus.publish(events, events.at(-1)?.position ?? 0);
    await bus.close();
    const reads: number[] = [];
    const readAll: EventStore['readAll'] = (after, filter, maxCount) => {
      reads.push(after);
      return log.store.readAll(after, filter, maxCount);
    };
    const counting = openBus({ eventStore: { readAll } });
    await collect(counting, count(40));
    expect(reads).toEqual([0]);
  });

  test('groups that stand at the same place share a read, whatever their topic; one that is behind misses nothing', async () => {
    const reads: number[] = [];
    const readAll: EventStore['readAll'] = (after, filter, maxCount) => {
      reads.push(after);
      return log.store.readAll(after, filter, maxCount);
    };
    const bus = openBus({ eventStore: { readAll } });
    const first = await append(log.store, ...Array.from({ length: 40 }, (_, n) => [`account-${n}`, 'm1'] as const));
    const end = first.at(-1)?.position ?? 0;
    await bus.publish(first, end);
    const both = [collect(bus, count(40), { group: 'one' }), collect(bus, count(40), { group: 'two', topic: 'by-market' })];
    for (const collected of await Promise.all(both)) expect(positions(collected)).toEqual(first.map(({ position }) => position));
    expect(reads).toEqual([0]);

    const second = await append(log.store, ...Array.from({ length: 40 }, (_, n) => `account-${n}`));
    await bus.publish(second, second.at(-1)?.position ?? 0);
    const groups = [collect(bus, count(40), { group: 'one' }), collect(bus, count(80), { group: 'late' })];
    const [ahead = [], late = []] = await Promise.all(groups);
    expect(positions(ahead)).toEqual(second.map(({ position }) => position));
    expect(positions(late)).toEqual([...first, ...second].map(({ position }) => position));
  });

  test('a read that fails ends the consumers that wait for it, and is not remembered', async () => {
    let failures = 1;
    const readAll: EventStore['readAll'] = async (after, filter, maxCount) => {
      failures -= 1;
      if (failures >= 0) throw new Error('log away');
      return log.store.readAll(after, filter, maxCount);
    };
    const bus = openBus({ eventStore: { readAll } });
    const events = await append(log.store, 'account-1', 'account-2');
    await bus.publish(events, events.at(-1)?.position ?? 0);
    const failing = await Promise.allSettled([collect(bus, count(2), { group: 'one' }), collect(bus, count(2), { group: 'two' })]);
    expect(failing.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await collect(bus, count(2), { group: 'one' })).length).toBe(2);
  });

  test('a partition that was ahead takes part again when the others have reached it', async () => {
    const bus = openBus();
    const events = await append(log.store, ...Array.from({ length: 400 }, (_, n) => `account-${n % 20}`));
    const end = events.at(-1)?.position ?? 0;
    await bus.publish(events, end);
    const startOffset = async (partition: number) => (partition === 0 ? 200 : undefined);
    const collected = await collect(bus, count(250), { batchSizeMax: 10, startOffset });
    const ofFirst = collected.filter(({ partition }) => partition === 0);
    expect(ofFirst.map(({ offset }) => offset)).toEqual(ofFirst.map(({ offset }) => offset).toSorted((left, right) => left - right));
    expect(ofFirst.every(({ offset }) => offset >= 200)).toBe(true);
  });

  test('records of one event in one partition share its offset and are never parted', async () => {
    const bus = openBus({ partitionCount: 1 });
    const bets = Array.from({ length: 9 }, (_, n) => [`account-${n}`, 'm1', 'm2', 'm3'] as const);
    const events = await append(log.store, ...bets);
    await bus.publish(events, events.at(-1)?.position ?? 0);
    const batches: PartitionBatch[] = [];
    await collect(bus, count(27), { topic: 'by-market', batchSizeMax: 4, eachBatch: async (batch) => void batches.push(batch) });
    expect(batches.map(({ records }) => records.map(({ key }) => key).join())).toEqual(new Array(9).fill('m1,m2,m3'));
    expect(batches.map(({ records: [first], nextOffset }) => nextOffset - (first?.offset ?? 0))).toEqual(new Array(9).fill(1));
    const larger = await collect(bus, count(27), { group: 'small', topic: 'by-market', batchSizeMax: 2 });
    expect(larger.length).toBe(27);
  });

  test('a group reaches the end offsets in partitions without records too', async () => {
    const bus = openBus({ partitionCount: 16 });
    const [first, , last] = await append(log.store, 'account-1', 'heartbeat-1', 'account-1');
    assert(first !== undefined && last !== undefined, 'three events are appended');
    await bus.publish([first], last.position - 1);
    const [earlyEnd] = await bus.endOffsets('by-stream');
    let committed: readonly (number | undefined)[] = [];
    await collect(bus, count(2), {
      eachBatch: async ({ records: [record] }) => {
        committed = await bus.committedOffsets('collectors', 'by-stream');
        if (record?.offset === first.position) setImmediate(() => void bus.publish([last], last.position));
      },
    });
    // As seen while the second event was handled: nobody stood before the end of the first read.
    expect(Math.min(...committed.map((offset) => offset ?? 0))).toBe(earlyEnd);
  });

  test('a partition without records gets an empty batch now and then, so that its reader can write a checkpoint', async () => {
    const bus = openBus({ partitionCount: 2 });
    const events = await append(log.store, 'account-1');
    await bus.publish(events, 25_000);
    const batches: PartitionBatch[] = [];
    await collect(bus, () => batches.length >= 2, { eachBatch: async (batch) => void batches.push(batch) });
    expect(batches.map(({ records, nextOffset }) => [records.length, nextOffset]).toSorted()).toEqual([[0, 25_001], [1, 25_001]]);
  });

  test('a bus opened elsewhere in the process hears of a publish', async () => {
    const consuming = openBus();
    const publishing = openBus();
    const waits = Promise.withResolvers<void>();
    const collecting = collect(consuming, count(1), {
      startOffset: async () => {
        waits.resolve();
        return undefined;
      },
    });
    await waits.promise;
    const events = await append(log.store, 'account-1');
    await publishing.publish(events, events.at(-1)?.position ?? 0);
    expect((await collecting).map(({ key }) => key)).toEqual(['account-1']);
  });

  test('the mark is stored now and then, and at the end: after a crash what is missing is published again', async () => {
    const bus = openBus();
    const crashed = async () => {
      const copy = await mkdtemp(join(tmpdir(), 'wagerline-bus-'));
      await cp(dataDir, copy, { recursive: true });
      const left = openBus({ dataDir: copy });
      const mark = await left.publishedThrough();
      await left.close();
      await rm(copy, { recursive: true });
      return mark;
    };
    await bus.publish([], unstoredPositionsMax - 1);
    expect(await crashed()).toBe(0);
    await bus.publish([], unstoredPositionsMax + 5);
    expect(await crashed()).toBe(unstoredPositionsMax + 5);
    await bus.publish([], unstoredPositionsMax + 6);
    expect(await crashed()).toBe(unstoredPositionsMax + 5);
    await bus.close();
    expect(await crashed()).toBe(unstoredPositionsMax + 6);
  });

  test('a bus opened after a publish that is not stored hears of it', async () => {
    const publishing = openBus();
    const events = await append(log.store, 'account-1');
    await publishing.publish(events, events.at(-1)?.position ?? 0);
    expect((await collect(openBus(), count(1))).map(({ key }) => key)).toEqual(['account-1']);
  });

  test('closing ends consumers that wait', async () => {
    const bus = openBus();
    const consuming = collect(bus, () => false);
    await bus.close();
    expect(await consuming).toEqual([]);
  });

  test('the partition count is fixed when the bus is made', async () => {
    await openBus().close();
    expect(() => openBus({ partitionCount: 5 })).toThrow('4 partitions, 5 are configured');
  });
});
