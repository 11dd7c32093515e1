import type { Admin } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import type { EventBus } from '@wagerline/shared-kernel/ports/event-bus';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { createLogger } from '../logger.ts';
import { describeEngine, engineUrl } from '../testing/engines.ts';
import { eventBusContract } from './contract.ts';
import { kafkaClient } from './kafka-client.ts';
import { append, collect, count, positions } from './testing-consumer.ts';
import { CuttableNetwork, kafkaWorld } from './testing-kafka.ts';

const accounts = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `account-${(from + n) % 10}`);
const end = (events: readonly RecordedEvent[]) => events.at(-1)?.position ?? 0;

describeEngine('kafka', () => {
  const world = kafkaWorld();

  eventBusContract('kafka', async () => ({
    bus: world.openBus(),
    eventStore: world.log().store,
    reopen: async () => {
      await world.closeAll();
      return { eventStore: await world.log().reopen(), bus: world.openBus() };
    },
    close: world.closeAll,
  }));

  describe('kafka: publishing', () => {
    /** By-market records larger than so many bytes are refused by the broker, by-stream records are not. */
    const limitMarkets = (bytes: number) =>
      world.admin((admin) => {
        const configEntries = [{ name: 'max.message.bytes', value: String(bytes) }];
        return admin.alterConfigs({ validateOnly: false, resources: [{ type: topicResource, name: `${world.namespace()}.by-market`, configEntries }] });
      });

    test('a send that fails in one topic and not in the other moves no mark, and loses nothing when it is repeated', async () => {
      const bus = world.openBus();
      const streams = Array.from({ length: 12 }, (_, n) => [`account-${n}`, `m${n}`] as const);
      const events = await append(world.log().store, ...streams);
      await bus.publish(events.slice(0, 4), events[3]?.position ?? 0);
      await limitMarkets(100);
      await expect(bus.publish(events.slice(4, 8), events[7]?.position ?? 0)).rejects.toThrow('larger than the max');
      expect(await bus.publishedThrough()).toBe(events[3]?.position);
      await limitMarkets(1_000_000);
      // Other batches than before: a producer that goes on counting where the failed send began is refused, or ignored as a repetition.
      await bus.publish(events.slice(4), end(events));
      for (const topic of ['by-stream', 'by-market'] as const) {
        const isAll = (collected: readonly { readonly event: RecordedEvent }[]) => new Set(collected.map(({ event }) => event.position)).size === 12;
        const seen = new Set(positions(await collect(bus, isAll, { topic })));
        expect([...seen]).toEqual(positions(events.map((event) => ({ key: '', offset: 0, event }))));
      }
    });

    test('a broker that restarts while events are published costs nothing but time', async () => {
      const network = new CuttableNetwork();
      const bus = world.openBus({ socketFactory: network.socketFactory });
      const events = await append(world.log().store, ...accounts(0, 200));
      for (let from = 0; from < 200; from += 20) {
        const slice = events.slice(from, from + 20);
        const published = bus.publish(slice, end(slice));
        if (from % 60 === 20) await network.cut(5);
        await published;
      }
      expect(await bus.publishedThrough()).toBe(end(events));
      const collected = await collect(bus, count(200));
      expect(positions(collected)).toEqual(events.map(({ position }) => position));
      for (const account of accounts(0, 10)) {
        const revisions = collected.filter(({ key }) => key === account).map(({ event }) => event.revision);
        expect(revisions).toEqual(Array.from({ length: 20 }, (_, revision) => revision));
      }
    });

    test('two relays at once make duplicates, never a gap, and the mark is right for whoever goes on', async () => {
      const [one, two] = [world.openBus(), world.openBus()];
      const events = await append(world.log().store, ...accounts(0, 30));
      await one.publish(events.slice(0, 10), events[9]?.position ?? 0);
      await Promise.all([one.publish(events.slice(10, 15), events[14]?.position ?? 0), two.publish(events.slice(0, 20), events[19]?.position ?? 0)]);
      const through = await world.openBus().publishedThrough();
      expect([events[14]?.position, events[19]?.position]).toContain(through);
      await two.publish(events.slice(20), end(events));
      const seen = new Map<string, number>();
      await collect(two, () => seen.size === 10 && [...seen.values()].every((revision) => revision === 2), {
        eachBatch: async ({ records }) => {
          for (const { key, event } of records) {
            expect(event.revision).toBeLessThanOrEqual((seen.get(key) ?? -1) + 1);
            seen.set(key, Math.max(seen.get(key) ?? -1, event.revision));
          }
        },
      });
    });

    test('a publish larger than the broker takes at once goes in parts', async () => {
      const bus = world.openBus({ partitionCount: 1 });
      const names = Array.from({ length: 100 }, (_, n) => `m${n}-${'x'.repeat(120)}`);
      const events = await append(world.log().store, ...Array.from({ length: 3 }, (_, n) => [`account-${n}`, ...names] as const));
      await bus.publish(events, end(events));
      const collected = await collect(bus, count(300), { topic: 'by-market' });
      expect(new Set(collected.map(({ key, event }) => `${key} ${event.position}`)).size).toBe(300);
    });
  });

  describe('kafka: what is on the wire', () => {
    test('a record carries CloudEvents attributes, its place in the log and the trace as headers', async () => {
      const bus = world.openBus();
      const metadata = { at: '2026-02-01T15:00:00.000Z', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
      const event: RecordedEvent = { id: 'e-1', type: 'BetPlaced', data: { markets: ['m1'] }, metadata, stream: 'account-1', revision: 3, position: 41 };
      await bus.publish([event], 41);
      const message = await rawMessage(`${world.namespace()}.by-market`);
      expect(message.key).toBe('m1');
      expect(JSON.parse(message.value)).toEqual(event);
      expect(message.headers).toEqual({
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: 'e-1',
        ce_type: 'BetPlaced',
        ce_source: '/wagerline/event-log',
        ce_subject: 'account-1',
        ce_time: metadata.at,
        traceparent: metadata.traceparent,
        position: '41',
      });
    });
  });

  describe('kafka: topics', () => {
    const firstUse = (bus: EventBus) => bus.endOffsets('by-stream');
    const deleteTopic = (name: string) => world.admin((admin: Admin) => admin.deleteTopics({ topics: [`${world.namespace()}.${name}`] }));

    test('the partition count is fixed when the topics are made', async () => {
      await firstUse(world.openBus());
      await expect(firstUse(world.openBus({ partitionCount: 5 }))).rejects.toThrow('made with 4 partitions, 5 are configured');
    });

    test('a mark without its records is refused, as it would hide a hole; without the mark everything is published anew', async () => {
      await world.openBus().publish([], 7);
      await deleteTopic('by-market');
      await expect(firstUse(world.openBus())).rejects.toThrow('by-market is gone');
      await deleteTopic('relay-mark');
      expect(await world.openBus().publishedThrough()).toBe(0);
    });

    test('many processes may open a new bus at once', async () => {
      const ends = await Promise.all(Array.from({ length: 5 }, () => firstUse(world.openBus())));
      expect(ends).toEqual(new Array(5).fill([0, 0, 0, 0]));
    });
  });
});

/** Of kafkajs's enumeration, which cannot be imported by name. */
const topicResource = 2;

/** The first record of a topic as any other client sees it. */
async function rawMessage(topic: string) {
  const client = kafkaClient({ brokers: engineUrl('kafka').split(','), logger: createLogger({ logLevel: 'silent' }) });
  const consumer = client.consumer({ groupId: `${topic}.raw` });
  const found = Promise.withResolvers<{ readonly key: string; readonly value: string; readonly headers: Readonly<Record<string, string>> }>();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { key, value, headers } }) => {
      const texts = Object.entries(headers ?? {}).map(([name, header]): [string, string] => [name, String(header)]);
      found.resolve({ key: String(key), value: String(value), headers: Object.fromEntries(texts) });
    },
  });
  try {
    return await found.promise;
  } finally {
    await consumer.disconnect();
  }
}
