// The outcomes of a market that bets can tell apart, and how likely current odds make them. Called by the market-liability read
// model: what each class would pay, the worst of them, and the expectation. Exact; decides no bet.

import { add, divide, one, zero, type Rational } from '../values/rational.ts';
import { assert, unreachable } from '../values/unreachable.ts';
import { legResultFromScore, lineQuarters, selectionsOf, type MarketKind } from './market-kinds.ts';
import type { LegResult } from './slip.ts';

/**
 * Scores that give every selection the same result. `measure` says what `from` and `to` bound, both inclusive, null = without end:
 * total goals, or the goal difference home minus away. The classes of a match result or winner are its selections.
 */
export type OutcomeClass = {
  readonly key: string;
  readonly measure: 'winner' | 'total-goals' | 'goal-difference';
  readonly from: number | null;
  readonly to: number | null;
  readonly results: Readonly<Record<string, LegResult>>;
};

/**
 * The classes of a market in order, at most three where it is decided by a score; together they hold every score once. `named`: the
 * selections of a market that names its own.
 */
export function outcomeClasses(kind: MarketKind, line: string | null, named: readonly string[] = []): readonly OutcomeClass[] {
  switch (kind) {
    case 'match-result':
      return classesByWinner(selectionsOf(kind));
    case 'winner':
      return classesByWinner(named);
    case 'total-goals':
      return classesAround(kind, line, 'total-goals', lineQuarters(kind, line) / 4);
    case 'asian-handicap':
      return classesAround(kind, line, 'goal-difference', -lineQuarters(kind, line) / 4);
    default:
      return unreachable(kind);
  }
}

function classesByWinner(selections: readonly string[]): readonly OutcomeClass[] {
  return selections.map((winner) => {
    const results = Object.fromEntries(selections.map((selection) => [selection, selection === winner ? ('won' as const) : ('lost' as const)]));
    return { key: winner, measure: 'winner', from: null, to: null, results };
  });
}

/**
 * Only a count less than half a goal from `threshold` (a whole or quarter line) is neither won nor lost outright: at most one
 * class in the middle. On a half line the two outer classes meet.
 */
function classesAround(
  kind: 'total-goals' | 'asian-handicap',
  line: string | null,
  measure: 'total-goals' | 'goal-difference',
  threshold: number,
): readonly OutcomeClass[] {
  const below = Math.floor(threshold - 0.5);
  const above = Math.ceil(threshold + 0.5);
  const outcomeClass = (key: string, from: number | null, to: number | null, count: number): OutcomeClass => {
    // A total or difference of `count`, as the simplest score that has it.
    const score = { home: Math.max(0, count), away: Math.max(0, -count) };
    const results = resultsOf(kind, (selection) => legResultFromScore(kind, line, selection, score));
    return { key, measure, from, to, results };
  };
  const middle = above - below === 2 ? [outcomeClass(`exactly${below + 1}`, below + 1, below + 1, below + 1)] : [];
  return [outcomeClass(`atMost${below}`, null, below, below), ...middle, outcomeClass(`atLeast${above}`, above, null, above)];
}

/** Probabilities without the margin, proportionally: 1/odds over the sum of all 1/odds. In the order given; they add up to 1. */
export function impliedProbabilities(odds: readonly Rational[]): readonly Rational[] {
  assert(odds.length > 0, 'a market has selections');
  const inverses = odds.map((price) => divide(one, price));
  const sum = inverses.reduce(add, zero);
  return inverses.map((inverse) => divide(inverse, sum));
}

/**
 * The probability of each class, in the order of `classes`: a class in which a selection wins outright has that selection's
 * implied probability. A class in the middle (push, half won against half lost) has 0: two odds fix two probabilities, and those
 * of a whole or quarter line say nothing of the push. This is one exact reading of such odds among many: for ANY probability m of
 * the middle there are outer probabilities at which the odds without margin are fair, and this takes m = 0. A bet at exactly those
 * odds is expected to win the house nothing under all of them; the expectation of other bets is overstated in size where m > 0.
 */
export function classProbabilities(classes: readonly OutcomeClass[], odds: Readonly<Record<string, Rational>>): readonly Rational[] {
  const selections = Object.keys(odds);
  const implied = impliedProbabilities(Object.values(odds));
  return classes.map((outcomeClass) => {
    const winner = selections.findIndex((selection) => outcomeClass.results[selection] === 'won');
    return implied[winner] ?? zero;
  });
}

function resultsOf(kind: 'total-goals' | 'asian-handicap', resultOf: (selection: string) => LegResult): Readonly<Record<string, LegResult>> {
  return Object.fromEntries(selectionsOf(kind).map((selection) => [selection, resultOf(selection)]));
}
