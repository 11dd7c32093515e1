// A market folded from its events. Its version is its stream's revision and is kept outside.

import type { FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import type { LegResult } from '@wagerline/shared-kernel/betting/slip';
import type { MarketKind } from '@wagerline/shared-kernel/betting/market-kinds';
import type { StoredStanding } from '@wagerline/shared-kernel/events/feed-payload';
import type { Actor } from '@wagerline/shared-kernel/events/metadata';
import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';

export type Selection = { readonly selectionId: string; readonly name: string; readonly odds: string };

export type MarketState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'open' | 'suspended' | 'closed' | 'resulted' | 'voided';
      readonly marketId: string;
      readonly fixtureId: string;
      readonly kind: MarketKind;
      readonly line: string | null;
      readonly inPlay: boolean;
      readonly selections: readonly Selection[];
      readonly stakeMaxPerBetMinor: number | null;
      readonly stakeMaxPerAccountMinor: number | null;
      readonly results: ReadonlyMap<string, LegResult>;
      /** No result settles a bet until it is resumed. */
      readonly isHeld: boolean;
      /** Result, correction or void by hand: it outranks the feed until it is released. */
      readonly isDecidedByHand: boolean;
      /** Every message of the feed, once, and what they came to when that last changed; undefined before the first. */
      readonly feed: readonly { readonly messageId: string; readonly message: FeedMessage }[];
      readonly standing: StoredStanding | undefined;
      /** A void after the result, which waits for a second person. */
      readonly voidRequest: { readonly reason: string; readonly requestedBy: Actor } | undefined;
    };

export type PresentMarket = Exclude<MarketState, { status: 'absent' }>;

export const initial: MarketState = { status: 'absent' };

export function evolve(state: MarketState, event: MarketEvent): MarketState {
  if (event.type === 'MarketOpened') {
    const { marketId, fixtureId, kind, line, inPlay, selections, stakeMaxPerBetMinor, stakeMaxPerAccountMinor } = event;
    const terms = { marketId, fixtureId, kind, line, inPlay, selections, stakeMaxPerBetMinor, stakeMaxPerAccountMinor };
    return { status: 'open', ...terms, results: new Map(), isHeld: false, isDecidedByHand: false, feed: [], standing: undefined, voidRequest: undefined };
  }
  if (state.status === 'absent') return state;
  switch (event.type) {
    case 'PricesChanged': {
      const odds = new Map(event.prices.map((price) => [price.selectionId, price.odds]));
      return { ...state, selections: state.selections.map((selection) => ({ ...selection, odds: odds.get(selection.selectionId) ?? selection.odds })) };
    }
    case 'MarketSuspended':
      return { ...state, status: 'suspended' };
    case 'MarketResumed':
      return { ...state, status: 'open' };
    case 'MarketClosed':
      return { ...state, status: 'closed' };
    case 'MarketResulted':
    case 'MarketResultCorrected':
      return { ...state, status: 'resulted', results: new Map(event.results.map((item) => [item.selectionId, item.result])), isDecidedByHand: true };
    case 'MarketVoided':
      return { ...state, status: 'voided', results: new Map(), isDecidedByHand: true, voidRequest: undefined };
    case 'MarketVoidRequested':
      return { ...state, voidRequest: { reason: event.reason, requestedBy: event.requestedBy } };
    case 'MarketSettlementHeld':
      return { ...state, isHeld: true };
    case 'MarketSettlementResumed':
      return { ...state, isHeld: false };
    case 'MarketFeedReceived': {
      const { messageId, message, marketId, fixtureId, standing } = event;
      const feed = state.feed.concat({ messageId, message: { ...message, market: marketId, fixture: fixtureId } });
      return standing === null ? { ...state, feed } : { ...state, feed, ...asTheFeedSays(standing) };
    }
    case 'MarketReleased':
      return { ...state, ...asTheFeedSays(event.standing), isDecidedByHand: false };
    default:
      return unreachable(event);
  }
}

function asTheFeedSays(standing: StoredStanding) {
  const known = standing.results.flatMap(({ selectionId, result }): [string, LegResult][] => (result === 'open' ? [] : [[selectionId, result]]));
  return { status: standing.status, results: new Map(known), standing };
}
