// What is known of a market after one more of its events: its results, and what goes with them. Called in log order
// by the settlement job's index and by reports on it. Pure.

import type { MarketEvent, SelectionResult } from '../events/market-events.ts';
import type { MarketDetails, MarketResult } from '../ports/settlement-index.ts';
import { laterOf } from '../values/time.ts';
import { assert, unreachable } from '../values/unreachable.ts';

/** What outlasts every result of the market, and says nothing of its results itself. */
export type LastingEvent = Extract<
  MarketEvent,
  { type: 'SelectionWithdrawn' | 'StartingPricesSet' | 'PriceErrorDeclared' | 'OutcomePaidEarly' | 'MarketUnplayed' }
>;
export type ResultingEvent = LastingEvent | Extract<MarketEvent, { type: 'MarketResulted' | 'MarketResultCorrected' | 'MarketVoided' }>;
/** Types of all events that change by what a market's bets are settled, or when. */
export const resultTypes: readonly MarketEvent['type'][] = [
  'MarketResulted',
  'MarketResultCorrected',
  'MarketVoided',
  'MarketUnplayed',
  'SelectionWithdrawn',
  'StartingPricesSet',
  'PriceErrorDeclared',
  'OutcomePaidEarly',
  'MarketSettlementHeld',
  'MarketSettlementResumed',
  'MarketFeedReceived',
  'MarketReleased',
];

export type KnownResult = Pick<MarketResult, 'results' | 'details'>;

/**
 * `known`: the newest entry of the market before. `askedAt`: where in the log a decision was asked for that waited until this event; bets that were
 * placed since were not in its sum.
 */
export function resultAfter(known: KnownResult | undefined, event: ResultingEvent, position: number, askedAt?: number): KnownResult {
  const { selections, ...lasting } = known?.details ?? {};
  switch (event.type) {
    case 'MarketResulted':
    case 'MarketResultCorrected': {
      const results = Object.fromEntries(event.results.map((item) => [named(item.selectionId), item.result]));
      return withDetails(results, { ...lasting, ...selectionsOf(event.results) });
    }
    case 'MarketVoided':
      return withDetails(null, lasting);
    case 'MarketUnplayed':
    case 'SelectionWithdrawn':
    case 'StartingPricesSet':
    case 'PriceErrorDeclared':
    case 'OutcomePaidEarly':
      return withDetails(known?.results ?? {}, { ...lasting, ...learnt(lasting, event, position, askedAt), ...(selections !== undefined && { selections }) });
    default:
      return unreachable(event);
  }
}

export function isLasting(event: MarketEvent): event is LastingEvent {
  const { type } = event;
  if (type === 'MarketUnplayed') return true;
  return type === 'SelectionWithdrawn' || type === 'StartingPricesSet' || type === 'PriceErrorDeclared' || type === 'OutcomePaidEarly';
}

function learnt(lasting: MarketDetails, event: LastingEvent, position: number, askedAt = position): MarketDetails {
  switch (event.type) {
    case 'MarketUnplayed':
      return { unplayedUntil: laterOf(event.until, lasting.unplayedUntil ?? event.until) };
    case 'SelectionWithdrawn': {
      const { selectionId, result, rule4Percent } = event;
      const before = lasting.withdrawn ?? [];
      const first = before.find((other) => other.selectionId === selectionId)?.position ?? position;
      const others = before.filter((other) => other.selectionId !== selectionId);
      return { withdrawn: [...others, { selectionId: named(selectionId), result, rule4Percent, position: first }] };
    }
    case 'StartingPricesSet': {
      const prices = event.prices.map(({ selectionId, odds, rule4Percent }) => [named(selectionId), { odds, rule4Percent }] as const);
      return { starting: { ...lasting.starting, ...Object.fromEntries(prices) } };
    }
    case 'PriceErrorDeclared': {
      const { errorId, correction, reason, approval } = event;
      const before = approval === undefined ? position : askedAt;
      const others = (lasting.priceErrors ?? []).filter((other) => other.errorId !== errorId);
      return { priceErrors: correction === null ? others : [...others, { ...correction, errorId, reason, position: before }] };
    }
    case 'OutcomePaidEarly': {
      const { selectionId, reason, approval } = event;
      const before = approval === undefined ? position : askedAt;
      return { paidEarly: { ...lasting.paidEarly, [named(selectionId)]: { reason, position: before } } };
    }
    default:
      return unreachable(event);
  }
}

/** After a message of the feed, which says all results anew. */
export function resultOfFeed(known: KnownResult | undefined, results: KnownResult['results']): KnownResult {
  const { selections: _, ...lasting } = known?.details ?? {};
  return withDetails(results, lasting);
}

function withDetails(results: KnownResult['results'], details: MarketDetails): KnownResult {
  return Object.keys(details).length === 0 ? { results } : { results, details };
}

/** Only of selections of which more is said than a result: of a match there is nothing. */
function selectionsOf(results: readonly SelectionResult[]): MarketDetails {
  const said = results.flatMap(({ selectionId, result: _, ...more }) => (Object.keys(more).length === 0 ? [] : [[selectionId, more] as const]));
  return said.length === 0 ? {} : { selections: Object.fromEntries(said) };
}

export function named(id: string): string {
  assert(typeof id === 'string' && id.length > 0, 'an id is a text');
  return id;
}
