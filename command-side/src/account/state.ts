// An account folded from its events: balance, limits, period counters and open bets. The hot part only: what was answered
// long ago is found through the key index.

import type { AccountEvent, LimitKind, LimitPeriod } from '@wagerline/shared-kernel/events/account-events';
import { postings } from '@wagerline/shared-kernel/events/postings';
import { periodKeys } from '@wagerline/shared-kernel/values/time';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';

/** Raised when the meaning of evolve changes: older snapshots are then ignored, as they are when the shape of the state changes. */
export const evolveVersion = 1;

export type Limit = {
  readonly amountMinor: number | null;
  /** A looser limit that has been asked for and is not yet in force. */
  readonly next: { readonly amountMinor: number | null; readonly effectiveAt: string } | null;
};
export type Counter = { readonly period: string; readonly stakedMinor: number; readonly returnedMinor: number; readonly depositedMinor: number };
export type OpenBet = { readonly stakeMinor: number; readonly marketIds: readonly string[] };

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
  readonly openBets: ReadonlyMap<string, OpenBet>;
};

export type AccountState = { readonly status: 'absent' } | OpenAccountState;

export const initial: AccountState = { status: 'absent' };
export const periods: readonly LimitPeriod[] = ['day', 'week', 'month'];

export function evolve(state: AccountState, event: AccountEvent): AccountState {
  if (event.type === 'AccountOpened') {
    const { accountId, currency, brand, jurisdiction, at } = event;
    const counters = countersAt(undefined, at);
    return { status: 'open', accountId, currency, brand, jurisdiction, balanceMinor: 0, limits: {}, counters, openBets: new Map() };
  }
  if (state.status === 'absent') return state;
  const bettor = postings(event).find((posting) => posting.account.startsWith('bettor:'));
  const next = { ...state, balanceMinor: state.balanceMinor + (bettor?.amountMinor ?? 0) };
  switch (event.type) {
    case 'FundsDeposited':
      return { ...next, counters: count(state, event.at, { depositedMinor: event.amountMinor }) };
    case 'BetPlaced': {
      const openBets = new Map(state.openBets).set(event.betId, { stakeMinor: event.stakeMinor, marketIds: event.legs.map((leg) => leg.marketId) });
      return { ...next, openBets, counters: count(state, event.at, { stakedMinor: event.stakeMinor }) };
    }
    case 'BetSettled':
      return { ...next, openBets: without(state.openBets, event.betId), counters: count(state, event.at, { returnedMinor: event.returnMinor }) };
    case 'BetVoided':
      return { ...next, openBets: without(state.openBets, event.betId), counters: count(state, event.at, { returnedMinor: event.stakeMinor }) };
    case 'BetSettlementReversed': {
      const openBets = new Map(state.openBets).set(event.betId, { stakeMinor: event.stakeMinor, marketIds: event.legs.map((leg) => leg.marketId) });
      return { ...next, openBets, counters: count(state, event.at, { returnedMinor: -event.returnMinor }) };
    }
    case 'LimitSet': {
      const { kind, period, amountMinor, effectiveAt, at } = event;
      const inForce = limitAt(state, kind, period, at);
      const limit = effectiveAt <= at ? { amountMinor, next: null } : { amountMinor: inForce, next: { amountMinor, effectiveAt } };
      return { ...next, limits: { ...state.limits, [`${kind}-${period}`]: limit } };
    }
    case 'SelfExcluded':
      return { ...next, excludedUntil: event.until };
    case 'FundsWithdrawn':
    case 'DepositRefused':
    case 'WithdrawalRefused':
    case 'BetRefused':
    case 'BetResultConfirmed':
      return next;
    default:
      return unreachable(event);
  }
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
  const keys = periodKeys(at);
  const of = (period: LimitPeriod): Counter => {
    const counter = counters?.[period];
    return counter?.period === keys[period] ? counter : { period: keys[period], stakedMinor: 0, returnedMinor: 0, depositedMinor: 0 };
  };
  return { day: of('day'), week: of('week'), month: of('month') };
}

function count(state: OpenAccountState, at: string, add: Partial<Omit<Counter, 'period'>>): OpenAccountState['counters'] {
  const counters = countersAt(state.counters, at);
  const raised = (counter: Counter): Counter => ({
    period: counter.period,
    stakedMinor: counter.stakedMinor + (add.stakedMinor ?? 0),
    returnedMinor: counter.returnedMinor + (add.returnedMinor ?? 0),
    depositedMinor: counter.depositedMinor + (add.depositedMinor ?? 0),
  });
  return { day: raised(counters.day), week: raised(counters.week), month: raised(counters.month) };
}

function without(openBets: OpenAccountState['openBets'], betId: string): OpenAccountState['openBets'] {
  const rest = new Map(openBets);
  rest.delete(betId);
  return rest;
}
