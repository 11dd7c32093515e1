// Bonuses on top of what the lines return: for a single winner, for all winners, for long accumulators. Called by settlement.ts once a bet
// is decided. At struck prices after Rule 4, win part only, in unit stakes; amounts and conditions are rule-set data.

import { compare, max, multiply, rational, subtract, add, zero, type Rational } from '../values/rational.ts';
import { carriedAmount } from './carry.ts';
import { plus, reduced, type Fraction } from './fractions.ts';
import { exact, partFactor, type Leg } from './legs.ts';
import { listLines } from './plan-lines.ts';
import { sumOfPlan } from './plan-sums.ts';
import type { Plan } from './plan.ts';
import type { RulesInForce } from './rules.ts';
import type { PreparedBet } from './terms.ts';

export type Bonus = { readonly rule: 'oneWinner' | 'allWinners' | 'accumulatorBoost'; readonly units: Rational };

/** Open legs count as `won`: the caller asks for the bonus of a bet that is decided, or for the most that an open one can pay. */
export function bonusesOf(bet: PreparedBet, legs: readonly Leg[]): readonly Bonus[] {
  const { rules, builder } = bet;
  // Neither has a win part that a bonus is reckoned on.
  if (builder !== undefined || rules.placeOnly) return [];
  const due: Bonus[] = [];
  const isLong = ({ legsMin = 1 }: { readonly legsMin?: number }): boolean => legs.length >= legsMin;
  const single = rules.oneWinner === undefined || !isLong(rules.oneWinner) ? undefined : onlyWinner(bet.plan, legs);
  if (single !== undefined && rules.oneWinner !== undefined) due.push({ rule: 'oneWinner', units: oneWinnerUnits(single, rules.oneWinner) });
  if (rules.allWinners !== undefined && isLong(rules.allWinners) && legs.every(isWon)) {
    due.push({ rule: 'allWinners', units: percentOf(rules.allWinners.percent, winPartProfit(bet.plan, legs)) });
  }
  const boost = rules.accumulatorBoost === undefined ? undefined : boostPercent(bet.plan, legs, rules.accumulatorBoost);
  if (boost !== undefined) due.push({ rule: 'accumulatorBoost', units: percentOf(boost, winPartProfit(bet.plan, legs)) });
  return due.filter(({ units }) => units.n > 0n);
}

function isWon({ result }: Leg): boolean {
  return result === 'won' || result === 'open';
}

/** The one leg that won, where all others lost or were placed and the bet has a single on it. */
function onlyWinner(plan: Plan, legs: readonly Leg[]): Leg | undefined {
  const winners = legs.flatMap((leg, index) => (isWon(leg) ? [index] : []));
  const [winner] = winners;
  if (winner === undefined || winners.length > 1) return undefined;
  if (legs.some((leg, index) => index !== winner && leg.result !== 'lost' && leg.result !== 'placed')) return undefined;
  return hasSingle(plan, winner) ? legs[winner] : undefined;
}

function hasSingle({ covers, lines }: Plan, leg: number): boolean {
  const isIt = (legs: readonly number[]): boolean => legs.length === 1 && legs[0] === leg;
  return lines.some(isIt) || covers.some(({ bankers, folds, items }) => bankers.length === 0 && folds.includes(1) && items.some(isIt));
}

function oneWinnerUnits(leg: Leg, rule: NonNullable<RulesInForce['oneWinner']>): Rational {
  const winnings = leg.price === undefined ? zero : multiply(leg.winDeadHeat, subtract(leg.price, rational(1n)));
  if ('percent' in rule) return percentOf(rule.percent, winnings);
  return multiply(subtract(exact(rule.multiplier), rational(1n)), winnings);
}

/** The highest tier whose folds the accumulator's legs that are not void reach. */
function boostPercent(plan: Plan, legs: readonly Leg[], tiers: NonNullable<RulesInForce['accumulatorBoost']>): string | undefined {
  if (plan.lineCount !== 1 || plan.carries.length > 0) return undefined;
  const [line = []] = listLines(plan);
  if (line.length < 2) return undefined;
  const fold = line.filter((index) => legs[index]?.result !== 'void' && legs[index]?.result !== 'push').length;
  const reached = tiers.filter((tier) => tier.folds <= fold).toSorted((a, b) => b.folds - a.folds || compare(exact(b.percent), exact(a.percent)));
  return reached[0]?.percent;
}

/** Win-part return less win-part stake; a free bet's too, whose stake is not won. An any-to-come line is played win to win. */
function winPartProfit(plan: Plan, legs: readonly Leg[]): Rational {
  const factors = legs.map((leg) => partFactor(leg, 'win', leg.price, 'won'));
  const carried = plan.carries.reduce<Fraction>((sum, carry) => reduced(plus(sum, carriedAmount(carry, factors, 'win').units)), rational(0n));
  const returned = plus(sumOfPlan(plan, factors), carried);
  return reduced(plus(returned, { n: BigInt(-plan.lineCount), d: 1n }));
}

function percentOf(percent: string, amount: Rational): Rational {
  return multiply(multiply(exact(percent), rational(1n, 100n)), max(amount, zero));
}

/** What a bettor's returns of one day are above the daily cap; recomputed after each settlement, never taken from a bet's own return. */
export function withheldOverDailyCap(returns: readonly Rational[], cap: Rational): Rational {
  return max(zero, subtract(returns.reduce(add, zero), cap));
}
