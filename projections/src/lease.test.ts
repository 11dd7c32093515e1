import { openTemporaryLog, type TemporaryLog } from '@wagerline/infra/testing/temporary-event-log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Lease } from './lease.ts';

let log: TemporaryLog;
const never = new AbortController().signal;

beforeEach(async () => {
  log = await openTemporaryLog();
});
afterEach(() => log.close());

function holder() {
  const clock = { ms: 0 };
  const infra = { eventStore: log.store, clock: { nowMs: () => 0, monotonicMs: () => clock.ms } };
  return { clock, lease: new Lease('test', infra, { lookMs: 1, leaseTakeoverMs: 5_000 }) };
}

test('one holder at a time; a silent one is followed after the time-out on the own clock, and learns of it', async () => {
  const [one, two] = [holder(), holder()];
  expect([await one.lease.renew(), await two.lease.renew()]).toEqual([true, false]);
  two.clock.ms = 4_999;
  expect(await two.lease.renew()).toBe(false);
  expect(await one.lease.renew()).toBe(true);
  two.clock.ms = 9_000;
  expect(await two.lease.renew()).toBe(false);
  two.clock.ms = 14_000;
  expect(await two.lease.renew()).toBe(true);
  expect(await one.lease.renew()).toBe(false);
});

test('what was given back is free at once, and only its holder gives it back', async () => {
  const [one, two] = [holder(), holder()];
  await one.lease.renew();
  await two.lease.release();
  expect(await two.lease.renew()).toBe(false);
  await one.lease.release();
  expect(await two.lease.renew()).toBe(true);
});

test('of those that find it free at the same moment one gets it', async () => {
  const all = Array.from({ length: 5 }, holder);
  const taken = await Promise.all(all.map(({ lease }) => lease.renew()));
  expect(taken.filter(Boolean).length).toBe(1);
});

test('acquire waits until the other has shown that it lives, or has not', async () => {
  const [one, two, three] = [holder(), holder(), holder()];
  await one.lease.renew();
  const alive = two.lease.acquire(never);
  let isAnswered = false;
  void alive.finally(() => (isAnswered = true));
  while (!isAnswered) await one.lease.renew();
  expect(await alive).toBe(false);
  await three.lease.renew();
  three.clock.ms = 5_000;
  expect(await three.lease.acquire(never)).toBe(true);
  expect(await one.lease.acquire(AbortSignal.abort())).toBe(false);
});
