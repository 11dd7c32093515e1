// Examples of quotes: what a slip costs and returns, everything that would refuse it, and the largest stake that would be taken.

import { fold } from '@wagerline/shared-kernel/decider';
import type { AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlaceBet } from './commands.ts';
import { accountDecider } from './decide.ts';
import { quoteOf, type SlipQuote } from './quote-bet.ts';
import { accountId, at, deposited, opened, placeBet, placed, slipLeg } from './samples.ts';

const rich = [opened, deposited(100_000)];
const limits = placeBet('a').limits;
const legs = [slipLeg('m1'), slipLeg('m2'), slipLeg('m3')];
const patent = { legs, shape: { type: 'folds', folds: [1, 2, 3] }, unitStakeMinor: 100 } as const;

function quoted(history: readonly AccountEvent[], change: Partial<PlaceBet> = {}): SlipQuote {
  const state = fold(accountDecider, history);
  if (state.status === 'absent') throw new Error('the account is open');
  return quoteOf(placeBet('a', change), state);
}

test('lines, stakes, the most that can come back, and the most that may be staked', () => {
  // 100 x (2.95^3 - 1) = 2467.2375; 14285 x 7 = 99995 of the balance.
  const quote = { lines: 7, unitStakeMinor: 100, stakeMinor: 700, returnMaxMinor: 2_467, unitStakeMaxMinor: 14_285, stakeMaxMinor: 99_995 };
  expect(quoted(rich, patent)).toEqual({ ...quote, refusals: [] });
  expect(quoted(rich, { ...patent, unitStakeMinor: null, totalStakeMinor: 700 })).toEqual({ ...quote, refusals: [] });
});

test('the largest stake is that of the tightest limit', () => {
  const most = (change: Partial<PlaceBet>, ...more: readonly AccountEvent[]): number => quoted([...rich, ...more], { ...patent, ...change }).stakeMaxMinor;
  expect(most({ limits: { ...limits, stakeMinorMax: 1_000 } })).toBe(994);
  // 405 x 24.672375 = 9992.3, 406 would return 10017.
  expect(most({ limits: { ...limits, returnMinorMax: 10_000 } })).toBe(405 * 7);
  expect(most({ legs: legs.with(1, slipLeg('m2', { stakeMaxPerBetMinor: 699 })) })).toBe(693);
  const [onOther] = [placed('b', {}, [slipLeg('m2')])];
  expect(most({ legs: legs.with(1, slipLeg('m2', { stakeMaxPerAccountMinor: 1_200 })) }, onOther)).toBe(700);
  const limit: AccountEvent = { type: 'LimitSet', at, accountId, kind: 'stake', period: 'day', amountMinor: 7_007, effectiveAt: at };
  expect(most({}, limit)).toBe(7_007);
});

test('a total that does not divide says so beside what is known', () => {
  const quote = quoted(rich, { ...patent, unitStakeMinor: null, totalStakeMinor: 701 });
  expect(quote).toMatchObject({ lines: 7, stakeMinor: null, stakeMaxMinor: 99_995 });
  expect(quote.refusals).toEqual([{ code: 'STAKE_INDIVISIBLE', detail: { pointer: '/totalStakeMinor', nearestTotalsMinor: [700, 707] } }]);
});

test('every leg that is not on offer is named', () => {
  const slip = { ...patent, legs: [slipLeg('m1', { status: 'suspended' }), slipLeg('m2'), slipLeg('m3', {}, '2/1')] };
  const quote = quoted(rich, slip);
  expect(quote).toMatchObject({ lines: null, stakeMinor: null, returnMaxMinor: null, stakeMaxMinor: 0 });
  expect(quote.refusals.map(({ code, detail }) => [code, detail['pointer']])).toEqual([['MARKET_SUSPENDED', '/legs/0'], ['ODDS_CHANGED', '/legs/2/odds']]);
});

test('nothing is taken from one who may not bet, or of legs that make no bet', () => {
  const excluded: AccountEvent = { type: 'SelfExcluded', at, accountId, until: null };
  expect(quoted([...rich, excluded], patent)).toMatchObject({ lines: 7, stakeMinor: 700, stakeMaxMinor: 0, refusals: [{ code: 'SELF_EXCLUDED' }] });
  expect(quoted(rich, { ...patent, currency: 'ZZZ' })).toMatchObject({ lines: null, stakeMaxMinor: 0, refusals: [{ code: 'CURRENCY_MISMATCH' }] });
  const twice = [slipLeg('m1'), slipLeg('m1')];
  const double = { legs: twice, shape: { type: 'folds', folds: [2] } } as const;
  expect(quoted(rich, double).refusals.map(({ code }) => code)).toEqual(['LEG_DUPLICATE', 'LEGS_RELATED']);
});

test('the first refusal is that of placing the slip, and the largest stake is the last one that is taken', () => {
  const slips = fc.record({
    unitStakeMinor: fc.integer({ min: 1, max: 30_000 }),
    balanceMinor: fc.integer({ min: 1, max: 200_000 }),
    perBet: fc.constantFrom(null, 700, 5_000),
    currency: fc.constantFrom('GBP', 'GBP', 'GBP', 'EUR'),
    status: fc.constantFrom('open' as const, 'open' as const, 'open' as const, 'closed' as const),
    returnMinorMax: fc.constantFrom(1_000_000, 10_000, 1),
  });
  fc.assert(
    fc.property(slips, ({ unitStakeMinor, balanceMinor, perBet, currency, status, returnMinorMax }) => {
      const state = fold(accountDecider, [opened, deposited(balanceMinor)]);
      if (state.status === 'absent') throw new Error('the account is open');
      const some = legs.with(0, slipLeg('m1', { stakeMaxPerBetMinor: perBet, status }));
      const command = placeBet('a', { ...patent, legs: some, currency, unitStakeMinor, limits: { ...limits, returnMinorMax } });
      const decidedAt = (unit: number) => accountDecider.decide({ ...command, unitStakeMinor: unit }, state, () => undefined);
      const { refusals, unitStakeMaxMinor } = quoteOf(command, state);
      const decision = decidedAt(unitStakeMinor);
      expect(refusals[0]?.code).toBe(decision.outcome === 'refused' ? decision.code : undefined);
      if (unitStakeMaxMinor > 0) expect(decidedAt(unitStakeMaxMinor).outcome).toBe('accepted');
      expect(decidedAt(unitStakeMaxMinor + 1).outcome).toBe('refused');
    }),
    { seed: 380_1270, numRuns: 300 },
  );
});
