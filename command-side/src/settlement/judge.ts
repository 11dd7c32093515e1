// What is known of a bet at one position of the log, from the index: a verdict per leg, and whether it can say anything new to the
// account. Called by the slots. Pure: the same index and position give the same verdicts for ever.

import { vectorText } from '@wagerline/shared-kernel/betting/leg-vector';
import { verdictOn, type Verdict } from '@wagerline/shared-kernel/betting/leg-verdict';
import type { IndexedBet, IndexedLeg, MarketResult } from '@wagerline/shared-kernel/ports/settlement-index';
import type { LegVerdict, Why } from '../account/commands.ts';
import { positionsOn, wayOf, type MarketFacts, type Way } from './successors.ts';

export type News = { readonly verdicts: readonly LegVerdict[]; readonly why: Why };

const late: LegVerdict = { result: 'void', resultRevision: null, late: true };
const successorMissing = 'successor-without-outcome';

/** By the newest results of each leg's market, or of those that it has moved to, up to and including `position`. A late leg is void whatever they say. */
export function verdictsAsOf(bet: IndexedBet, position: number, facts: MarketFacts): readonly LegVerdict[] {
  return bet.legs.map((leg) => (leg.late ? late : verdictOf(bet, leg, wayAt(bet, leg, position, facts))));
}

function verdictOf(bet: IndexedBet, leg: IndexedLeg, way: Way): LegVerdict {
  const { results, movedTo, end } = way;
  const verdict = outcomeOn(bet, leg, way);
  const known = { resultRevision: results[0]?.revision ?? null, late: false, ...(movedTo !== undefined && { movedTo }) };
  const counts = results.at(-1);
  // What was paid early is won for good, cancelled or not.
  if (counts === undefined || end !== 'here' || verdict.paidEarly !== undefined) return { ...verdict, ...known };
  const { cancelled, details } = counts;
  // The date that it was struck on is no longer its own.
  const unplayedUntil = movedTo === undefined ? details?.unplayedUntil : undefined;
  return { ...verdict, ...(cancelled !== undefined && { cancelled }), ...(unplayedUntil !== undefined && { unplayedUntil }), ...known };
}

function outcomeOn(bet: IndexedBet, leg: IndexedLeg, { results, movedTo, end }: Way): Verdict {
  const [struckOn, counts] = [results[0], results.at(-1)];
  const there: Verdict = end === 'nowhere' ? { result: 'void' } : counts === undefined || end === 'circle' ? { result: 'open' } : verdictIn(bet, leg, counts);
  if (end === 'here' && movedTo === undefined) return there;
  // Its price was right or wrong where it was struck.
  const corrected = struckOn && verdictIn(bet, leg, struckOn).corrected;
  const { corrected: _, ...outcome } = there;
  return { ...outcome, ...(corrected !== undefined && { corrected }) };
}

/** Where its legs count, and what they have come by. */
export function marketsOf(bet: IndexedBet, position: number, facts: MarketFacts): readonly string[] {
  if (bet.moves !== true) return bet.legs.map(({ marketId }) => marketId);
  return bet.legs.flatMap((leg) => wayAt(bet, leg, position, facts).markets);
}

function verdictIn({ position, placedAtMs }: IndexedBet, leg: IndexedLeg, result: MarketResult): Verdict {
  return verdictOn(result, { ...leg, position, placedAtMs });
}

function wayAt(bet: IndexedBet, leg: IndexedLeg, position: number, facts: MarketFacts): Way {
  return wayOf(bet, leg, position, facts, (result) => verdictIn(bet, leg, result).paidEarly !== undefined);
}

/**
 * The verdicts as of a trigger, or undefined where the account would have nothing to do with them: they are those of before, or
 * the bet was undecided before and is so now. What was known before was sent before, because triggers are handled in order.
 */
export function newsAt(bet: IndexedBet, position: number, facts: MarketFacts): readonly LegVerdict[] | undefined {
  const now = verdictsAsOf(bet, position, facts);
  const before = position > bet.position ? verdictsAsOf(bet, position - 1, facts) : undefined;
  if (before !== undefined && vectorText(before) === vectorText(now)) return undefined;
  if (isUndecided(now) && (before === undefined || isUndecided(before)) && !isRepriced(now, before) && !hasMoved(now, before)) return undefined;
  return now;
}

/** Bettors see at once by what odds their open bets will be settled. */
function isRepriced(now: readonly LegVerdict[], before: readonly LegVerdict[] | undefined): boolean {
  return now.some(({ corrected }, index) => {
    const known = before?.[index]?.corrected;
    return corrected?.odds !== known?.odds || corrected?.reason !== known?.reason;
  });
}

function hasMoved(now: readonly LegVerdict[], before: readonly LegVerdict[] | undefined): boolean {
  return now.some(({ movedTo }, index) => movedTo?.marketId !== before?.[index]?.movedTo?.marketId);
}

/**
 * All the news up to and including `position`, oldest first: for a bet that may have missed some. Not the newest alone, which would leave
 * no trace where it says "undecided": a late holder of the slot could then settle the bet from an older result.
 */
export function newsThrough(bet: IndexedBet, position: number, facts: MarketFacts): readonly News[] {
  const learnt = bet.legs.flatMap((leg) => positionsOn(bet, leg, facts));
  const positions = new Set([bet.position, ...learnt.filter((at) => at > bet.position && at <= position)]);
  const news: News[] = [];
  for (const at of [...positions].sort((a, b) => a - b)) {
    const verdicts = newsAt(bet, at, facts);
    if (verdicts !== undefined) news.push({ verdicts, why: whyAt(bet, at, facts) });
  }
  return news;
}

/** Why, and by whom: said by the newest result of the bet's legs up to that position; a bet that was late needs no result. */
export function whyAt(bet: IndexedBet, position: number, facts: MarketFacts): Why {
  let [newest, isMissing]: [MarketResult | undefined, boolean] = [undefined, false];
  for (const leg of bet.legs) {
    const { results, end } = wayAt(bet, leg, position, facts);
    for (const result of results) {
      if (result === undefined || result.position <= (newest?.position ?? 0)) continue;
      [newest, isMissing] = [result, end === 'nowhere' && result === results.at(-1)];
    }
  }
  if (newest === undefined || position === bet.position) return { reason: 'late', decidedBy: { role: 'system', id: 'settlement' } };
  return { reason: isMissing ? successorMissing : newest.reason, decidedBy: newest.decidedBy };
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
