// How the return of a bet came about, or what an open one is worth so far: computed from its terms and its legs' results whenever it is
// asked for, and stored nowhere. Called by routes.ts for one bet, never for a list.

import { explainBet } from '@wagerline/shared-kernel/betting/explain';
import { settleBet } from '@wagerline/shared-kernel/betting/settle';
import type { BetDocument } from '@wagerline/shared-kernel/read-models/bet-history';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

import { exactText } from '../exact-text.ts';

/** Of an open bet, some of whose odds were corrected. */
export function returnMaxOf(bet: BetDocument): number | null {
  return settleBet(bet).returnMaxMinor;
}

/** Amounts are minor units of the bet's currency; those of the steps add up to `certainReturnMinor`, which is the return of a decided bet. */
export function explanationOf(bet: BetDocument): JsonObject {
  const { unitStakeMinor, shape, eachWay, ruleSet, rules, freeBet, currency } = bet;
  // Voided by hand, whatever its legs came to.
  const isVoided = bet.history.at(-1)?.type === 'voided';
  const legs = bet.legs.map((leg) => (isVoided ? { ...leg, result: 'void' as const } : leg));
  const agreed = { ...(rules !== undefined && { rules }), ...(freeBet !== undefined && { freeBet }) };
  const struck = { unitStakeMinor, shape, eachWay, ruleSet, ...agreed, currency, legs };
  const { returnMinor, returnMaxMinor } = settleBet(struck);
  const steps = explainBet(struck).map(({ step, legs: of, part, amount, text }) => ({ step, legs: of, part, amountMinor: exactText(amount), text }));
  return { certainReturnMinor: returnMinor, returnMaxMinor, steps };
}
