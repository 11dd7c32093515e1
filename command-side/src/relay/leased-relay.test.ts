import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLogger } from '@wagerline/infra/logger';
import { openTemporaryLog, type TemporaryLog } from '@wagerline/infra/testing/temporary-event-log';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { relayLease, startLeasedRelay, type LeasedRelay, type LeasedRelayOptions } from './leased-relay.ts';

const logger = createLogger({ logLevel: 'silent' });
const config = { leaseRenewMs: 1_500, leaseTakeoverMs: 5_000 };

type Clock = { nowMs: number };
type Process = LeasedRelay & { readonly publishedPositions: readonly number[]; readonly clock: Clock; stop(): Promise<void> };

let log: TemporaryLog;
let running: Process[] = [];
/** One bus for all processes: what arrived, in order, and the mark. */
let bus: { through: number; readonly received: number[] };

beforeEach(async () => {
  log = await openTemporaryLog();
  running = [];
  bus = { through: 0, received: [] };
});
afterEach(async () => {
  for (const each of running) await each.stop();
  await log.close();
});

function start(changes: Partial<LeasedRelayOptions> = {}): Process {
  const stop = new AbortController();
  const publishedPositions: number[] = [];
  const clock: Clock = { nowMs: 0 };
  const publish = async (events: readonly RecordedEvent[], throughPosition: number) => {
    const positions = events.map(({ position }) => position);
    publishedPositions.push(...positions);
    bus.received.push(...positions);
    bus.through = throughPosition;
  };
  const process: Process = {
    ...startLeasedRelay({
      eventStore: log.store,
      bus: { publish, publishedThrough: async () => bus.through },
      clock: { monotonicMs: () => clock.nowMs },
      config,
      signal: stop.signal,
      logger,
      pause: async () => void (await nextTurn()),
      ...changes,
    }),
    publishedPositions,
    clock,
    async stop() {
      stop.abort();
      await process.done;
    },
  };
  running.push(process);
  return process;
}

async function append(count: number): Promise<number> {
  let position = 0;
  for (let n = 0; n < count; n += 1) {
    const event = { id: randomUUID(), type: 'Noted', data: {}, metadata: {} };
    const result = await log.store.append('account-a', 'any', [event]);
    position = result.outcome === 'appended' ? (result.positions[0] ?? 0) : 0;
  }
  return position;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

/** So many times the others have had the opportunity to do what they must not do. */
async function leaseChanges(times: number): Promise<void> {
  const version = async () => (await log.store.readLeases([relayLease]))[0]?.version ?? 0;
  const first = await version();
  while ((await version()) < first + times) await nextTurn();
}

/** An event store whose leases can be cut off from one process, as when it hangs or the network is gone; it counts looks at the lease. */
function cuttable() {
  const state = { isCut: false, looks: 0 };
  const refuse = () => {
    if (state.isCut) throw new Error('the lease is out of reach');
  };
  const eventStore: LeasedRelayOptions['eventStore'] = {
    subscribeToAll: (...given) => log.store.subscribeToAll(...given),
    readLeases: async (names) => {
      refuse();
      const records = await log.store.readLeases(names);
      state.looks += 1;
      return records;
    },
    writeLeases: async (items) => {
      refuse();
      return log.store.writeLeases(items);
    },
  };
  return { state, eventStore };
}

/** At least once, and no event for the first time before one that is older. */
function firstArrivals(): readonly number[] {
  return [...new Set(bus.received)];
}

async function allPositions(): Promise<readonly number[]> {
  const { events } = await log.store.readAll(0, { prefixes: ['account-'] }, 1_000);
  return events.map(({ position }) => position);
}

test('one alone takes the lease and relays', async () => {
  const last = await append(3);
  const only = start();
  await until(() => bus.through >= last);
  expect(only.status()).toMatchObject({ isHolder: true, publishedThrough: last, lastLeaseFailure: null });
  expect(bus.received).toEqual(await allPositions());
});

test('while one renews its lease, another relays nothing', async () => {
  const first = start();
  await until(() => first.status().isHolder);
  const second = start();
  second.clock.nowMs = 1_000_000;
  const last = await append(3);
  await until(() => bus.through >= last);
  await leaseChanges(20);
  expect(second.status()).toMatchObject({ isHolder: false, publishedThrough: -1 });
  expect(second.publishedPositions).toEqual([]);
});

test('of two that start at the same moment one relays', async () => {
  const both = [start(), start()];
  await until(() => both.some((each) => each.status().isHolder));
  await leaseChanges(20);
  expect(both.filter((each) => each.status().isHolder)).toHaveLength(1);
});

test('one that stops gives the lease back: the next goes on from the mark, without waiting and without duplicates', async () => {
  const first = start();
  const early = await append(3);
  await until(() => bus.through >= early);
  const second = start();
  await first.stop();
  const late = await append(3);
  await until(() => bus.through >= late);
  expect(second.publishedPositions).toHaveLength(3);
  expect(bus.received).toEqual(await allPositions());
});

test("one that falls silent is taken over from after the time-out on the taker's clock, not before", async () => {
  const { state, eventStore } = cuttable();
  const first = start({ eventStore });
  await until(() => first.status().isHolder);
  state.isCut = true;
  await until(() => first.status().lastLeaseFailure !== null);
  const taker = cuttable();
  const second = start({ eventStore: taker.eventStore });
  await until(() => taker.state.looks > 10);
  second.clock.nowMs = config.leaseTakeoverMs - 1;
  const looks = taker.state.looks;
  await until(() => taker.state.looks > looks + 10);
  expect(second.status().isHolder).toBe(false);
  second.clock.nowMs = config.leaseTakeoverMs;
  await until(() => second.status().isHolder);
});

test('a silent one that still relays beside its successor makes duplicates, never a gap', async () => {
  const { state, eventStore } = cuttable();
  // Its clock stands still: it does not know that its lease has run out.
  const zombie = start({ eventStore });
  const early = await append(20);
  await until(() => bus.through >= early);
  state.isCut = true;
  await until(() => zombie.status().lastLeaseFailure !== null);
  const taker = cuttable();
  const second = start({ eventStore: taker.eventStore });
  await until(() => taker.state.looks > 1);
  second.clock.nowMs = config.leaseTakeoverMs;
  await until(() => second.status().isHolder);
  const late = await append(20);
  await until(() => [zombie, second].every((each) => each.publishedPositions.includes(late)));
  expect(firstArrivals()).toEqual(await allPositions());
});

test('one that cannot renew in time stops relaying by itself, and takes the lease again when it can', async () => {
  const { state, eventStore } = cuttable();
  const only = start({ eventStore });
  await until(() => only.status().isHolder);
  state.isCut = true;
  await until(() => only.status().lastLeaseFailure !== null);
  expect(only.status().isHolder).toBe(true);
  only.clock.nowMs = config.leaseTakeoverMs;
  await until(() => !only.status().isHolder);
  state.isCut = false;
  await until(() => only.status().isHolder);
  const last = await append(2);
  await until(() => bus.through >= last);
});

test('one that finds the lease with another stops relaying', async () => {
  const first = start();
  await until(() => first.status().isHolder);
  await takeFor('somebody else');
  await until(() => !first.status().isHolder);
  await append(2);
  await nextTurn();
  expect(first.publishedPositions).toEqual([]);
});

async function takeFor(holder: string): Promise<void> {
  for (let isTaken = false; !isTaken; ) {
    const [lease] = await log.store.readLeases([relayLease]);
    [isTaken = false] = await log.store.writeLeases([{ name: relayLease, expectedVersion: lease?.version ?? 0, data: { holder, counter: 0 } }]);
  }
}
