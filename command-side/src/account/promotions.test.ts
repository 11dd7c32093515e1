// Examples of free bets and daily caps: granted, used, given back; withheld, and paid out again after a correction.

import type { AccountEvent, AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import { fold } from '@wagerline/shared-kernel/decider';
import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { AccountCommand } from './commands.ts';
import { accountDecider } from './decide.ts';
import { accountId, at, deposited, opened, placeBet, placed, reversed, settle, settled, verdict, voided } from './samples.ts';
import { accountSnapshots } from './snapshot.ts';

const given = scenarioOf(accountDecider);
const freeBetId = '9a0f2c1e-4b7d-4e0a-8a51-6b1f6f6f0b01';
const expiresAt = '2019-09-09T12:00:00.000Z';
const grant: AccountCommand = { type: 'GrantFreeBet', freeBetId, kind: 'stake-not-returned', amountMinor: 500, currency: 'GBP', expiresAt, at };
const granted: AccountEvent = { type: 'FreeBetGranted', at, accountId, freeBetId, kind: 'stake-not-returned', amountMinor: 500, currency: 'GBP', expiresAt };
const freeBet = { freeBetId, kind: 'stake-not-returned' as const, expiresAt };
const used = placed('b', { freeBet, returnMaxMinor: 475 });
const stateAfter = (...events: readonly AccountEvent[]) => {
  const state = fold(accountDecider, events);
  if (state.status === 'absent') throw new Error('the account is open');
  return state;
};
const tokensAfter = (...events: readonly AccountEvent[]) => stateAfter(...events).freeBets ?? [];
const token = { ...freeBet, amountMinor: 500 };

describe('a free bet', () => {
  test('is granted once', () => {
    given(opened).when(grant).then(granted);
    given(opened, granted, used).when(grant).thenNothing();
    given(opened, granted).when({ ...grant, amountMinor: 501 }).thenRefused('FREE_BET_EXISTS', {});
    given(opened).when({ ...grant, currency: 'EUR' }).thenRefused('CURRENCY_MISMATCH', { pointer: '/currency', currency: 'GBP' });
  });
  test('stakes a bet of its amount, without money of the bettor', () => {
    given(opened, granted).when(placeBet('b', { freeBetId })).then(used);
    expect(stateAfter(opened, granted, used)).toMatchObject({ balanceMinor: 0, counters: { day: { stakedMinor: 0 } } });
    expect(tokensAfter(opened, granted, used)).toEqual([]);
  });
  test('is refused when it is gone, has expired or is of another amount', () => {
    const codeOf = (history: readonly AccountEvent[], change: Parameters<typeof placeBet>[1]) => {
      const { decision } = given(...history).when(placeBet('c', { freeBetId, ...change }));
      return decision.outcome === 'refused' && [decision.code, decision.detail['pointer']];
    };
    expect(codeOf([opened, granted, used], {})).toEqual(['FREE_BET_NOT_FOUND', '/freeBetId']);
    expect(codeOf([opened, granted], { at: expiresAt })).toEqual(['FREE_BET_EXPIRED', '/freeBetId']);
    expect(codeOf([opened, granted], { unitStakeMinor: 499 })).toEqual(['FREE_BET_STAKE', '/freeBetId']);
  });
  test('returns its winnings, and its token when it is void', () => {
    const won = { ...settled('b', 1, 475, ['won']), freeBet, returnMaxMinor: 475 };
    given(opened, granted, used).when(settle('b', verdict('won'))).then(won);
    const isVoid = { ...settled('b', 1, 0, ['void']), state: 'void' as const, freeBet, returnMaxMinor: 475 };
    given(opened, granted, used).when(settle('b', verdict('void'))).then(isVoid);
    expect(tokensAfter(opened, granted, used, won)).toEqual([]);
    expect(tokensAfter(opened, granted, used, isVoid)).toEqual([token]);
    expect(tokensAfter(opened, granted, used, isVoid, reversed(isVoid))).toEqual([]);
    const byHand = voided(settled('b', 1, 0, ['open']), { freeBet });
    expect(stateAfter(opened, granted, used, byHand)).toMatchObject({ balanceMinor: 0, freeBets: [token] });
  });
  test('is in a snapshot as it is in the state', () => {
    const state = stateAfter(opened, deposited(100), granted);
    expect(accountSnapshots.fromJson(accountSnapshots.toJson(state))).toEqual(state);
  });
});

describe('a daily cap', () => {
  const ruleSet = 'promotions@1';
  const [one, two] = ['one', 'two'].map((key) => placed(key, { ruleSet, unitStakeMinor: 250_000, stakeMinor: 250_000, returnMaxMinor: 487_500 }));
  const paid = (key: string): AccountEventOf<'BetSettled'> => {
    const terms = { ruleSet, unitStakeMinor: 250_000, stakeMinor: 250_000, returnMaxMinor: 487_500 };
    return { ...settled(key, 1, 487_500, ['won']), ...terms };
  };
  if (one === undefined || two === undefined) throw new Error('there are two');
  const history = [opened, deposited(500_000), one, two];
  const capped: AccountEventOf<'DailyCapApplied'> = {
    type: 'DailyCapApplied', at, accountId, ruleSet, day: '2019-08-09', currency: 'GBP',
    returnsMinor: 975_000, capMinor: 800_000, withheldMinor: 175_000, changeMinor: 175_000,
  };

  test('withholds what the bets of a day return above it', () => {
    given(...history).when(settle('one', verdict('won'))).then(paid('one'));
    given(...history, paid('one')).when(settle('two', verdict('won'))).then(paid('two'), capped);
    expect(stateAfter(...history, paid('one'), paid('two'), capped)).toMatchObject({ balanceMinor: 800_000, counters: { day: { returnedMinor: 800_000 } } });
  });
  test('gives back what a correction leaves below it', () => {
    const now = verdict('lost', 6);
    const { decision } = given(...history, paid('one'), paid('two'), capped).when(settle('one', now));
    expect(decision.events).toMatchObject([
      { type: 'BetSettlementReversed', returnMinor: 487_500 },
      { type: 'BetSettled', returnMinor: 0 },
      { ...capped, returnsMinor: 487_500, withheldMinor: 0, changeMinor: -175_000 },
    ]);
    expect(stateAfter(...history, paid('one'), paid('two'), capped, ...decision.events).balanceMinor).toBe(487_500);
  });
  test('is in a snapshot as it is in the state', () => {
    const state = stateAfter(...history, paid('one'), paid('two'), capped);
    expect(state.cappedDays).toEqual({ '2019-08-09 promotions@1': { returnsMinor: 975_000, withheldMinor: 175_000 } });
    expect(accountSnapshots.fromJson(accountSnapshots.toJson(state))).toEqual(state);
  });
});
