// What a set of feed messages about one market makes of its selections. Called by the register. A pure function of the SET: neither the order
// of the messages nor a repetition changes anything; the producer's timestamps decide.

import { equals, rational } from '../../values/rational.ts';
import { exactNumber } from '../fractions.ts';
import type { FeedMessage, FeedOutcome } from './feed-message.ts';

/** `held`: two messages of the same weight contradict each other, and somebody has to look. */
export type SelectionResult = FeedOutcome | 'open' | 'held';

export type CancelWindow = { readonly startMs: number | undefined; readonly endMs: number | undefined; readonly supercededBy: string | undefined };
export type WindowBounds = { readonly startMs?: number | undefined; readonly endMs?: number | undefined };

/** A season is replaced by another a few times at most; a longer chain, or a circle, leaves the leg open. */
export const movesMax = 16;

export type SettleAt = 'live' | 'confirmed';

/** Legs have no specifiers: where the feed knows their market without any it is that one. */
export function messagesOfLegs(messages: readonly FeedMessage[]): readonly FeedMessage[] {
  const plain = messages.filter(({ specifiers }) => specifiers === '');
  return plain.length > 0 ? plain : messages;
}

/** A contradiction about one selection holds every selection of its market. */
export function selectionResult(messages: readonly FeedMessage[], selection: string, settleAt: SettleAt): SelectionResult {
  const result = ownResult(messages, selection, settleAt);
  return result !== 'held' && isMarketHeld(messages, settleAt) ? 'held' : result;
}

export function isMarketHeld(messages: readonly FeedMessage[], settleAt: SettleAt): boolean {
  const selections = new Set(messages.flatMap(({ type, outcomes }) => (type === 'settlement' ? outcomes.map(({ selection }) => selection) : [])));
  return [...selections].some((selection) => ownResult(messages, selection, settleAt) === 'held');
}

function ownResult(messages: readonly FeedMessage[], selection: string, settleAt: SettleAt): SelectionResult {
  const rolledBackMs = newestRollbackMs(messages, selection);
  let best: { certainty: number; timestampMs: number; outcome: FeedOutcome; isContradicted: boolean } | undefined;
  for (const { type, certainty = 1, timestampMs, outcomes } of messages) {
    // At equal timestamps the settlement stays.
    if (type !== 'settlement' || timestampMs < rolledBackMs || (settleAt === 'confirmed' && certainty < 2)) continue;
    for (const outcome of outcomes) {
      if (outcome.selection !== selection) continue;
      const weight = best === undefined ? 1 : certainty - best.certainty || timestampMs - best.timestampMs;
      if (weight > 0) best = { certainty, timestampMs, outcome, isContradicted: false };
      else if (weight === 0 && best !== undefined && !isSameResult(best.outcome, outcome)) best = { ...best, isContradicted: true };
    }
  }
  if (best === undefined) return 'open';
  return best.isContradicted ? 'held' : best.outcome;
}

function newestRollbackMs(messages: readonly FeedMessage[], selection: string): number {
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const { type, timestampMs, outcomes } of messages) {
    if (type !== 'rollback-settlement' || timestampMs <= newestMs) continue;
    if (outcomes.length === 0 || outcomes.some((outcome) => outcome.selection === selection)) newestMs = timestampMs;
  }
  return newestMs;
}

const numberOf = (text: string | undefined, otherwise: bigint) => (text === undefined ? undefined : exactNumber(text)) ?? rational(otherwise);

function isSameResult(a: FeedOutcome, b: FeedOutcome): boolean {
  const isSameShare = equals(numberOf(a.voidFactor, 0n), numberOf(b.voidFactor, 0n));
  return a.result === b.result && isSameShare && equals(numberOf(a.deadHeatFactor, 1n), numberOf(b.deadHeatFactor, 1n));
}

/**
 * Windows that are cancelled: one register per exact (start, end) pair, in which the newest of cancel and rollback counts, at equal
 * timestamps the rollback. A rollback undoes the cancel with its pair and no other.
 */
export function activeCancels(messages: readonly FeedMessage[]): readonly CancelWindow[] {
  const newest = new Map<string, FeedMessage>();
  for (const message of messages) {
    if (message.type !== 'cancel' && message.type !== 'rollback-cancel') continue;
    const pair = `${message.startMs ?? ''},${message.endMs ?? ''}`;
    const known = newest.get(pair);
    if (known === undefined || isNewerCancel(message, known)) newest.set(pair, message);
  }
  return [...newest.values()].flatMap(({ type, startMs, endMs, supercededBy }) => (type === 'cancel' ? [{ startMs, endMs, supercededBy }] : []));
}

/** Of two cancels with one pair and timestamp the one that names a successor, the lesser name first: any order that is not arrival's. */
function isNewerCancel(message: FeedMessage, known: FeedMessage): boolean {
  if (message.timestampMs !== known.timestampMs) return message.timestampMs > known.timestampMs;
  if (message.type !== known.type) return message.type === 'rollback-cancel';
  const [name, knownName] = [message.supercededBy, known.supercededBy];
  return name !== undefined && (knownName === undefined || name < knownName);
}

/**
 * What cancels do to a bet that was accepted at that moment. Undefined: nothing. Null: it is void. Else the season that every one of them names, of
 * several the least name.
 */
export function seasonAfter(cancels: readonly (WindowBounds & { readonly supercededBy?: string | undefined })[], acceptedAtMs: number) {
  const active = cancels.filter((window) => isInWindow(window, acceptedAtMs));
  if (active.length === 0) return undefined;
  const seasons = active.flatMap(({ supercededBy }) => supercededBy ?? []).toSorted();
  // One without a successor is void whatever another says.
  return seasons.length < active.length ? null : (seasons[0] ?? null);
}

export function isInWindow({ startMs, endMs }: WindowBounds, acceptedAtMs: number): boolean {
  return (startMs === undefined || startMs <= acceptedAtMs) && (endMs === undefined || acceptedAtMs < endMs);
}
