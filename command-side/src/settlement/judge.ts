// What is known of a bet at one position of the log, from the index: a verdict per leg, and whether it can say anything new to the
// account. Called by the slots. Pure: the same index and position give the same verdicts for ever.

import { verdictOn } from '@wagerline/shared-kernel/betting/leg-verdict';
import type { IndexedBet, MarketResult } from '@wagerline/shared-kernel/ports/settlement-index';
import type { LegVerdict, Why } from '../account/commands.ts';

/** Of one market, oldest first. */
export type ResultsOf = (marketId: string) => readonly MarketResult[];

export type News = { readonly verdicts: readonly LegVerdict[]; readonly why: Why };

const late: LegVerdict = { result: 'void', resultRevision: null, late: true };
const open: LegVerdict = { result: 'open', resultRevision: null, late: false };

/** The newest result of each leg's market up to and including `position`. A late leg is void whatever its market says. */
export function verdictsAsOf(bet: IndexedBet, position: number, resultsOf: ResultsOf): readonly LegVerdict[] {
  return bet.legs.map((leg) => {
    if (leg.late) return late;
    const newest = newestOf(resultsOf(leg.marketId), position);
    if (newest === undefined) return open;
    const { cancelled, details } = newest;
    const unplayedUntil = details?.unplayedUntil;
    const { position: placed, placedAtMs } = bet;
    const verdict = verdictOn(newest, { ...leg, position: placed, placedAtMs });
    // What was paid early is won for good, cancelled or not.
    if (verdict.paidEarly !== undefined) return { ...verdict, resultRevision: newest.revision, late: false };
    const voids = { ...(cancelled !== undefined && { cancelled }), ...(unplayedUntil !== undefined && { unplayedUntil }) };
    return { ...verdict, ...voids, resultRevision: newest.revision, late: false };
  });
}

/**
 * The verdicts as of a trigger, or undefined where the account would have nothing to do with them: they are those of before, or
 * the bet was undecided before and is so now. What was known before was sent before, because triggers are handled in order.
 */
export function newsAt(bet: IndexedBet, position: number, resultsOf: ResultsOf): readonly LegVerdict[] | undefined {
  const now = verdictsAsOf(bet, position, resultsOf);
  const before = position > bet.position ? verdictsAsOf(bet, position - 1, resultsOf) : undefined;
  if (before !== undefined && before.every((verdict, index) => verdict.resultRevision === now[index]?.resultRevision)) return undefined;
  if (isUndecided(now) && (before === undefined || isUndecided(before)) && !isRepriced(now, before)) return undefined;
  return now;
}

/** Bettors see at once by what odds their open bets will be settled. */
function isRepriced(now: readonly LegVerdict[], before: readonly LegVerdict[] | undefined): boolean {
  return now.some(({ corrected }, index) => {
    const known = before?.[index]?.corrected;
    return corrected?.odds !== known?.odds || corrected?.reason !== known?.reason;
  });
}

/**
 * All the news up to and including `position`, oldest first: for a bet that may have missed some. Not the newest alone, which would leave
 * no trace where it says "undecided": a late holder of the slot could then settle the bet from an older result.
 */
export function newsThrough(bet: IndexedBet, position: number, resultsOf: ResultsOf): readonly News[] {
  const resulted = bet.legs.flatMap((leg) => resultsOf(leg.marketId)).map((result) => result.position);
  const positions = new Set([bet.position, ...resulted.filter((at) => at > bet.position && at <= position)]);
  const news: News[] = [];
  for (const at of [...positions].sort((a, b) => a - b)) {
    const verdicts = newsAt(bet, at, resultsOf);
    if (verdicts !== undefined) news.push({ verdicts, why: whyAt(bet, at, resultsOf) });
  }
  return news;
}

/** Why, and by whom: said by the newest result of the bet's legs up to that position; a bet that was late needs no result. */
export function whyAt(bet: IndexedBet, position: number, resultsOf: ResultsOf): Why {
  let newest: MarketResult | undefined;
  for (const { marketId } of bet.legs) {
    const result = newestOf(resultsOf(marketId), position);
    if (result !== undefined && result.position > (newest?.position ?? 0)) newest = result;
  }
  if (newest === undefined || position === bet.position) return { reason: 'late', decidedBy: { role: 'system', id: 'settlement' } };
  return { reason: newest.reason, decidedBy: newest.decidedBy };
}

/**
 * An open leg and no lost one: every line with the open leg is open, whatever the shape of the bet. A leg that is in no line is waited for.
 * The account alone knows when a bet was accepted, whether ante-post, on which start of its fixture, and at which certainty its rules pay, so
 * where that matters nothing is known here.
 */
function isUndecided(verdicts: readonly LegVerdict[]): boolean {
  const isForTheAccount = ({ cancelled, unplayedUntil, confirmed, detail }: LegVerdict): boolean => {
    return cancelled !== undefined || unplayedUntil !== undefined || confirmed !== undefined || detail?.withdrawn === true;
  };
  if (verdicts.some(isForTheAccount)) return false;
  return verdicts.some((verdict) => verdict.result === 'open') && !verdicts.some(({ result }) => result === 'lost' || result === 'placed');
}

function newestOf(results: readonly MarketResult[], position: number): MarketResult | undefined {
  for (let at = results.length - 1; at >= 0; at -= 1) {
    const result = results[at];
    if (result !== undefined && result.position <= position) return result;
  }
  return undefined;
}
