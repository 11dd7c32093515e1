// What the messages about one market come to, for every bet on it: a result per selection, and the windows whose bets are void. Called by the
// market when it keeps a message; accounts apply it to the moment at which a bet was accepted. A pure function of the set of messages.

import { feedOutcome, type SelectionOutcome } from './feed-outcome.ts';
import type { FeedMessage } from './feed-message.ts';
import { activeCancels, isInWindow, isMarketHeld, messagesOfLegs, selectionResult, type SettleAt } from './market-results.ts';

/** `confirmed`: what rules say that pay confirmed results only, where that is something else. */
export type SelectionStanding = SelectionOutcome & { readonly selectionId: string; readonly confirmed?: SelectionOutcome };
/** Bets accepted from `startMs` on and before `endMs`; absent = without bound. */
export type CancelledWindow = { readonly startMs?: number; readonly endMs?: number; readonly supercededBy?: string };

export type MarketStanding = {
  /** One for each selection of the market. */
  readonly results: readonly SelectionStanding[];
  readonly cancelled: readonly CancelledWindow[];
  /** Messages of one weight contradict each other: every selection is open until one outweighs the other. */
  readonly held: boolean;
};

export function standingOf(all: readonly FeedMessage[], selectionIds: readonly string[]): MarketStanding {
  const messages = messagesOfLegs(all);
  const results = selectionIds.map((selectionId): SelectionStanding => {
    const live = outcomeAt(messages, selectionId, 'live');
    const confirmed = outcomeAt(messages, selectionId, 'confirmed');
    return { selectionId, ...live, ...(isSame(live, confirmed) ? {} : { confirmed }) };
  });
  const held = isMarketHeld(messages, 'live') || isMarketHeld(messages, 'confirmed');
  return { results, cancelled: activeCancels(messages).map(windowOf).toSorted(byBounds), held };
}

/** Of a bet accepted at that moment, under rules that pay at that certainty. A leg in a cancelled window is void whatever the results say. */
export function outcomeIn(standing: Pick<MarketStanding, 'cancelled'>, of: SelectionStanding, acceptedAtMs: number, settleAt: SettleAt): SelectionOutcome {
  if (isCancelled(standing.cancelled, acceptedAtMs)) return { result: 'void' };
  const { result, voidFactor, winDeadHeat } = settleAt === 'confirmed' ? (of.confirmed ?? of) : of;
  return { result, ...(voidFactor !== undefined && { voidFactor }), ...(winDeadHeat !== undefined && { winDeadHeat }) };
}

export function isCancelled(windows: readonly CancelledWindow[], acceptedAtMs: number): boolean {
  return windows.some((window) => isInWindow(window, acceptedAtMs));
}

function outcomeAt(messages: readonly FeedMessage[], selectionId: string, settleAt: SettleAt): SelectionOutcome {
  const said = selectionResult(messages, selectionId, settleAt);
  return typeof said === 'string' ? { result: 'open' } : feedOutcome(said);
}

function isSame(a: SelectionOutcome, b: SelectionOutcome): boolean {
  return a.result === b.result && a.voidFactor === b.voidFactor && a.winDeadHeat === b.winDeadHeat;
}

function windowOf({ startMs, endMs, supercededBy }: ReturnType<typeof activeCancels>[number]): CancelledWindow {
  return { ...(startMs !== undefined && { startMs }), ...(endMs !== undefined && { endMs }), ...(supercededBy !== undefined && { supercededBy }) };
}

/** Any order that is not arrival's. */
function byBounds(a: CancelledWindow, b: CancelledWindow): number {
  return (a.startMs ?? -Infinity) - (b.startMs ?? -Infinity) || (a.endMs ?? Infinity) - (b.endMs ?? Infinity) || 0;
}
