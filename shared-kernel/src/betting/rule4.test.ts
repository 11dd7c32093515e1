import { describe, expect, test } from 'vitest';

import { add, parseRational, rational, zero, type Rational } from '../values/rational.ts';
import { withheldOverDailyCap } from './bonuses.ts';
import { deadHeatFactor, reducedPrice } from './legs.ts';
import { parseRule4Table, rule4Percent, rule4Total, tattersalls } from './rule4.ts';

const exact = (text: string): Rational => parseRational(text) ?? zero;
const percentAt = (fractional: string): number => rule4Percent(tattersalls, add(exact(fractional), rational(1n)));

// Both ends of every band as the table of Tattersalls prints them, and prices between two bands.
test.each([
  [90, ['1/20', '1/9', '1/9']],
  [85, ['2/17', '2/11', '3/16']],
  [80, ['1/5', '1/4', '4/15']],
  [75, ['2/7', '3/10', '13/41']],
  [70, ['1/3', '2/5', '5/12']],
  [65, ['4/9', '8/15', '6/11']],
  [60, ['4/7', '8/13', '5/8']],
  [55, ['4/6', '4/5', '9/11']],
  [50, ['5/6', '20/21', '49/50']],
  [45, ['1/1', '6/5', '11/9']],
  [40, ['5/4', '6/4', '8/5']],
  [35, ['13/8', '7/4', '9/5']],
  [30, ['15/8', '9/4', '12/5']],
  [25, ['5/2', '3/1', '16/5']],
  [20, ['10/3', '4/1', '17/4']],
  [15, ['9/2', '11/2', '23/4']],
  [10, ['6/1', '9/1', '19/2']],
  [5, ['10/1', '14/1', '13/1']],
  [0, ['29/2', '15/1', '100/1']],
])('%i in the hundred', (percent, prices) => expect(prices.map(percentAt)).toEqual(prices.map(() => percent)));

test('several withdrawals add up to 90 at most, and a small total may be waived', () => {
  expect(rule4Total(tattersalls, [60, 45])).toBe(90);
  expect(rule4Total(tattersalls, [5])).toBe(5);
  expect(rule4Total({ ...tattersalls, waivedTotal: 5 }, [5])).toBe(0);
  expect(rule4Total({ ...tattersalls, waivedTotal: 5 }, [5, 5])).toBe(10);
  expect(reducedPrice(exact('5'), ['60', '45'])).toEqual(rational(7n, 5n));
});

test('a broken table stops the start', () => {
  const [first, second] = tattersalls.bands;
  for (const bands of [[], [second, first], [first, first], [{ ...first, percent: 91 }], [{ ...first, from: '1/8' }]]) {
    expect(() => parseRule4Table({ ...tattersalls, bands })).toThrow();
  }
});

describe('dead heats', () => {
  test.each([
    [1, 1, 2, '1/2'],
    [1, 1, 3, '1/3'],
    [3, 3, 4, '1/4'],
    [3, 2, 2, '1'],
    [3, 2, 3, '2/3'],
    [10, 8, 6, '1/2'],
    [3, 4, 2, '0'],
    [3, 1, 2, '1'],
  ])('%i places, %i the best of %s tied', (places, position, tied, factor) => {
    const { n, d } = deadHeatFactor(places, position, tied);
    expect(rational(n, d)).toEqual(exact(factor));
  });
});

test('what a day returned above its cap is withheld once', () => {
  expect(withheldOverDailyCap([rational(60n), rational(50n)], rational(100n))).toEqual(rational(10n));
  expect(withheldOverDailyCap([rational(60n)], rational(100n))).toEqual(zero);
});
