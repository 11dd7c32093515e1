// Exact amounts as text: a decimal where it terminates, else a/b in lowest terms. Called for every amount of every answer, so small
// numbers take a shorter way to the same text.

import { formatDecimal, rational, type Rational } from '@wagerline/shared-kernel/values/rational';

const safeMax = BigInt(Number.MAX_SAFE_INTEGER);
const decimalsMax = 12;

/** A fraction of minor units in major units. */
export function exactText(minor: Rational, perMajor: bigint): string {
  const { n, d } = minor;
  if (n === 0n) return '0';
  const denominator = d * perMajor;
  return smallText(n, denominator) ?? formatDecimal(rational(n, denominator));
}

/** The decimals that make the fraction whole are tried one after the other; undefined where numbers would not stay exact. */
function smallText(n: bigint, d: bigint): string | undefined {
  if (n < 0n || n > safeMax || d > safeMax) return undefined;
  const denominator = Number(d);
  let numerator = Number(n);
  for (let decimals = 0; decimals <= decimalsMax; decimals += 1) {
    if (numerator % denominator === 0) return withPoint(`${numerator / denominator}`, decimals);
    numerator *= 10;
    if (numerator > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return undefined;
}

function withPoint(digits: string, decimals: number): string {
  if (decimals === 0) return digits;
  const padded = digits.padStart(decimals + 1, '0');
  return `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}
