// The daily cap of a rule set: what the bets that one bettor struck on one day may return together. Called by the account's decide and evolve.
// The bets keep their own returns; what is above the cap is withheld in one sum, which follows every settlement and reversal.

import { currencyExponent, isCurrency } from '../values/money.ts';
import { rational, roundToInteger } from '../values/rational.ts';
import { dayIn } from '../values/time.ts';
import { assert } from '../values/unreachable.ts';
import { withheldOverDailyCap } from './bonuses.ts';
import { exact } from './legs.ts';
import { ruleSet } from './rule-sets.ts';

export type CappedDay = { readonly ruleSet: string; readonly day: string; readonly capMinor: number };
type Struck = { readonly ruleSet: string; readonly placedAt: string; readonly currency: string };

/** Undefined where the bet's rule set has no such cap. The cap is rounded down to a minor unit. */
export function cappedDayOf({ ruleSet: id, placedAt, currency }: Struck): CappedDay | undefined {
  const { dailyCap } = ruleSet(id);
  if (dailyCap === undefined) return undefined;
  assert(isCurrency(currency), 'a bet is in a currency that we know');
  const { n, d } = exact(dailyCap.amount);
  const capMinor = roundToInteger(rational(n * 10n ** BigInt(currencyExponent(currency)), d), 'down');
  return { ruleSet: id, day: dayIn(dailyCap.timeZone, placedAt), capMinor: Number(capMinor) };
}

export function withheldMinor(returnsMinor: number, capMinor: number): number {
  return Number(withheldOverDailyCap([rational(BigInt(returnsMinor))], rational(BigInt(capMinor))).n);
}
