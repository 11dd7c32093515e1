import { expect, test } from 'vitest';
import { partitionOf } from './partition-hash.ts';

test('keys keep their partition for ever', () => {
  const keys = ['', 'account-1', 'market-019f-aa', 'fixture-öß🏇'];
  expect(keys.map((key) => partitionOf(key, 16))).toEqual([9, 6, 8, 2]);
});

test('keys that differ in one digit spread evenly', () => {
  const counts = new Array<number>(8).fill(0);
  for (let n = 0; n < 8000; n += 1) counts[partitionOf(`account-${n}`, 8)]! += 1;
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1150);
});
