// Fractions that are not reduced: inside a sum of lines a common divisor is looked for once, at the end, with `rational`. Called by the
// arithmetic of this folder; never leaves it.

import { parseRational, rational, type Rational } from '../values/rational.ts';

/** n / d with d > 0. A Rational is one; one is no Rational. */
export type Fraction = { readonly n: bigint; readonly d: bigint };

export const none: Fraction = { n: 0n, d: 1n };
export const whole: Fraction = { n: 1n, d: 1n };

/** Longer numbers than any stake, price or percentage needs are refused: arithmetic on them would cost what its digits square to. */
export const exactTextLengthMax = 40;

export function times(a: Fraction, b: Fraction): Fraction {
  return { n: a.n * b.n, d: a.d * b.d };
}

export function plus(a: Fraction, b: Fraction): Fraction {
  if (a.n === 0n) return b;
  if (b.n === 0n) return a;
  return a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
}

export function isAbove(a: Fraction, b: Fraction): boolean {
  return a.n * b.d > b.n * a.d;
}

export function reduced(a: Fraction): Rational {
  return rational(a.n, a.d);
}

/** Prices and fractions repeat, so nearly every text has been read before. A full memory is emptied: simpler than an order of use. */
const rememberedMax = 20_000;
const remembered = new Map<string, Rational>();

/** "6.5", "13/2" or "6"; undefined for anything else. */
export function exactNumber(text: string): Rational | undefined {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  if (text.length > exactTextLengthMax) return undefined;
  const value = parseRational(text);
  if (value === undefined) return undefined;
  if (remembered.size >= rememberedMax) remembered.clear();
  remembered.set(text, value);
  return value;
}
