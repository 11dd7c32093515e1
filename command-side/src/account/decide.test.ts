// Examples of every decision about an account but placing and settling, which have files of their own.

import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import type { AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import { describe, test } from 'vitest';
import type { AccountCommand } from './commands.ts';
import { accountDecider } from './decide.ts';
import { accountId, at, deposited, moneyKey, opened, placed, reversed, settled } from './samples.ts';

const given = scenarioOf(accountDecider);
const nextDay = '2019-08-10T12:00:00.000Z';
const open: AccountCommand = { type: 'OpenAccount', accountId, currency: 'GBP', brand: 'demo', jurisdiction: 'GB', at };

describe('opening', () => {
  test('an account is opened', () => given().when(open).then(opened));
  test('other attributes under the same id are refused', () => given(opened).when({ ...open, currency: 'EUR' }).thenRefused('ACCOUNT_ALREADY_OPEN', {}));
  test('an unknown currency is refused', () => given().when({ ...open, currency: 'XXX' }).thenRefused('CURRENCY_UNKNOWN', { pointer: '/currency' }));
  test('nothing happens to an absent account', () => given().when({ type: 'SelfExclude', until: null, at }).thenRefused('ACCOUNT_NOT_FOUND', {}));
});

describe('funds', () => {
  const funds = { accountId, amountMinor: 300, currency: 'GBP', ...moneyKey('k') };
  const move = (type: 'Deposit' | 'Withdraw', change: Partial<Extract<AccountCommand, { type: 'Deposit' | 'Withdraw' }>> = {}): AccountCommand => {
    return { type, amountMinor: 300, amountMinorMax: 10_000, currency: 'GBP', ...moneyKey('k'), at, ...change };
  };
  const refused = (type: 'DepositRefused' | 'WithdrawalRefused', code: string, detail = {}, change = {}): AccountEvent => {
    return { type, at, ...funds, code, detail, ...change };
  };

  test('a deposit is credited', () => given(opened).when(move('Deposit')).then({ type: 'FundsDeposited', at, ...funds }));
  test('a withdrawal is debited', () => given(opened, deposited(300)).when(move('Withdraw')).then({ type: 'FundsWithdrawn', at, ...funds }));
  test('a withdrawal above the balance is refused, on record', () =>
    given(opened, deposited(299)).when(move('Withdraw')).thenRefused('INSUFFICIENT_FUNDS', {}, refused('WithdrawalRefused', 'INSUFFICIENT_FUNDS')));
  test('money of another currency is refused', () => {
    const detail = { pointer: '/currency', currency: 'GBP' };
    given(opened)
      .when(move('Deposit', { currency: 'EUR' }))
      .thenRefused('CURRENCY_MISMATCH', detail, refused('DepositRefused', 'CURRENCY_MISMATCH', detail, { currency: 'EUR' }));
  });
  test('a deposit above the maximum is refused', () => {
    const detail = { pointer: '/amountMinor', amountMinorMax: 299 };
    given(opened).when(move('Deposit', { amountMinorMax: 299 })).thenRefused('AMOUNT_INVALID', detail, refused('DepositRefused', 'AMOUNT_INVALID', detail));
  });
  test('a self-excluded bettor does not deposit, and may withdraw', () => {
    const excluded: AccountEvent = { type: 'SelfExcluded', at, accountId, until: null };
    given(opened, excluded).when(move('Deposit')).thenRefused('SELF_EXCLUDED', {}, refused('DepositRefused', 'SELF_EXCLUDED'));
    given(opened, deposited(300), excluded).when(move('Withdraw')).then({ type: 'FundsWithdrawn', at, ...funds });
  });
  test('a deposit limit counts what was deposited in the period', () => {
    const limit: AccountEvent = { type: 'LimitSet', at, accountId, kind: 'deposit', period: 'day', amountMinor: 500, effectiveAt: at };
    const detail = { period: 'day', limitMinor: 500 };
    given(opened, limit, deposited(200)).when(move('Deposit')).then({ type: 'FundsDeposited', at, ...funds });
    given(opened, limit, deposited(201))
      .when(move('Deposit'))
      .thenRefused('DEPOSIT_LIMIT_EXCEEDED', detail, refused('DepositRefused', 'DEPOSIT_LIMIT_EXCEEDED', detail));
    given(opened, limit, deposited(201)).when(move('Deposit', { at: nextDay })).then({ type: 'FundsDeposited', ...funds, at: nextDay });
  });
  test('below zero nothing is withdrawn', () => {
    // Only a reversal makes a balance negative: here of a settlement whose return was withdrawn.
    const won = settled('b', 1, 975, ['won']);
    const withdrawn: AccountEvent = { type: 'FundsWithdrawn', at, accountId, amountMinor: 975, currency: 'GBP', ...moneyKey('w') };
    given(opened, deposited(500), placed('b'), won, withdrawn, reversed(won))
      .when(move('Withdraw'))
      .thenRefused('ACCOUNT_BLOCKED', {}, refused('WithdrawalRefused', 'ACCOUNT_BLOCKED'));
  });
});

describe('limits', () => {
  const set = (amountMinor: number | null, when = at): AccountCommand => ({ type: 'SetLimit', kind: 'stake', period: 'day', amountMinor, at: when });
  const wasSet = (amountMinor: number | null, effectiveAt = at, when = at): AccountEvent => {
    return { type: 'LimitSet', at: when, accountId, kind: 'stake', period: 'day', amountMinor, effectiveAt };
  };
  test('a first limit is in force at once', () => given(opened).when(set(500)).then(wasSet(500)));
  test('a tighter limit is in force at once', () => given(opened, wasSet(500)).when(set(400)).then(wasSet(400)));
  test('a looser limit waits for 24 hours', () => given(opened, wasSet(500)).when(set(600)).then(wasSet(600, nextDay)));
  test('taking a limit away waits for 24 hours', () => given(opened, wasSet(500)).when(set(null)).then(wasSet(null, nextDay)));
  test('a tighter limit replaces a looser one that waits', () => given(opened, wasSet(500), wasSet(600, nextDay)).when(set(500)).then(wasSet(500)));
  test('a looser limit is in force after its time', () =>
    given(opened, wasSet(500), wasSet(600, nextDay)).when(set(600, nextDay)).thenNothing());
});

describe('self-exclusion', () => {
  const exclude = (until: string | null): AccountCommand => ({ type: 'SelfExclude', until, at });
  const excluded = (until: string | null): AccountEvent => ({ type: 'SelfExcluded', at, accountId, until });
  test('until a day, or for ever', () => {
    given(opened).when(exclude(nextDay)).then(excluded(nextDay));
    given(opened, excluded(nextDay)).when(exclude(null)).then(excluded(null));
  });
  test('it only becomes longer', () => {
    given(opened, excluded(null)).when(exclude(nextDay)).thenRefused('SELF_EXCLUSION_SHORTER', { pointer: '/until' });
    given(opened).when(exclude(at)).thenRefused('SELF_EXCLUSION_SHORTER', { pointer: '/until' });
  });
});
