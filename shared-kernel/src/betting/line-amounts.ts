// What the lines of a bet return, added up or one by one, per unit stake. Called by settlement.ts and explanation.ts. Lines are listed only
// where the sum of their returns is not the return of their sum: rounding per line, and free bets with a factor below 1.

import { builderFactor } from './builder.ts';
import { carriedAmount, carriedEachWay, type AmountPart, type LineAmount } from './carry.ts';
import { isAbove, none, plus, reduced, times, whole, type Fraction } from './fractions.ts';
import { partFactor, type Leg, type OpenAs } from './legs.ts';
import { visitProducts } from './plan-lines.ts';
import { sumOfPlan } from './plan-sums.ts';
import type { Plan } from './plan.ts';
import type { PreparedBet } from './terms.ts';

/** One view per part that lines are played in; `both` = a line of an equally divided each-way bet, which has two stakes. */
export type PartView = { readonly part: AmountPart; readonly factors: readonly Fraction[]; readonly stakes: 1 | 2 };

export type PriceOf = (leg: Leg) => Leg['price'];
export const struckPrice: PriceOf = (leg) => leg.price;
export const bestPrice: PriceOf = (leg) => leg.bestPrice;

export function partViews(bet: PreparedBet, legs: readonly Leg[], openAs: OpenAs, priceOf: PriceOf = struckPrice): readonly PartView[] {
  const { eachWay } = bet.terms;
  if (bet.builder !== undefined) return [];
  const placeFactors = (): readonly Fraction[] => legs.map((leg) => partFactor(leg, 'place', priceOf(leg), openAs));
  if (bet.rules.placeOnly) return [{ part: 'place', factors: placeFactors(), stakes: 1 }];
  const win = legs.map((leg) => partFactor(leg, 'win', priceOf(leg), openAs));
  if (!eachWay) return [{ part: 'win', factors: win, stakes: 1 }];
  const place = placeFactors();
  if (bet.rules.eachWayFormula === 'win-place') return [{ part: 'win', factors: win, stakes: 1 }, { part: 'place', factors: place, stakes: 1 }];
  const halves = win.map((factor, leg) => times(plus(factor, place[leg] ?? none), { n: 1n, d: 2n }));
  return [{ part: 'both', factors: halves, stakes: 2 }];
}

/** Any-to-come lines one by one: there are few of them, and what they carry depends on each. */
export function carriedLines(bet: PreparedBet, legs: readonly Leg[], openAs: OpenAs, priceOf: PriceOf = struckPrice): readonly LineAmount[] {
  const { plan, rules, terms } = bet;
  if (plan.carries.length === 0) return [];
  const factors = (part: 'win' | 'place'): readonly Fraction[] => legs.map((leg) => partFactor(leg, part, priceOf(leg), openAs));
  if (!terms.eachWay) {
    const part = rules.placeOnly ? 'place' : 'win';
    const played = factors(part);
    return plan.carries.map((carry) => carriedAmount(carry, played, part));
  }
  const [win, place] = [factors('win'), factors('place')];
  return plan.carries.flatMap((carry) => carriedEachWay(carry, win, place, rules.anyToComeEachWay));
}

/** The one line of a bet builder. */
export function builderLine(bet: PreparedBet, legs: readonly Leg[], openAs: OpenAs): readonly LineAmount[] {
  if (bet.builder === undefined) return [];
  return [{ legs: legs.map((_, index) => index), part: 'win', units: builderFactor(bet.builder, legs, openAs), stakes: 1, times: 1 }];
}

/** What a line pays of what it returns: a free bet keeps its stake. */
export function paidUnits(bet: PreparedBet, units: Fraction, stakes: 1 | 2): Fraction {
  if (bet.terms.freeBet !== 'stake-not-returned') return units;
  const stake: Fraction = { n: BigInt(stakes), d: 1n };
  return isAbove(units, stake) ? plus(units, { n: -stake.n, d: 1n }) : none;
}

/**
 * The sum of all lines in units, `of` applied to what each line pays. Without `of` lines are listed only where they must be: free bets
 * with a factor below 1.
 */
export function baseUnits(bet: PreparedBet, legs: readonly Leg[], openAs: OpenAs, priceOf: PriceOf, of?: (units: Fraction) => Fraction): Fraction {
  let sum = none;
  for (const line of [...builderLine(bet, legs, openAs), ...carriedLines(bet, legs, openAs, priceOf)]) {
    const paid = paidUnits(bet, line.units, line.stakes);
    sum = grown(sum, of === undefined ? paid : of(paid));
  }
  for (const view of partViews(bet, legs, openAs, priceOf)) sum = grown(sum, viewUnits(bet, bet.plan, view, of));
  return sum;
}

/** The lines of a plan, any-to-come lines apart, in one part. */
export function viewUnits(bet: PreparedBet, plan: Plan, view: PartView, of?: (units: Fraction) => Fraction): Fraction {
  const stakes: Fraction = { n: BigInt(view.stakes), d: 1n };
  if (of === undefined && !isListed(bet, view)) return times(summedUnits(bet, plan, view), stakes);
  let sum = none;
  visitProducts(plan, view.factors, (product, count) => {
    const paid = paidUnits(bet, times(product, stakes), view.stakes);
    sum = grown(sum, times(of === undefined ? paid : of(paid), { n: count, d: 1n }));
  });
  return sum;
}

const denominatorMax = 1n << 200n;

/** Lines bring many denominators; what they have in common is taken out before it piles up. */
function grown(sum: Fraction, units: Fraction): Fraction {
  const total = plus(sum, units);
  return total.d > denominatorMax ? reduced(total) : total;
}

function isListed(bet: PreparedBet, view: PartView): boolean {
  return bet.terms.freeBet === 'stake-not-returned' && view.factors.some((factor) => factor.n !== 0n && factor.n < factor.d);
}

/** Where every live factor is 1 or more a live line returns its stake at least: what a free bet keeps is one stake for each. */
function summedUnits(bet: PreparedBet, plan: Plan, { factors }: PartView): Fraction {
  const sum = sumOfPlan(plan, factors);
  if (bet.terms.freeBet !== 'stake-not-returned' || sum.n === 0n) return sum;
  const live = sumOfPlan(plan, factors.map((factor) => (factor.n === 0n ? none : whole)));
  return plus(sum, { n: -live.n, d: live.d });
}
