// The fixture-search read model: a fixture with its markets, fed by the fixture's stream and by the stream of each market.
// Called by the runner, which lets one writer do it. Each stream changes its own part only, so their interleaving does not matter.

import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { fixtureOf, fixtureSearch, fixturesCollection } from '@wagerline/shared-kernel/read-models/fixture-search';
import type { FixtureDocument, FixtureMarket } from '@wagerline/shared-kernel/read-models/fixture-search';
import { assert, unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { isHandled, type EventHandling, type EventMeta, type HandledEvent, type Projection } from '../projection.ts';

const handling = {
  FixtureScheduled: 'handled',
  FixtureRescheduled: 'handled',
  FixturePostponed: 'handled',
  FixtureUnplayed: 'ignored',
  FixtureStarted: 'handled',
  FixtureEnded: 'handled',
  FixtureAbandoned: 'handled',
  BuilderPriced: 'ignored',
  MarketOpened: 'handled',
  MarketSuspended: 'handled',
  MarketResumed: 'handled',
  MarketClosed: 'handled',
  MarketResulted: 'handled',
  MarketResultCorrected: 'handled',
  MarketVoided: 'handled',
  MarketUnplayed: 'ignored',
  AntePostSet: 'ignored',
  PlaceTermsSet: 'ignored',
  SelectionWithdrawn: 'handled',
  StartingPricesSet: 'ignored',
  PriceErrorDeclared: 'ignored',
  OutcomePaidEarly: 'ignored',
  MarketVoidRequested: 'ignored',
  MarketVoidDeclined: 'ignored',
  MarketDecisionRequested: 'ignored',
  MarketDecisionHeld: 'ignored',
  MarketDecisionDeclined: 'ignored',
  MarketSettlementHeld: 'ignored',
  MarketSettlementResumed: 'ignored',
  MarketFeedReceived: 'handled',
  MarketReleased: 'handled',
  PricesChanged: 'ignored',
  AccountOpened: 'ignored',
  FundsDeposited: 'ignored',
  DepositRefused: 'ignored',
  FundsWithdrawn: 'ignored',
  WithdrawalRefused: 'ignored',
  LimitSet: 'ignored',
  SelfExcluded: 'ignored',
  FreeBetGranted: 'ignored',
  DailyCapApplied: 'ignored',
  BetPlaced: 'ignored',
  BetRefused: 'ignored',
  BetSettled: 'ignored',
  BetSettlementReversed: 'ignored',
  BetResultConfirmed: 'ignored',
  BetReturnHeld: 'ignored',
  BetRepriced: 'ignored',
  BetMoved: 'ignored',
  BetVoidRequested: 'ignored',
  BetVoidDeclined: 'ignored',
  BetReturnDeclined: 'ignored',
  BetVoided: 'ignored',
} as const satisfies EventHandling;

export type FixtureSearchEvent = HandledEvent<typeof handling>;

export function project(document: FixtureDocument | undefined, event: FixtureSearchEvent, meta: Pick<EventMeta, 'version'>): FixtureDocument {
  const fixture = { ...(document ?? stub(event.fixtureId)), counter: meta.version };
  switch (event.type) {
    case 'FixtureScheduled': {
      const { sport, competition, home, away, startsAt } = event;
      return { ...fixture, sport, competition, home, away, startsAt, status: 'scheduled' };
    }
    case 'FixtureRescheduled':
      return { ...fixture, startsAt: event.startsAt, status: 'scheduled' };
    case 'FixturePostponed':
      return { ...fixture, status: 'postponed' };
    case 'FixtureStarted':
      return { ...fixture, status: 'started' };
    case 'FixtureEnded':
      return { ...fixture, status: 'ended', score: event.score };
    case 'FixtureAbandoned':
      return { ...fixture, status: 'abandoned' };
    case 'MarketOpened': {
      const { marketId, kind, line, inPlay } = event;
      return { ...fixture, markets: withMarket(fixture.markets, { marketId, kind, line, inPlay, status: 'open' }) };
    }
    case 'MarketSuspended':
      return { ...fixture, markets: withStatus(fixture.markets, event.marketId, 'suspended') };
    case 'MarketResumed':
      return { ...fixture, markets: withStatus(fixture.markets, event.marketId, 'open') };
    case 'MarketClosed':
      return { ...fixture, markets: withStatus(fixture.markets, event.marketId, 'closed') };
    case 'SelectionWithdrawn': {
      const wasOpen = fixture.markets.some(({ marketId, status }) => marketId === event.marketId && status === 'open');
      return wasOpen ? { ...fixture, markets: withStatus(fixture.markets, event.marketId, 'suspended') } : fixture;
    }
    case 'MarketResulted':
    case 'MarketResultCorrected':
      return { ...fixture, markets: withStatus(fixture.markets, event.marketId, 'resulted') };
    case 'MarketVoided':
      return { ...fixture, markets: withStatus(fixture.markets, event.marketId, 'voided') };
    case 'MarketFeedReceived':
    case 'MarketReleased':
      return event.standing === null ? fixture : { ...fixture, markets: withStatus(fixture.markets, event.marketId, event.standing.status) };
    default:
      return unreachable(event);
  }
}

function stub(fixtureId: string): FixtureDocument {
  return { fixtureId, sport: '', competition: '', home: '', away: '', startsAt: '', status: 'unknown', score: null, markets: [], counter: 0 };
}

/** Sorted, so that the order in which markets arrive leaves no trace. */
function withMarket(markets: readonly FixtureMarket[], market: FixtureMarket): readonly FixtureMarket[] {
  const others = markets.filter((other) => other.marketId !== market.marketId);
  return [...others, market].sort((a, b) => (a.marketId < b.marketId ? -1 : 1));
}

function withStatus(markets: readonly FixtureMarket[], marketId: string, status: FixtureMarket['status']): readonly FixtureMarket[] {
  assert(markets.some((market) => market.marketId === marketId), `a market is opened before anything else happens to it: ${marketId}`);
  return markets.map((market) => (market.marketId === marketId ? { ...market, status } : market));
}

export const fixtureSearchProjection: Projection = {
  model: fixtureSearch,
  versioning: 'counter',
  cachedCollections: [fixturesCollection.name],
  unhashedFields: ['counter', 'applied'],
  keysOf(event: DomainEvent) {
    if (!isHandled(handling, event)) return [];
    return [{ collection: fixturesCollection.name, shard: event.fixtureId, id: event.fixtureId, isNew: false }];
  },
  project(_target, document, event, meta) {
    assert(isHandled(handling, event), 'an ignored event touches no document');
    return project(document && fixtureOf(document), event, meta);
  },
};
