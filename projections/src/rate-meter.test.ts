import { expect, test } from 'vitest';
import { RateMeter } from './rate-meter.ts';

test('events per second are those of the last five seconds', () => {
  let elapsedMs = 0;
  const meter = new RateMeter({ nowMs: () => 0, monotonicMs: () => elapsedMs });
  meter.add(1_000, undefined);
  elapsedMs = 2_000;
  meter.add(4_000, undefined);
  expect(meter.eventsPerSecond()).toBe(1_000);
  elapsedMs = 6_000;
  expect(meter.eventsPerSecond()).toBe(800);
  elapsedMs = 20_000;
  expect(meter.eventsPerSecond()).toBe(0);
});

test('ages are weighted by events', () => {
  const meter = new RateMeter({ nowMs: () => Date.parse('2019-08-09T19:00:10.000Z'), monotonicMs: () => 0 });
  meter.add(98, '2019-08-09T19:00:09.990Z');
  meter.add(2, '2019-08-09T19:00:08.000Z');
  expect(meter.ageMs()).toEqual({ p50: 10, p99: 2_000 });
});
