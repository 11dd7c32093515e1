// A bet's terms as plain JSON: shape, legs, rules, stake. What is struck, stored and settled. Called by readers of slips and by whoever
// quotes, settles or explains; `prepareBet` checks what terms must hold and finds the lines. Refuses, never repairs.

import type { ProblemCode } from '../problems.ts';
import { amountMinorMax, currencyExponent, type Currency } from '../values/money.ts';
import { rational, type Rational } from '../values/rational.ts';
import type { Builder } from './builder.ts';
import { exact, startingPrice, type LegTerms } from './legs.ts';
import { planOf, type Plan } from './plan.ts';
import { ruleSet } from './rule-sets.ts';
import { rulesInForce, type Rules, type RulesInForce } from './rules.ts';
import { givenLinesMax, shapeLegsMax, shapeProblem, type Shape } from './shapes.ts';

export type FreeBet = 'stake-not-returned' | 'stake-returned';

export type BetTerms = {
  readonly currency: Currency;
  readonly unitStakeMinor: number;
  readonly eachWay: boolean;
  readonly freeBet?: FreeBet;
  readonly shape: Shape;
  readonly legs: readonly LegTerms[];
  /** Name and version, as the bet was struck; `rules` are the fields that the bet itself agrees differently. */
  readonly ruleSet: string;
  readonly rules: Rules;
};

/** `pointer` is an RFC 6901 pointer into the terms. A total stake that does not divide names the two nearest that do. */
export type TermsProblem = {
  readonly code: ProblemCode;
  readonly pointer: string;
  readonly detail: string;
  readonly nearestTotalsMinor?: readonly number[];
};

export type PreparedBet = {
  readonly terms: Omit<BetTerms, 'unitStakeMinor'>;
  readonly plan: Plan;
  readonly builder: Builder | undefined;
  readonly rules: RulesInForce;
  /** Struck lines, doubled for each-way. */
  readonly lines: number;
  /** Minor units in a major unit. */
  readonly perMajor: bigint;
};

/** Where lines have to be listed (rounding per line, free bets below evens) more than these would hold a settlement up. */
export const listedLinesMax = 262_144;

/** The stake is not looked at, so that a total can be divided by the lines found here. */
export function prepareBet(terms: Omit<BetTerms, 'unitStakeMinor'>): PreparedBet | TermsProblem {
  const { legs, shape } = terms;
  if (legs.length < 1 || legs.length > shapeLegsMax) return problem('LEGS_INVALID', '/legs', `a bet has 1 to ${shapeLegsMax} legs`);
  const wrong = shapeProblem(shape, legs.length);
  if (wrong !== undefined) return problem('BET_TYPE_INVALID', `/bet${wrong.pointer}`, wrong.detail);
  if (shape.type === 'lines' && shape.lines.length > givenLinesMax) {
    return problem('LINES_OVER_LIMIT', '/bet/lines', `at most ${givenLinesMax} lines are given one by one`);
  }
  const rules = rulesInForce(ruleSet(terms.ruleSet), terms.rules);
  if (terms.eachWay && rules.placeOnly) return problem('RULES_INVALID', '/rules/placeOnly', 'a place-only bet is not each-way');
  const builder = shape.type === 'bet-builder' ? builderOf(shape, terms, rules) : undefined;
  if (builder !== undefined && 'code' in builder) return builder;
  const plan = planOf(shape, legs.map(({ fixture }) => fixture));
  const [first, second] = plan.related ?? [];
  if (first !== undefined && second !== undefined && (rules.related === 'refuse' || plan.lineCount === 0)) {
    const detail = plan.lineCount === 0 ? 'every line has two legs of one fixture' : `legs ${first} and ${second} are of one fixture, and in one line`;
    return problem('LEGS_RELATED', `/legs/${second}`, detail);
  }
  const lines = terms.eachWay ? 2 * plan.lineCount : plan.lineCount;
  if (lines > listedLinesMax && (rules.roundPer === 'line' || terms.freeBet === 'stake-not-returned')) {
    const [pointer, why] = rules.roundPer === 'line' ? ['/rules/roundPer', 'rounding per line'] : ['/freeBet', 'a free bet'];
    return problem('LINES_OVER_LIMIT', pointer, `${why} takes at most ${listedLinesMax} lines, and these are ${lines}`);
  }
  return { terms, plan, builder, rules, lines, perMajor: 10n ** BigInt(currencyExponent(terms.currency)) };
}

function builderOf(
  shape: Extract<Shape, { type: 'bet-builder' }>,
  terms: Omit<BetTerms, 'unitStakeMinor'>,
  rules: RulesInForce,
): Builder | TermsProblem {
  if (terms.eachWay) return problem('RULES_INVALID', '/eachWay', 'a bet builder is not each-way');
  if (rules.placeOnly) return problem('RULES_INVALID', '/rules/placeOnly', 'a bet builder has no place part');
  const fixture = terms.legs[0]?.fixture;
  const elsewhere = terms.legs.findIndex((leg) => leg.fixture !== fixture);
  if (elsewhere >= 0) return problem('LEGS_INVALID', `/legs/${elsewhere}/fixture`, 'the legs of a bet builder are of one fixture');
  const unpriced = terms.legs.findIndex(({ odds }) => odds === startingPrice);
  if (unpriced >= 0) return problem('ODDS_INVALID', `/legs/${unpriced}/odds`, 'a bet builder is struck at prices that are known');
  return { combinedOdds: exact(shape.combinedOdds), policy: rules.voidInBuilder, odds: terms.legs.map(({ odds }) => exact(odds)) };
}

export function isProblem<Value extends object>(value: Value | TermsProblem): value is TermsProblem {
  return 'code' in value && 'pointer' in value;
}

/** A stake that makes a total beyond what JSON carries exactly is refused. */
export function isStakeWithinLimit(unitStakeMinor: number, lines: number): boolean {
  return Number.isSafeInteger(unitStakeMinor) && unitStakeMinor > 0 && BigInt(unitStakeMinor) * BigInt(lines) <= BigInt(amountMinorMax);
}

/** The totals of the unit stakes next below and above, in minor units, for a total that does not divide by the lines. */
export function nearestTotals(totalMinor: Rational, lines: number): readonly [bigint, bigint] {
  const count = BigInt(lines);
  const below = (totalMinor.n / (totalMinor.d * count) || 1n) * count;
  return [below, below + count];
}

/** An amount of the rules, which are in major units, in minor units. */
export function minorOf(bet: PreparedBet, major: string): Rational {
  const { n, d } = exact(major);
  return rational(n * bet.perMajor, d);
}

export function problem(code: ProblemCode, pointer: string, detail: string): TermsProblem {
  return { code, pointer, detail };
}
