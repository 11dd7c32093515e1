import { describe, expect, test } from 'vitest';

import { add, formatRational, multiply, rational, zero, type Rational } from '../values/rational.ts';
import { formatLine, isLineOf, isQuarterLine, parseLine } from './market-kinds.ts';
import { legResultFromScore, scoredKinds, selectionsOf, type ScoredKind } from './market-kinds.ts';
import { settleBet } from './settle.ts';

describe('examples', () => {
  test.each([
    ['match-result', null, 'home', 2, 1, 'won'],
    ['match-result', null, 'draw', 2, 1, 'lost'],
    ['match-result', null, 'draw', 0, 0, 'won'],
    ['match-result', null, 'away', 0, 3, 'won'],
    ['total-goals', '2.5', 'over', 2, 1, 'won'],
    ['total-goals', '2.5', 'under', 2, 1, 'lost'],
    ['total-goals', '3', 'over', 2, 1, 'push'],
    ['total-goals', '2.75', 'over', 2, 1, 'half_won'],
    ['total-goals', '2.75', 'under', 2, 1, 'half_lost'],
    ['total-goals', '2.25', 'over', 1, 1, 'half_lost'],
    ['total-goals', '2.25', 'under', 1, 1, 'half_won'],
    ['asian-handicap', '-0.75', 'home', 1, 0, 'half_won'],
    ['asian-handicap', '-0.75', 'away', 1, 0, 'half_lost'],
    ['asian-handicap', '-0.75', 'home', 2, 0, 'won'],
    ['asian-handicap', '-0.75', 'home', 0, 0, 'lost'],
    ['asian-handicap', '0.25', 'home', 0, 0, 'half_won'],
    ['asian-handicap', '0.25', 'away', 0, 0, 'half_lost'],
    ['asian-handicap', '0', 'away', 1, 1, 'push'],
    ['asian-handicap', '1', 'away', 0, 1, 'push'],
    ['asian-handicap', '1.5', 'away', 0, 1, 'lost'],
    ['asian-handicap', '-2', 'away', 3, 1, 'push'],
  ] as const)('%s %s, %s at %i-%i is %s', (kind, line, selection, home, away, result) => {
    expect(legResultFromScore(kind, line, selection, { home, away })).toBe(result);
  });
});

/** The bookmaker's own words: half of the stake on each neighbouring line, each half won, handed back or lost. */
function returnOfHalves(kind: ScoredKind, line: number, selection: string, home: number, away: number, odds: Rational): Rational {
  const lines = Number.isInteger(line * 2) ? [line, line] : [line - 0.25, line + 0.25];
  const half = rational(50n);
  let returned = zero;
  for (const each of lines) {
    const homeSide = kind === 'total-goals' ? home + away - each : home + each - away;
    const own = selection === 'over' || selection === 'home' ? homeSide : -homeSide;
    if (own > 0) returned = add(returned, multiply(half, odds));
    if (own === 0) returned = add(returned, half);
  }
  return returned;
}

test.each(['total-goals', 'asian-handicap'] as const)('%s: a line pays what two half stakes on the neighbouring lines pay', (kind) => {
  const odds = rational(193n, 100n);
  let cases = 0;
  const results = new Set<string>();
  for (let quarters = kind === 'total-goals' ? 2 : -24; quarters <= 24; quarters += 1) {
    const line = `${quarters / 4}`;
    expect(isLineOf(kind, line)).toBe(true);
    for (const selection of selectionsOf(kind)) {
      for (let score = 0; score < 100; score += 1) {
        const [home, away] = [Math.floor(score / 10), score % 10];
        const result = legResultFromScore(kind, line, selection, { home, away });
        const bet = { unitStakeMinor: 100, shape: { type: 'folds', folds: [1] }, ruleSet: 'standard@1', currency: 'GBP' } as const;
        const { returnExact } = settleBet({ ...bet, legs: [{ odds: formatRational(odds), result }] });
        expect(returnExact).toEqual(returnOfHalves(kind, quarters / 4, selection, home, away, odds));
        results.add(result);
        cases += 1;
      }
    }
  }
  expect(cases).toBeGreaterThan(4_000);
  expect([...results].sort()).toEqual(['half_lost', 'half_won', 'lost', 'push', 'won']);
});

describe('lines', () => {
  test.each([
    ['2.5', 10],
    ['2.25', 9],
    ['-0.75', -3],
    ['0', 0],
    ['-3', -12],
    ['0.25', 1],
  ])('%s is %i quarters', (text, quarters) => {
    expect(parseLine(text)).toBe(quarters);
    expect(formatLine(quarters)).toBe(text);
  });

  const misspelt = ['', '+1', '-0', '2.50', '2.0', '2.1', '.5', '02', '1e1', ' 1', '1000', '2.125', '1\n'];
  test.each(misspelt)('%j is not a line', (text) => expect(parseLine(text)).toBeUndefined());

  test('a quarter line is one whose stake is split', () => {
    expect(['0.25', '-0.75', '2.25', '2.75'].map(isQuarterLine)).toEqual([true, true, true, true]);
    expect(['0', '0.5', '-1.5', '2', 'x'].map(isQuarterLine)).toEqual([false, false, false, false, false]);
  });

  test('which kind has which lines', () => {
    expect([null, '2.5', '-1', '0.25', '2.1'].map((line) => isLineOf('total-goals', line))).toEqual([false, true, false, false, false]);
    expect([null, '2.5', '-1', '0', '2.1'].map((line) => isLineOf('asian-handicap', line))).toEqual([false, true, true, true, false]);
    expect([null, '2.5'].map((line) => isLineOf('match-result', line))).toEqual([true, false]);
  });
});

test('a line or selection that the market does not have is not settled by a guess', () => {
  const score = { home: 1, away: 0 };
  expect(() => legResultFromScore('total-goals', null, 'over', score)).toThrow('no line');
  expect(() => legResultFromScore('total-goals', '2.6', 'over', score)).toThrow('no line');
  expect(() => legResultFromScore('asian-handicap', '0.5', 'draw', score)).toThrow('no selection');
  expect(() => legResultFromScore('match-result', null, 'over', score)).toThrow('no selection');
  expect(scoredKinds.map((kind) => selectionsOf(kind).length)).toEqual([3, 2, 2]);
});
