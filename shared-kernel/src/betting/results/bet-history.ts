// The settlements of one bet as results come and change: what is in force, and how often it was settled and taken back. Called by the
// lifecycle tool after each message; the same rules as the account's. Pure.

import { equals, type Rational } from '../../values/rational.ts';
import type { BetSettlement, BetState } from '../settlement.ts';

export type InForce = { readonly state: BetState; readonly exact: Rational; readonly rounded: Rational };

export type SettlementHistory = {
  /** What is certain now; in force as a settlement when the state is not `open`. */
  readonly now: InForce;
  readonly settlements: number;
  readonly reversals: number;
};

export function openHistory(first: BetSettlement): SettlementHistory {
  const now = inForce(first);
  return { now, settlements: now.state === 'open' ? 0 : 1, reversals: 0 };
}

/** The same outcome confirmed is nothing; another is a reversal and a settlement; none any more is a reversal alone. */
export function afterResult(history: SettlementHistory, settlement: BetSettlement): SettlementHistory {
  const now = inForce(settlement);
  const { settlements, reversals } = history;
  const wasDecided = history.now.state !== 'open';
  const isDecided = now.state !== 'open';
  if (wasDecided && isDecided && isSame(history.now, now)) return history;
  return { now, settlements: settlements + (isDecided ? 1 : 0), reversals: reversals + (wasDecided ? 1 : 0) };
}

function inForce({ state, payout }: BetSettlement): InForce {
  return { state, exact: payout.capped, rounded: payout.rounded };
}

function isSame(a: InForce, b: InForce): boolean {
  return a.state === b.state && equals(a.exact, b.exact) && equals(a.rounded, b.rounded);
}
