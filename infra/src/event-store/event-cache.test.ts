// The cache of events against a log with deleted positions: it never claims to cover what it does not hold.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Row } from './embedded-schema.ts';
import { EventCache } from './event-cache.ts';

const logLength = 8000;
const exists = (position: number): boolean => position % 7 !== 3;
const textOf = new Map([100, 4096, 20_000, 1024 * 1024].map((bytes) => [bytes, 'x'.repeat(bytes)]));
const rowAt = (position: number, bytes: number): Row => [position, 'account-1', 0, 0, 1, '', '', textOf.get(bytes), ''];

const range = fc.record({ after: fc.nat(logLength), count: fc.nat(1500), bytes: fc.constantFrom(100, 4096, 20_000) });
const single = fc.record({ after: fc.nat(logLength), count: fc.constant(1), bytes: fc.constantFrom(100, 1024 * 1024) });

function holds(cache: EventCache, position: number): boolean {
  return cache.get(position)?.[0] === position;
}

test('whatever is read in whatever order, every existing event of the covered range is there', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(range, single), { minLength: 1, maxLength: 12 }), (reads) => {
      const cache = new EventCache();
      for (const { after, count, bytes } of reads) {
        for (let position = after + 1; position <= after + count; position += 1) if (exists(position)) cache.put(rowAt(position, bytes));
        // A single event is one that a filter picked: it covers nothing.
        if (count !== 1) cache.cover(after, after + count);
        for (let position = cache.coveredAfter + 1; position <= cache.coveredThrough; position += 1) {
          if (holds(cache, position) !== exists(position)) return false;
        }
      }
      return true;
    }),
    { seed: 11, numRuns: 150 },
  );
});

test('a tail that is read on and on stays covered, within the window', () => {
  const cache = new EventCache();
  for (let after = 0; after < 10_000; after += 500) {
    for (let position = after + 1; position <= after + 500; position += 1) cache.put(rowAt(position, 100));
    cache.cover(after, after + 500);
  }
  expect([cache.coveredAfter, cache.coveredThrough]).toEqual([10_000 - 2048, 10_000]);
  expect(holds(cache, 7953)).toBe(true);
  expect(holds(cache, 7952)).toBe(false);
  // A reader that starts far behind leaves the tail alone.
  for (let position = 1; position <= 500; position += 1) cache.put(rowAt(position, 100));
  cache.cover(0, 500);
  expect([cache.coveredAfter, cache.coveredThrough]).toEqual([10_000 - 2048, 10_000]);
});

test('the text that it holds is bounded', () => {
  const cache = new EventCache();
  for (let position = 1; position <= 100; position += 1) cache.put(rowAt(position, 1024 * 1024));
  cache.cover(0, 100);
  expect([cache.coveredAfter, cache.coveredThrough]).toEqual([96, 100]);
  expect(Array.from({ length: 100 }, (_, index) => holds(cache, index + 1)).filter(Boolean)).toHaveLength(4);
});
