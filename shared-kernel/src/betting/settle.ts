// What one bet returns, from its legs' accepted odds and results: exact until the one rounding at the end. Called by the account's
// decide and by tools. Pure; never looks at anything but its argument, so a replay is bit-identical.

import { amountMinorMax, amountMinorOf } from '../values/money.ts';
import { multiply, one, rational, roundToInteger, zero, type Rational } from '../values/rational.ts';
import { assert, unreachable } from '../values/unreachable.ts';
import { hasOpenLine, sumOfLines } from './line-sums.ts';
import { ruleSet } from './rule-sets.ts';
import { isShapeOf, type BetShape, type LegOutcome } from './slip.ts';

export type BetToSettle = {
  readonly unitStakeMinor: number;
  readonly shape: BetShape;
  readonly legs: readonly { readonly odds: Rational; readonly result: LegOutcome }[];
  /** Name and version, as the bet was struck. */
  readonly ruleSet: string;
  readonly currency: string;
};

/**
 * `open`: a line that can still return has an open leg. `lost`: decided, returns nothing. `void`: decided, every leg void and none
 * a push. `returned`: decided, all else, a push included.
 */
export type BetState = 'open' | 'lost' | 'returned' | 'void';

/** While open, the returns count what is certain already (open legs taken as lost); `returnMaxMinor` takes them as won. */
export type Settlement = {
  readonly state: BetState;
  readonly decided: boolean;
  /** In minor units, before rounding. */
  readonly returnExact: Rational;
  readonly returnMinor: number;
  /** Rounded; at most 2^53 - 1, whatever the odds. Equals `returnMinor` when decided. */
  readonly returnMaxMinor: number;
};

const half = rational(1n, 2n);

export function settleBet(bet: BetToSettle): Settlement {
  const { legs, shape } = bet;
  assert(isShapeOf(shape, legs.length), 'the shape fits the number of legs');
  const { rounding } = ruleSet(bet.ruleSet);
  const unit = rational(BigInt(bet.unitStakeMinor));
  const openCount = count(legs, 'open');
  const open = openCount > 0 && hasOpenLine(shape, legs.length - count(legs, 'lost'), openCount);
  const returnExact = multiply(unit, sumOfLines(shape, legs.map((leg) => legFactor(leg.odds, leg.result))));
  const returnMinor = amountMinorOf(roundToInteger(returnExact, rounding));
  if (!open) return { state: decidedState(bet, returnExact), decided: true, returnExact, returnMinor, returnMaxMinor: returnMinor };
  const possible = legs.map((leg) => legFactor(leg.odds, leg.result === 'open' ? 'won' : leg.result));
  const returnMaxMinor = boundedMinor(roundToInteger(multiply(unit, sumOfLines(shape, possible)), rounding));
  return { state: 'open', decided: false, returnExact, returnMinor, returnMaxMinor };
}

/** What a leg multiplies its lines by. Half of a half won or half lost stake stands on a push. */
export function legFactor(odds: Rational, result: LegOutcome): Rational {
  switch (result) {
    case 'won':
      return odds;
    case 'half_won':
      return rational(odds.n + odds.d, 2n * odds.d);
    case 'push':
    case 'void':
      return one;
    case 'half_lost':
      return half;
    case 'lost':
    case 'open':
      return zero;
    default:
      return unreachable(result);
  }
}

/** An amount that may be beyond every limit: then it is 2^53 - 1, which no limit on returns reaches. */
export function boundedMinor(amount: bigint): number {
  return amount > BigInt(amountMinorMax) ? amountMinorMax : Number(amount);
}

/** A leg that has lost is in no line that still lives, so legs are counted, whatever lines they are in. */
function decidedState(bet: BetToSettle, returnExact: Rational): BetState {
  if (returnExact.n === 0n) return 'lost';
  return count(bet.legs, 'void') === bet.legs.length ? 'void' : 'returned';
}

function count(legs: BetToSettle['legs'], result: LegOutcome): number {
  let found = 0;
  for (const leg of legs) if (leg.result === result) found += 1;
  return found;
}
