import { expect, test } from 'vitest';

import { rational } from '../values/rational.ts';
import { explainBet } from './explain.ts';
import { listLines } from './plan-lines.ts';
import { planOf } from './plan.ts';

const terms = { unitStakeMinor: 5, ruleSet: 'standard@1', currency: 'GBP' } as const;
const legs = [
  { odds: '191/100', result: 'won' },
  { odds: '41/20', result: 'half_won' },
  { odds: '3/1', result: 'lost' },
] as const;

test('one step per line, then the rounding', () => {
  const steps = explainBet({ ...terms, shape: { type: 'folds', folds: [1, 3] }, legs });
  expect(steps).toEqual([
    { step: 'line', legs: [0], part: 'win', amount: rational(191n, 20n), text: '0.05 x 1.91 (won)' },
    { step: 'line', legs: [1], part: 'win', amount: rational(61n, 8n), text: '0.05 x 1.525 (half won)' },
    { step: 'line', legs: [2], part: 'win', amount: rational(0n), text: '0.05 x 0 (lost)' },
    { step: 'line', legs: [0, 1, 2], part: 'win', amount: rational(0n), text: '0.05 x 1.91 (won) x 1.525 (half won) x 0 (lost)' },
    { step: 'rounding', legs: [], part: 'win', amount: rational(-7n, 40n), text: 'rounded half-even to 0.17' },
  ]);
});

test('no rounding, no step for it', () => {
  const steps = explainBet({ ...terms, unitStakeMinor: 100, shape: { type: 'folds', folds: [1] }, legs: [legs[0]] });
  expect(steps).toEqual([{ step: 'line', legs: [0], part: 'win', amount: rational(191n), text: '1.00 x 1.91 (won)' }]);
});

test('above 256 lines there is one step per fold', () => {
  const nine = Array.from({ length: 9 }, () => ({ odds: '2/1', result: 'won' as const }));
  const folds = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const steps = explainBet({ ...terms, shape: { type: 'folds', folds }, legs: nine });
  const amounts = [90n, 720n, 3360n, 10_080n, 20_160n, 26_880n, 23_040n, 11_520n, 2560n];
  expect(steps.map(({ amount }) => amount)).toEqual(amounts.map((amount) => rational(amount)));
  expect(steps[1]?.text).toBe('36 lines of 2 at 0.05');
});

test('lines are listed short folds first, in the order of the slip', () => {
  expect(listLines(planOf({ type: 'folds', folds: [2, 3] }, new Array<undefined>(3).fill(undefined)))).toEqual([[0, 1], [0, 2], [1, 2], [0, 1, 2]]);
});
