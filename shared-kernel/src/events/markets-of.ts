// Which markets an event touches: the keys under which it goes to the `by-market` topic.

import type { RecordedEvent } from '../ports/event-store.ts';
import { decode } from './codec.ts';
import { marketStream } from '../values/ids.ts';
import { placeOf } from './account-events.ts';
import { unreachable } from '../values/unreachable.ts';
import type { DomainEvent } from './catalogue.ts';

const marketPrefix = marketStream('');

/**
 * Market ids, each once; empty for an event that touches none. One of a type, version or shape that is not known here still belongs
 * to the market in whose stream it stands, where a reader parks it; whatever it is, it must not stop the topic for all others.
 */
export function marketsOf(recorded: RecordedEvent): readonly string[] {
  try {
    return marketsTouched(decode(recorded));
  } catch {
    return recorded.stream.startsWith(marketPrefix) ? [recorded.stream.slice(marketPrefix.length)] : [];
  }
}

function marketsTouched(event: DomainEvent): readonly string[] {
  switch (event.type) {
    case 'MarketOpened':
    case 'PricesChanged':
    case 'MarketSuspended':
    case 'MarketResumed':
    case 'MarketClosed':
    case 'MarketResulted':
    case 'MarketResultCorrected':
    case 'MarketVoided':
    case 'MarketUnplayed':
    case 'AntePostSet':
    case 'PlaceTermsSet':
    case 'SelectionWithdrawn':
    case 'StartingPricesSet':
    case 'PriceErrorDeclared':
    case 'OutcomePaidEarly':
    case 'MarketVoidRequested':
    case 'MarketVoidDeclined':
    case 'MarketDecisionRequested':
    case 'MarketDecisionHeld':
    case 'MarketDecisionDeclined':
    case 'MarketSettlementHeld':
    case 'MarketSettlementResumed':
    case 'MarketFeedReceived':
    case 'MarketReleased':
      return [event.marketId];
    case 'BetPlaced':
    case 'BetSettled':
    case 'BetSettlementReversed':
    case 'BetVoided': {
      const only = event.legs.length === 1 ? event.legs[0] : undefined;
      return only === undefined ? [...new Set(event.legs.map((leg) => placeOf(leg).marketId))] : [placeOf(only).marketId];
    }
    case 'BetMoved':
      return [...new Set(event.moves.flatMap(({ from, to }) => [from.marketId, to.marketId]))];
    case 'AccountOpened':
    case 'FundsDeposited':
    case 'DepositRefused':
    case 'FundsWithdrawn':
    case 'WithdrawalRefused':
    case 'LimitSet':
    case 'SelfExcluded':
    case 'BetRefused':
    case 'BetResultConfirmed':
    case 'FreeBetGranted':
    case 'DailyCapApplied':
    case 'BetReturnHeld':
    case 'BetRepriced':
    case 'BetVoidRequested':
    case 'BetVoidDeclined':
    case 'BetReturnDeclined':
    case 'FixtureScheduled':
    case 'FixtureRescheduled':
    case 'FixturePostponed':
    case 'FixtureUnplayed':
    case 'FixtureStarted':
    case 'FixtureEnded':
    case 'FixtureAbandoned':
    case 'BuilderPriced':
      return [];
    default:
      return unreachable(event);
  }
}
