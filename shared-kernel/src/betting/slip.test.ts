import { describe, expect, test } from 'vitest';

import { combinationCount, isShapeOf, legCountMax, lineCount, nameOf, shapeOf } from './slip.ts';

test.each([
  ['single', 1, [1]],
  ['double', 2, [2]],
  ['treble', 3, [3]],
  ['accumulator', 2, [2]],
  ['accumulator', 20, [20]],
] as const)('a %s of %i legs has the folds %j', (type, legCount, folds) => {
  expect(shapeOf(type, legCount)).toEqual({ type: 'folds', folds });
});

test.each([
  ['single', 2],
  ['single', 0],
  ['double', 1],
  ['double', 3],
  ['treble', 2],
  ['accumulator', 1],
  ['accumulator', legCountMax + 1],
  ['accumulator', 2.5],
] as const)('%s: not of %s legs', (type, legCount) => expect(shapeOf(type, legCount)).toBeUndefined());

test('a shape has the name that people use', () => {
  const names = [1, 2, 3, 4, 20].map((legs) => nameOf({ type: 'folds', folds: [legs] }, legs));
  expect(names).toEqual(['single', 'double', 'treble', 'accumulator', 'accumulator']);
  expect(nameOf({ type: 'folds', folds: [2] }, 3)).toBeUndefined();
  expect(nameOf({ type: 'folds', folds: [1, 2] }, 2)).toBeUndefined();
});

// Trixie, patent, yankee, canadian, heinz, super-heinz, goliath.
test.each([
  [3, [2, 3], 4],
  [3, [1, 2, 3], 7],
  [4, [2, 3, 4], 11],
  [5, [2, 3, 4, 5], 26],
  [6, [2, 3, 4, 5, 6], 57],
  [7, [2, 3, 4, 5, 6, 7], 120],
  [8, [2, 3, 4, 5, 6, 7, 8], 247],
  [20, [10], 184_756],
  [1, [1], 1],
])('%i legs in folds of %j are %i lines', (legCount, folds, lines) => expect(lineCount({ type: 'folds', folds }, legCount)).toBe(lines));

describe('a shape that does not fit', () => {
  test.each([[[]], [[0]], [[3]], [[2, 1]], [[1, 1]], [[1.5]], [[-1]]])('folds %j of two legs', (folds) => {
    expect(isShapeOf({ type: 'folds', folds }, 2)).toBe(false);
    expect(() => lineCount({ type: 'folds', folds }, 2)).toThrow('fits');
  });
});

test('n choose k is Pascal’s triangle', () => {
  for (let n = 1; n <= legCountMax; n += 1) {
    for (let k = 1; k <= n; k += 1) expect(combinationCount(n, k)).toBe(combinationCount(n - 1, k - 1) + combinationCount(n - 1, k));
  }
  expect(combinationCount(3, 4)).toBe(0);
  expect(combinationCount(0, 0)).toBe(1);
});
