// The bet-history read model: what each account event makes of one bet's document. Called by the runner for events of account streams.

import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { voidedReturnMinor } from '@wagerline/shared-kernel/events/postings';
import { betHistory, betHistoryEntriesMax, betOf, betsCollection } from '@wagerline/shared-kernel/read-models/bet-history';
import type { BetDocument, BetHistoryEntry, BetLegDocument } from '@wagerline/shared-kernel/read-models/bet-history';
import { assert, unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { isHandled, type EventHandling, type EventMeta, type HandledEvent, type Projection } from '../projection.ts';

const handling = {
  BetPlaced: 'handled',
  BetSettled: 'handled',
  BetSettlementReversed: 'handled',
  BetResultConfirmed: 'handled',
  BetReturnHeld: 'handled',
  BetRepriced: 'handled',
  BetMoved: 'handled',
  BetVoidRequested: 'ignored',
  BetVoidDeclined: 'ignored',
  BetReturnDeclined: 'handled',
  BetVoided: 'handled',
  AccountOpened: 'ignored',
  FundsDeposited: 'ignored',
  DepositRefused: 'ignored',
  FundsWithdrawn: 'ignored',
  WithdrawalRefused: 'ignored',
  LimitSet: 'ignored',
  SelfExcluded: 'ignored',
  FreeBetGranted: 'ignored',
  DailyCapApplied: 'ignored',
  BetRefused: 'ignored',
  MarketOpened: 'ignored',
  PricesChanged: 'ignored',
  MarketSuspended: 'ignored',
  MarketResumed: 'ignored',
  MarketClosed: 'ignored',
  MarketResulted: 'ignored',
  MarketResultCorrected: 'ignored',
  MarketVoided: 'ignored',
  MarketUnplayed: 'ignored',
  AntePostSet: 'ignored',
  PlaceTermsSet: 'ignored',
  SelectionWithdrawn: 'ignored',
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
  MarketFeedReceived: 'ignored',
  MarketReleased: 'ignored',
  FixtureScheduled: 'ignored',
  FixtureRescheduled: 'ignored',
  FixturePostponed: 'ignored',
  FixtureUnplayed: 'ignored',
  FixtureStarted: 'ignored',
  FixtureEnded: 'ignored',
  FixtureAbandoned: 'ignored',
  BuilderPriced: 'ignored',
} as const satisfies EventHandling;

export type BetHistoryEvent = HandledEvent<typeof handling>;
type BetPlaced = Extract<BetHistoryEvent, { type: 'BetPlaced' }>;
type Judged = Exclude<BetHistoryEvent, { type: 'BetPlaced' }>;

export function project(document: BetDocument | undefined, event: BetHistoryEvent, meta: Pick<EventMeta, 'revision'>): BetDocument {
  if (event.type === 'BetPlaced') return placed(event, meta.revision);
  assert(document !== undefined, `${event.type} for a bet that was never placed`);
  const { heldReturnMinor: _held, ...known } = document;
  const judged = { ...known, legs: judgedLegs(document.legs, event.legs), revision: meta.revision };
  const { at, settlement } = event;
  switch (event.type) {
    case 'BetSettled': {
      const { returnMinor, returnExact } = event;
      const history = withEntry(document, { type: 'settled', settlement, at, returnMinor, reason: event.reason });
      const status = event.state === 'void' ? 'void' : 'settled';
      return { ...judged, status, returnMinor, returnExact, settledAt: at, settlementCount: settlement, history };
    }
    case 'BetSettlementReversed': {
      const history = withEntry(document, { type: 'reversed', settlement, at, returnMinor: event.returnMinor, reason: event.reason });
      return { ...judged, status: 'open', returnMinor: null, returnExact: null, settledAt: null, history };
    }
    case 'BetResultConfirmed':
    case 'BetRepriced':
    case 'BetReturnDeclined':
      return judged;
    case 'BetMoved':
      return { ...judged, history: withEntry(document, { type: 'moved', settlement, at, returnMinor: 0, reason: event.reason, moves: event.moves }) };
    case 'BetReturnHeld':
      return event.state === 'open' ? judged : { ...judged, heldReturnMinor: event.returnMinor };
    case 'BetVoided': {
      const returnMinor = voidedReturnMinor(event);
      const history = withEntry(document, { type: 'voided', settlement, at, returnMinor, reason: event.reason });
      return { ...judged, status: 'void', returnMinor, returnExact: `${returnMinor}/1`, settledAt: at, history };
    }
    default:
      return unreachable(event);
  }
}

function placed(event: BetPlaced, revision: number): BetDocument {
  const { accountId, betId, currency, brand, jurisdiction, unitStakeMinor, stakeMinor, shape, eachWay, lineCount } = event;
  const { returnMaxMinor, ruleSet, rules, freeBet, oddsChangePolicy, placedAt } = event;
  return {
    accountId,
    betId,
    currency,
    brand,
    jurisdiction,
    unitStakeMinor,
    stakeMinor,
    shape,
    eachWay,
    lineCount,
    returnMaxMinor,
    ruleSet,
    ...(rules !== undefined && { rules }),
    ...(freeBet !== undefined && { freeBet }),
    oddsChangePolicy,
    placedAt,
    legs: event.legs.map((leg) => ({ ...leg, result: 'open', resultRevision: null, late: false })),
    competitions: [...new Set(event.legs.map((leg) => leg.competition))].sort(),
    status: 'open',
    returnMinor: null,
    returnExact: null,
    settledAt: null,
    settlementCount: 0,
    history: [],
    revision,
  };
}

/** The events of one bet carry its legs in the order in which they were placed. */
function judgedLegs(legs: readonly BetLegDocument[], verdicts: Judged['legs']): readonly BetLegDocument[] {
  assert(legs.length === verdicts.length, 'a verdict for every leg');
  return legs.map((leg, index) => {
    const { voidFactor: _, winDeadHeat: _share, detail: _detail, corrected: _corrected, paidEarly: _early, movedTo: _moved, ...struck } = leg;
    const { result, resultRevision, late, voidFactor, winDeadHeat, detail, corrected, paidEarly, movedTo } = verdicts[index] ?? leg;
    const shares = { ...(voidFactor !== undefined && { voidFactor }), ...(winDeadHeat !== undefined && { winDeadHeat }) };
    const more = { ...(detail !== undefined && { detail }), ...(corrected !== undefined && { corrected }), ...(paidEarly !== undefined && { paidEarly }) };
    return { ...struck, result, resultRevision, late, ...shares, ...more, ...(movedTo !== undefined && { movedTo }) };
  });
}

function withEntry(document: BetDocument, entry: BetHistoryEntry): readonly BetHistoryEntry[] {
  return [...document.history, entry].slice(-betHistoryEntriesMax);
}

export const betHistoryProjection: Projection = {
  model: betHistory,
  versioning: 'revision',
  cachedCollections: [],
  unhashedFields: [],
  keysOf(event: DomainEvent) {
    if (!isHandled(handling, event)) return [];
    return [{ collection: betsCollection.name, shard: event.accountId, id: event.betId, isNew: event.type === 'BetPlaced' }];
  },
  project(_target, document, event, meta) {
    assert(isHandled(handling, event), 'an ignored event touches no document');
    return project(document && betOf(document), event, meta);
  },
};
