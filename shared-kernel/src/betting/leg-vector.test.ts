import { expect, test } from 'vitest';
import { compareKnown, vectorText } from './leg-vector.ts';

const leg = (resultRevision: number | null, ...revisions: readonly (number | null)[]) => {
  const movedTo = { fixtureId: 'f', marketId: 'm', revisions: [...revisions] };
  return { resultRevision, ...(revisions.length > 0 && { movedTo }) };
};

test('knowledge in the order in which it can come along the log: each is newer than all before it', () => {
  const known = [leg(null), leg(3), leg(3, null), leg(3, 0), leg(3, 2, null), leg(3, 2, 7), leg(3, 4), leg(5), leg(5, 1)];
  for (const [index, one] of known.entries()) {
    for (const [other, two] of known.entries()) expect(Math.sign(compareKnown(one, two))).toBe(Math.sign(index - other));
  }
  expect(compareKnown({}, leg(null))).toBe(0);
});

test('its text tells every two of them apart', () => {
  const texts = [[leg(null)], [leg(3), leg(null, 2)], [leg(3, null)], [leg(3, 2, 7)]].map(vectorText);
  expect(texts).toEqual(['', '3,>2', '3>', '3>2>7']);
});
