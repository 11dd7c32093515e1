// A market folded from its events. Its version is its stream's revision and is kept outside.

import type { FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import { waitingAfter, type WaitingDecision } from '@wagerline/shared-kernel/betting/results/waiting-decision';
import type { MarketKind } from '@wagerline/shared-kernel/betting/market-kinds';
import type { StoredStanding } from '@wagerline/shared-kernel/events/feed-payload';
import type { MarketEvent, PriceCorrection, SelectionResult } from '@wagerline/shared-kernel/events/market-events';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';

export type Selection = { readonly selectionId: string; readonly name: string; readonly odds: string };

/** Of those who do not run: what their bets are, and the percent off the winnings of bets on the others. */
export type Withdrawn = { readonly odds: string; readonly result: 'void' | 'lost'; readonly rule4Percent: number };
export type StartingPrice = { readonly odds: string; readonly rule4Percent: number };

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
      /** Each-way bets are struck on these; null: win only. */
      readonly placeTerms: { readonly places: number; readonly fraction: string } | null;
      /** Bets are struck before the field is final. */
      readonly antePost: boolean;
      readonly withdrawn: ReadonlyMap<string, Withdrawn>;
      readonly starting: ReadonlyMap<string, StartingPrice>;
      /** What was declared under each id; null: taken back. */
      readonly priceErrors: ReadonlyMap<string, PriceCorrection | null>;
      readonly paidEarly: ReadonlySet<string>;
      readonly results: ReadonlyMap<string, SelectionResult>;
      /** No result settles a bet until it is resumed. */
      readonly isHeld: boolean;
      /** Result, correction or void by hand: it outranks the feed until it is released. */
      readonly isDecidedByHand: boolean;
      /** Every message of the feed, once, and what they came to when that last changed; undefined before the first. */
      readonly feed: readonly { readonly messageId: string; readonly message: FeedMessage }[];
      readonly standing: StoredStanding | undefined;
      /** The fixture had not started by then. */
      readonly unplayedUntil: string | undefined;
      /** What one person has decided, and what has not taken effect. */
      readonly waiting: WaitingDecision | undefined;
      /** Every one that waited, by its id, and what has become of it. */
      readonly ended: ReadonlyMap<string, 'effective' | 'declined'>;
    };

export type PresentMarket = Exclude<MarketState, { status: 'absent' }>;

export const initial: MarketState = { status: 'absent' };

export function evolve(state: MarketState, event: MarketEvent): MarketState {
  if (event.type === 'MarketOpened') {
    const { marketId, fixtureId, kind, line, inPlay, selections, stakeMaxPerBetMinor, stakeMaxPerAccountMinor } = event;
    const terms = { marketId, fixtureId, kind, line, inPlay, selections, stakeMaxPerBetMinor, stakeMaxPerAccountMinor };
    const race = { placeTerms: null, antePost: false, withdrawn: new Map(), starting: new Map() };
    const amends = { priceErrors: new Map(), paidEarly: new Set<string>() };
    const decided = { isHeld: false, isDecidedByHand: false, feed: [], standing: undefined, unplayedUntil: undefined, waiting: undefined, ended: new Map() };
    return { status: 'open', ...terms, ...race, ...amends, results: new Map(), ...decided };
  }
  if (state.status === 'absent') return state;
  const waiting = waitingAfter(state.waiting, event);
  const { decisionId } = state.waiting ?? {};
  const hasEnded = typeof decisionId === 'string' && waiting === undefined;
  const become = event.type === 'MarketDecisionDeclined' ? 'declined' : 'effective';
  return { ...changed(state, event), waiting, ended: hasEnded ? new Map(state.ended).set(decisionId, become) : state.ended };
}

function changed(state: PresentMarket, event: Exclude<MarketEvent, { type: 'MarketOpened' }>): PresentMarket {
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
      return { ...state, status: 'resulted', results: new Map(event.results.map((item) => [item.selectionId, item])), isDecidedByHand: true };
    case 'MarketVoided':
      return { ...state, status: 'voided', results: new Map(), isDecidedByHand: true };
    case 'MarketVoidRequested':
    case 'MarketVoidDeclined':
    case 'MarketDecisionRequested':
    case 'MarketDecisionHeld':
    case 'MarketDecisionDeclined':
      return state;
    case 'MarketUnplayed':
      return { ...state, unplayedUntil: event.until };
    case 'AntePostSet':
      return { ...state, antePost: event.antePost };
    case 'PlaceTermsSet':
      return { ...state, placeTerms: { places: event.places, fraction: event.fraction } };
    case 'SelectionWithdrawn': {
      const { selectionId, odds, result, rule4Percent } = event;
      const status = state.status === 'open' ? 'suspended' : state.status;
      return { ...state, status, withdrawn: new Map(state.withdrawn).set(selectionId, { odds, result, rule4Percent }) };
    }
    case 'StartingPricesSet': {
      const prices = event.prices.map(({ selectionId, odds, rule4Percent }) => [selectionId, { odds, rule4Percent }] as const);
      return { ...state, starting: new Map([...state.starting, ...prices]) };
    }
    case 'PriceErrorDeclared':
      return { ...state, priceErrors: new Map(state.priceErrors).set(event.errorId, event.correction) };
    case 'OutcomePaidEarly':
      return { ...state, paidEarly: new Set(state.paidEarly).add(event.selectionId) };
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
  const known = standing.results.flatMap(({ selectionId, result }): [string, SelectionResult][] => {
    return result === 'open' ? [] : [[selectionId, { selectionId, result }]];
  });
  return { status: standing.status, results: new Map(known), standing };
}
