// Sums over the lines of a plan without listing them: n choose k lines are one coefficient of a product (an elementary symmetric
// polynomial), lines without related legs one of an independence polynomial. Called by line-amounts.ts. Any-to-come lines are carry.ts.

import { assert } from '../values/unreachable.ts';
import { isAbove, none, plus, reduced, times, whole, type Fraction } from './fractions.ts';
import type { Cover, Plan } from './plan.ts';

/** The sum over all covers and given lines of the product of their legs' factors: what a unit stake of 1 returns. */
export function sumOfPlan({ covers, lines }: Plan, factors: readonly Fraction[]): Fraction {
  let sum = none;
  for (const cover of covers) sum = added(sum, sumOfCover(cover, cover.folds, factors));
  for (const line of lines) sum = added(sum, productOf(line, factors));
  return sum;
}

/** Reduced as it grows: of thousands of lines each brings its own denominator. */
function added(sum: Fraction, line: Fraction): Fraction {
  if (line.n === 0n) return sum;
  return sum.n === 0n ? line : reduced(plus(sum, line));
}

export function productOf(legs: readonly number[], factors: readonly Fraction[]): Fraction {
  let n = 1n;
  let d = 1n;
  for (const leg of legs) {
    const factor = factors[leg];
    assert(factor !== undefined, 'a line names legs of the bet');
    if (factor.n === 0n) return none;
    n *= factor.n;
    d *= factor.d;
  }
  return { n, d };
}

/** Coefficient k of the product of (d + n x) is the sum over all k-folds, times the common denominator. */
export function sumOfCover(cover: Cover, folds: readonly number[], factors: readonly Fraction[]): Fraction {
  const banked = productOf(cover.bankers, factors);
  if (banked.n === 0n) return none;
  const live: Fraction[] = [];
  const places: number[] = [];
  let denominator = 1n;
  for (const [place, item] of cover.items.entries()) {
    const factor = productOf(item, factors);
    if (factor.n === 0n) continue;
    live.push(factor);
    places.push(place);
    denominator *= factor.d;
  }
  const foldMax = folds.reduce((largest, fold) => (fold <= live.length && fold > largest ? fold : largest), 0);
  if (foldMax === 0) return none;
  let numerator = 0n;
  if (cover.conflicts !== undefined) {
    const remaining = places.reduce((bits, place) => bits | (1 << place), 0);
    const byPlace = new Map(places.map((place, index) => [place, live[index] ?? whole]));
    const coefficients = independent(cover.conflicts, byPlace, remaining, new Map());
    for (const fold of folds) numerator += coefficients[fold] ?? 0n;
  } else if (foldMax === live.length && folds.every((fold) => fold >= foldMax)) {
    numerator = 1n;
    for (const factor of live) numerator *= factor.n;
  } else {
    const coefficients = coefficientsOf(live, foldMax);
    for (const fold of folds) numerator += coefficients[fold] ?? 0n;
  }
  return times(banked, { n: numerator, d: denominator });
}

function coefficientsOf(factors: readonly Fraction[], degreeMax: number): readonly bigint[] {
  const coefficients = [1n];
  for (const { n, d } of factors) {
    // From the top down, so that each step still reads the coefficients of before this factor.
    for (let degree = Math.min(coefficients.length, degreeMax); degree >= 0; degree -= 1) {
      coefficients[degree] = (coefficients[degree] ?? 0n) * d + (coefficients[degree - 1] ?? 0n) * n;
    }
  }
  return coefficients;
}

/**
 * The same over sets of items without a conflict: those without the last item, and those with it and without what it excludes. Where
 * items of a fixture exclude each other this is the product over fixtures of (1 + x times the sum of its factors). `known` makes each
 * set of remaining items cost once.
 */
function independent(
  conflicts: readonly number[],
  factors: ReadonlyMap<number, Fraction>,
  remaining: number,
  known: Map<number, readonly bigint[]>,
): readonly bigint[] {
  if (remaining === 0) return [1n];
  const found = known.get(remaining);
  if (found !== undefined) return found;
  const item = 31 - Math.clz32(remaining);
  const { n, d } = factors.get(item) ?? whole;
  const others = remaining & ~(1 << item);
  const excluded = others & (conflicts[item] ?? 0);
  const without = independent(conflicts, factors, others, known);
  const withItem = independent(conflicts, factors, others & ~excluded, known);
  // Both halves come over the denominators of all remaining items.
  let scale = n;
  for (const [place, factor] of factors) if ((excluded & (1 << place)) !== 0) scale *= factor.d;
  const size = Math.max(without.length, withItem.length + 1);
  const coefficients = Array.from({ length: size }, (_, degree) => (without[degree] ?? 0n) * d + (withItem[degree - 1] ?? 0n) * scale);
  known.set(remaining, coefficients);
  return coefficients;
}

/** Is there a line of legs that have not lost, with an open one in it? Lines of live legs are counted with and without the open ones. */
export function hasOpenLine(plan: Plan, isLive: (leg: number) => boolean, isOpen: (leg: number) => boolean, legCount: number): boolean {
  const ones = (holds: (leg: number) => boolean): readonly Fraction[] => Array.from({ length: legCount }, (_, leg) => (holds(leg) ? whole : none));
  return isAbove(sumOfPlan(plan, ones(isLive)), sumOfPlan(plan, ones((leg) => isLive(leg) && !isOpen(leg))));
}
