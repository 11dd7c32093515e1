// What a slip costs and can return, at placement: the same arithmetic and rounding as its settlement with every leg won.
// Called by the account's decide. Refuses nothing: limits are the caller's.

import { amountMinorMax, assertAmountMinor } from '../values/money.ts';
import { multiply, rational, roundToInteger, type Rational } from '../values/rational.ts';
import { assert } from '../values/unreachable.ts';
import { sumOfLines } from './line-sums.ts';
import { ruleSet } from './rule-sets.ts';
import { boundedMinor } from './settle.ts';
import { lineCount, type BetShape } from './slip.ts';

export type SlipToQuote = {
  readonly unitStakeMinor: number;
  readonly shape: BetShape;
  readonly legs: readonly { readonly odds: Rational }[];
  readonly ruleSet: string;
  readonly currency: string;
};

/** Both amounts stop at 2^53 - 1: a stake or return that large or larger must be refused by a limit below it. */
export type Quote = { readonly lineCount: number; readonly stakeMinor: number; readonly returnMaxMinor: number };

export function quoteBet(slip: SlipToQuote): Quote {
  const { unitStakeMinor, shape, legs } = slip;
  assertAmountMinor(unitStakeMinor);
  assert(unitStakeMinor > 0, 'a unit stake is above zero');
  const lines = lineCount(shape, legs.length);
  const returned = multiply(rational(BigInt(unitStakeMinor)), sumOfLines(shape, legs.map((leg) => leg.odds)));
  return {
    lineCount: lines,
    stakeMinor: Math.min(unitStakeMinor * lines, amountMinorMax),
    returnMaxMinor: boundedMinor(roundToInteger(returned, ruleSet(slip.ruleSet).rounding)),
  };
}
