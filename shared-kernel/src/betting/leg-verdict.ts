// From what is known of a market to the result of one leg of a bet: first what it says of the selection at the bet's place in the log, then
// what that is by the terms of the bet. Called by the settlement job, by the account's decide and by reports on settlement. Pure.

import type { JudgedLeg } from '../events/account-events.ts';
import { formatRational, rational } from '../values/rational.ts';
import { assert } from '../values/unreachable.ts';
import { deadHeatFactor } from './legs.ts';
import type { KnownResult } from './result-after.ts';
import { rule4Total, tattersalls } from './rule4.ts';
import type { LegDetail } from './settle.ts';
import type { SelectionOutcome } from './results/feed-outcome.ts';
import type { LegOutcome } from './slip.ts';

/** What the market says beyond the result. A `position` is turned into the place part by the places of the bet; absent = nothing said. */
export type VerdictDetail = LegDetail & { readonly winDeadHeat?: string; readonly position?: number; readonly tied?: number };
/** `confirmed`: what rules say that pay confirmed results only, where that is something else. */
export type Verdict = SelectionOutcome & { readonly confirmed?: SelectionOutcome; readonly detail?: VerdictDetail };

/** Rule 4 is off bets of before a withdrawal: `placedAt` is the bet's position in the log. */
export function verdictOn({ results, details }: KnownResult, selectionId: string, placedAt: number): Verdict {
  if (results === null) return { result: 'void' };
  const told = results[selectionId];
  assert(told !== undefined || details !== undefined, `a result says something of selection ${selectionId}`);
  const outcome: Verdict = told === undefined ? { result: 'open' } : typeof told === 'string' ? { result: told } : told;
  if (details === undefined) return outcome;
  const { withdrawn = [], starting, selections } = details;
  const own = withdrawn.find((each) => each.selectionId === selectionId);
  if (own !== undefined) return { result: own.result };
  if (outcome.result === 'open' && outcome.confirmed === undefined) return outcome;
  const off = rule4Total(tattersalls, withdrawn.filter(({ position }) => position > placedAt).map(({ rule4Percent }) => rule4Percent));
  const start = starting?.[selectionId];
  const detail: VerdictDetail = {
    ...selections?.[selectionId],
    ...(off > 0 && { rule4Percent: off }),
    ...(start !== undefined && { startingOdds: start.odds, startingRule4Percent: start.rule4Percent }),
  };
  return { ...outcome, detail };
}

type Known = Pick<JudgedLeg, 'result' | 'voidFactor' | 'winDeadHeat' | 'detail'>;
type StruckTerms = Pick<JudgedLeg, 'startingPrice' | 'placeFraction' | 'places'>;

/** What of it this leg is settled by. The market does not know on how many places a bet was struck. */
export function knownOf(leg: StruckTerms, { result, voidFactor, winDeadHeat: share, detail = {} }: Verdict): Known {
  const { winDeadHeat = share, rule4Percent, startingOdds, startingRule4Percent } = detail;
  const place = leg.placeFraction === undefined ? {} : placeOf(leg.places ?? 1, detail);
  const isUnpriced = leg.startingPrice === true && startingOdds === undefined;
  if (isUnpriced && (isPaid(result) || isPaid(place.placeResult ?? result))) return { result: 'open' };
  const kept = {
    ...place,
    // The starting price is of those who ran.
    ...(rule4Percent !== undefined && rule4Percent > 0 && leg.startingPrice !== true && { rule4Percent }),
    ...(startingOdds !== undefined && { startingOdds }),
    ...(startingRule4Percent !== undefined && startingRule4Percent > 0 && { startingRule4Percent }),
  };
  const shares = { ...(voidFactor !== undefined && { voidFactor }), ...(winDeadHeat !== undefined && { winDeadHeat }) };
  return { result, ...shares, ...(Object.keys(kept).length > 0 && { detail: kept }) };
}

/** Until its starting price is known, such a leg is open. */
function isPaid(result: LegOutcome): boolean {
  return result === 'won' || result === 'placed' || result === 'half_won';
}

function placeOf(places: number, { placeResult, placeDeadHeat, position, tied = 1 }: VerdictDetail): NonNullable<JudgedLeg['detail']> {
  if (position === undefined) return { ...(placeResult !== undefined && { placeResult }), ...(placeDeadHeat !== undefined && { placeDeadHeat }) };
  if (position > places) return { placeResult: 'lost' };
  const { n, d } = deadHeatFactor(places, position, tied);
  return { placeResult: 'won', ...(n !== d && { placeDeadHeat: formatRational(rational(n, d)) }) };
}
