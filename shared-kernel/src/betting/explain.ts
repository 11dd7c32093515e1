// How a return came about, line by line, for people and tools; apart from settle because a settlement job has no reader for it.
// The amounts add up to the return exactly.

import { formatAmount, isCurrency } from '../values/money.ts';
import { add, formatDecimal, multiply, rational, subtract, zero, type Rational } from '../values/rational.ts';
import { assert, unreachable } from '../values/unreachable.ts';
import { sumOfLines } from './line-sums.ts';
import { ruleSet } from './rule-sets.ts';
import { legFactor, settleBet, type BetToSettle } from './settle.ts';
import { combinationCount, lineCount, type BetShape, type LegOutcome } from './slip.ts';

export type ExplanationStep = {
  readonly step: 'line' | 'rounding';
  /** Zero-based, in the order of the slip. */
  readonly legs: readonly number[];
  readonly part: 'win';
  /** In minor units, exact. */
  readonly amount: Rational;
  readonly text: string;
};

/** Above this many lines there is one step per fold. */
const linesListedMax = 256;

export function explainBet(bet: BetToSettle): readonly ExplanationStep[] {
  const settlement = settleBet(bet);
  const lines = lineCount(bet.shape, bet.legs.length) <= linesListedMax ? eachLine(bet) : eachFold(bet);
  const rounded = subtract(rational(BigInt(settlement.returnMinor)), lines.reduce((sum, line) => add(sum, line.amount), zero));
  if (rounded.n === 0n) return lines;
  const text = `rounded ${ruleSet(bet.ruleSet).rounding} to ${formatDecimal(rational(BigInt(settlement.returnMinor)))} minor units`;
  return [...lines, { step: 'rounding', legs: [], part: 'win', amount: rounded, text }];
}

function eachLine(bet: BetToSettle): readonly ExplanationStep[] {
  return linesOf(bet.shape, bet.legs.length).map((legs) => {
    const chosen = legs.map((index) => legAt(bet, index));
    const factors = chosen.map((leg) => legFactor(leg.odds, leg.result));
    const amount = factors.reduce(multiply, unitStake(bet));
    const text = [stakeText(bet), ...chosen.map((leg, index) => factorText(factors[index] ?? zero, leg.result))].join(' x ');
    return { step: 'line', legs, part: 'win', amount, text };
  });
}

function eachFold(bet: BetToSettle): readonly ExplanationStep[] {
  const factors = bet.legs.map((leg) => legFactor(leg.odds, leg.result));
  const legs = bet.legs.map((_, index) => index);
  return bet.shape.folds.map((fold) => {
    const amount = multiply(unitStake(bet), sumOfLines({ type: 'folds', folds: [fold] }, factors));
    const text = `${combinationCount(legs.length, fold)} lines of ${fold} at ${stakeText(bet)}`;
    return { step: 'line', legs, part: 'win', amount, text };
  });
}

/** Every line as the indices of its legs: short folds first, then in the order of the slip. */
export function linesOf(shape: BetShape, legCount: number): readonly (readonly number[])[] {
  assert(lineCount(shape, legCount) <= linesListedMax, `at most ${linesListedMax} lines are listed`);
  switch (shape.type) {
    case 'folds':
      return shape.folds.flatMap((fold) => combinations(legCount, fold, 0));
    default:
      return unreachable(shape.type);
  }
}

/** As deep as a slip has legs, as long as the number of lines, which the caller has bounded. */
function combinations(legCount: number, size: number, from: number): readonly (readonly number[])[] {
  if (size === 0) return [[]];
  const found: (readonly number[])[] = [];
  for (let first = from; first <= legCount - size; first += 1) {
    for (const rest of combinations(legCount, size - 1, first + 1)) found.push([first, ...rest]);
  }
  return found;
}

function unitStake(bet: BetToSettle): Rational {
  return rational(BigInt(bet.unitStakeMinor));
}

function stakeText(bet: BetToSettle): string {
  assert(isCurrency(bet.currency), 'a bet is in a currency that we know');
  return formatAmount(bet.unitStakeMinor, bet.currency);
}

function factorText(factor: Rational, result: LegOutcome): string {
  return `${formatDecimal(factor)} (${result.replace('_', ' ')})`;
}

function legAt(bet: BetToSettle, index: number): BetToSettle['legs'][number] {
  const leg = bet.legs[index];
  assert(leg !== undefined, 'a line names legs of the bet');
  return leg;
}
