// From what is known of a market to the result of one leg of a bet: first what it says of the selection at the bet's place in the log, then
// what that is by the terms of the bet. Called by the settlement job, by the account's decide and by reports on settlement. Pure.

import type { JudgedLeg } from '../events/account-events.ts';
import { formatRational, rational } from '../values/rational.ts';
import { toMs } from '../values/time.ts';
import { assert } from '../values/unreachable.ts';
import { deadHeatFactor } from './legs.ts';
import type { MarketDetails } from '../ports/settlement-index.ts';
import type { KnownResult } from './result-after.ts';
import { rule4Total, tattersalls } from './rule4.ts';
import type { LegDetail } from './settle.ts';
import type { SelectionOutcome } from './results/feed-outcome.ts';
import type { LegOutcome } from './slip.ts';

/** What the market says beyond the result. A `position` is turned into the place part by the places of the bet; absent = nothing said.
 * `withdrawn`: the selection does not run. */
export type VerdictDetail = LegDetail & { readonly winDeadHeat?: string; readonly position?: number; readonly tied?: number; readonly withdrawn?: true };
/** `confirmed`: what rules say that pay confirmed results only, where that is something else. */
export type Verdict = SelectionOutcome & {
  readonly confirmed?: SelectionOutcome;
  readonly detail?: VerdictDetail;
  /** The odds in the place of those that were a palpable error. */
  readonly corrected?: { readonly odds: string; readonly reason: string };
  /** Won by this rule, whatever comes. */
  readonly paidEarly?: string;
};

/** A leg as it was struck: `position` of its bet in the log, `marketVersion` that it was judged against. */
export type StruckOn = { readonly selectionId: string; readonly marketVersion: number; readonly position: number; readonly placedAtMs: number };

export function verdictOn(known: KnownResult, struck: StruckOn): Verdict {
  const corrected = correctedFor(known.details?.priceErrors ?? [], struck);
  return { ...outcomeOn(known, struck), ...(corrected !== undefined && { corrected: { odds: corrected.odds, reason: corrected.reason } }) };
}

type PriceErrors = NonNullable<MarketDetails['priceErrors']>;

/** The newest declaration that the leg was struck under. */
function correctedFor(priceErrors: PriceErrors, { selectionId, marketVersion, position, placedAtMs }: StruckOn): PriceErrors[number] | undefined {
  return priceErrors.findLast(({ from, until, fromVersion, untilVersion, ...error }) => {
    if (error.selectionId !== selectionId || error.position < position) return false;
    const isInTime = (from === undefined || placedAtMs >= toMs(from)) && (until === undefined || placedAtMs < toMs(until));
    return isInTime && marketVersion >= (fromVersion ?? 0) && marketVersion < (untilVersion ?? Infinity);
  });
}

/** Rule 4 is off bets of before a withdrawal. */
function outcomeOn({ results, details }: KnownResult, { selectionId, position: placedAt }: StruckOn): Verdict {
  const early = details?.paidEarly?.[selectionId];
  if (early !== undefined && early.position > placedAt) return { result: 'won', paidEarly: early.reason };
  if (results === null) return { result: 'void' };
  const told = results[selectionId];
  assert(told !== undefined || details !== undefined, `a result says something of selection ${selectionId}`);
  const outcome: Verdict = told === undefined ? { result: 'open' } : typeof told === 'string' ? { result: told } : told;
  if (details === undefined) return outcome;
  const { withdrawn = [], starting, selections } = details;
  const own = withdrawn.find((each) => each.selectionId === selectionId);
  if (own !== undefined) return own.result === 'lost' ? { result: 'lost' } : { result: 'void', detail: { withdrawn: true } };
  if (outcome.result === 'open' && outcome.confirmed === undefined) return outcome;
  const off = rule4Total(tattersalls, withdrawn.filter(({ position }) => position > placedAt).map(({ rule4Percent }) => rule4Percent));
  const start = starting?.[selectionId];
  const detail: VerdictDetail = {
    ...selections?.[selectionId],
    ...(off > 0 && { rule4Percent: off }),
    ...(start !== undefined && { startingOdds: start.odds, startingRule4Percent: start.rule4Percent }),
  };
  return Object.keys(detail).length === 0 ? outcome : { ...outcome, detail };
}

type Known = Pick<JudgedLeg, 'result' | 'voidFactor' | 'winDeadHeat' | 'detail' | 'corrected' | 'paidEarly'>;
type StruckTerms = Pick<JudgedLeg, 'startingPrice' | 'placeFraction' | 'places' | 'antePost'>;

/** What of it this leg is settled by. A leg at the starting price was struck at no price that could be wrong. */
export function knownOf(leg: StruckTerms, { corrected, paidEarly, ...verdict }: Verdict): Known {
  const isRepriced = corrected !== undefined && leg.startingPrice !== true;
  return { ...outcomeFor(leg, verdict), ...(isRepriced && { corrected }), ...(paidEarly !== undefined && { paidEarly }) };
}

/** The market does not know on how many places a bet was struck, nor whether ante-post. */
function outcomeFor(leg: StruckTerms, { result, voidFactor, winDeadHeat: share, detail = {} }: Verdict): Known {
  if (leg.antePost === true && detail.withdrawn === true) return { result: 'lost' };
  const { winDeadHeat = share, rule4Percent, startingOdds, startingRule4Percent } = detail;
  const place = leg.placeFraction === undefined ? {} : placeOf(leg.places ?? 1, detail);
  const isUnpriced = leg.startingPrice === true && startingOdds === undefined;
  if (isUnpriced && (isPaid(result) || isPaid(place.placeResult ?? result))) return { result: 'open' };
  const kept = {
    ...place,
    // The starting price is of those who ran; ante-post bets lose on those who do not, so that nothing is owed for them.
    ...(rule4Percent !== undefined && rule4Percent > 0 && leg.startingPrice !== true && leg.antePost !== true && { rule4Percent }),
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
