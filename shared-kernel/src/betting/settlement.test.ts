// Rules of a whole bet that need an example of their own: what a void leg is, prices that are compared after Rule 4, and limits.

import { expect, test } from 'vitest';
import { assert } from '../values/unreachable.ts';
import type { LegOutcomeTerms, LegTerms } from './legs.ts';
import type { Rules } from './rules.ts';
import { settle } from './settlement.ts';
import type { Shape } from './shapes.ts';
import { accepted } from './testing-terms.ts';

type Leg = LegTerms & LegOutcomeTerms;
type More = { readonly shape?: Shape; readonly eachWay?: boolean; readonly rules?: Rules };

/** At 1.00 a line, in pence. */
function settled(legs: readonly Leg[], { shape = { type: 'folds', folds: [legs.length] }, eachWay = false, rules = {} }: More = {}) {
  const terms = { currency: 'GBP', unitStakeMinor: 100, eachWay, shape, legs, ruleSet: 'standard@1', rules } as const;
  const { state, payout } = accepted(settle(terms, legs));
  return { state, base: Number(payout.base.n), topUp: Number(payout.topUp.n), bonus: Number(payout.bonus.n), returned: Number(payout.rounded.n) };
}

test('a void leg is void in its place part too, whatever its place', () => {
  const leg = { odds: '9', placeFraction: '1/4', result: 'void', placeResult: 'won' } as const;
  expect(settled([leg], { eachWay: true })).toMatchObject({ state: 'void', returned: 200 });
});

test('best odds compares the prices after the Rule 4 of each', () => {
  const leg = { odds: '5', rule4Percent: ['10'], startingOdds: '7', startingRule4Percent: ['50'], result: 'won' } as const;
  expect(settled([leg], { rules: { bestOddsGuaranteed: true } })).toMatchObject({ base: 460, topUp: 0 });
  const better = { ...leg, startingRule4Percent: ['10'] };
  expect(settled([better], { rules: { bestOddsGuaranteed: true } })).toMatchObject({ base: 460, topUp: 180 });
});

test('a builder with a void leg and no half one returns its stake at least', () => {
  const legs: readonly Leg[] = [
    { odds: '1.4', fixture: 'F1', result: 'won' },
    { odds: '1.3', fixture: 'F1', result: 'won' },
    { odds: '2', fixture: 'F1', result: 'void' },
  ];
  const shape = { type: 'bet-builder', combinedOdds: '1.5' } as const;
  expect(settled(legs, { shape })).toMatchObject({ returned: 100 });
  const half: readonly Leg[] = [...legs.slice(1), { odds: '1.4', fixture: 'F1', result: 'half_won' }];
  expect(settled(half, { shape }).returned).toBeLessThan(100);
});

test('a void leg is no fold of a boosted accumulator', () => {
  const rules = { accumulatorBoost: [{ folds: 4, percent: '5' }] };
  const four = (last: 'won' | 'void' | 'push'): readonly Leg[] => (['won', 'won', 'won', last] as const).map((result) => ({ odds: '2', result }));
  expect(settled(four('won'), { rules })).toMatchObject({ base: 1_600, bonus: 75 });
  for (const last of ['void', 'push'] as const) expect(settled(four(last), { rules })).toMatchObject({ base: 800, bonus: 0 });
});

test('a half won leg is no winner: neither the only one nor one of all', () => {
  const [won, half, lost] = (['won', 'half_won', 'lost'] as const).map((result) => ({ odds: '2', result }));
  assert(won !== undefined && half !== undefined && lost !== undefined, 'three legs');
  const patent = { shape: { type: 'folds', folds: [1, 2, 3] }, rules: { oneWinner: { multiplier: '2' } } } as const;
  expect(settled([won, lost, lost], patent)).toMatchObject({ base: 200, bonus: 100 });
  expect(settled([half, lost, lost], patent)).toMatchObject({ base: 150, bonus: 0 });
  const rules = { allWinners: { percent: '10' } };
  expect(settled([won, won], { rules })).toMatchObject({ base: 400, bonus: 30 });
  expect(settled([won, half], { rules })).toMatchObject({ base: 300, bonus: 0 });
});

test('all bonuses of a bet together are at most their limit', () => {
  const rules = { allWinners: { percent: '10' }, accumulatorBoost: [{ folds: 2, percent: '10' }] };
  const legs: readonly Leg[] = [{ odds: '3', result: 'won' }, { odds: '3', result: 'won' }];
  expect(settled(legs, { rules })).toMatchObject({ base: 900, bonus: 160, returned: 1_060 });
  expect(settled(legs, { rules: { ...rules, bonusMax: '1.50' } })).toMatchObject({ base: 900, bonus: 150, returned: 1_050 });
});
