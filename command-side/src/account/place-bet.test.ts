// Examples of every decision about a slip: what is refused, in which words, and what an accepted bet records.

import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import type { AccountEvent, AccountEventOf, LimitKind, LimitPeriod } from '@wagerline/shared-kernel/events/account-events';
import type { ProblemCode } from '@wagerline/shared-kernel/problems';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { betIdOf } from '@wagerline/shared-kernel/values/ids';
import { describe, expect, test } from 'vitest';
import type { PlaceBet } from './commands.ts';
import { accountDecider } from './decide.ts';
import { accountId, at, deposited, moneyKey, offer, opened, placeBet, placed, reversed, settled, slipLeg, voided, type OfferedLeg } from './samples.ts';

const given = scenarioOf(accountDecider);
const rich = [opened, deposited(100_000)];

/** Refused with this code and detail, and on record with them. */
function expectRefused(history: readonly AccountEvent[], command: PlaceBet, code: ProblemCode, detail: JsonObject, stake = command.unitStakeMinor): void {
  const stakeMinor = stake ?? command.totalStakeMinor ?? 0;
  const { betId, keyHash, requestHash, currency } = command;
  const legs = command.legs.map(({ marketId, selectionId, requestedOdds }) => ({ marketId, selectionId, requestedOdds }));
  const recorded = { type: 'BetRefused' as const, at: command.at, accountId, betId, keyHash, requestHash, code, detail, currency, stakeMinor, legs };
  given(...history).when(command).thenRefused(code, detail, recorded);
}

describe('accepted', () => {
  test('a single debits the stake and records all that its readers need', () => given(...rich).when(placeBet('a')).then(placed('a')));

  test('an accumulator multiplies the odds of its legs', () => {
    const legs = [slipLeg('m1'), slipLeg('m2'), slipLeg('m3')];
    // 500 x 1.95^3 = 3707.4375
    given(...rich).when(placeBet('a', { legs })).then(placed('a', { returnMaxMinor: 3_707 }, legs));
  });

  test('an accumulator of twenty legs', () => {
    const legs = Array.from({ length: 20 }, (_, index) => slipLeg(`m${index}`, { selection: { name: 'Liverpool', odds: '11/10' } }, '11/10'));
    // 500 x 1.1^20 = 3363.749...
    given(...rich).when(placeBet('a', { legs })).then(placed('a', { returnMaxMinor: 3_364 }, legs));
  });

  test('two doubles out of three legs and more: every line has the unit stake', () => {
    const legs = [slipLeg('m1'), slipLeg('m2'), slipLeg('m3')];
    const shape = { type: 'folds' as const, folds: [2] };
    // 3 lines x 500 x 1.95^2 = 5703.75
    given(...rich).when(placeBet('a', { legs, shape })).then(placed('a', { shape, lineCount: 3, stakeMinor: 1_500, returnMaxMinor: 5_704 }, legs));
  });

  test('an in-play market takes bets after the start', () => {
    const legs = [slipLeg('m1', { inPlay: true, fixture: { ...offer({}, 'fixture-of-m1').fixture, started: true } })];
    given(...rich).when(placeBet('a', { legs })).then(placed('a', {}, legs));
  });

  test('ante-post, which the bet keeps', () => {
    const legs = [slipLeg('m1', { antePost: true })];
    given(...rich).when(placeBet('a', { legs })).then(placed('a', { legs: placed('a', {}, legs).legs.map((leg) => ({ ...leg, antePost: true as const })) }));
  });

  test('the last penny', () => given(opened, deposited(500)).when(placeBet('a')).then(placed('a')));
});

describe('odds that have changed', () => {
  const seen = '39/20';
  const now = (odds: string): readonly OfferedLeg[] => [slipLeg('m1'), slipLeg('m2', { selection: { name: 'Liverpool', odds } }, seen)];
  const accepted = (policy: PlaceBet['oddsChangePolicy'], odds: string, returnMaxMinor: number): void => {
    const legs = now(odds);
    given(...rich).when(placeBet('a', { oddsChangePolicy: policy, legs })).then(placed('a', { oddsChangePolicy: policy, returnMaxMinor }, legs));
  };
  const changed = (policy: PlaceBet['oddsChangePolicy'], odds: string, currentOdds: string): void => {
    const detail = { pointer: '/legs/1/odds', requestedOdds: '1.95', currentOdds, marketVersion: 3 };
    expectRefused(rich, placeBet('a', { oddsChangePolicy: policy, legs: now(odds) }), 'ODDS_CHANGED', detail);
  };

  test('none takes the odds that were seen', () => accepted('none', seen, 1_901));
  test('none refuses better ones', () => changed('none', '2/1', '2'));
  test('none refuses worse ones', () => changed('none', '19/10', '1.9'));
  test('better takes the odds that were seen', () => accepted('better', seen, 1_901));
  test('better takes better ones', () => accepted('better', '2/1', 1_950));
  test('better refuses worse ones', () => changed('better', '19/10', '1.9'));
  test('any takes the odds that were seen', () => accepted('any', seen, 1_901));
  test('any takes better ones', () => accepted('any', '2/1', 1_950));
  test('any takes worse ones', () => accepted('any', '19/10', 1_852));
  test('another market version with the same odds refuses nothing', () => {
    const legs = [slipLeg('m1', { marketVersion: 3 })];
    given(...rich).when(placeBet('a', { legs })).then(placed('a', {}, legs));
  });
});

describe('what stands in the slip', () => {
  const refusedLegs = (code: ProblemCode, detail: JsonObject, ...legs: PlaceBet['legs']): void => expectRefused(rich, placeBet('a', { legs }), code, detail);

  test('an unknown market', () => refusedLegs('MARKET_UNKNOWN', { pointer: '/legs/1/marketId' }, slipLeg('m1'), { ...slipLeg('m2'), offer: undefined }));
  test('an unknown selection', () => refusedLegs('SELECTION_NOT_FOUND', { pointer: '/legs/0/selectionId' }, slipLeg('m1', { selection: undefined })));
  test('a closed market', () => refusedLegs('MARKET_CLOSED', { pointer: '/legs/0' }, slipLeg('m1', { status: 'closed' })));
  test('a suspended market', () => refusedLegs('MARKET_SUSPENDED', { pointer: '/legs/1' }, slipLeg('m1'), slipLeg('m2', { status: 'suspended' })));
  test('a fixture that has started', () => {
    refusedLegs('FIXTURE_STARTED', { pointer: '/legs/0' }, slipLeg('m1', { fixture: { ...offer().fixture, started: true } }));
  });
  test('the same selection twice', () => refusedLegs('LEG_DUPLICATE', { pointer: '/legs/2' }, slipLeg('m1'), slipLeg('m2'), slipLeg('m1')));
  test('two selections of one market', () => {
    refusedLegs('LEGS_RELATED', { pointer: '/legs/1', fixtureId: 'fixture-of-m1' }, slipLeg('m1'), { ...slipLeg('m1'), selectionId: 'away' });
  });
  test('two markets of one fixture', () => {
    const other = slipLeg('m2', { fixture: offer({}, 'fixture-of-m1').fixture });
    refusedLegs('LEGS_RELATED', { pointer: '/legs/1', fixtureId: 'fixture-of-m1' }, slipLeg('m1'), other);
  });
  test('legs that do not make the shape', () => {
    expectRefused(rich, placeBet('a', { shape: { type: 'folds', folds: [2] } }), 'BET_TYPE_INVALID', { pointer: '/folds/0' });
  });
});

describe('who bets', () => {
  test('nobody without an account; the key stays unused', () => given().when(placeBet('a')).thenRefused('ACCOUNT_NOT_FOUND', {}));
  test('money of another currency', () => {
    expectRefused(rich, placeBet('a', { currency: 'EUR' }), 'CURRENCY_MISMATCH', { pointer: '/currency', currency: 'GBP' });
  });
  test('a self-excluded bettor, until the very moment', () => {
    const until = '2019-08-10T12:00:00.000Z';
    const excluded: AccountEvent = { type: 'SelfExcluded', at, accountId, until };
    expectRefused([...rich, excluded], placeBet('a', { at: '2019-08-10T11:59:59.999Z' }), 'SELF_EXCLUDED', {});
    given(...rich, excluded).when(placeBet('a', { at: until })).then(placed('a', { at: until, placedAt: until }));
  });
  test('a bettor excluded for ever', () => {
    expectRefused([...rich, { type: 'SelfExcluded', at, accountId, until: null }], placeBet('a', { at: '2119-08-10T11:59:59.999Z' }), 'SELF_EXCLUDED', {});
  });
  test('a balance that does not cover the stake', () => expectRefused([opened, deposited(499)], placeBet('a'), 'INSUFFICIENT_FUNDS', {}));
  test('a balance below zero, which only a reversal makes', () => {
    const withdrawn: AccountEvent = { type: 'FundsWithdrawn', at, accountId, amountMinor: 975, currency: 'GBP', ...moneyKey('w') };
    const history = [opened, deposited(500), placed('b'), settled('b', 1, 975, ['won']), withdrawn, reversed(settled('b', 1, 975, ['won']))];
    expectRefused(history, placeBet('a', { unitStakeMinor: 1 }), 'ACCOUNT_BLOCKED', {});
  });
});

describe('limits of the house and of the market', () => {
  const limits = placeBet('').limits;
  test('a stake above the maximum', () => {
    const command = placeBet('a', { unitStakeMinor: 501, limits: { ...limits, stakeMinorMax: 500 } });
    expectRefused(rich, command, 'STAKE_INVALID', { pointer: '/stakeMinor', stakeMinorMax: 500 });
    given(...rich).when({ ...command, unitStakeMinor: 500 }).then(placed('a'));
  });
  test('the maximum is for all lines together', () => {
    const legs = [slipLeg('m1'), slipLeg('m2'), slipLeg('m3')];
    const command = placeBet('a', { legs, shape: { type: 'folds', folds: [2] }, limits: { ...limits, stakeMinorMax: 1_499 } });
    expectRefused(rich, command, 'STAKE_INVALID', { pointer: '/stakeMinor', stakeMinorMax: 1_499 }, 1_500);
  });
  test('a return above the maximum', () => {
    const command = placeBet('a', { limits: { ...limits, returnMinorMax: 974 } });
    expectRefused(rich, command, 'RETURN_OVER_LIMIT', { returnMinorMax: 974 });
    given(...rich).when({ ...command, limits: { ...limits, returnMinorMax: 975 } }).then(placed('a'));
  });
  test('a return beyond every number', () => {
    const legs = Array.from({ length: 20 }, (_, index) => slipLeg(`m${index}`, { selection: { name: 'Liverpool', odds: '100000/1' } }, '100000/1'));
    expectRefused(rich, placeBet('a', { legs }), 'RETURN_OVER_LIMIT', { returnMinorMax: 100_000_000 });
  });
  test('as many open bets as there may be; a settled one makes room', () => {
    const command = placeBet('a', { limits: { ...limits, openBetsMax: 2 } });
    expectRefused([...rich, placed('b'), placed('c')], command, 'OPEN_BETS_OVER_LIMIT', { openBetsMax: 2 });
    given(...rich, placed('b'), placed('c'), settled('b', 1, 0, ['lost'])).when(command).then(placed('a'));
  });
  test('a market takes so much in one bet', () => {
    const legs = [slipLeg('m1'), slipLeg('m2', { stakeMaxPerBetMinor: 499 })];
    expectRefused(rich, placeBet('a', { legs }), 'STAKE_OVER_LIMIT', { pointer: '/legs/1', stakeMaxMinor: 499 });
    const enough = [slipLeg('m1'), slipLeg('m2', { stakeMaxPerBetMinor: 500 })];
    given(...rich).when(placeBet('a', { legs: enough })).then(placed('a', { returnMaxMinor: 1_901 }, enough));
  });
  test('a market takes so much of one account, in open bets', () => {
    const legs = [slipLeg('m1', { stakeMaxPerAccountMinor: 1_200 })];
    const command = placeBet('a', { legs });
    given(...rich, placed('b')).when(command).then(placed('a', {}, legs));
    expectRefused([...rich, placed('b'), placed('c')], command, 'STAKE_OVER_LIMIT', { pointer: '/legs/0', stakeMaxMinor: 200 });
    expectRefused([...rich, placed('b', { stakeMinor: 2_000 })], command, 'STAKE_OVER_LIMIT', { pointer: '/legs/0', stakeMaxMinor: 0 });
    given(...rich, placed('b'), placed('c', {}, [slipLeg('m2')])).when(command).then(placed('a', {}, legs));
    given(...rich, placed('b'), placed('c'), settled('c', 1, 975, ['won'])).when(command).then(placed('a', {}, legs));
  });
});

describe('limits that the bettor has set', () => {
  const limit = (kind: LimitKind, period: LimitPeriod, amountMinor: number | null, effectiveAt = at): AccountEvent => {
    return { type: 'LimitSet', at, accountId, kind, period, amountMinor, effectiveAt };
  };
  const bet = (key: string, when: string): AccountEventOf<'BetPlaced'> => placed(key, { at: when, placedAt: when });
  const accepted = (history: readonly AccountEvent[], when: string): void => {
    given(...history).when(placeBet('a', { at: when })).then(bet('a', when));
  };

  // 2019-08-09 is a Friday; the week ends on Sunday the 11th, the month on the 31st.
  test.each([
    ['day', '2019-08-09T00:00:00.000Z', '2019-08-09T23:59:59.999Z', '2019-08-10T00:00:00.000Z'],
    ['week', '2019-08-05T00:00:00.000Z', '2019-08-11T23:59:59.999Z', '2019-08-12T00:00:00.000Z'],
    ['week', '2020-12-28T00:00:00.000Z', '2021-01-03T23:59:59.999Z', '2021-01-04T00:00:00.000Z'],
    ['month', '2019-08-01T00:00:00.000Z', '2019-08-31T23:59:59.999Z', '2019-09-01T00:00:00.000Z'],
  ] as const)('stakes count for the whole %s, from %s to %s', (period, first, last, next) => {
    const early = { ...opened, at: '2019-01-01T00:00:00.000Z' };
    const money = deposited(100_000, '2019-01-01T00:00:00.000Z');
    const history = [early, money, limit('stake', period, 999), bet('b', first)];
    expectRefused(history, placeBet('a', { at: last }), 'STAKE_LIMIT_EXCEEDED', { period, limitMinor: 999 });
    accepted(history, next);
    accepted([early, money, limit('stake', period, 1_000), bet('b', first)], last);
  });

  test('what a bet returns does not make room under a stake limit', () => {
    const history = [...rich, limit('stake', 'day', 999), placed('b'), settled('b', 1, 975, ['won'])];
    expectRefused(history, placeBet('a'), 'STAKE_LIMIT_EXCEEDED', { period: 'day', limitMinor: 999 });
  });

  test.each(['day', 'week', 'month'] as const)('a loss limit counts open stakes as lost, and what came back (%s)', (period) => {
    const history = [...rich, limit('loss', period, 999), placed('b')];
    expectRefused(history, placeBet('a'), 'LOSS_LIMIT_EXCEEDED', { period, limitMinor: 999 });
    accepted([...history, settled('b', 1, 975, ['won'])], at);
    expectRefused([...history, settled('b', 1, 0, ['lost'])], placeBet('a'), 'LOSS_LIMIT_EXCEEDED', { period, limitMinor: 999 });
    accepted([...history, voided(settled('b', 1, 500, ['open']), { settlement: 0 })], at);
  });

  test('a reversal takes its return out of the count again', () => {
    const won = settled('b', 1, 975, ['won']);
    const history = [...rich, limit('loss', 'day', 999), placed('b'), won, reversed(won)];
    expectRefused(history, placeBet('a'), 'LOSS_LIMIT_EXCEEDED', { period: 'day', limitMinor: 999 });
  });

  test('a looser limit is in force from its moment on', () => {
    const later = '2019-08-10T12:00:00.000Z';
    const history = [...rich, limit('stake', 'month', 400), limit('stake', 'month', null, later)];
    expectRefused(history, placeBet('a', { at: '2019-08-10T11:59:59.999Z' }), 'STAKE_LIMIT_EXCEEDED', { period: 'month', limitMinor: 400 });
    accepted(history, later);
  });
});

test('a refusal of a bet moves nothing', () => {
  const { decision } = given(opened).when(placeBet('a'));
  const [refusal] = decision.events;
  expect(refusal).toMatchObject({ type: 'BetRefused', betId: betIdOf(accountId, 'a') });
  const before = accountDecider.evolve(accountDecider.initial, opened);
  expect(refusal && accountDecider.evolve(before, refusal)).toEqual(before);
});

test('a fixture without a date takes no bets, in play neither', () => {
  for (const inPlay of [false, true]) {
    const legs = [slipLeg('m1', { inPlay, fixture: { ...offer().fixture, postponed: true } })];
    expectRefused(rich, placeBet('a', { legs }), 'FIXTURE_POSTPONED', { pointer: '/legs/0' });
  }
});
