// What a slip of the server costs and can return, at placement: the same arithmetic and rounding as its settlement with every leg won.
// Called by the account's decide. Says what terms make no bet; limits are the caller's.

import { amountMinorMax, assertAmountMinor } from '../values/money.ts';
import { rational } from '../values/rational.ts';
import { assert } from '../values/unreachable.ts';
import { boundedMinor, legToSettle, prepareStruck, wholeMinor, type StruckBet } from './settle.ts';
import { mostPayout, roundAmount } from './settlement.ts';
import { isProblem, nearestTotals, problem, type PreparedBet, type TermsProblem } from './terms.ts';

/** The stake of each line, or of all of them together. */
export type SlipToQuote = StruckBet & ({ readonly unitStakeMinor: number } | { readonly totalStakeMinor: number });

/** Amounts stop at 2^53 - 1: a stake or return that large or larger must be refused by a limit below it. */
export type Quote = {
  readonly lineCount: number;
  readonly unitStakeMinor: number;
  readonly stakeMinor: number;
  /** What is paid at most. */
  readonly returnMaxMinor: number;
  /** The same before any cap of the rules on returns. */
  readonly uncappedReturnMaxMinor: number;
};

export function quoteBet(slip: SlipToQuote): Quote | TermsProblem {
  const bet = prepareStruck(slip);
  if (isProblem(bet)) return bet;
  const unitStakeMinor = 'unitStakeMinor' in slip ? slip.unitStakeMinor : slip.totalStakeMinor / bet.lines;
  if (!Number.isInteger(unitStakeMinor) && 'totalStakeMinor' in slip) return indivisible(slip.totalStakeMinor, bet);
  assertAmountMinor(unitStakeMinor);
  assert(unitStakeMinor > 0, 'a unit stake is above zero');
  const most = mostPayout(bet, unitStakeMinor, slip.legs.map(openLeg));
  assert(most !== undefined, 'the odds of a slip are known');
  const { rounded, uncapped, capped } = most;
  const returnMaxMinor = boundedMinor(wholeMinor(rounded));
  return {
    lineCount: bet.lines,
    unitStakeMinor,
    stakeMinor: Math.min(unitStakeMinor * bet.lines, amountMinorMax),
    returnMaxMinor,
    uncappedReturnMaxMinor: uncapped === capped ? returnMaxMinor : boundedMinor(wholeMinor(roundAmount(bet, uncapped))),
  };
}

function indivisible(totalStakeMinor: number, bet: PreparedBet): TermsProblem {
  const nearestTotalsMinor = nearestTotals(rational(BigInt(totalStakeMinor)), bet.lines).map(boundedMinor);
  const detail = `${totalStakeMinor} does not divide by ${bet.lines} lines; the nearest totals that do: ${nearestTotalsMinor.join(' and ')}`;
  return { ...problem('STAKE_INDIVISIBLE', '/totalStake', detail), nearestTotalsMinor };
}

function openLeg(leg: StruckBet['legs'][number]) {
  return legToSettle({ ...leg, result: 'open' });
}
