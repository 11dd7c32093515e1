// Exact rational numbers: odds, settlement factors and returns before the one rounding. Called wherever money is multiplied.
// Never holds a float: a value comes in as integers or as text, and leaves as text or through `roundToInteger`.

import { assert, unreachable } from './unreachable.ts';

/** Lowest terms, `d` > 0. Make one with `rational`, never as a literal. */
export type Rational = { readonly n: bigint; readonly d: bigint };

/** half-even: to the nearest, a tie to the even one; half-up: a tie away from zero; down: towards zero; up: away from zero. */
export type RoundingMode = 'half-even' | 'half-up' | 'down' | 'up';

export const roundingModes: readonly RoundingMode[] = ['half-even', 'half-up', 'down', 'up'];

/** Longer text is not parsed: the cost of a bigint grows with the square of its digits. */
export const rationalTextLengthMax = 8_001;

const safeMax = BigInt(Number.MAX_SAFE_INTEGER);

export function rational(n: bigint, d = 1n): Rational {
  assert(d !== 0n, 'a denominator is not zero');
  if (d === 1n) return { n, d };
  if (d < 0n) return rational(-n, -d);
  const divisor = greatestCommonDivisor(n < 0n ? -n : n, d);
  return divisor === 1n ? { n, d } : { n: n / divisor, d: d / divisor };
}

export const zero: Rational = rational(0n);
export const one: Rational = rational(1n);

export function add(a: Rational, b: Rational): Rational {
  return a.d === b.d ? rational(a.n + b.n, a.d) : rational(a.n * b.d + b.n * a.d, a.d * b.d);
}

export function subtract(a: Rational, b: Rational): Rational {
  return a.d === b.d ? rational(a.n - b.n, a.d) : rational(a.n * b.d - b.n * a.d, a.d * b.d);
}

export function multiply(a: Rational, b: Rational): Rational {
  return rational(a.n * b.n, a.d * b.d);
}

export function divide(a: Rational, b: Rational): Rational {
  return rational(a.n * b.d, a.d * b.n);
}

/** -1, 0 or 1, as `Array.sort` takes it. */
export function compare(a: Rational, b: Rational): -1 | 0 | 1 {
  const left = a.n * b.d;
  const right = b.n * a.d;
  return left < right ? -1 : left > right ? 1 : 0;
}

export function equals(a: Rational, b: Rational): boolean {
  return a.n === b.n && a.d === b.d;
}

export function isZero(a: Rational): boolean {
  return a.n === 0n;
}

export function min(a: Rational, b: Rational): Rational {
  return compare(a, b) <= 0 ? a : b;
}

export function max(a: Rational, b: Rational): Rational {
  return compare(a, b) >= 0 ? a : b;
}

const rationalText = /^(-?\d+)(?:\/(\d+)|\.(\d+))?$/;

/** "a/b", "a" or a decimal such as "6.5"; undefined for anything else, for a zero denominator and for text beyond the limit. */
export function parseRational(text: string): Rational | undefined {
  if (text.length > rationalTextLengthMax) return undefined;
  const [, integer, denominator, decimals] = rationalText.exec(text) ?? [];
  if (integer === undefined) return undefined;
  if (denominator !== undefined) {
    const d = BigInt(denominator);
    return d === 0n ? undefined : rational(BigInt(integer), d);
  }
  if (decimals !== undefined) return rational(BigInt(integer + decimals), 10n ** BigInt(decimals.length));
  return rational(BigInt(integer));
}

/** Always "a/b" ("2/1" too): the one form in which a rational is stored. */
export function formatRational(r: Rational): string {
  return `${r.n}/${r.d}`;
}

/** For people: a decimal where it terminates ("1.95", "3"), else "a/b". */
export function formatDecimal(r: Rational): string {
  const decimals = terminatingDecimals(r.d);
  if (decimals === undefined) return formatRational(r);
  if (decimals === 0) return `${r.n}`;
  const digits = `${((r.n < 0n ? -r.n : r.n) * 10n ** BigInt(decimals)) / r.d}`.padStart(decimals + 1, '0');
  return `${r.n < 0n ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

export function roundToInteger(r: Rational, mode: RoundingMode): bigint {
  if (r.d === 1n) return r.n;
  const towardsZero = r.n / r.d;
  const awayFromZero = r.n < 0n ? towardsZero - 1n : towardsZero + 1n;
  switch (mode) {
    case 'down':
      return towardsZero;
    case 'up':
      return awayFromZero;
    case 'half-up':
      return twiceTheRest(r) >= r.d ? awayFromZero : towardsZero;
    case 'half-even': {
      const rest = twiceTheRest(r);
      if (rest === r.d) return towardsZero % 2n === 0n ? towardsZero : awayFromZero;
      return rest > r.d ? awayFromZero : towardsZero;
    }
    default:
      return unreachable(mode);
  }
}

function twiceTheRest(r: Rational): bigint {
  const rest = r.n % r.d;
  return 2n * (rest < 0n ? -rest : rest);
}

/** Euclid; on plain numbers as soon as both fit, which is many times faster. Ends, as `b` falls with every step. */
function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (x > safeMax || y > safeMax) {
    if (y === 0n) return x;
    [x, y] = [y, x % y];
  }
  let left = Number(x);
  let right = Number(y);
  while (right !== 0) [left, right] = [right, left % right];
  return BigInt(left);
}

/** How many decimals 1/d has, undefined when they never end. Each turn makes `d` smaller, so it ends. */
function terminatingDecimals(d: bigint): number | undefined {
  let rest = d;
  let twos = 0;
  let fives = 0;
  for (; rest % 2n === 0n; rest /= 2n) twos += 1;
  for (; rest % 5n === 0n; rest /= 5n) fives += 1;
  return rest === 1n ? Math.max(twos, fives) : undefined;
}
