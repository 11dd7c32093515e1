// The odds-board read model: a market as a bettor sees it. Called by the runner for events of market streams.

import type { StoredStanding } from '@wagerline/shared-kernel/events/feed-payload';
import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import { marketOf, marketsCollection, oddsBoard } from '@wagerline/shared-kernel/read-models/odds-board';
import type { MarketDocument, MarketSelectionDocument } from '@wagerline/shared-kernel/read-models/odds-board';
import { assert, unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { isHandled, type EventHandling, type EventMeta, type HandledEvent, type Projection } from '../projection.ts';

const handling = {
  MarketOpened: 'handled',
  PricesChanged: 'handled',
  MarketSuspended: 'handled',
  MarketResumed: 'handled',
  MarketClosed: 'handled',
  MarketResulted: 'handled',
  MarketResultCorrected: 'handled',
  MarketVoided: 'handled',
  MarketUnplayed: 'ignored',
  AntePostSet: 'ignored',
  PlaceTermsSet: 'handled',
  SelectionWithdrawn: 'handled',
  StartingPricesSet: 'handled',
  PriceErrorDeclared: 'handled',
  OutcomePaidEarly: 'handled',
  MarketVoidRequested: 'handled',
  MarketVoidDeclined: 'handled',
  MarketDecisionRequested: 'handled',
  MarketDecisionHeld: 'handled',
  MarketDecisionDeclined: 'handled',
  MarketSettlementHeld: 'ignored',
  MarketSettlementResumed: 'ignored',
  MarketFeedReceived: 'handled',
  MarketReleased: 'handled',
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
  FixtureScheduled: 'ignored',
  FixtureRescheduled: 'ignored',
  FixturePostponed: 'ignored',
  FixtureUnplayed: 'ignored',
  FixtureStarted: 'ignored',
  FixtureEnded: 'ignored',
  FixtureAbandoned: 'ignored',
  BuilderPriced: 'ignored',
} as const satisfies EventHandling;

export type OddsBoardEvent = HandledEvent<typeof handling>;

export function project(document: MarketDocument | undefined, event: OddsBoardEvent, meta: Pick<EventMeta, 'revision'>): MarketDocument {
  if (event.type === 'MarketOpened') return opened(event, meta.revision);
  assert(document !== undefined, `${event.type} for a market that was never opened`);
  const changed = { ...document, version: meta.revision, changedAt: event.at };
  switch (event.type) {
    case 'PricesChanged': {
      const odds = new Map(event.prices.map((price) => [price.selectionId, price.odds]));
      const selections = document.selections.map((selection) => ({ ...selection, odds: odds.get(selection.selectionId) ?? selection.odds }));
      return { ...changed, selections };
    }
    case 'MarketSuspended':
      return { ...changed, status: 'suspended', reason: event.reason };
    case 'MarketResumed':
      return { ...changed, status: 'open', reason: null };
    case 'MarketClosed':
      return { ...changed, status: 'closed', reason: event.reason };
    case 'MarketResulted':
      return { ...changed, status: 'resulted', reason: null, selections: withResults(document.selections, event.results) };
    case 'MarketResultCorrected':
      return { ...changed, status: 'resulted', reason: event.reason, selections: withResults(document.selections, event.results) };
    case 'PriceErrorDeclared':
    case 'OutcomePaidEarly':
    case 'MarketVoidRequested':
    case 'MarketVoidDeclined':
    case 'MarketDecisionRequested':
    case 'MarketDecisionHeld':
    case 'MarketDecisionDeclined':
      return changed;
    case 'MarketVoided':
      return { ...changed, status: 'voided', reason: event.reason, selections: withResults(document.selections, []) };
    case 'PlaceTermsSet':
      return { ...changed, placeTerms: { places: event.places, fraction: event.fraction } };
    case 'SelectionWithdrawn': {
      const { result, rule4Percent, reason } = event;
      const selections = withMore(document.selections, event.selectionId, { withdrawn: { result, rule4Percent } });
      return { ...changed, selections, ...(document.status === 'open' && { status: 'suspended' as const, reason }) };
    }
    case 'StartingPricesSet': {
      const selections = event.prices.reduce((known, { selectionId, odds }) => withMore(known, selectionId, { startingOdds: odds }), document.selections);
      return { ...changed, selections };
    }
    case 'MarketFeedReceived':
      return event.standing === null ? changed : { ...changed, ...asTheFeedSays(document, event.standing, null) };
    case 'MarketReleased':
      return { ...changed, ...asTheFeedSays(document, event.standing, event.reason) };
    default:
      return unreachable(event);
  }
}

function withMore(
  selections: readonly MarketSelectionDocument[],
  selectionId: string,
  more: Pick<MarketSelectionDocument, 'withdrawn' | 'startingOdds'>,
): readonly MarketSelectionDocument[] {
  return selections.map((selection) => (selection.selectionId === selectionId ? { ...selection, ...more } : selection));
}

function opened(event: Extract<MarketEvent, { type: 'MarketOpened' }>, version: number): MarketDocument {
  const { marketId, fixtureId, kind, line, inPlay, stakeMaxPerBetMinor, stakeMaxPerAccountMinor, at } = event;
  const selections = event.selections.map(({ selectionId, name, odds }) => ({ selectionId, name, odds, result: null }));
  const limits = { stakeMaxPerBetMinor, stakeMaxPerAccountMinor };
  return { marketId, fixtureId, kind, line, inPlay, status: 'open', reason: null, selections, ...limits, openedAt: at, changedAt: at, version };
}

/** Messages that contradict each other show as a reason: somebody has to look. */
function asTheFeedSays(document: MarketDocument, { status, results, held }: StoredStanding, reason: string | null) {
  const known = results.flatMap(({ selectionId, result }) => (result === 'open' ? [] : [{ selectionId, result }]));
  return { status, reason: held ? 'results-contradict' : reason, selections: withResults(document.selections, known) };
}

/** A result names every selection, so it replaces all that was known before. */
function withResults(
  selections: readonly MarketSelectionDocument[],
  results: Extract<MarketEvent, { type: 'MarketResulted' }>['results'],
): readonly MarketSelectionDocument[] {
  const bySelection = new Map(results.map(({ selectionId, result }) => [selectionId, result]));
  return selections.map((selection) => ({ ...selection, result: bySelection.get(selection.selectionId) ?? null }));
}

export const oddsBoardProjection: Projection = {
  model: oddsBoard,
  versioning: 'revision',
  cachedCollections: [marketsCollection.name],
  unhashedFields: [],
  keysOf(event) {
    if (!isHandled(handling, event)) return [];
    return [{ collection: marketsCollection.name, shard: event.marketId, id: event.marketId, isNew: event.type === 'MarketOpened' }];
  },
  project(_target, document, event, meta) {
    assert(isHandled(handling, event), 'an ignored event touches no document');
    return project(document && marketOf(document), event, meta);
  },
};
