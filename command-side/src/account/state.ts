// An account folded from its events: balance, limits, period counters and open bets. The hot part only: what was answered
// long ago is found through the key index.

import { placeOf, type AccountEvent, type AccountEventOf, type LimitKind, type LimitPeriod } from '@wagerline/shared-kernel/events/account-events';
import { tokensAfter, type FreeBetToken } from '@wagerline/shared-kernel/events/free-bet-tokens';
import { postings } from '@wagerline/shared-kernel/events/postings';
import { addMinor } from '@wagerline/shared-kernel/values/money';
import { periodKeys } from '@wagerline/shared-kernel/values/time';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { cappedDaysAfter, type CappedDays } from './capped-days.ts';

/** Raised when the meaning of evolve changes: older snapshots are then ignored, as they are when the shape of the state changes. */
export const evolveVersion = 2;

export type Limit = {
  readonly amountMinor: number | null;
  /** A looser limit that has been asked for and is not yet in force. */
  readonly next: { readonly amountMinor: number | null; readonly effectiveAt: string } | null;
};
export type Counter = { readonly period: string; readonly stakedMinor: number; readonly returnedMinor: number; readonly depositedMinor: number };
export type OpenBet = { readonly betId: string; readonly stakeMinor: number; readonly marketIds: readonly string[] };

export type OpenAccountState = {
  readonly status: 'open';
  readonly accountId: string;
  readonly currency: string;
  readonly brand: string;
  readonly jurisdiction: string;
  readonly balanceMinor: number;
  readonly limits: Readonly<Partial<Record<`${LimitKind}-${LimitPeriod}`, Limit>>>;
  readonly counters: Readonly<Record<LimitPeriod, Counter>>;
  /** Undefined: not excluded. Null: for ever. */
  readonly excludedUntil?: string | null;
  /** A list, because every bet makes a new one: copying a map costs many times as much as a bet does otherwise. */
  readonly openBets: readonly OpenBet[];
  /** Absent where there are none: nearly everywhere. */
  readonly freeBets?: readonly FreeBetToken[];
  readonly cappedDays?: CappedDays;
};

export type AccountState = { readonly status: 'absent' } | OpenAccountState;

export const initial: AccountState = { status: 'absent' };
export const periods: readonly LimitPeriod[] = ['day', 'week', 'month'];

export function evolve(state: AccountState, event: AccountEvent): AccountState {
  if (event.type === 'AccountOpened') {
    const { accountId, currency, brand, jurisdiction, at } = event;
    const counters = countersAt(undefined, at);
    return { status: 'open', accountId, currency, brand, jurisdiction, balanceMinor: 0, limits: {}, counters, openBets: [] };
  }
  if (state.status === 'absent') return state;
  const balanceMinor = addMinor(state.balanceMinor, bettorAmountMinor(event));
  switch (event.type) {
    case 'FundsDeposited':
      return { ...state, balanceMinor, counters: counted(state, event.at, { depositedMinor: event.amountMinor }) };
    case 'FundsWithdrawn':
      return { ...state, balanceMinor };
    case 'BetPlaced': {
      const openBets = withBet(state.openBets, openBetOf(event));
      // The house has staked it.
      if (event.freeBet !== undefined) return withPromotions({ ...state, openBets }, event);
      return { ...state, balanceMinor, openBets, counters: counted(state, event.at, { stakedMinor: event.stakeMinor }) };
    }
    case 'BetSettled':
    case 'BetVoided': {
      const openBets = without(state.openBets, event.betId);
      const counters = counted(state, event.at, { returnedMinor: balanceMinor - state.balanceMinor });
      return withPromotions({ ...state, balanceMinor, openBets, counters }, event);
    }
    case 'BetSettlementReversed': {
      const openBets = withBet(state.openBets, openBetOf(event));
      return withPromotions({ ...state, balanceMinor, openBets, counters: counted(state, event.at, { returnedMinor: -event.returnMinor }) }, event);
    }
    case 'BetMoved':
      return event.isLive ? { ...state, openBets: withMoved(state.openBets, openBetOf(event)) } : state;
    case 'FreeBetGranted':
      return withPromotions(state, event);
    case 'DailyCapApplied':
      return withPromotions({ ...state, balanceMinor, counters: counted(state, event.at, { returnedMinor: -event.changeMinor }) }, event);
    case 'LimitSet': {
      const { kind, period, amountMinor, effectiveAt, at } = event;
      const inForce = limitAt(state, kind, period, at);
      const limit = effectiveAt <= at ? { amountMinor, next: null } : { amountMinor: inForce, next: { amountMinor, effectiveAt } };
      return { ...state, limits: { ...state.limits, [`${kind}-${period}`]: limit } };
    }
    case 'SelfExcluded':
      return { ...state, excludedUntil: event.until };
    case 'DepositRefused':
    case 'WithdrawalRefused':
    case 'BetRefused':
    case 'BetResultConfirmed':
    case 'BetReturnHeld':
    case 'BetRepriced':
    case 'BetVoidRequested':
    case 'BetVoidDeclined':
    case 'BetReturnDeclined':
      return state;
    default:
      return unreachable(event);
  }
}

const noTokens: readonly FreeBetToken[] = [];

/** Tokens and capped days, only where there are any: an account without them stays the object that it is. */
function withPromotions(state: OpenAccountState, event: AccountEvent): OpenAccountState {
  const freeBets = tokensAfter(state.freeBets ?? noTokens, event);
  const cappedDays = cappedDaysAfter(state.cappedDays, event);
  if (freeBets === (state.freeBets ?? noTokens) && cappedDays === state.cappedDays) return state;
  const { freeBets: _tokens, cappedDays: _days, ...rest } = state;
  return { ...rest, ...(freeBets.length > 0 && { freeBets }), ...(cappedDays !== undefined && { cappedDays }) };
}

/** The balance is the sum of the bettor's postings, by definition. */
function bettorAmountMinor(event: AccountEvent): number {
  for (const posting of postings(event)) if (posting.account.startsWith('bettor:')) return posting.amountMinor;
  return 0;
}

function openBetOf({ betId, stakeMinor, legs }: AccountEventOf<'BetPlaced' | 'BetSettlementReversed' | 'BetMoved'>): OpenBet {
  return { betId, stakeMinor, marketIds: legs.map((leg) => placeOf(leg).marketId) };
}

/** Exactly as long as it must be: a list made by spreading has room for half as many bets again, in every account. */
function withBet(openBets: readonly OpenBet[], bet: OpenBet): readonly OpenBet[] {
  return openBets.concat([bet]);
}

function withMoved(openBets: readonly OpenBet[], bet: OpenBet): readonly OpenBet[] {
  return openBets.map((open) => (open.betId === bet.betId ? bet : open));
}

/** Bets end about in the order in which they were struck, so the one that ends is found near the start. */
function without(openBets: readonly OpenBet[], betId: string): readonly OpenBet[] {
  const index = openBets.findIndex((bet) => bet.betId === betId);
  return index < 0 ? openBets : openBets.toSpliced(index, 1);
}

/** Most bettors have none. */
export function hasLimits(state: OpenAccountState): boolean {
  for (const _ in state.limits) return true;
  return false;
}

/** The limit in force at that moment; null = none. */
export function limitAt(state: OpenAccountState, kind: LimitKind, period: LimitPeriod, at: string): number | null {
  const limit = state.limits[`${kind}-${period}`];
  if (limit === undefined) return null;
  return limit.next !== null && limit.next.effectiveAt <= at ? limit.next.amountMinor : limit.amountMinor;
}

export function isExcluded(state: OpenAccountState, at: string): boolean {
  return state.excludedUntil === null || (state.excludedUntil !== undefined && at < state.excludedUntil);
}

/** Counters of the UTC day, ISO week and month of `at`; a counter of an earlier period starts again from zero. */
export function countersAt(counters: OpenAccountState['counters'] | undefined, at: string): OpenAccountState['counters'] {
  const { day, week, month } = periodKeys(at);
  return { day: counterOf(counters?.day, day), week: counterOf(counters?.week, week), month: counterOf(counters?.month, month) };
}

function counterOf(counter: Counter | undefined, period: string): Counter {
  return counter?.period === period ? counter : { period, stakedMinor: 0, returnedMinor: 0, depositedMinor: 0 };
}

function counted({ counters }: OpenAccountState, at: string, more: Partial<Omit<Counter, 'period'>>): OpenAccountState['counters'] {
  const { day, week, month } = countersAt(counters, at);
  return { day: raised(day, more), week: raised(week, more), month: raised(month, more) };
}

function raised(counter: Counter, { stakedMinor = 0, returnedMinor = 0, depositedMinor = 0 }: Partial<Omit<Counter, 'period'>>): Counter {
  return {
    period: counter.period,
    stakedMinor: counter.stakedMinor + stakedMinor,
    returnedMinor: counter.returnedMinor + returnedMinor,
    depositedMinor: counter.depositedMinor + depositedMinor,
  };
}
