import { describe, expect, test } from 'vitest';

import { formatRational } from '../values/rational.ts';
import { settleBet } from './settle.ts';
import type { LegOutcome } from './slip.ts';

type Leg = readonly [odds: string, result: LegOutcome];

function settle(unitStakeMinor: number, folds: readonly number[], legs: readonly Leg[]) {
  const parsed = legs.map(([odds, result]) => ({ odds, result }));
  const settled = settleBet({ unitStakeMinor, shape: { type: 'folds', folds }, legs: parsed, ruleSet: 'standard@1', currency: 'GBP' });
  return { ...settled, returnExact: formatRational(settled.returnExact) };
}

function decided(state: string, returnExact: string, returnMinor: number) {
  return { state, decided: true, returnExact, returnMinor, returnMaxMinor: returnMinor };
}

describe('a single of 5.00 at 1.95', () => {
  test.each([
    ['won', decided('returned', '975/1', 975)],
    ['lost', decided('lost', '0/1', 0)],
    ['push', decided('returned', '500/1', 500)],
    ['void', decided('void', '500/1', 500)],
    ['half_won', decided('returned', '1475/2', 738)],
    ['half_lost', decided('returned', '250/1', 250)],
    ['open', { state: 'open', decided: false, returnExact: '0/1', returnMinor: 0, returnMaxMinor: 975 }],
  ] as const)('%s', (result, expected) => expect(settle(500, [1], [['1.95', result]])).toEqual(expected));
});

describe('rounding is half-even, once', () => {
  test.each([
    [1, '1.5', 'won', '3/2', 2],
    [1, '2.5', 'won', '5/2', 2],
    [3, '1.5', 'half_lost', '3/2', 2],
    [5, '3', 'half_lost', '5/2', 2],
    [1, '1.51', 'won', '151/100', 2],
    [1, '1.49', 'won', '149/100', 1],
    [1, '1.5', 'half_lost', '1/2', 0],
  ] as const)('%i minor units at %s %s: %s is %i', (unit, odds, result, returnExact, returnMinor) => {
    expect(settle(unit, [1], [[odds, result]])).toMatchObject({ state: 'returned', returnExact, returnMinor });
  });
});

describe('accumulators', () => {
  test('a treble multiplies', () => {
    expect(settle(1000, [3], [['1.5', 'won'], ['2.2', 'won'], ['3', 'won']])).toEqual(decided('returned', '9900/1', 9900));
  });
  test('a void or pushed leg multiplies by 1', () => {
    expect(settle(1000, [3], [['1.5', 'won'], ['2.2', 'void'], ['3', 'push']])).toEqual(decided('returned', '1500/1', 1500));
  });
  test('half results: 10 x (1.91 + 1)/2 x 1/2 = 7.275, to even', () => {
    expect(settle(1000, [2], [['1.91', 'half_won'], ['2', 'half_lost']])).toEqual(decided('returned', '1455/2', 728));
  });
  test('one lost leg loses at once, whatever is open', () => {
    expect(settle(1000, [3], [['1.5', 'open'], ['2.2', 'lost'], ['3', 'open']])).toEqual(decided('lost', '0/1', 0));
  });
  test('an open leg keeps it open, and nothing is certain', () => {
    const expected = { state: 'open', decided: false, returnExact: '0/1', returnMinor: 0, returnMaxMinor: 3300 };
    expect(settle(1000, [2], [['1.5', 'won'], ['2.2', 'open']])).toEqual(expected);
  });
  test('void only when every leg is void and none a push', () => {
    expect(settle(1000, [2], [['1.5', 'void'], ['2.2', 'void']])).toEqual(decided('void', '1000/1', 1000));
    expect(settle(1000, [2], [['1.5', 'void'], ['2.2', 'push']])).toEqual(decided('returned', '1000/1', 1000));
    expect(settle(1000, [2], [['1.5', 'push'], ['2.2', 'push']])).toEqual(decided('returned', '1000/1', 1000));
    expect(settle(1000, [2], [['1.5', 'void'], ['2.2', 'open']]).state).toBe('open');
    expect(settle(1000, [2], [['1.5', 'void'], ['2.2', 'lost']]).state).toBe('lost');
  });
});

describe('several lines', () => {
  test('a patent of 1.9 half won, 2.0 half lost, void returns 6.35 units', () => {
    expect(settle(100, [1, 2, 3], [['1.9', 'half_won'], ['2', 'half_lost'], ['2', 'void']])).toEqual(decided('returned', '635/1', 635));
  });
  test('a patent of 2.0 won, 3.0 open and one lost: 2 units are certain, at most 11', () => {
    const expected = { state: 'open', decided: false, returnExact: '200/1', returnMinor: 200, returnMaxMinor: 1100 };
    expect(settle(100, [1, 2, 3], [['2', 'won'], ['3', 'open'], ['5', 'lost']])).toEqual(expected);
  });
  test('a patent at 0.05 of 1.91 and 2.05 won, one lost rounds once: 0.39', () => {
    expect(settle(5, [1, 2, 3], [['1.91', 'won'], ['2.05', 'won'], ['3', 'lost']])).toEqual(decided('returned', '15751/400', 39));
  });
  test('a fold longer than the live legs is decided, a shorter one is not', () => {
    expect(settle(100, [3], [['2', 'won'], ['3', 'open'], ['5', 'lost'], ['2', 'lost']]).state).toBe('lost');
    expect(settle(100, [2], [['2', 'won'], ['3', 'open'], ['5', 'lost'], ['2', 'lost']]).state).toBe('open');
  });
  test('the trebles of a goliath: 56 lines of 2 x 2 x 2', () => {
    expect(settle(100, [3], new Array<Leg>(8).fill(['2', 'won']))).toEqual(decided('returned', '44800/1', 44_800));
  });
});

test('the largest odds on the most legs: exact, and the maximum stops where numbers stop being exact', () => {
  const legs = new Array<Leg>(20).fill(['99999.9999', 'open']);
  expect(settle(1, [20], legs)).toMatchObject({ state: 'open', returnMaxMinor: Number.MAX_SAFE_INTEGER });
  const won = new Array<Leg>(20).fill(['99999.9999', 'won']);
  expect(() => settle(1, [20], won)).toThrow('2^53');
});

test('what cannot be is an assertion', () => {
  expect(() => settle(100, [2], [['2', 'won']])).toThrow('fold');
  expect(() => settle(100, [], [['2', 'won']])).toThrow('fold');
  expect(() => settle(1.5, [1], [['2', 'won']])).toThrow();
});

describe('corrected odds', () => {
  const corrected = { odds: '2/1', reason: 'wrong-decimal' };
  const bet = { unitStakeMinor: 500, ruleSet: 'standard@1', currency: 'GBP' };
  const single = { type: 'folds', folds: [1] } as const;
  const won = { odds: '20/1', result: 'won', corrected } as const;
  test('are what the leg is settled at, with and without more to its result', () => {
    expect(settleBet({ ...bet, shape: single, legs: [won] }).returnMinor).toBe(1_000);
    expect(settleBet({ ...bet, shape: single, legs: [{ ...won, detail: { rule4Percent: 20 } }] }).returnMinor).toBe(900);
  });
  test('are what is possible while it is open', () => {
    expect(settleBet({ ...bet, shape: single, legs: [{ ...won, result: 'open' }] }).returnMaxMinor).toBe(1_000);
  });
  test('divide the price of a bet builder, which was made for its legs together', () => {
    const other = { odds: '3/2', fixtureId: 'f', result: 'won' } as const;
    const legs = [other, other, { ...won, fixtureId: 'f', result: 'void' as const }];
    expect(settleBet({ ...bet, shape: { type: 'bet-builder', combinedOdds: '5/1' }, legs }).returnMinor).toBe(1_250);
  });
});
