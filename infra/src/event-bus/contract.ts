// What every event bus promises, as tests: each adapter's test file calls `eventBusContract` with a way to open an empty bus beside
// an event store. Only what was first appended to that store is published, and the bus is reopened before it is consumed.

import { afterEach, describe, expect, test } from 'vitest';
import { groupContract } from './contract-groups.ts';
import { append, collect, count, positions, type OpenedBus } from './testing-consumer.ts';

/** The bus is opened with at least 2 partitions and with `domainPrefixes` and `keysOf` of testing-consumer.ts. */
export function eventBusContract(adapter: string, open: () => Promise<OpenedBus>): void {
  let opened: OpenedBus | undefined;
  const openForTest = async (): Promise<OpenedBus> => (opened = await open());
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  describe(`${adapter}: records`, () => recordContract(openForTest));
  describe(`${adapter}: groups`, () => groupContract(openForTest));
}

const accounts = Array.from({ length: 20 }, (_, n) => `account-${n}`);

function recordContract(open: () => Promise<OpenedBus>): void {
  test('every published event arrives, of one stream in one partition and in order', async () => {
    const { bus, eventStore, reopen } = await open();
    const events = await append(eventStore, ...accounts, ...accounts, ...accounts);
    await bus.publish(events.slice(0, 25), events[24]?.position ?? 0);
    await bus.publish(events.slice(25), events.at(-1)?.position ?? 0);
    const again = await reopen();
    const collected = await collect(again.bus, count(60));
    expect(positions(collected)).toEqual(events.map(({ position }) => position));
    for (const account of accounts) {
      const records = collected.filter(({ key }) => key === account);
      expect(records.map(({ event }) => event.revision)).toEqual([0, 1, 2]);
      expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
    }
    expect(new Set(collected.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  });

  test('an event arrives as it was recorded', async () => {
    const { bus, eventStore, reopen } = await open();
    const [event] = await append(eventStore, ['account-1', 'market-ü🏇']);
    await bus.publish(event === undefined ? [] : [event], event?.position ?? 0);
    const [record] = await collect((await reopen()).bus, count(1));
    expect(record?.event).toEqual(event);
  });

  test('what is not published is not handed out, however far the log is', async () => {
    const { bus, eventStore } = await open();
    const events = await append(eventStore, 'account-1', 'account-1', 'account-1', 'account-1');
    const [, second] = events;
    await bus.publish(events.slice(0, 2), second?.position ?? 0);
    const early = await collect(bus, count(2));
    expect(early.map(({ event }) => event.revision)).toEqual([0, 1]);
    await bus.publish(events.slice(2), events.at(-1)?.position ?? 0);
    expect((await collect(bus, count(2))).map(({ event }) => event.revision)).toEqual([2, 3]);
  });

  test('a consumer that waits at the end hears of the next publish', async () => {
    const { bus, eventStore } = await open();
    const [event] = await append(eventStore, 'account-1');
    await bus.publish(event === undefined ? [] : [event], event?.position ?? 0);
    const firstSeen = Promise.withResolvers<void>();
    const collecting = collect(bus, (collected) => {
      firstSeen.resolve();
      return collected.length >= 2;
    });
    await firstSeen.promise;
    const [next] = await append(eventStore, 'account-1');
    await bus.publish(next === undefined ? [] : [next], next?.position ?? 0);
    expect((await collecting).map(({ event: { revision } }) => revision)).toEqual([0, 1]);
  });

  test('streams outside the domain are not on the bus', async () => {
    const { bus, eventStore, reopen } = await open();
    const events = await append(eventStore, 'heartbeat-1', 'account-1', 'heartbeat-1', 'account-2', 'heartbeat-1');
    const domain = events.filter(({ stream }) => stream.startsWith('account-'));
    await bus.publish(domain, events.at(-1)?.position ?? 0);
    const collected = await collect((await reopen()).bus, count(2));
    expect(collected.map(({ key }) => key).toSorted()).toEqual(['account-1', 'account-2']);
  });

  test('by-market has a record for each market of an event, and none for an event without', async () => {
    const { bus, eventStore, reopen } = await open();
    const events = await append(eventStore, ['account-1', 'm1', 'm2', 'm3'], 'account-1', ['market-m2', 'm2'], ['account-2', 'm1']);
    await bus.publish(events, events.at(-1)?.position ?? 0);
    const collected = await collect((await reopen()).bus, count(5), { topic: 'by-market' });
    const at = (place: number) => events[place]?.position;
    const ofMarket = (market: string) => collected.filter(({ key }) => key === market).map(({ event }) => event.position);
    expect([ofMarket('m1'), ofMarket('m2'), ofMarket('m3')]).toEqual([[at(0), at(3)], [at(0), at(2)], [at(0)]]);
    expect(collected.length).toBe(5);
  });

  test('the published mark outlives the process and moves without events', async () => {
    const { bus, eventStore, reopen } = await open();
    expect(await bus.publishedThrough()).toBe(0);
    const events = await append(eventStore, 'account-1', 'heartbeat-1', 'heartbeat-1');
    await bus.publish(events.slice(0, 1), events[1]?.position ?? 0);
    expect(await bus.publishedThrough()).toBe(events[1]?.position);
    await bus.publish([], events[2]?.position ?? 0);
    const again = await reopen();
    expect(await again.bus.publishedThrough()).toBe(events[2]?.position);
  });

  test('publishing again does no harm: at least once, and the mark does not go back', async () => {
    const { bus, eventStore, reopen } = await open();
    const events = await append(eventStore, 'account-1', 'account-1', 'account-1');
    await bus.publish(events, events.at(-1)?.position ?? 0);
    await bus.publish(events.slice(0, 1), events[0]?.position ?? 0);
    const again = await reopen();
    expect(await again.bus.publishedThrough()).toBe(events.at(-1)?.position);
    const isAllSeen = (collected: readonly { readonly event: { readonly revision: number } }[]) =>
      new Set(collected.map(({ event }) => event.revision)).size === 3;
    const seen = new Set(positions(await collect(again.bus, isAllSeen)));
    expect([...seen]).toEqual(events.map(({ position }) => position));
  });
}
