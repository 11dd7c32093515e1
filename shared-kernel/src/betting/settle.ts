// What one bet of the server returns, from its legs' accepted odds and results: the terms that the server knows (folds, win only) in
// front of settlement.ts. Called by the account's decide, by read models and by tools. Pure.

import { amountMinorMax, amountMinorOf, isCurrency } from '../values/money.ts';
import { rational, zero, type Rational } from '../values/rational.ts';
import { assert } from '../values/unreachable.ts';
import { reduced } from './fractions.ts';
import { partFactor, startingPrice, type Leg } from './legs.ts';
import { settlePrepared, type BetState } from './settlement.ts';
import { isShapeOf, type BetShape, type LegOutcome } from './slip.ts';
import { isProblem, prepareBet, type PreparedBet } from './terms.ts';

export type BetToSettle = {
  readonly unitStakeMinor: number;
  readonly shape: BetShape;
  readonly legs: readonly { readonly odds: Rational; readonly result: LegOutcome }[];
  /** Name and version, as the bet was struck. */
  readonly ruleSet: string;
  readonly currency: string;
};

export type { BetState };

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

export function settleBet(bet: BetToSettle): Settlement {
  const { state, payout, returnMax } = settlePrepared(preparedBet(bet), bet.unitStakeMinor, bet.legs.map(legToSettle));
  const returnMinor = amountMinorOf(wholeMinor(payout.rounded));
  const returnMaxMinor = boundedMinor(wholeMinor(returnMax ?? zero));
  return { state, decided: state !== 'open', returnExact: payout.capped, returnMinor, returnMaxMinor };
}

/** The shape and the rules of a bet; its prices come with its legs. */
export function preparedBet({ shape, legs, ruleSet, currency }: Omit<BetToSettle, 'legs'> & { readonly legs: readonly unknown[] }): PreparedBet {
  assert(isShapeOf(shape, legs.length), 'the shape fits the number of legs');
  assert(isCurrency(currency), 'a bet is in a currency that we know');
  const bet = prepareBet({ currency, eachWay: false, shape, legs: legs.map(() => ({ odds: startingPrice })), ruleSet, rules: {} });
  assert(!isProblem(bet), 'the terms of a bet were checked when it was struck');
  return bet;
}

const one = rational(1n);

export function legToSettle({ odds, result }: BetToSettle['legs'][number]): Leg {
  return {
    result,
    placeResult: result,
    price: odds,
    bestPrice: odds,
    placeFraction: one,
    voidFactor: undefined,
    winDeadHeat: one,
    placeDeadHeat: one,
  };
}

/** What a leg multiplies its lines by. Half of a half won or half lost stake stands on a push. */
export function legFactor(odds: Rational, result: LegOutcome): Rational {
  return reduced(partFactor(legToSettle({ odds, result }), 'win', odds, 'lost'));
}

/** An amount that may be beyond every limit: then it is 2^53 - 1, which no limit on returns reaches. */
export function boundedMinor(amount: bigint): number {
  return amount > BigInt(amountMinorMax) ? amountMinorMax : Number(amount);
}

export function wholeMinor(amount: Rational): bigint {
  assert(amount.d === 1n, 'a rounded amount is a whole number of minor units');
  return amount.n;
}
