// The shared memory of heads against a plain list of appends: it finds all that are asked for, or says that it has forgotten some.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rememberedPositions, SharedHeads } from './shared-heads.ts';

const names = Array.from({ length: 500 }, (_, index) => `account-${index}`);
const append = fc.record({ stream: fc.constantFrom(...names), events: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 1000 })) });
const group = fc.array(append, { minLength: 1, maxLength: 40 });

test('every append to a stream since a position is found, the newest first, as long as that position is not too far back', () => {
  fc.assert(
    fc.property(fc.array(group, { minLength: 1, maxLength: 12 }), fc.constantFrom(...names), fc.nat(), (groups, stream, back) => {
      const writer = new SharedHeads();
      const reader = new SharedHeads(writer.memory);
      const places: number[] = [];
      let newest = 0;
      for (const one of groups) {
        const appends = one.map(({ stream: name, events }) => [name, (newest += events)] as const);
        writer.note(newest, [0, newest], appends);
        for (const [name, position] of appends) if (name === stream) places.unshift(position);
      }
      const after = newest - (back % (newest + 1));
      const found = reader.placesOf(stream, after);
      if (found === undefined) return newest - after >= rememberedPositions;
      const falls = found.every((position, index) => position > after && position < (found[index - 1] ?? Infinity));
      return falls && places.filter((position) => position > after).every((position) => found.includes(position));
    }),
    { seed: 17, numRuns: 200 },
  );
});

test('streams that share a bucket share its places', () => {
  const heads = new SharedHeads();
  heads.note(500, [0, 500], names.map((name, index) => [name, index + 1]));
  const shared = names.filter((name) => heads.placesOf(name, 0)?.length === 2);
  expect(shared.length).toBeGreaterThan(1);
  for (const name of shared) expect(heads.placesOf(name, 0)).toContain(names.indexOf(name) + 1);
});

test('it says how far the log has come, and each kind of stream', () => {
  const heads = new SharedHeads();
  expect([heads.newest, heads.kindCount]).toEqual([0, 0]);
  heads.note(2 ** 40, [0, 2 ** 40, 7], []);
  expect([heads.newest, heads.kindCount, heads.newestOfKind(1), heads.newestOfKind(2)]).toEqual([2 ** 40, 3, 2 ** 40, 7]);
});
