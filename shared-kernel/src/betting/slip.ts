// What a leg can come to, and how many combinations legs have. Called by every part of the arithmetic and by whoever names a result.
// Says nothing of prices or money.

/**
 * A push is a stake handed back by the rules of the market, a void a leg that never counted; both multiply by 1, and are kept apart.
 * `placed` loses the win part and wins the place part.
 */
export type LegResult = 'won' | 'placed' | 'lost' | 'push' | 'void' | 'half_won' | 'half_lost';
export type LegOutcome = LegResult | 'open';

/** n choose k: exact for every n that a slip can have, 0 where k > n. */
export function combinationCount(n: number, k: number): number {
  if (k > n) return 0;
  let count = 1;
  for (let step = 1; step <= k; step += 1) count = (count * (n - k + step)) / step;
  return count;
}
