import { describe, expect, test } from 'vitest';

import { add, formatDecimal, formatRational, multiply, one, rational, subtract, zero } from '../values/rational.ts';
import { legResultFromScore, scoredKinds, selectionsOf } from './market-kinds.ts';
import { classProbabilities, impliedProbabilities, outcomeClasses, type OutcomeClass } from './outcome-classes.ts';
import { legFactor } from './testing-terms.ts';

test('a match result has a class per selection', () => {
  expect(outcomeClasses('match-result', null)).toEqual([
    { key: 'home', measure: 'winner', from: null, to: null, results: { home: 'won', draw: 'lost', away: 'lost' } },
    { key: 'draw', measure: 'winner', from: null, to: null, results: { home: 'lost', draw: 'won', away: 'lost' } },
    { key: 'away', measure: 'winner', from: null, to: null, results: { home: 'lost', draw: 'lost', away: 'won' } },
  ]);
});

test('a half line has two classes, a whole or quarter line one more between them', () => {
  expect(outcomeClasses('total-goals', '2.5')).toEqual([
    { key: 'atMost2', measure: 'total-goals', from: null, to: 2, results: { over: 'lost', under: 'won' } },
    { key: 'atLeast3', measure: 'total-goals', from: 3, to: null, results: { over: 'won', under: 'lost' } },
  ]);
  expect(outcomeClasses('total-goals', '2.25')).toEqual([
    { key: 'atMost1', measure: 'total-goals', from: null, to: 1, results: { over: 'lost', under: 'won' } },
    { key: 'exactly2', measure: 'total-goals', from: 2, to: 2, results: { over: 'half_lost', under: 'half_won' } },
    { key: 'atLeast3', measure: 'total-goals', from: 3, to: null, results: { over: 'won', under: 'lost' } },
  ]);
  expect(outcomeClasses('asian-handicap', '-0.75')).toEqual([
    { key: 'atMost0', measure: 'goal-difference', from: null, to: 0, results: { home: 'lost', away: 'won' } },
    { key: 'exactly1', measure: 'goal-difference', from: 1, to: 1, results: { home: 'half_won', away: 'half_lost' } },
    { key: 'atLeast2', measure: 'goal-difference', from: 2, to: null, results: { home: 'won', away: 'lost' } },
  ]);
  expect(outcomeClasses('asian-handicap', '2').map(({ key }) => key)).toEqual(['atMost-3', 'exactly-2', 'atLeast-1']);
});

function classOf(classes: readonly OutcomeClass[], home: number, away: number): OutcomeClass[] {
  const winner = home > away ? 'home' : home < away ? 'away' : 'draw';
  return classes.filter(({ key, measure, from, to }) => {
    if (measure === 'winner') return key === winner;
    const counted = measure === 'total-goals' ? home + away : home - away;
    return counted >= (from ?? -Infinity) && counted <= (to ?? Infinity);
  });
}

test.each(scoredKinds)('%s: each score is in one class, which has its results', (kind) => {
  const quarters = { 'match-result': [0, 0], 'total-goals': [2, 24], 'asian-handicap': [-24, 24] }[kind];
  for (let quarter = quarters[0] ?? 0; quarter <= (quarters[1] ?? 0); quarter += 1) {
    const line = kind === 'match-result' ? null : `${quarter / 4}`;
    const classes = outcomeClasses(kind, line);
    for (let score = 0; score < 100; score += 1) {
      const [home, away] = [Math.floor(score / 10), score % 10];
      const resultOf = (selection: string) => legResultFromScore(kind, line, selection, { home, away });
      const results = Object.fromEntries(selectionsOf(kind).map((selection) => [selection, resultOf(selection)]));
      expect(classOf(classes, home, away).map((outcomeClass) => outcomeClass.results)).toEqual([results]);
    }
  }
});

describe('probabilities', () => {
  test('are the inverse odds without the margin', () => {
    expect(impliedProbabilities([rational(2n), rational(4n), rational(4n)]).map(formatDecimal)).toEqual(['0.5', '0.25', '0.25']);
    expect(impliedProbabilities([rational(19n, 10n), rational(19n, 10n)]).map(formatDecimal)).toEqual(['0.5', '0.5']);
    expect(impliedProbabilities([rational(3n, 2n), rational(5n, 2n)]).map(formatDecimal)).toEqual(['0.625', '0.375']);
  });

  test('of classes follow the selection that wins outright, whatever the order of the odds', () => {
    const odds = { away: rational(5n, 2n), home: rational(3n, 2n) };
    expect(classProbabilities(outcomeClasses('asian-handicap', '-0.75'), odds).map(formatDecimal)).toEqual(['0.375', '0', '0.625']);
    expect(classProbabilities(outcomeClasses('asian-handicap', '-0.5'), odds).map(formatDecimal)).toEqual(['0.375', '0.625']);
  });

  // What the comment on classProbabilities says of a middle class of any probability m.
  test.each(['2', '2.25', '2.75'])('on the line %s fair odds are fair for every probability of the middle class', (line) => {
    const over = rational(5n, 2n);
    const under = rational(5n, 3n);
    const [pOver = zero] = impliedProbabilities([over, under]);
    const [below, middle, above] = outcomeClasses('total-goals', line);
    for (const m of [zero, rational(1n, 10n), rational(1n, 4n)]) {
      // The outer probability that makes a bet on `over` fair, then the rest for `under`.
      const factor = legFactor(formatRational(over), middle?.results['over'] ?? 'void');
      const pAbove = multiply(pOver, subtract(one, multiply(m, factor)));
      const pBelow = subtract(subtract(one, m), pAbove);
      const factors = [below, middle, above].map((outcomeClass) => legFactor(formatRational(under), outcomeClass?.results['under'] ?? 'void'));
      const expected = [pBelow, m, pAbove].map((p, index) => multiply(p, factors[index] ?? zero)).reduce(add, zero);
      expect(expected).toEqual(one);
    }
  });
});
