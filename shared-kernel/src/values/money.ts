// Money is an integer number of minor units beside an ISO 4217 currency that knows its exponent. Called at every border that
// money crosses. Never a float, and never two currencies in one sum.

import { assert } from './unreachable.ts';

/** ISO 4217: how many decimals a major unit has. */
const exponents = {
  AED: 2, ARS: 2, AUD: 2, BAM: 2, BGN: 2, BHD: 3, BRL: 2, CAD: 2, CHF: 2, CLP: 0, CNY: 2, COP: 2, CZK: 2, DKK: 2, EGP: 2, EUR: 2, GBP: 2,
  GEL: 2, GHS: 2, HKD: 2, HUF: 2, IDR: 2, ILS: 2, INR: 2, ISK: 0, JOD: 3, JPY: 0, KES: 2, KRW: 0, KWD: 3, MAD: 2, MXN: 2, MYR: 2, NGN: 2,
  NOK: 2, NZD: 2, OMR: 3, PEN: 2, PHP: 2, PLN: 2, PYG: 0, QAR: 2, RON: 2, RSD: 2, SAR: 2, SEK: 2, SGD: 2, THB: 2, TND: 3, TRY: 2, TWD: 2,
  TZS: 2, UAH: 2, UGX: 0, USD: 2, UYU: 2, VND: 0, ZAR: 2,
} as const;

export type Currency = keyof typeof exponents;

export function isCurrency(text: string): text is Currency {
  return Object.hasOwn(exponents, text);
}

export function currencyExponent(currency: Currency): number {
  return exponents[currency];
}

/** The largest amount, either way, that JSON carries exactly. */
export const amountMinorMax = Number.MAX_SAFE_INTEGER;

export function isAmountMinor(n: number): boolean {
  return Number.isSafeInteger(n);
}

export function assertAmountMinor(n: number): void {
  assert(isAmountMinor(n), `an amount is an integer of at most 2^53 - 1 minor units: ${n}`);
}

/** The sum of two amounts of one currency. Two safe integers add up without loss to at least the point where the assertion strikes. */
export function addMinor(a: number, b: number): number {
  assertAmountMinor(a);
  assertAmountMinor(b);
  const sum = a + b;
  assertAmountMinor(sum);
  return sum;
}

/** An exact amount as a number; an amount beyond 2^53 - 1 is an impossibility here, so limits come first. */
export function amountMinorOf(n: bigint): number {
  assert(n <= BigInt(amountMinorMax) && n >= -BigInt(amountMinorMax), 'an amount is at most 2^53 - 1 minor units');
  return Number(n);
}

/** "12.34 GBP", "-0.05 EUR", "1200 JPY". */
export function formatMoney(amountMinor: number, currency: Currency): string {
  return `${formatAmount(amountMinor, currency)} ${currency}`;
}

/** "12.34": the amount in major units, without its currency. */
export function formatAmount(amountMinor: number, currency: Currency): string {
  assertAmountMinor(amountMinor);
  const exponent = exponents[currency];
  if (exponent === 0) return `${amountMinor}`;
  const digits = `${Math.abs(amountMinor)}`.padStart(exponent + 1, '0');
  return `${amountMinor < 0 ? '-' : ''}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
