// What the results known at one place in the log make of a bet: settle it, take a settlement back, settle it anew, correct its odds, or nothing.
// The vector of result revisions decides which knowledge is newer, so a repeated or late command does no harm.

import { compareKnown } from '@wagerline/shared-kernel/betting/leg-vector';
import { knownOf, type Verdict } from '@wagerline/shared-kernel/betting/leg-verdict';
import { isCancelled } from '@wagerline/shared-kernel/betting/results/market-standing';
import { isUnplayed, ruleSet as ruleSetOf } from '@wagerline/shared-kernel/betting/rule-sets';
import { settleBet as settle } from '@wagerline/shared-kernel/betting/settle';
import { accept, refuse, type Decision } from '@wagerline/shared-kernel/decider';
import { placeOf, type AccountEvent, type AccountEventOf, type JudgedLeg, type Move } from '@wagerline/shared-kernel/events/account-events';
import { formatRational } from '@wagerline/shared-kernel/values/rational';
import { toMs } from '@wagerline/shared-kernel/values/time';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { LegVerdict, SettleBet, Why } from './commands.ts';

/** Carries all that a later decision about its bet needs. */
export type BetEvent = AccountEventOf<
  | 'BetPlaced'
  | 'BetSettled'
  | 'BetSettlementReversed'
  | 'BetResultConfirmed'
  | 'BetReturnHeld'
  | 'BetReturnDeclined'
  | 'BetRepriced'
  | 'BetMoved'
  | 'BetVoided'
>;
type Settled = AccountEventOf<'BetSettled' | 'BetResultConfirmed'>;

/** What is known of a leg before its market has a result. */
export const unknown: LegVerdict = { result: 'open', resultRevision: null, late: false };

/** `last` is the bet's newest event: it carries the terms, the vector and the settlement in force. */
export function settleBet(command: SettleBet, last: AccountEvent | undefined): Decision<AccountEvent> {
  if (last === undefined || !isBetEvent(last)) return refuse('BET_NOT_FOUND', {});
  if (last.type === 'BetVoided') return accept();
  assert(command.legs.length === last.legs.length, 'a verdict for every leg');
  if (last.type !== 'BetPlaced' && !isNewer(command.legs, last.legs)) return accept();
  const legs = last.legs.map((leg, index) => judgedLeg(last, leg, command.legs[index] ?? unknown));
  const inForce = last.type === 'BetSettled' || last.type === 'BetResultConfirmed' ? last : undefined;
  return afterMoves(settledBy(command, last, inForce, legs), last, inForce === undefined, legs, command);
}

function settledBy(command: SettleBet, last: BetEvent, inForce: Settled | undefined, legs: JudgedLeg[]): Decision<AccountEvent> {
  const outcome = outcomeOf(last, legs);
  if (outcome === undefined) return undecided(last, inForce, legs, command);
  const terms = { ...termsOf(last), legs, ...outcome, at: command.at };
  const { reason, decidedBy } = command;
  const same = inForce?.state === outcome.state && inForce.returnExact === outcome.returnExact && inForce.returnMinor === outcome.returnMinor;
  if (inForce !== undefined && same) {
    const { rounding: _, ...confirmed } = terms;
    return accept({ type: 'BetResultConfirmed', ...confirmed, settlement: inForce.settlement });
  }
  const type = outcome.returnMinor > command.returnApprovalMinor ? 'BetReturnHeld' : 'BetSettled';
  const settled: AccountEvent = { type, ...terms, reason, decidedBy, settlement: nextSettlementOf(last) };
  return inForce === undefined ? accept(settled) : accept<AccountEvent>(reversal(inForce, legs, command), settled);
}

/** What is in force is taken back; what waits for an approval waits no longer. */
function undecided(last: BetEvent, inForce: Settled | undefined, legs: JudgedLeg[], command: SettleBet): Decision<AccountEvent> {
  if (inForce !== undefined) return accept(reversal(inForce, legs, command));
  const { reason, decidedBy, at } = command;
  if (last.type === 'BetReturnHeld' && last.state !== 'open') {
    return accept({ ...last, legs, reason, decidedBy, state: 'open', returnExact: '0/1', returnMinor: 0, at });
  }
  if (!isRepriced(last.legs, legs)) return accept();
  return accept({ type: 'BetRepriced', ...termsOf(last), legs, reason, decidedBy, settlement: settlementsOf(last), at });
}

/** First the legs move, then what that makes of the bet. */
function afterMoves(decision: Decision<AccountEvent>, last: BetEvent, isLive: boolean, legs: JudgedLeg[], command: SettleBet): Decision<AccountEvent> {
  const moves = last.legs.flatMap((known, leg): readonly Move[] => {
    const [from, to] = [placeOf(known), placeOf(legs[leg] ?? known)];
    return from.marketId === to.marketId ? [] : [{ leg, from, to }];
  });
  if (moves.length === 0) return decision;
  const { reason, decidedBy, at } = command;
  const moved: AccountEvent = { type: 'BetMoved', ...termsOf(last), legs, reason, decidedBy, settlement: settlementsOf(last), isLive, moves, at };
  return { ...decision, events: [moved, ...decision.events] };
}

function isRepriced(known: BetEvent['legs'], legs: readonly JudgedLeg[]): boolean {
  return legs.some(({ corrected }, index) => {
    const leg = known[index];
    const before = leg !== undefined && 'corrected' in leg ? leg.corrected : undefined;
    return before?.odds !== corrected?.odds || before?.reason !== corrected?.reason;
  });
}

type Outcome = Pick<AccountEventOf<'BetSettled'>, 'state' | 'returnExact' | 'returnMinor' | 'rounding'>;

function outcomeOf(bet: BetEvent, legs: readonly JudgedLeg[]): Outcome | undefined {
  const { ruleSet } = bet;
  const { state, returnExact, returnMinor } = settle({ ...termsOf(bet), legs });
  if (state === 'open') return undefined;
  return { state, returnExact: formatRational(returnExact), returnMinor, rounding: ruleSetOf(ruleSet).rounding };
}

/** Newer in at least one leg, older in none. */
function isNewer(verdicts: readonly LegVerdict[], known: readonly Partial<Pick<JudgedLeg, 'resultRevision' | 'movedTo'>>[]): boolean {
  let newer = false;
  for (const [index, verdict] of verdicts.entries()) {
    const difference = compareKnown(verdict, known[index] ?? {});
    if (difference < 0) return false;
    if (difference > 0) newer = true;
  }
  return newer;
}

/** A leg that was found late once is void for ever, whatever a later verdict says of it. */
export function judgedLeg(bet: BetEvent, leg: BetEvent['legs'][number], verdict: LegVerdict): JudgedLeg {
  const { fixtureId, competition, marketId, marketKind, line, selectionId, odds } = leg;
  const late = verdict.late || ('late' in leg && leg.late);
  const known = late ? ({ result: 'void' } as const) : knownOf(leg, outcomeFor(bet, leg, verdict));
  const { resultRevision, movedTo } = verdict;
  const struck = { fixtureId, competition, marketId, marketKind, line, selectionId, odds, ...struckTerms(leg) };
  return { ...struck, ...known, resultRevision, late, ...(movedTo !== undefined && { movedTo }) };
}

function struckTerms({ startsAt, startingPrice, placeFraction, places, antePost }: BetEvent['legs'][number]) {
  return {
    ...(startsAt !== undefined && { startsAt }),
    ...(startingPrice !== undefined && { startingPrice }),
    ...(placeFraction !== undefined && { placeFraction }),
    ...(places !== undefined && { places }),
    ...(antePost !== undefined && { antePost }),
  };
}

/** By the moment at which the bet was accepted, the start of the fixture that it was struck on, and by the certainty at which its rules pay. */
function outcomeFor({ placedAt, ruleSet }: BetEvent, leg: BetEvent['legs'][number], verdict: LegVerdict): Verdict {
  const { cancelled, unplayedUntil, confirmed, result, voidFactor, winDeadHeat, detail, corrected, paidEarly } = verdict;
  const priced = corrected !== undefined && { corrected };
  const isVoid = isUnplayed(ruleSet, leg, unplayedUntil) || (cancelled !== undefined && isCancelled(cancelled, toMs(placedAt)));
  if (isVoid) return { result: 'void', ...priced };
  const more = { ...(detail !== undefined && { detail }), ...priced, ...(paidEarly !== undefined && { paidEarly }) };
  if (confirmed !== undefined && ruleSetOf(ruleSet).settleAt === 'confirmed') return { ...confirmed, ...more };
  return { result, ...(voidFactor !== undefined && { voidFactor }), ...(winDeadHeat !== undefined && { winDeadHeat }), ...more };
}

export function termsOf(bet: BetEvent) {
  const { accountId, betId, currency, unitStakeMinor, stakeMinor, shape, eachWay, lineCount, returnMaxMinor, ruleSet, rules, freeBet, placedAt } = bet;
  const agreed = { ...(rules !== undefined && { rules }), ...(freeBet !== undefined && { freeBet }) };
  return { accountId, betId, currency, unitStakeMinor, stakeMinor, shape, eachWay, lineCount, returnMaxMinor, ruleSet, ...agreed, placedAt };
}

export function reversal(
  inForce: Settled,
  legs: JudgedLeg[],
  { reason, decidedBy, approvedBy, at }: Why & { readonly approvedBy?: Why['decidedBy']; readonly at: string },
): AccountEventOf<'BetSettlementReversed'> {
  const { settlement, returnMinor } = inForce;
  const by = { reason, decidedBy, ...(approvedBy !== undefined && { approvedBy }) };
  return { type: 'BetSettlementReversed', ...termsOf(inForce), legs, ...by, settlement, returnMinor, at };
}

/** A held return has the number that it will be settled under. */
function nextSettlementOf(bet: BetEvent): number {
  if (bet.type === 'BetPlaced') return 1;
  return bet.type === 'BetReturnHeld' || bet.type === 'BetReturnDeclined' ? bet.settlement : bet.settlement + 1;
}

export function settlementsOf(bet: BetEvent): number {
  return nextSettlementOf(bet) - 1;
}

export function isBetEvent(event: AccountEvent): event is BetEvent {
  return 'betId' in event && event.type !== 'BetRefused' && 'legs' in event;
}
