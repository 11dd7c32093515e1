// Daily caps in the state of an account: what the bets of each day have returned, and what of it is withheld. Called by decide.ts and state.ts.
// Pure. An account whose bets are under no such rule set has none of this.

import { cappedDayOf, withheldMinor } from '@wagerline/shared-kernel/betting/daily-cap';
import type { Decision } from '@wagerline/shared-kernel/decider';
import type { AccountEvent, AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import { voidedReturnMinor } from '@wagerline/shared-kernel/events/postings';

/** By day and rule set: what its bets have returned, and what of it is above the cap. */
export type CappedDays = Readonly<Record<string, { readonly returnsMinor: number; readonly withheldMinor: number }>>;
type Account = { readonly accountId: string; readonly cappedDays?: CappedDays };
type Returning = AccountEventOf<'BetSettled' | 'BetSettlementReversed' | 'BetVoided'>;

/** Of an older day the account no longer knows the sum: a correction then starts from zero, and withholds nothing that it did not pay. */
const daysMax = 400;

/** The decision with what follows from it for its day: at most one more event, behind all others. */
export function withDailyCap(decision: Decision<AccountEvent>, { accountId, cappedDays }: Account): Decision<AccountEvent> {
  const last = decision.events.findLast(isReturning);
  const capped = last && cappedDayOf(last);
  if (last === undefined || capped === undefined) return decision;
  const { day, ruleSet, capMinor } = capped;
  const before = cappedDays?.[keyOf(day, ruleSet)] ?? { returnsMinor: 0, withheldMinor: 0 };
  const returnsMinor = Math.max(0, decision.events.reduce((sum, event) => sum + returnedBy(event), before.returnsMinor));
  const withheld = withheldMinor(returnsMinor, capMinor);
  const changeMinor = withheld - before.withheldMinor;
  if (changeMinor === 0) return decision;
  const { currency, at } = last;
  const sums = { returnsMinor, capMinor, withheldMinor: withheld, changeMinor };
  return { ...decision, events: [...decision.events, { type: 'DailyCapApplied', at, accountId, ruleSet, day, currency, ...sums }] };
}

/** After any event: the same object where it is none of these. */
export function cappedDaysAfter(days: CappedDays | undefined, event: AccountEvent): CappedDays | undefined {
  if (event.type === 'DailyCapApplied') {
    const key = keyOf(event.day, event.ruleSet);
    return { ...days, [key]: { returnsMinor: event.returnsMinor, withheldMinor: event.withheldMinor } };
  }
  const capped = isReturning(event) ? cappedDayOf(event) : undefined;
  if (capped === undefined) return days;
  const key = keyOf(capped.day, capped.ruleSet);
  const known = days?.[key] ?? { returnsMinor: 0, withheldMinor: 0 };
  return bounded({ ...days, [key]: { ...known, returnsMinor: Math.max(0, known.returnsMinor + returnedBy(event)) } });
}

function bounded(days: CappedDays): CappedDays {
  const keys = Object.keys(days);
  if (keys.length <= daysMax) return days;
  const [oldest] = keys.sort();
  return Object.fromEntries(Object.entries(days).filter(([key]) => key !== oldest));
}

function isReturning(event: AccountEvent): event is Returning {
  return event.type === 'BetSettled' || event.type === 'BetSettlementReversed' || event.type === 'BetVoided';
}

function returnedBy(event: AccountEvent): number {
  if (event.type === 'BetSettled') return event.returnMinor;
  if (event.type === 'BetSettlementReversed') return -event.returnMinor;
  return event.type === 'BetVoided' ? voidedReturnMinor(event) : 0;
}

/** The day first, so that text order is time order. */
function keyOf(day: string, ruleSet: string): string {
  return `${day} ${ruleSet}`;
}
