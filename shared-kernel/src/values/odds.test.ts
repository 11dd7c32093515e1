import fc from 'fast-check';
import { expect, test } from 'vitest';

import { formatOdds, formatStoredOdds, parseDecimalOdds, parseStoredOdds } from './odds.ts';
import { formatRational, rational } from './rational.ts';

test.each([
  ['1.95', '39/20'],
  ['3', '3/1'],
  ['1.0001', '10001/10000'],
  ['100000', '100000/1'],
  ['99999.9999', '999999999/10000'],
  ['2.50', '5/2'],
])('%s is odds of %s', (text, stored) => {
  const odds = parseDecimalOdds(text);
  expect(odds === undefined ? undefined : formatRational(odds)).toBe(stored);
  expect(parseStoredOdds(stored)).toEqual(odds);
  expect(formatStoredOdds(stored)).toBe(`${Number(text)}`);
  expect(formatStoredOdds(stored)).toBe(`${Number(text)}`);
});

const notAboveOne = ['1', '1.0', '1.0000', '0.5', '0', '-2'];
const tooLarge = ['100000.0001', '100001', '1000000'];
const misspelt = ['', '+2', '02', '2.', '.5', '2.12345', '2e3', ' 2', '2 ', '2\n', '5/2', '2,5', 'Infinity', 'NaN'];
test.each([...notAboveOne, ...tooLarge, ...misspelt])('%j is not odds', (text) => expect(parseDecimalOdds(text)).toBeUndefined());

test.each(['1/1', '1/2', '-3/2', '0/1', '2/0', 'x', '200000/1', '1000001/10'])('stored odds of %j are a broken log', (text) => {
  expect(() => parseStoredOdds(text)).toThrow('stored odds');
});

test('the same text gives the same answer, also when more prices than are remembered were read in between', () => {
  const first = parseDecimalOdds('1.95');
  for (let price = 10_001; price <= 60_000; price += 1) parseDecimalOdds(`${price / 10_000}`);
  expect(parseDecimalOdds('1.95')).toEqual(first);
  expect(parseDecimalOdds('1.95')).toEqual(rational(39n, 20n));
});

test('odds go through an event and back to the same decimal', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10_001, max: 1_000_000_000 }), (tenThousandths) => {
      const text = formatOdds(rational(BigInt(tenThousandths), 10_000n));
      const odds = parseDecimalOdds(text);
      expect(odds).toEqual(rational(BigInt(tenThousandths), 10_000n));
      expect(formatOdds(parseStoredOdds(formatRational(odds ?? rational(-1n))))).toBe(text);
    }),
    { seed: 7, numRuns: 300 },
  );
});
