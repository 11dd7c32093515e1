import { expect, test } from 'vitest';
import { Pace } from './embedded-pace.ts';

/** What a woken consumer waits when `events` come in per millisecond: the waits of so many reads, one after another. */
function waits(pace: Pace, eventsPerMs: number, reads: number, fromMs: number): { readonly waited: number[]; readonly nowMs: number } {
  const waited: number[] = [];
  let nowMs = fromMs;
  for (let read = 0; read < reads; read += 1) {
    const waitMs = pace.waitMs(nowMs + 1);
    waited.push(waitMs);
    nowMs += 1 + waitMs;
    pace.hasRead(Math.ceil(eventsPerMs * (1 + waitMs)), nowMs);
  }
  return { waited, nowMs };
}

test('single events are read at once, however fast they follow each other', () => {
  expect(waits(new Pace(100), 0.01, 5, 1_000).waited).toEqual([0, 0, 0, 0, 0]);
});

test('under load the distance between reads grows to its maximum and no further', () => {
  const { waited } = waits(new Pace(100), 20, 8, 1_000);
  expect(waited).toEqual([0, 4, 9, 19, 39, 79, 99, 99]);
});

test('what comes after a pause is read at once, and the distance is forgotten when load is over', () => {
  const pace = new Pace(100);
  const { nowMs } = waits(pace, 20, 8, 1_000);
  expect(pace.waitMs(nowMs + 100)).toBe(0);
  expect(waits(pace, 0.01, 8, nowMs).waited.at(-1)).toBe(0);
});

test('a maximum of 0 never waits', () => {
  expect(waits(new Pace(0), 50, 5, 1_000).waited).toEqual([0, 0, 0, 0, 0]);
});
