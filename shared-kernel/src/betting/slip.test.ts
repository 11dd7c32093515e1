import { expect, test } from 'vitest';

import { shapeLegsMax } from './shapes.ts';
import { combinationCount } from './slip.ts';

test('n choose k is Pascal’s triangle', () => {
  for (let n = 1; n <= shapeLegsMax; n += 1) {
    for (let k = 1; k <= n; k += 1) expect(combinationCount(n, k)).toBe(combinationCount(n - 1, k - 1) + combinationCount(n - 1, k));
  }
  expect(combinationCount(3, 4)).toBe(0);
  expect(combinationCount(0, 0)).toBe(1);
  expect(combinationCount(20, 10)).toBe(184_756);
});
