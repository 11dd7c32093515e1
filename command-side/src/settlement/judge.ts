// What is known of a bet at one position of the log, from the index: a verdict per leg, and whether it can say anything new to the
// account. Called by the slots. Pure: the same index and position give the same verdicts for ever.

import { verdictOn } from '@wagerline/shared-kernel/betting/leg-verdict';
import type { IndexedBet, MarketResult } from '@wagerline/shared-kernel/ports/settlement-index';
import type { LegVerdict } from '../account/commands.ts';

/** Of one market, oldest first. */
export type ResultsOf = (marketId: string) => readonly MarketResult[];

const late: LegVerdict = { result: 'void', resultRevision: null, late: true };
const open: LegVerdict = { result: 'open', resultRevision: null, late: false };

/** The newest result of each leg's market up to and including `position`. A late leg is void whatever its market says. */
export function verdictsAsOf(bet: IndexedBet, position: number, resultsOf: ResultsOf): readonly LegVerdict[] {
  return bet.legs.map((leg) => {
    if (leg.late) return late;
    const newest = newestOf(resultsOf(leg.marketId), position);
    if (newest === undefined) return open;
    return { ...verdictOn(newest, leg.selectionId, bet.position), resultRevision: newest.revision, late: false };
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
  if (isUndecided(now) && (before === undefined || isUndecided(before))) return undefined;
  return now;
}

/**
 * All the news up to and including `position`, oldest first: for a bet that may have missed some. Not the newest alone, which would leave
 * no trace where it says "undecided": a late holder of the slot could then settle the bet from an older result.
 */
export function newsThrough(bet: IndexedBet, position: number, resultsOf: ResultsOf): readonly (readonly LegVerdict[])[] {
  const resulted = bet.legs.flatMap((leg) => resultsOf(leg.marketId)).map((result) => result.position);
  const positions = new Set([bet.position, ...resulted.filter((at) => at > bet.position && at <= position)]);
  const news: (readonly LegVerdict[])[] = [];
  for (const at of [...positions].sort((a, b) => a - b)) {
    const verdicts = newsAt(bet, at, resultsOf);
    if (verdicts !== undefined) news.push(verdicts);
  }
  return news;
}

/** An open leg and no lost one: every line with the open leg is open, whatever the shape of the bet. A leg that is in no line is waited for. */
function isUndecided(verdicts: readonly LegVerdict[]): boolean {
  return verdicts.some((verdict) => verdict.result === 'open') && !verdicts.some(({ result }) => result === 'lost' || result === 'placed');
}

function newestOf(results: readonly MarketResult[], position: number): MarketResult | undefined {
  for (let at = results.length - 1; at >= 0; at -= 1) {
    const result = results[at];
    if (result !== undefined && result.position <= position) return result;
  }
  return undefined;
}
