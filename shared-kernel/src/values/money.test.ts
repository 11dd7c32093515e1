import { expect, test } from 'vitest';

import { addMinor, amountMinorMax, amountMinorOf, assertAmountMinor, currencyExponent, formatAmount, formatMoney } from './money.ts';
import { isAmountMinor, isCurrency } from './money.ts';

test('a currency is known by its upper-case code alone', () => {
  for (const code of 'GBP EUR USD CHF SEK NOK DKK PLN CZK HUF RON BGN AUD CAD NZD ZAR BRL MXN ARS INR JPY KRW ISK KWD BHD TND'.split(' ')) {
    expect(isCurrency(code)).toBe(true);
  }
  for (const code of ['gbp', 'GB', 'XXX', '', 'toString', '__proto__', 'constructor']) expect(isCurrency(code)).toBe(false);
});

test('each currency has its own number of decimals', () => {
  expect([currencyExponent('GBP'), currencyExponent('JPY'), currencyExponent('KWD')]).toEqual([2, 0, 3]);
  expect(formatMoney(1234, 'GBP')).toBe('12.34 GBP');
  expect(formatMoney(-5, 'EUR')).toBe('-0.05 EUR');
  expect(formatMoney(0, 'USD')).toBe('0.00 USD');
  expect(formatMoney(1200, 'JPY')).toBe('1200 JPY');
  expect(formatMoney(1, 'KWD')).toBe('0.001 KWD');
  expect(formatAmount(amountMinorMax, 'GBP')).toBe('90071992547409.91');
});

test('an amount is an integer within 2^53 - 1', () => {
  for (const amount of [0, -1, amountMinorMax, -amountMinorMax]) {
    expect(isAmountMinor(amount)).toBe(true);
    expect(() => assertAmountMinor(amount)).not.toThrow();
  }
  for (const amount of [0.5, Number.NaN, Infinity, amountMinorMax + 1, -amountMinorMax - 1]) {
    expect(isAmountMinor(amount)).toBe(false);
    expect(() => assertAmountMinor(amount)).toThrow('2^53');
  }
});

test('a sum beyond the limit is an assertion, not a wrong number', () => {
  expect(addMinor(amountMinorMax, -amountMinorMax)).toBe(0);
  expect(addMinor(2, 3)).toBe(5);
  expect(() => addMinor(amountMinorMax, 1)).toThrow('2^53');
  expect(() => addMinor(amountMinorMax, amountMinorMax)).toThrow('2^53');
  expect(() => addMinor(1.5, 1.5)).toThrow('2^53');
  expect(amountMinorOf(BigInt(amountMinorMax))).toBe(amountMinorMax);
  expect(() => amountMinorOf(BigInt(amountMinorMax) + 1n)).toThrow('2^53');
  expect(() => amountMinorOf(-BigInt(amountMinorMax) - 1n)).toThrow('2^53');
});
