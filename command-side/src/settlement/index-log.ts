// From the log into the settlement index: legs of bets with their lateness, states of markets, results. Called by the worker with each
// batch of its subscription, in log order. This runs while bets are placed, so what is not needed is not even decoded.

import { isLasting, named, resultAfter, resultOfFeed, resultTypes } from '@wagerline/shared-kernel/betting/result-after';
import { isMoving, isUnplayed } from '@wagerline/shared-kernel/betting/rule-sets';
import { catalogue, type DomainEvent, type EventType } from '@wagerline/shared-kernel/events/catalogue';
import { decode } from '@wagerline/shared-kernel/events/codec';
import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import type { RecordedEvent, SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import type { IndexedLeg, IndexEntries, MarketResult, OpenedMarket, SettlementIndex, UnreadableEvent } from '@wagerline/shared-kernel/ports/settlement-index';
import { fixtureStream, marketStream, slotOf } from '@wagerline/shared-kernel/values/ids';
import { toMs } from '@wagerline/shared-kernel/values/time';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { causeOf } from '../cause.ts';
import { saidIn, type ResultEvent, type Said } from './said-of-markets.ts';
import { noteDecision } from './waiting-decisions.ts';

/** What the batch gives the slots to do. */
export type Indexed = {
  readonly hasResults: boolean;
  readonly hasRequests: boolean;
  readonly lateSlots: ReadonlySet<number>;
  readonly unreadable: readonly UnreadableEvent[];
};

type PlacedLeg = Omit<IndexedLeg, 'late'> & {
  readonly fixtureId: string;
  readonly inPlay: boolean;
  readonly competition: string;
  readonly startsAt: string;
};
type PlacedBet = {
  readonly accountId: string;
  readonly betId: string;
  readonly placedAtMs: number;
  readonly ruleSet: string;
  readonly currency: string;
  readonly stakeMinor: number;
  readonly legs: readonly PlacedLeg[];
};
type Fact =
  | (PlacedBet & { readonly kind: 'bet'; readonly slot: number })
  | { readonly kind: 'opened'; readonly market: Omit<OpenedMarket, 'position'> }
  | { readonly kind: 'status'; readonly marketId: string; readonly isOpen: boolean }
  | { readonly kind: 'held' | 'released'; readonly marketId: string }
  | { readonly kind: 'waiting'; readonly marketId: string; readonly event: MarketEvent }
  | { readonly kind: 'result'; readonly marketId: string; readonly event: ResultEvent; readonly said: Said; readonly isOpen: boolean }
  | { readonly kind: 'started'; readonly fixtureId: string };

/** How many bets more, or fewer, are open after an event of this type: a reversal opens one, the settlement behind it closes it again. */
const openBetChanges: ReadonlyMap<string, 1 | -1> = new Map<EventType, 1 | -1>([
  ['BetPlaced', 1],
  ['BetSettled', -1],
  ['BetSettlementReversed', 1],
  ['BetVoided', -1],
]);

/** Nobody learns the outcome from these: who bets afterwards bets in time. */
const keepsOpen: ReadonlySet<EventType> = new Set<EventType>(['PriceErrorDeclared', 'OutcomePaidEarly', 'MarketUnplayed']);

const needed: ReadonlySet<string> = new Set<EventType>([
  'BetPlaced',
  'MarketOpened',
  'MarketSuspended',
  'MarketResumed',
  'MarketClosed',
  ...resultTypes,
  'MarketDecisionRequested',
  'MarketDecisionHeld',
  'MarketDecisionDeclined',
  'MarketVoidRequested',
  'MarketVoidDeclined',
  'FixtureStarted',
  'FixtureEnded',
  'FixtureAbandoned',
]);

/** Adds the streams of events that cannot be read to `unreadableStreams`, which holds those of earlier batches. */
export function indexBatch(index: SettlementIndex, batch: SubscriptionBatch, unreadableStreams: Set<string>): Indexed {
  const lateSlots = new Set<number>();
  const unreadable: UnreadableEvent[] = [];
  let [hasResults, hasRequests] = [false, false];
  index.add(batch.position, (entries) => {
    const note = (stream: string, position: number, reason: string): void => {
      unreadable.push({ stream, position, reason });
      unreadableStreams.add(stream);
      entries.unreadable({ stream, position, reason });
    };
    let openBets = 0;
    for (const recorded of batch.events) {
      const { stream, position } = recorded;
      openBets += openBetChanges.get(recorded.type) ?? 0;
      const fact = factIn(recorded);
      if (fact === undefined) continue;
      if ('reason' in fact) {
        note(stream, position, fact.reason);
        continue;
      }
      switch (fact.kind) {
        case 'bet':
          // Whether a leg is late cannot be told after a fixture event that nobody can read.
          for (const { fixtureId, marketId } of fact.legs) {
            if (unreadableStreams.has(fixtureStream(fixtureId))) note(marketStream(marketId), position, `fixture ${fixtureId} is unreadable`);
          }
          if (addBet(index, entries, fact, recorded)) lateSlots.add(fact.slot);
          break;
        case 'opened':
          if (entries.opened({ ...fact.market, position }, causeOf(recorded))) hasResults = true;
          break;
        case 'status':
          entries.marketStatus(fact.marketId, fact.isOpen);
          break;
        case 'waiting':
          hasRequests ||= fact.event.type === 'MarketDecisionRequested';
          noteDecision(index, entries, fact, position);
          break;
        case 'result': {
          const known = resultOf(index, fact, recorded);
          noteDecision(index, entries, fact, position);
          const isOpen = fact.isOpen || (keepsOpen.has(fact.event.type) && index.isMarketOpen(fact.marketId));
          entries.result(fact.marketId, known, causeOf(recorded));
          if (isOpen) entries.marketStatus(fact.marketId, true);
          hasResults = true;
          break;
        }
        case 'held':
          entries.hold(fact.marketId);
          break;
        case 'released':
          // From here on what came while it was held is the market's result.
          if (entries.resume(fact.marketId, position, causeOf(recorded))) hasResults = true;
          break;
        case 'started':
          entries.fixtureStarted(fact.fixtureId);
          break;
        default:
          unreachable(fact);
      }
    }
    if (openBets !== 0) entries.openBets(openBets);
  });
  return { hasResults, hasRequests, lateSlots, unreadable };
}

/** True when a leg is late: its market was not open, its fixture had started (unless the leg is in-play), or was not played in time already. */
function addBet(index: SettlementIndex, entries: IndexEntries, fact: Extract<Fact, { kind: 'bet' }>, recorded: RecordedEvent): boolean {
  const legs = fact.legs.map((leg) => {
    const { marketId, selectionId, marketVersion, fixtureId, inPlay } = leg;
    const isOver = !index.isMarketOpen(marketId) || (!inPlay && index.hasFixtureStarted(fixtureId));
    const late = isOver || isUnplayed(fact.ruleSet, leg, index.results(marketId).at(-1)?.details?.unplayedUntil);
    return { marketId, selectionId, marketVersion, late };
  });
  const isLate = legs.some((leg) => leg.late);
  const { betId, accountId, placedAtMs, slot, currency, stakeMinor } = fact;
  for (const marketId of new Set(legs.filter((leg) => !leg.late).map((leg) => leg.marketId))) entries.stake(marketId, currency, stakeMinor);
  const moves = isMoving(fact.ruleSet) && ({ moves: true } as const);
  entries.bet({ position: recorded.position, placedAtMs, betId, accountId, ...moves, legs }, slot, isLate ? causeOf(recorded) : undefined);
  return isLate;
}

/** A payload of the wrong shape is as unreadable as an unknown type: it must not end the job for everyone else. */
function factIn(recorded: RecordedEvent): Fact | { readonly reason: string } | undefined {
  if (!needed.has(recorded.type)) return catalogue.has(recorded.type) ? undefined : { reason: `unknown event ${recorded.type}` };
  try {
    return factOf(decode(recorded), recorded);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

function factOf(event: DomainEvent, recorded: RecordedEvent): Fact | undefined {
  switch (event.type) {
    case 'BetPlaced':
      return placedIn(event);
    case 'MarketOpened':
      return { kind: 'opened', market: openedIn(event) };
    case 'MarketResumed':
      return { kind: 'status', marketId: named(event.marketId), isOpen: true };
    case 'MarketSuspended':
    case 'MarketClosed':
      return { kind: 'status', marketId: named(event.marketId), isOpen: false };
    case 'MarketResulted':
    case 'MarketResultCorrected':
    case 'MarketVoided':
    case 'MarketUnplayed':
    case 'SelectionWithdrawn':
    case 'StartingPricesSet':
    case 'PriceErrorDeclared':
    case 'OutcomePaidEarly':
    case 'MarketFeedReceived':
    case 'MarketReleased':
      return resultIn(event, recorded);
    case 'MarketDecisionRequested':
    case 'MarketDecisionHeld':
    case 'MarketDecisionDeclined':
    case 'MarketVoidRequested':
    case 'MarketVoidDeclined':
      return { kind: 'waiting', marketId: named(event.marketId), event };
    case 'MarketSettlementHeld':
      return { kind: 'held', marketId: named(event.marketId) };
    case 'MarketSettlementResumed':
      return { kind: 'released', marketId: named(event.marketId) };
    case 'FixtureStarted':
    case 'FixtureEnded':
    case 'FixtureAbandoned':
      return { kind: 'started', fixtureId: named(event.fixtureId) };
    case 'AccountOpened':
    case 'FundsDeposited':
    case 'DepositRefused':
    case 'FundsWithdrawn':
    case 'WithdrawalRefused':
    case 'LimitSet':
    case 'SelfExcluded':
    case 'BetRefused':
    case 'BetSettled':
    case 'BetSettlementReversed':
    case 'BetResultConfirmed':
    case 'BetReturnHeld':
    case 'BetRepriced':
    case 'BetMoved':
    case 'BetVoidRequested':
    case 'BetVoidDeclined':
    case 'BetReturnDeclined':
    case 'BetVoided':
    case 'PricesChanged':
    case 'AntePostSet':
    case 'PlaceTermsSet':
    case 'FreeBetGranted':
    case 'DailyCapApplied':
    case 'FixtureScheduled':
    case 'FixturePostponed':
    case 'FixtureUnplayed':
    case 'FixtureRescheduled':
    case 'BuilderPriced':
      return undefined;
    default:
      return unreachable(event);
  }
}

function openedIn({ marketId, fixtureId, kind, line, selections }: Extract<DomainEvent, { type: 'MarketOpened' }>): Omit<OpenedMarket, 'position'> {
  return { marketId: named(marketId), fixtureId: named(fixtureId), kind, line, selectionIds: selections.map(({ selectionId }) => named(selectionId)) };
}

function placedIn(event: Extract<DomainEvent, { type: 'BetPlaced' }>): Fact {
  const legs = event.legs.map(({ marketId, selectionId, marketVersion, fixtureId, inPlay, competition, startsAt }): PlacedLeg => {
    return { marketId: named(marketId), selectionId: named(selectionId), fixtureId: named(fixtureId), marketVersion, inPlay, competition, startsAt };
  });
  const { accountId, betId, placedAt, ruleSet, currency, stakeMinor } = event;
  return { kind: 'bet', accountId, betId: named(betId), placedAtMs: toMs(placedAt), slot: slotOf(named(accountId)), ruleSet, currency, stakeMinor, legs };
}

function resultIn(event: ResultEvent, recorded: RecordedEvent): Fact | undefined {
  const said = saidIn(event, recorded);
  const isOpen = 'standing' in event && event.standing?.status === 'open';
  return said && { kind: 'result', marketId: named(event.marketId), event, said, isOpen };
}

/** What was cancelled stays so when something is learnt that says nothing of results. */
function resultOf(index: SettlementIndex, { marketId, event, said }: Extract<Fact, { kind: 'result' }>, { position, revision }: RecordedEvent): MarketResult {
  const known = index.newestResult(marketId);
  const isByFeed = event.type === 'MarketFeedReceived' || event.type === 'MarketReleased';
  const after = isByFeed ? resultOfFeed(known, said.results) : resultAfter(known, event, position, index.decision(marketId)?.position);
  const cancelled = isLasting(event) ? known?.cancelled : said.cancelled;
  return { position, revision, ...said, ...after, ...(cancelled !== undefined && { cancelled }) };
}
