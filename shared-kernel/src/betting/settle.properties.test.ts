// Laws that hold for every bet, and the algebra of line sums against a plain enumeration of the lines.

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { add, compare, equals, multiply, one, rational, subtract, zero, type Rational } from '../values/rational.ts';
import { parseStoredOdds } from '../values/odds.ts';
import { explainBet } from './explain.ts';
import { listLines } from './plan-lines.ts';
import { planOf } from './plan.ts';
import { quoteBet } from './quote.ts';
import { settleBet, type BetToSettle } from './settle.ts';
import type { Shape } from './shapes.ts';
import type { LegOutcome } from './slip.ts';
import { accepted, legFactor } from './testing-terms.ts';

const seeded = { seed: 380_1270, numRuns: 400 };
const results = ['won', 'lost', 'push', 'void', 'half_won', 'half_lost', 'open'] as const satisfies readonly LegOutcome[];
const odds = fc.integer({ min: 10_001, max: 90_000 }).map((n) => `${n}/10000`);
const leg = fc.record({ odds, result: fc.constantFrom<LegOutcome>(...results) });
const unit = fc.integer({ min: 1, max: 100_000 });

const foldsOf = (legCount: number) => fc.subarray(Array.from({ length: legCount }, (_, index) => index + 1), { minLength: 1 });

function betOf(unitStakeMinor: number, folds: readonly number[], legs: BetToSettle['legs']): BetToSettle {
  return { unitStakeMinor, shape: { type: 'folds', folds }, legs, ruleSet: 'standard@1', currency: 'GBP' };
}

const anyBet = fc
  .array(leg, { minLength: 1, maxLength: 8 })
  .chain((legs) => fc.tuple(unit, foldsOf(legs.length), fc.constant(legs)))
  .map(([unitStakeMinor, folds, legs]) => betOf(unitStakeMinor, folds, legs));

const linesOf = (shape: Shape, legCount: number) => listLines(planOf(shape, new Array<undefined>(legCount).fill(undefined)));
const sum = (numbers: readonly Rational[]): Rational => numbers.reduce(add, zero);
const product = (numbers: readonly Rational[]): Rational => numbers.reduce(multiply, one);
const chosen = (bet: BetToSettle, line: readonly number[]) => bet.legs.filter((_, index) => line.includes(index));

test('the algebra gives what listing every line gives', () => {
  fc.assert(
    fc.property(anyBet, (bet) => {
      const lines = linesOf(bet.shape, bet.legs.length).map((line) => chosen(bet, line));
      const unitStake = rational(BigInt(bet.unitStakeMinor));
      const settled = settleBet(bet);
      const returns = lines.map((legs) => multiply(unitStake, product(legs.map((each) => legFactor(each.odds, each.result)))));
      expect(settled.returnExact).toEqual(sum(returns));
      const live = lines.filter((legs) => !legs.some(({ result }) => result === 'lost'));
      expect(settled.decided).toBe(!live.some((legs) => legs.some(({ result }) => result === 'open')));
      const voided = lines.flat().every(({ result }) => result === 'void');
      expect(settled.state === 'void').toBe(voided);
      if (settled.decided && !voided) expect(settled.state).toBe(live.length === 0 ? 'lost' : 'returned');
    }),
    seeded,
  );
});

test('full cover with singles is the product of all (1 + factor), less 1', () => {
  const prices = fc.array(fc.integer({ min: 101, max: 300 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(prices, (hundredths) => {
      const legs = hundredths.map((n) => ({ odds: `${n}/100`, result: 'half_won' as const }));
      const folds = legs.map((_, index) => index + 1);
      const cover = subtract(product(legs.map((each) => add(one, legFactor(each.odds, each.result)))), one);
      expect(settleBet(betOf(1, folds, legs)).returnExact).toEqual(cover);
      expect(sum(folds.map((fold) => settleBet(betOf(1, [fold], legs)).returnExact))).toEqual(cover);
    }),
    { ...seeded, numRuns: 20 },
  );
});

test('the order of the legs does not matter', () => {
  const shuffled = anyBet.chain((bet) => fc.tuple(fc.constant(bet), fc.shuffledSubarray([...bet.legs], { minLength: bet.legs.length })));
  fc.assert(
    fc.property(shuffled, ([bet, legs]) => {
      expect(settleBet({ ...bet, legs })).toEqual(settleBet(bet));
    }),
    seeded,
  );
});

test('an accumulator with a void or pushed leg is the accumulator without it', () => {
  const neutral = fc.constantFrom<LegOutcome>('void', 'push');
  fc.assert(
    fc.property(unit, fc.array(leg, { minLength: 1, maxLength: 19 }), odds, neutral, (stake, legs, price, result) => {
      fc.pre(legs.some((each) => each.result !== 'void'));
      const without = settleBet(betOf(stake, [legs.length], legs));
      expect(settleBet(betOf(stake, [legs.length + 1], [...legs, { odds: price, result }]))).toEqual(without);
    }),
    seeded,
  );
});

const longer = (a: string, b: string): string => (compare(parseStoredOdds(a), parseStoredOdds(b)) < 0 ? b : a);

/** Of a bet whose prices are all known. */
function mostOf({ returnMaxMinor }: { readonly returnMaxMinor: number | null }): number {
  if (returnMaxMinor === null) throw new Error('no leg is at the starting price');
  return returnMaxMinor;
}

test('longer odds on a leg never return less', () => {
  fc.assert(
    fc.property(anyBet, fc.nat(7), odds, (bet, index, price) => {
      const legs = bet.legs.map((each, place) => (place === index % bet.legs.length ? { ...each, odds: longer(each.odds, price) } : each));
      const [lower, higher] = [settleBet(bet), settleBet({ ...bet, legs })];
      expect(compare(higher.returnExact, lower.returnExact)).not.toBe(-1);
      expect(higher.returnMinor).toBeGreaterThanOrEqual(lower.returnMinor);
      expect(higher.returnMaxMinor).toBeGreaterThanOrEqual(mostOf(lower));
      expect(higher.state).toBe(lower.state);
    }),
    seeded,
  );
});

test('the return is at most half a minor unit away from the exact one, and within the maximum of the quote', () => {
  fc.assert(
    fc.property(anyBet, (bet) => {
      const settled = settleBet(bet);
      const off = subtract(rational(BigInt(settled.returnMinor)), settled.returnExact);
      expect(compare(multiply(off, off), rational(1n, 4n))).not.toBe(1);
      expect(settled.returnMinor).toBeLessThanOrEqual(mostOf(settled));
      expect(settled.returnMaxMinor).toBeLessThanOrEqual(accepted(quoteBet(bet)).returnMaxMinor);
    }),
    seeded,
  );
});

test('a quote is the settlement with every leg won, and the maximum while every leg is open', () => {
  fc.assert(
    fc.property(anyBet, (bet) => {
      const quote = accepted(quoteBet(bet));
      const all = (result: LegOutcome) => settleBet({ ...bet, legs: bet.legs.map((each) => ({ ...each, result })) });
      expect(quote.returnMaxMinor).toBe(all('won').returnMinor);
      expect(quote.returnMaxMinor).toBe(all('open').returnMaxMinor);
      expect(quote.lineCount).toBe(linesOf(bet.shape, bet.legs.length).length);
      expect(quote.stakeMinor).toBe(quote.lineCount * bet.unitStakeMinor);
      expect(all('void')).toMatchObject({ state: 'void', returnMinor: quote.stakeMinor });
    }),
    seeded,
  );
});

test('knowing one more result never takes away what was certain, nor adds to what was possible', () => {
  fc.assert(
    fc.property(anyBet, fc.constantFrom(...results), (bet, result) => {
      const index = bet.legs.findIndex((each) => each.result === 'open');
      fc.pre(index >= 0);
      const legs = bet.legs.map((each, place) => (place === index ? { ...each, result } : each));
      const [before, after] = [settleBet(bet), settleBet({ ...bet, legs })];
      expect(compare(after.returnExact, before.returnExact)).not.toBe(-1);
      expect(after.returnMaxMinor).toBeLessThanOrEqual(mostOf(before));
      if (before.decided) expect(after).toMatchObject({ decided: true, returnMinor: before.returnMinor });
    }),
    seeded,
  );
});

test('the amounts of the explanation add up to the return', () => {
  fc.assert(
    fc.property(anyBet, (bet) => {
      const total = sum(explainBet(bet).map(({ amount }) => amount));
      expect(equals(total, rational(BigInt(settleBet(bet).returnMinor)))).toBe(true);
    }),
    seeded,
  );
});
