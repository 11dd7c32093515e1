// What waits for a second person at a market, and what waits to be counted first. Called in log order by the market, the settlement job's index and
// the reports on it, so that all of them know the same. Pure; it lets nothing take effect.

import type { MarketDecision, MarketEvent, Stakes } from '../../events/market-events.ts';
import type { Actor } from '../../events/metadata.ts';
import { unreachable } from '../../values/unreachable.ts';

export type WaitingDecision = {
  /** Null: a void of a known outcome, which has no sum. */
  readonly decisionId: string | null;
  readonly decision: MarketDecision;
  readonly requestedBy: Actor;
  readonly requestedAt: string;
  /** More than that in one currency, in minor units, needs a second person; null: whatever the sum. */
  readonly approvalAboveMinor: number | null;
  /** It is known that a second person has to approve. Until then that depends on what was bet. */
  readonly isHeld: boolean;
  /** What was bet, where that has made it wait; null: not known. */
  readonly stakes: Stakes | null;
};

/** A market has one at a time. A void that nobody had to ask for leaves nothing to void. */
export function waitingAfter(waiting: WaitingDecision | undefined, event: MarketEvent): WaitingDecision | undefined {
  switch (event.type) {
    case 'MarketDecisionRequested': {
      const { decisionId, decision, requestedBy, approvalAboveMinor, at } = event;
      return { decisionId, decision, requestedBy, requestedAt: at, approvalAboveMinor, isHeld: false, stakes: null };
    }
    case 'MarketVoidRequested': {
      const { reason, requestedBy, at } = event;
      const decision = { type: 'void', reason } as const;
      return { decisionId: null, decision, requestedBy, requestedAt: at, approvalAboveMinor: null, isHeld: true, stakes: null };
    }
    case 'MarketDecisionHeld':
      return waiting && { ...waiting, isHeld: true, stakes: event.stakes };
    case 'MarketDecisionDeclined':
    case 'MarketVoidDeclined':
      return undefined;
    case 'MarketVoided':
      return event.approval !== undefined || waiting?.decision.type === 'void' ? undefined : waiting;
    case 'MarketResulted':
    case 'MarketResultCorrected':
    case 'OutcomePaidEarly':
    case 'SelectionWithdrawn':
    case 'StartingPricesSet':
    case 'PriceErrorDeclared':
      return event.approval === undefined ? waiting : undefined;
    case 'MarketOpened':
    case 'PricesChanged':
    case 'MarketSuspended':
    case 'MarketResumed':
    case 'MarketClosed':
    case 'MarketUnplayed':
    case 'AntePostSet':
    case 'PlaceTermsSet':
    case 'MarketSettlementHeld':
    case 'MarketSettlementResumed':
    case 'MarketFeedReceived':
    case 'MarketReleased':
      return waiting;
    default:
      return unreachable(event);
  }
}

/** Of each currency by itself: they do not add up. */
export function isAbove(stakes: Stakes, sumMinor: number): boolean {
  return stakes.some(({ stakeMinor }) => stakeMinor > sumMinor);
}
