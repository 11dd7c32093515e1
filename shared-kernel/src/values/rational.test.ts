import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { add, compare, divide, equals, isZero, max, min, multiply, rational, subtract } from './rational.ts';
import { formatDecimal, formatRational, parseRational, rationalTextLengthMax } from './rational.ts';
import { roundingModes, roundToInteger, type RoundingMode } from './rational.ts';

const seeded = { seed: 20191109, numRuns: 300 };
const anyRational = fc.tuple(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.bigInt(1n, 10n ** 30n)).map(([n, d]) => rational(n, d));

test('a rational is in lowest terms with a denominator above zero', () => {
  expect(rational(6n, 4n)).toEqual({ n: 3n, d: 2n });
  expect(rational(6n, -4n)).toEqual({ n: -3n, d: 2n });
  expect(rational(0n, -7n)).toEqual({ n: 0n, d: 1n });
  expect(rational(2n ** 80n * 9n, 2n ** 78n * 6n)).toEqual({ n: 6n, d: 1n });
  expect(() => rational(1n, 0n)).toThrow('not zero');
});

test('one divisor is left over between any numerator and denominator: 1', () => {
  const slowGcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : slowGcd(b, a % b));
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 40n), 10n ** 40n), fc.bigInt(1n, 10n ** 40n), fc.bigInt(1n, 10n ** 20n), (n, d, k) => {
      const r = rational(n * k, d * k);
      expect(r.n * d).toBe(n * r.d);
      expect(slowGcd(r.n < 0n ? -r.n : r.n, r.d)).toBe(1n);
    }),
    seeded,
  );
});

test('the field laws hold', () => {
  fc.assert(
    fc.property(anyRational, anyRational, anyRational, (a, b, c) => {
      expect(add(a, b)).toEqual(add(b, a));
      expect(add(add(a, b), c)).toEqual(add(a, add(b, c)));
      expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
      expect(add(subtract(a, b), b)).toEqual(a);
      if (!isZero(b)) expect(multiply(divide(a, b), b)).toEqual(a);
    }),
    seeded,
  );
});

test('order', () => {
  expect(compare(rational(1n, 3n), rational(1n, 2n))).toBe(-1);
  expect(compare(rational(-1n, 3n), rational(-1n, 2n))).toBe(1);
  expect(compare(rational(2n, 4n), rational(1n, 2n))).toBe(0);
  expect(min(rational(1n, 3n), rational(1n, 2n))).toEqual(rational(1n, 3n));
  expect(max(rational(1n, 3n), rational(1n, 2n))).toEqual(rational(1n, 2n));
  expect(equals(rational(2n, 4n), rational(1n, 2n))).toBe(true);
  expect(equals(rational(1n, 2n), rational(1n, 3n))).toBe(false);
});

describe('text', () => {
  test.each([
    ['39/20', '39/20'],
    ['78/40', '39/20'],
    ['2', '2/1'],
    ['6.5', '13/2'],
    ['-0.75', '-3/4'],
    ['-0.05', '-1/20'],
    ['0', '0/1'],
    ['1.9500', '39/20'],
    ['-7/3', '-7/3'],
  ])('%s is read as %s', (text, stored) => {
    const r = parseRational(text);
    expect(r === undefined ? undefined : formatRational(r)).toBe(stored);
  });

  const misspelt = ['', ' 1', '1 ', '+1', '1/', '/2', '1/0', '1/-2', '1.5/2', '.5', '5.', '1e3', '1,5', '0x1', '--1', '1/2/3', '1\n'];
  test.each(misspelt)('%j is not a number here', (text) => expect(parseRational(text)).toBeUndefined());

  test('longer text than any return needs is not read', () => {
    expect(parseRational('1'.repeat(rationalTextLengthMax))).toBeDefined();
    expect(parseRational('1'.repeat(rationalTextLengthMax + 1))).toBeUndefined();
  });

  test.each([
    ['39/20', '1.95'],
    ['3/1', '3'],
    ['1/3', '1/3'],
    ['-1/20', '-0.05'],
    ['1/1024', '0.0009765625'],
    ['1/25', '0.04'],
    ['-5/2', '-2.5'],
    ['0/1', '0'],
    ['1061/160', '6.63125'],
    ['10/1', '10'],
  ])('%s is shown as %s', (text, shown) => expect(formatDecimal(parseRational(text) ?? rational(-1n))).toBe(shown));

  test('what is written is read back, in both forms', () => {
    fc.assert(
      fc.property(anyRational, (r) => {
        expect(parseRational(formatRational(r))).toEqual(r);
        expect(parseRational(formatDecimal(r))).toEqual(r);
      }),
      seeded,
    );
  });
});

describe('rounding', () => {
  const cases: readonly (readonly [string, Record<RoundingMode, bigint>])[] = [
    ['5/2', { 'half-even': 2n, 'half-up': 3n, down: 2n, up: 3n }],
    ['7/2', { 'half-even': 4n, 'half-up': 4n, down: 3n, up: 4n }],
    ['-5/2', { 'half-even': -2n, 'half-up': -3n, down: -2n, up: -3n }],
    ['249/100', { 'half-even': 2n, 'half-up': 2n, down: 2n, up: 3n }],
    ['251/100', { 'half-even': 3n, 'half-up': 3n, down: 2n, up: 3n }],
    ['1/2', { 'half-even': 0n, 'half-up': 1n, down: 0n, up: 1n }],
    ['-1/3', { 'half-even': 0n, 'half-up': 0n, down: 0n, up: -1n }],
    ['7', { 'half-even': 7n, 'half-up': 7n, down: 7n, up: 7n }],
  ];
  test.each(cases)('%s', (text, expected) => {
    for (const mode of roundingModes) expect(roundToInteger(parseRational(text) ?? rational(-1n), mode)).toBe(expected[mode]);
  });

  test('every mode stays less than one away, the half modes at most a half', () => {
    fc.assert(
      fc.property(anyRational, fc.constantFrom(...roundingModes), (r, mode) => {
        const off = subtract(rational(roundToInteger(r, mode)), r);
        const distance = max(off, multiply(off, rational(-1n)));
        expect(compare(distance, mode.startsWith('half') ? rational(1n, 2n) : rational(1n))).not.toBe(1);
        expect(equals(distance, rational(1n))).toBe(false);
      }),
      seeded,
    );
  });
});
