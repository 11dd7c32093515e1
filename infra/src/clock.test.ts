// The driven clock moves as told, and never back.

import { expect, test } from 'vitest';

import { drivenClock, timeCell } from './clock.ts';

test('a driven clock stands still until it is moved', () => {
  const clock = drivenClock(timeCell(1_000));
  expect(clock.nowMs()).toBe(1_000);
  clock.advanceTo(1_500);
  expect(clock.nowMs()).toBe(1_500);
});

test('a driven clock does not go back', () => {
  const clock = drivenClock(timeCell(1_000));
  expect(() => clock.advanceTo(999)).toThrow(/forward only/);
  expect(clock.nowMs()).toBe(1_000);
});

test('whoever has the same cell has the same time', () => {
  const cell = timeCell(1_000);
  const watching = drivenClock(cell);
  drivenClock(cell).advanceTo(2_000);
  expect(watching.nowMs()).toBe(2_000);
});

test('ages go on while the wall clock stands', () => {
  const before = performance.now();
  expect(drivenClock(timeCell(0)).monotonicMs()).toBeGreaterThanOrEqual(before);
});
