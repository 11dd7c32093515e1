// What a bet returns under its terms: the order of operations from the lines' sum to the rounded amount, and the state. Called by
// settle.ts, quote.ts, explanation.ts and the tools. Pure: never looks at anything but its arguments, so a replay is bit-identical.

import { add, equals, max, min, multiply, rational, roundToInteger, subtract, zero, type Rational } from '../values/rational.ts';
import { bonusesOf, type Bonus } from './bonuses.ts';
import { builderState } from './builder.ts';
import { isAbove, none, reduced, times, whole, type Fraction } from './fractions.ts';
import { isOpen, legOf, type Leg, type LegOutcomeTerms, type OpenAs, type Part, type ResultName } from './legs.ts';
import { baseUnits, bestPrice, carriedLines, partViews, struckPrice } from './line-amounts.ts';
import { hasOpenLine, sumOfPlan } from './plan-sums.ts';
import { isProblem, isStakeWithinLimit, minorOf, prepareBet, problem, type BetTerms, type PreparedBet, type TermsProblem } from './terms.ts';

/**
 * `open`: a line that can still return has an open leg. `lost`: decided, returns nothing. `void`: decided, every leg of every line void
 * and none a push. `returned`: decided, all else, a push included.
 */
export type BetState = 'open' | 'lost' | 'returned' | 'void';

/** Amounts are in minor units, exact; those of `payout` before its one rounding. */
export type Payout = {
  readonly base: Rational;
  readonly topUp: Rational;
  readonly bonuses: readonly Bonus[];
  readonly bonus: Rational;
  readonly uncapped: Rational;
  readonly capped: Rational;
  readonly rounded: Rational;
};

/** While open, `payout` is what is certain: open legs taken as lost, no bonus. */
export type BetSettlement = {
  readonly state: BetState;
  readonly payout: Payout;
  /** Rounded, open legs taken as won; null while a starting price is missing. The rounded payout when decided. */
  readonly returnMax: Rational | null;
};

export type BetQuote = { readonly lines: number; readonly stakeMinor: number; readonly returnMax: Rational | null };

export function quote(terms: BetTerms): BetQuote | TermsProblem {
  const bet = prepareBet(terms);
  if (isProblem(bet)) return bet;
  const isStake = isStakeWithinLimit(terms.unitStakeMinor, bet.lines);
  if (!isStake) return problem('STAKE_INVALID', '/unitStake', 'a stake is above 0 and at most 2^53 - 1 minor units');
  const most = mostPayout(bet, terms.unitStakeMinor, terms.legs.map((leg) => legOf(leg, { result: 'open' })));
  return { lines: bet.lines, stakeMinor: terms.unitStakeMinor * bet.lines, returnMax: most?.rounded ?? null };
}

/** One outcome per leg, in the order of the legs. */
export function settle(terms: BetTerms, outcomes: readonly LegOutcomeTerms[]): BetSettlement | TermsProblem {
  const bet = prepareBet(terms);
  if (isProblem(bet)) return bet;
  const missing = outcomesProblem(bet, outcomes);
  return missing ?? settlePrepared(bet, terms.unitStakeMinor, legsOf(bet, outcomes));
}

export function legsOf(bet: PreparedBet, outcomes: readonly LegOutcomeTerms[]): readonly Leg[] {
  return bet.terms.legs.map((leg, index) => legOf(leg, outcomes[index] ?? { result: 'open' }));
}

const paidOnWin: ReadonlySet<ResultName> = new Set(['won', 'half_won']);
const paidOnPlace: ReadonlySet<ResultName> = new Set([...paidOnWin, 'placed']);

/** A leg at the starting price that has paid needs that price. */
export function outcomesProblem(bet: PreparedBet, outcomes: readonly LegOutcomeTerms[]): TermsProblem | undefined {
  for (const [index, leg] of legsOf(bet, outcomes).entries()) {
    if (leg.price !== undefined) continue;
    if (playedParts(bet).some((part) => (part === 'win' ? paidOnWin : paidOnPlace).has(part === 'win' ? leg.result : leg.placeResult))) {
      return problem('RESULT_INVALID', `/legs/${index}/startingOdds`, 'a leg at the starting price that has paid needs startingOdds');
    }
  }
  return undefined;
}

export function settlePrepared(bet: PreparedBet, unitStakeMinor: number, legs: readonly Leg[]): BetSettlement {
  const unit = rational(BigInt(unitStakeMinor));
  const state = undecided(bet, legs);
  const payout = payoutOf(bet, unit, legs, 'lost', { isOpen: state === 'open', isVoid: state === 'void' });
  if (state === 'open') return { state, payout, returnMax: mostPayout(bet, unitStakeMinor, legs)?.rounded ?? null };
  const decided = state === 'void' ? 'void' : payout.uncapped.n === 0n ? 'lost' : 'returned';
  return { state: decided, payout, returnMax: payout.rounded };
}

function playedParts(bet: PreparedBet): readonly Part[] {
  if (bet.rules.placeOnly) return ['place'];
  return bet.terms.eachWay ? ['win', 'place'] : ['win'];
}

/** What a bet pays with its open legs won; undefined while a starting price is missing. */
export function mostPayout(bet: PreparedBet, unitStakeMinor: number, legs: readonly Leg[]): Payout | undefined {
  if (legs.some((leg) => leg.price === undefined && playedParts(bet).some((part) => isOpen(leg, part)))) return undefined;
  return payoutOf(bet, rational(BigInt(unitStakeMinor)), legs, 'won', { isOpen: false, isVoid: false });
}

/** Steps 5 to 10 of the rules: base, best odds, bonus, uncapped, cap, rounding. A void bet is never capped. */
function payoutOf(bet: PreparedBet, unit: Rational, legs: readonly Leg[], openAs: OpenAs, is: { isOpen: boolean; isVoid: boolean }): Payout {
  const { rules } = bet;
  const inMinor = (units: Fraction): Rational => reduced(times(unit, units));
  const base = inMinor(baseUnits(bet, legs, openAs, struckPrice));
  const topUp = rules.bestOddsGuaranteed ? topUpOf(bet, base, legs, openAs, inMinor) : zero;
  const bonuses = is.isOpen ? [] : bonusesOf(bet, legs);
  const promised = bonuses.length === 0 ? zero : inMinor(bonuses.map(({ units }) => units).reduce(add));
  const bonus = rules.bonusMax === undefined ? promised : min(promised, minorOf(bet, rules.bonusMax));
  const extra = add(topUp, bonus);
  const uncapped = extra.n === 0n ? base : add(base, extra);
  const cap = rules.returnCap === undefined || is.isVoid ? undefined : minorOf(bet, rules.returnCap);
  const capped = cap === undefined ? uncapped : min(uncapped, cap);
  if (rules.roundPer === 'bet') return { base, topUp, bonuses, bonus, uncapped, capped, rounded: roundAmount(bet, capped) };
  const roundedLines = reduced(baseUnits(bet, legs, openAs, struckPrice, (units) => roundAmount(bet, inMinor(units))));
  const total = add(roundedLines, extra);
  return { base, topUp, bonuses, bonus, uncapped, capped, rounded: roundAmount(bet, cap === undefined ? total : min(total, cap)) };
}

/** The same sum at the better of the two prices of each leg. A bet builder has one price, which has no starting price. */
function topUpOf(bet: PreparedBet, base: Rational, legs: readonly Leg[], openAs: OpenAs, inMinor: (units: Fraction) => Rational): Rational {
  if (bet.builder !== undefined || legs.every(({ price, bestPrice: best }) => price === best)) return zero;
  const better = max(zero, subtract(inMinor(baseUnits(bet, legs, openAs, bestPrice)), base));
  return bet.rules.bestOddsTopUpMax === undefined ? better : min(better, minorOf(bet, bet.rules.bestOddsTopUpMax));
}

/** To a multiple of the smallest amount that is paid. */
export function roundAmount(bet: PreparedBet, amount: Rational): Rational {
  const { rounding, roundTo } = bet.rules;
  if (roundTo === undefined) return rational(roundToInteger(amount, rounding));
  const step = minorOf(bet, roundTo);
  return multiply(rational(roundToInteger(rational(amount.n * step.d, amount.d * step.n), rounding)), step);
}

function undecided(bet: PreparedBet, legs: readonly Leg[]): 'open' | 'void' | 'decided' {
  if (bet.builder !== undefined) return builderState(bet.builder, legs);
  if (hasOpen(bet, legs)) return 'open';
  return isEveryLineVoid(bet, legs) ? 'void' : 'decided';
}

/** A plain line part that has lost is decided, whatever is open. An any-to-come line is as long as its open legs can still change it. */
function hasOpen(bet: PreparedBet, legs: readonly Leg[]): boolean {
  if (!legs.some((leg) => leg.result === 'open' || leg.placeResult === 'open')) return false;
  const certain = carriedLines(bet, legs, 'lost');
  const possible = carriedLines(bet, legs, 'won');
  if (certain.some(({ units }, index) => isAbove(possible[index]?.units ?? none, units))) return true;
  return partViews(bet, legs, 'won').some(({ part, factors }) => {
    const isOpenIn = (index: number): boolean => {
      const leg = legs[index];
      return leg !== undefined && ((part !== 'place' && isOpen(leg, 'win')) || (part !== 'win' && isOpen(leg, 'place')));
    };
    return hasOpenLine(bet.plan, (index) => factors[index]?.n !== 0n, isOpenIn, legs.length);
  });
}

function isEveryLineVoid({ plan }: PreparedBet, legs: readonly Leg[]): boolean {
  const voids = legs.map(({ result }): Fraction => (result === 'void' ? whole : none));
  if (voids.every(({ n }) => n === 1n)) return true;
  if (voids.every(({ n }) => n === 0n)) return false;
  const isVoid = (leg: number): boolean => voids[leg]?.n === 1n;
  if (!plan.carries.every(({ first, rest }) => isVoid(first) && rest.every(isVoid))) return false;
  return equals(reduced(sumOfPlan(plan, voids)), rational(BigInt(plan.lineCount - plan.carries.length)));
}

