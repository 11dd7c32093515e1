import { expect, test } from 'vitest';

import { amountMinorMax } from '../values/money.ts';
import { rational } from '../values/rational.ts';
import { quoteBet } from './quote.ts';

const terms = { ruleSet: 'standard@1', currency: 'GBP' } as const;
const slip = { ...terms, unitStakeMinor: 500, shape: { type: 'folds', folds: [1] }, legs: [{ odds: rational(39n, 20n) }] } as const;

test('a single', () => expect(quoteBet(slip)).toEqual({ lineCount: 1, stakeMinor: 500, returnMaxMinor: 975 }));

test('a patent at 2, 2, 2: 7 lines', () => {
  const legs = [1, 2, 3].map(() => ({ odds: rational(2n) }));
  const quote = quoteBet({ ...slip, shape: { type: 'folds', folds: [1, 2, 3] }, legs });
  expect(quote).toEqual({ lineCount: 7, stakeMinor: 3500, returnMaxMinor: 13_000 });
});

test('the maximum is rounded as the settlement rounds: 1 x 2.5 to even', () => {
  expect(quoteBet({ ...slip, unitStakeMinor: 1, legs: [{ odds: rational(5n, 2n) }] }).returnMaxMinor).toBe(2);
});

test('amounts beyond every limit stop at the largest exact number', () => {
  const legs = new Array(20).fill({ odds: rational(100_000n) });
  const doubles = { ...slip, shape: { type: 'folds', folds: [2] }, legs } as const;
  expect(quoteBet(doubles)).toEqual({ lineCount: 190, stakeMinor: 95_000, returnMaxMinor: 950_000_000_000_000 });
  const beyond = quoteBet({ ...doubles, unitStakeMinor: amountMinorMax });
  expect(beyond).toEqual({ lineCount: 190, stakeMinor: amountMinorMax, returnMaxMinor: amountMinorMax });
});

test('what cannot be is an assertion', () => {
  for (const unitStakeMinor of [0, -1, 1.5, amountMinorMax + 1]) expect(() => quoteBet({ ...slip, unitStakeMinor })).toThrow();
  expect(() => quoteBet({ ...slip, ruleSet: 'unknown@1' })).toThrow('rule set');
  expect(() => quoteBet({ ...slip, shape: { type: 'folds', folds: [2] } })).toThrow('shape');
});
