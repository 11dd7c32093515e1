// Sums over the lines of a bet without listing them: n choose k lines are one coefficient of a product (an elementary symmetric
// polynomial). Called by settle and quote; a new shape gets its case here.

import { rational, zero, type Rational } from '../values/rational.ts';
import { unreachable } from '../values/unreachable.ts';
import { combinationCount, type BetShape } from './slip.ts';

/** The sum over all lines of the product of their legs' factors: what a unit stake of 1 returns. */
export function sumOfLines(shape: BetShape, factors: readonly Rational[]): Rational {
  switch (shape.type) {
    case 'folds':
      return sumOfFolds(shape.folds, factors);
    default:
      return unreachable(shape.type);
  }
}

/** Of legs that have not lost, `openCount` of `liveCount` are open: is there a line of live legs with an open one in it? */
export function hasOpenLine(shape: BetShape, liveCount: number, openCount: number): boolean {
  switch (shape.type) {
    case 'folds':
      return shape.folds.some((fold) => combinationCount(liveCount, fold) > combinationCount(liveCount - openCount, fold));
    default:
      return unreachable(shape.type);
  }
}

/**
 * Coefficient k of the product of (d + n x) over all factors n/d is the sum over all k-folds, times the common denominator:
 * integers only, so that nothing is reduced before the end.
 */
function sumOfFolds(folds: readonly number[], factors: readonly Rational[]): Rational {
  const live = factors.filter((factor) => factor.n !== 0n);
  const foldMax = folds.reduce((largest, fold) => (fold <= live.length && fold > largest ? fold : largest), 0);
  if (foldMax === 0) return zero;
  let denominator = 1n;
  for (const factor of live) denominator *= factor.d;
  if (foldMax === live.length && folds.every((fold) => fold >= foldMax)) {
    let numerator = 1n;
    for (const factor of live) numerator *= factor.n;
    return rational(numerator, denominator);
  }
  const coefficients = coefficientsOf(live, foldMax);
  let numerator = 0n;
  for (const fold of folds) numerator += coefficients[fold] ?? 0n;
  return rational(numerator, denominator);
}

function coefficientsOf(factors: readonly Rational[], degreeMax: number): readonly bigint[] {
  const coefficients = [1n];
  for (const { n, d } of factors) {
    // From the top down, so that each step still reads the coefficients of before this factor.
    for (let degree = Math.min(coefficients.length, degreeMax); degree >= 0; degree -= 1) {
      coefficients[degree] = (coefficients[degree] ?? 0n) * d + (coefficients[degree - 1] ?? 0n) * n;
    }
  }
  return coefficients;
}
