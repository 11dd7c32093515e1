// What a verdict makes of one leg of a bet: its result, and of what the market says besides the part that this bet is settled by. Called by
// settle-bet.ts. Pure; the verdict is of a market, which does not know on how many places a bet was struck.

import { deadHeatFactor } from '@wagerline/shared-kernel/betting/legs';
import type { JudgedLeg, PlacedLeg } from '@wagerline/shared-kernel/events/account-events';
import { formatRational, rational } from '@wagerline/shared-kernel/values/rational';
import type { LegVerdict, VerdictDetail } from './commands.ts';

type Known = Pick<JudgedLeg, 'result' | 'detail'>;

export function knownOf(leg: PlacedLeg | JudgedLeg, { result, detail }: LegVerdict): Known {
  if (detail === undefined) return leg.startingPrice === true && isPaid(result) ? { result: 'open' } : { result };
  const { winDeadHeat, rule4Percent, startingOdds, startingRule4Percent } = detail;
  const place = leg.placeFraction === undefined ? {} : placeOf(leg.places ?? 1, detail);
  const isUnpriced = leg.startingPrice === true && startingOdds === undefined;
  if (isUnpriced && (isPaid(result) || isPaid(place.placeResult ?? result))) return { result: 'open' };
  const kept = {
    ...place,
    ...(winDeadHeat !== undefined && { winDeadHeat }),
    // The starting price is of those who ran.
    ...(rule4Percent !== undefined && rule4Percent > 0 && leg.startingPrice !== true && { rule4Percent }),
    ...(startingOdds !== undefined && { startingOdds }),
    ...(startingRule4Percent !== undefined && startingRule4Percent > 0 && { startingRule4Percent }),
  };
  return Object.keys(kept).length === 0 ? { result } : { result, detail: kept };
}

/** Until its starting price is known, such a leg is open. */
function isPaid(result: LegVerdict['result']): boolean {
  return result === 'won' || result === 'placed' || result === 'half_won';
}

function placeOf(places: number, { placeResult, placeDeadHeat, position, tied = 1 }: VerdictDetail): NonNullable<JudgedLeg['detail']> {
  if (position === undefined) return { ...(placeResult !== undefined && { placeResult }), ...(placeDeadHeat !== undefined && { placeDeadHeat }) };
  if (position > places) return { placeResult: 'lost' };
  const { n, d } = deadHeatFactor(places, position, tied);
  return { placeResult: 'won', ...(n !== d && { placeDeadHeat: formatRational(rational(n, d)) }) };
}
