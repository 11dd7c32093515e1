import { expect, test } from 'vitest';

import { amountMinorMax } from '../values/money.ts';
import { quoteBet } from './quote.ts';
import { accepted } from './testing-terms.ts';

const terms = { ruleSet: 'standard@1', currency: 'GBP' } as const;
const slip = { ...terms, unitStakeMinor: 500, shape: { type: 'folds', folds: [1] }, legs: [{ odds: '39/20' }] } as const;

test('a single', () => {
  expect(quoteBet(slip)).toEqual({ lineCount: 1, unitStakeMinor: 500, stakeMinor: 500, returnMaxMinor: 975, uncappedReturnMaxMinor: 975 });
});

test('a patent at 2, 2, 2: 7 lines', () => {
  const legs = [1, 2, 3].map(() => ({ odds: '2/1' }));
  const quote = quoteBet({ ...slip, shape: { type: 'folds', folds: [1, 2, 3] }, legs });
  expect(quote).toMatchObject({ lineCount: 7, stakeMinor: 3500, returnMaxMinor: 13_000 });
});

test('the maximum is rounded as the settlement rounds: 1 x 2.5 to even', () => {
  expect(quoteBet({ ...slip, unitStakeMinor: 1, legs: [{ odds: '5/2' }] })).toMatchObject({ returnMaxMinor: 2 });
});

test('amounts beyond every limit stop at the largest exact number', () => {
  const legs = new Array(20).fill({ odds: '100000/1' });
  const doubles = { ...slip, shape: { type: 'folds', folds: [2] }, legs } as const;
  expect(quoteBet(doubles)).toMatchObject({ lineCount: 190, stakeMinor: 95_000, returnMaxMinor: 950_000_000_000_000 });
  const beyond = accepted(quoteBet({ ...doubles, unitStakeMinor: amountMinorMax }));
  expect(beyond).toMatchObject({ lineCount: 190, stakeMinor: amountMinorMax, returnMaxMinor: amountMinorMax });
});

test('what cannot be is an assertion', () => {
  for (const unitStakeMinor of [0, -1, 1.5, amountMinorMax + 1]) expect(() => quoteBet({ ...slip, unitStakeMinor })).toThrow();
  expect(() => quoteBet({ ...slip, ruleSet: 'unknown@1' })).toThrow('rule set');
});

test('terms that make no bet', () => {
  const legs = [{ odds: '2/1', fixtureId: 'f' }, { odds: '3/1', fixtureId: 'f' }];
  expect(quoteBet({ ...slip, shape: { type: 'folds', folds: [2] } })).toMatchObject({ code: 'BET_TYPE_INVALID', pointer: '/bet/folds/0' });
  expect(quoteBet({ ...slip, shape: { type: 'folds', folds: [2] }, legs })).toMatchObject({ code: 'LEGS_RELATED', pointer: '/legs/1' });
  expect(quoteBet({ ...slip, shape: { type: 'folds', folds: [1] }, legs })).toMatchObject({ lineCount: 2 });
});

test('a total stake divides by the lines, or the two nearest are named', () => {
  const { unitStakeMinor: _, ...without } = slip;
  const legs = [{ odds: '2/1' }, { odds: '2/1' }, { odds: '2/1' }];
  const trixie = { ...without, shape: { type: 'folds', folds: [2, 3] }, legs } as const;
  expect(quoteBet({ ...trixie, totalStakeMinor: 400 })).toMatchObject({ lineCount: 4, unitStakeMinor: 100, stakeMinor: 400 });
  expect(quoteBet({ ...trixie, totalStakeMinor: 501 })).toMatchObject({ code: 'STAKE_INDIVISIBLE', nearestTotalsMinor: [500, 504] });
  expect(quoteBet({ ...trixie, totalStakeMinor: 1 })).toMatchObject({ code: 'STAKE_INDIVISIBLE', nearestTotalsMinor: [4, 8] });
});
