// What a slip of the server costs and can return, at placement: the same arithmetic and rounding as its settlement with every leg won.
// Called by the account's decide. Refuses nothing: limits are the caller's.

import { amountMinorMax, assertAmountMinor } from '../values/money.ts';
import { zero, type Rational } from '../values/rational.ts';
import { assert } from '../values/unreachable.ts';
import { boundedMinor, legToSettle, preparedBet, wholeMinor } from './settle.ts';
import { settlePrepared } from './settlement.ts';
import type { BetShape } from './slip.ts';

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
  const { unitStakeMinor } = slip;
  assertAmountMinor(unitStakeMinor);
  assert(unitStakeMinor > 0, 'a unit stake is above zero');
  const bet = preparedBet(slip);
  const { returnMax } = settlePrepared(bet, unitStakeMinor, slip.legs.map(({ odds }) => legToSettle({ odds, result: 'open' })));
  return {
    lineCount: bet.lines,
    stakeMinor: Math.min(unitStakeMinor * bet.lines, amountMinorMax),
    returnMaxMinor: boundedMinor(wholeMinor(returnMax ?? zero)),
  };
}
