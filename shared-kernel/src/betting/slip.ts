// What a slip is made of: its shape (which combinations of legs are lines) and what a leg can come to.
// Called by quote and settle, and by the edge to name a bet. Says nothing of prices or money.

import { assert, unreachable } from '../values/unreachable.ts';

/** A push is a stake handed back by the rules of the market, a void a leg that never counted; both multiply by 1, and are kept apart. */
export type LegResult = 'won' | 'lost' | 'push' | 'void' | 'half_won' | 'half_lost';
export type LegOutcome = LegResult | 'open';

/**
 * Which combinations of legs are lines. `folds`: every combination of k legs, for each k of `folds` (ascending, each once).
 * Explicit lines, bankers and groups are further members; each `switch` over the type then asks for its case.
 */
export type BetShape = { readonly type: 'folds'; readonly folds: readonly number[] };

export type BetTypeName = 'single' | 'double' | 'treble' | 'accumulator';

export const betTypeNames: readonly BetTypeName[] = ['single', 'double', 'treble', 'accumulator'];

export const legCountMax = 20;

/** The shape of a bet named by its type; undefined when that many legs do not make such a bet. An accumulator has two legs or more. */
export function shapeOf(type: BetTypeName, legCount: number): BetShape | undefined {
  if (!Number.isInteger(legCount) || legCount < 1 || legCount > legCountMax) return undefined;
  switch (type) {
    case 'single':
      return legCount === 1 ? allInOne(1) : undefined;
    case 'double':
      return legCount === 2 ? allInOne(2) : undefined;
    case 'treble':
      return legCount === 3 ? allInOne(3) : undefined;
    case 'accumulator':
      return legCount >= 2 ? allInOne(legCount) : undefined;
    default:
      return unreachable(type);
  }
}

/** The name that people use for a shape; undefined for one that has none. */
export function nameOf(shape: BetShape, legCount: number): BetTypeName | undefined {
  if (shape.folds.length !== 1 || shape.folds[0] !== legCount) return undefined;
  return betTypeNames[Math.min(legCount, betTypeNames.length) - 1];
}

/** Ascending folds, each once, none above the number of legs. A slip that fails this is refused; a recorded bet never does. */
export function isShapeOf(shape: BetShape, legCount: number): boolean {
  if (!Number.isInteger(legCount) || legCount < 1 || legCount > legCountMax || shape.folds.length === 0) return false;
  return shape.folds.every((fold, index) => Number.isInteger(fold) && fold > (shape.folds[index - 1] ?? 0) && fold <= legCount);
}

/** Each line carries one unit stake. */
export function lineCount(shape: BetShape, legCount: number): number {
  assert(isShapeOf(shape, legCount), 'the shape fits the number of legs');
  return shape.folds.reduce((count, fold) => count + combinationCount(legCount, fold), 0);
}

/** n choose k: exact for every n that a slip can have, 0 where k > n. */
export function combinationCount(n: number, k: number): number {
  if (k > n) return 0;
  let count = 1;
  for (let step = 1; step <= k; step += 1) count = (count * (n - k + step)) / step;
  return count;
}

function allInOne(legCount: number): BetShape {
  return { type: 'folds', folds: [legCount] };
}
