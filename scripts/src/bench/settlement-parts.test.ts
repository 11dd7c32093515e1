// The settlement parts of the bench at a size that shows that they run: everything is settled, nothing is parked, and each says what it did.

import { afterEach, expect, test } from 'vitest';
import { BenchContext } from './bench-context.ts';
import { measureLargeSystem } from './large-system.ts';
import { measureMixed } from './part-mixed.ts';
import { measureSaturday } from './part-saturday.ts';
import { quickSizes } from './sizes.ts';

const sizes = { ...quickSizes, bettorCount: 9, mixedBets: 90, saturdayMarkets: 6, saturdayLegs: 216, saturdaySpreadMs: 300 };
const context = new BenchContext(sizes, () => undefined);
afterEach(() => context.cleanUp());

test('multiples and systems that one result decides', { timeout: 300_000 }, async () => {
  const { settledMixedPerSecond, mixed } = await measureMixed(context);
  expect([context.defects, mixed.bets]).toEqual([[], 90]);
  expect(settledMixedPerSecond).toBeGreaterThan(0);
  expect(context.ledgers['mixed']).toMatchObject({ bets: 90, openBets: 0, settlements: 90, reversals: 0 });
});

test('a bet that was acknowledged and is not in the log is a defect', { timeout: 300_000 }, async () => {
  const one = new BenchContext(sizes, () => undefined);
  try {
    await one.proveLedger('new', await one.folder(), 1);
    expect(one.defects).toEqual(['new: 1 bets were acknowledged and 0 are in the log']);
  } finally {
    await one.cleanUp();
  }
});

test('a Saturday of six markets', { timeout: 300_000 }, async () => {
  const { lastResultToSettledMs, saturday } = await measureSaturday(context);
  expect(context.defects).toEqual([]);
  expect(saturday).toMatchObject({ markets: 6, bets: 108, legs: 216 });
  expect(saturday.written).toBeGreaterThanOrEqual(108);
  expect(lastResultToSettledMs).toBeGreaterThanOrEqual(0);
});

test('184,756 lines are quoted and settled', () => {
  const { tenFoldsQuoteMs, tenFoldsSettleMs } = measureLargeSystem();
  expect(Math.min(tenFoldsQuoteMs, tenFoldsSettleMs)).toBeGreaterThan(0);
});
