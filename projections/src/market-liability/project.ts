// The market-liability read model: what the live bets on a market have staked and could return. Called by the runner for the records
// of the by-market topic. Every event of a bet carries its terms, so what a settlement takes out is exactly what the placing put in.

import { legToSettle, preparedBet, wholeMinor } from '@wagerline/shared-kernel/betting/settle';
import { settlePrepared } from '@wagerline/shared-kernel/betting/settlement';
import type { LegResult } from '@wagerline/shared-kernel/betting/slip';
import { placeOf, type AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import { liabilitiesCollection, liabilityOf, marketLiability } from '@wagerline/shared-kernel/read-models/market-liability';
import type { LiabilityDocument, SelectionLiability } from '@wagerline/shared-kernel/read-models/market-liability';
import { addMinor, amountMinorOf } from '@wagerline/shared-kernel/values/money';
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
  BetPlaced: 'handled',
  BetSettled: 'handled',
  BetSettlementReversed: 'handled',
  BetVoided: 'handled',
  BetResultConfirmed: 'ignored',
  BetReturnHeld: 'ignored',
  BetRepriced: 'ignored',
  BetMoved: 'handled',
  BetVoidRequested: 'ignored',
  BetVoidDeclined: 'ignored',
  BetReturnDeclined: 'ignored',
  BetRefused: 'ignored',
  AccountOpened: 'ignored',
  FundsDeposited: 'ignored',
  DepositRefused: 'ignored',
  FundsWithdrawn: 'ignored',
  WithdrawalRefused: 'ignored',
  LimitSet: 'ignored',
  SelfExcluded: 'ignored',
  FreeBetGranted: 'ignored',
  DailyCapApplied: 'ignored',
  FixtureScheduled: 'ignored',
  FixtureRescheduled: 'ignored',
  FixturePostponed: 'ignored',
  FixtureUnplayed: 'ignored',
  FixtureStarted: 'ignored',
  FixtureEnded: 'ignored',
  FixtureAbandoned: 'ignored',
  BuilderPriced: 'ignored',
} as const satisfies EventHandling;

export type LiabilityEvent = HandledEvent<typeof handling>;
type Bet = Extract<AccountEvent, { type: 'BetPlaced' | 'BetSettled' | 'BetSettlementReversed' | 'BetMoved' | 'BetVoided' }>;
type Moved = Extract<Bet, { type: 'BetMoved' }>;

export function project(document: LiabilityDocument | undefined, event: LiabilityEvent, meta: Pick<EventMeta, 'position'>): LiabilityDocument {
  const { position } = meta;
  if (event.type === 'MarketOpened') return opened(event, position);
  assert(document !== undefined, `${event.type} for a market that was never opened`);
  const next = { ...document, position };
  switch (event.type) {
    case 'PricesChanged': {
      const odds = new Map(event.prices.map((price) => [price.selectionId, price.odds]));
      return { ...next, selections: document.selections.map((item) => ({ ...item, odds: odds.get(item.selectionId) ?? item.odds })) };
    }
    case 'MarketSuspended':
      return { ...next, status: 'suspended' };
    case 'MarketResumed':
      return { ...next, status: 'open' };
    case 'MarketClosed':
      return { ...next, status: 'closed' };
    case 'MarketResulted':
    case 'MarketResultCorrected':
      return { ...next, status: 'resulted' };
    case 'MarketVoided':
      return { ...next, status: 'voided' };
    case 'SelectionWithdrawn':
      return document.status === 'open' ? { ...next, status: 'suspended' } : next;
    case 'MarketFeedReceived':
    case 'MarketReleased':
      return { ...next, status: event.standing?.status ?? document.status };
    case 'BetPlaced':
    case 'BetSettlementReversed':
      return { ...next, liabilities: withBet(document, event, 1) };
    case 'BetSettled':
    case 'BetVoided':
      return { ...next, liabilities: withBet(document, event, -1) };
    case 'BetMoved':
      return event.isLive ? { ...next, liabilities: withMoved(document, event) } : next;
    default:
      return unreachable(event);
  }
}

function opened(event: Extract<MarketEvent, { type: 'MarketOpened' }>, position: number): LiabilityDocument {
  const { marketId, fixtureId, kind, line } = event;
  const selections = event.selections.map(({ selectionId, name, odds }) => ({ selectionId, name, odds }));
  return { marketId, fixtureId, kind, line, status: 'open', selections, liabilities: [], position };
}

/** `sign` 1: the bet is live from now on; -1: it no longer is. */
function withBet(document: LiabilityDocument, bet: Bet, sign: 1 | -1): readonly SelectionLiability[] {
  const selectionIds = selectionsIn(document, bet, placeOf);
  assert(selectionIds.size > 0, 'a bet on the market has a leg on it');
  return withSelections(document.liabilities, bet, selectionIds, sign);
}

function selectionsIn({ marketId }: LiabilityDocument, { legs }: Bet, where: (leg: Bet['legs'][number], index: number) => { marketId: string }): Set<string> {
  return new Set(legs.filter((leg, index) => where(leg, index).marketId === marketId).map((leg) => leg.selectionId));
}

/** What was here and is no longer, and what was not and is now. */
function withMoved(document: LiabilityDocument, bet: Moved): readonly SelectionLiability[] {
  const from = new Map(bet.moves.map((move) => [move.leg, move.from]));
  const before = selectionsIn(document, bet, (leg, index) => from.get(index) ?? placeOf(leg));
  const after = selectionsIn(document, bet, placeOf);
  const [gone, come] = [[...before].filter((id) => !after.has(id)), [...after].filter((id) => !before.has(id))];
  return withSelections(withSelections(document.liabilities, bet, gone, -1), bet, come, 1);
}

function withSelections(known: readonly SelectionLiability[], bet: Bet, selectionIds: Iterable<string>, sign: 1 | -1): readonly SelectionLiability[] {
  let liabilities = known;
  for (const selectionId of selectionIds) {
    const at = liabilities.findIndex((item) => item.selectionId === selectionId && item.currency === bet.currency);
    const before = liabilities[at] ?? none(selectionId, bet);
    const changed = isPlainSingle(bet) ? withSingle(before, bet, sign) : withMultiple(before, bet, sign);
    liabilities = at >= 0 ? liabilities.with(at, changed) : [...liabilities, changed].sort(byCurrencyAndSelection);
  }
  return liabilities;
}

/** A single whose return follows from the winner: a place part depends on more than that. */
function isPlainSingle({ legs, eachWay, rules }: Bet): boolean {
  return legs.length === 1 && !eachWay && rules?.placeOnly !== true;
}

function withSingle(item: SelectionLiability, bet: Bet, sign: 1 | -1): SelectionLiability {
  const { count, stakeMinor, returns } = item.singles;
  const returnIf = returnsOf(bet);
  return {
    ...item,
    singles: {
      count: count + sign,
      stakeMinor: addMinor(stakeMinor, sign * ownStakeMinor(bet)),
      returns: {
        wonMinor: addMinor(returns.wonMinor, sign * returnIf('won')),
        halfWonMinor: addMinor(returns.halfWonMinor, sign * returnIf('half_won')),
        backMinor: addMinor(returns.backMinor, sign * returnIf('push')),
        halfLostMinor: addMinor(returns.halfLostMinor, sign * returnIf('half_lost')),
      },
    },
  };
}

/** What the house has taken in for it. */
function ownStakeMinor({ stakeMinor, freeBet }: Bet): number {
  return freeBet === undefined ? stakeMinor : 0;
}

function withMultiple(item: SelectionLiability, bet: Bet, sign: 1 | -1): SelectionLiability {
  const { count, stakeMinor, returnMaxMinor } = item.multiples;
  return {
    ...item,
    multiples: {
      count: count + sign,
      stakeMinor: addMinor(stakeMinor, sign * ownStakeMinor(bet)),
      returnMaxMinor: addMinor(returnMaxMinor, sign * bet.returnMaxMinor),
    },
  };
}

/** What the single would return, rounded as its settlement will round it. Its terms are the same for every result. */
function returnsOf(bet: Bet): (result: LegResult) => number {
  const prepared = preparedBet(bet);
  return (result) => {
    const { payout } = settlePrepared(prepared, bet.unitStakeMinor, bet.legs.map(({ odds }) => legToSettle({ odds, result })));
    return amountMinorOf(wholeMinor(payout.rounded));
  };
}

function none(selectionId: string, { currency }: Bet): SelectionLiability {
  const returns = { wonMinor: 0, halfWonMinor: 0, backMinor: 0, halfLostMinor: 0 };
  return { selectionId, currency, singles: { count: 0, stakeMinor: 0, returns }, multiples: { count: 0, stakeMinor: 0, returnMaxMinor: 0 } };
}

function byCurrencyAndSelection(a: SelectionLiability, b: SelectionLiability): number {
  if (a.currency !== b.currency) return a.currency < b.currency ? -1 : 1;
  return a.selectionId < b.selectionId ? -1 : 1;
}

export const marketLiabilityProjection: Projection = {
  model: marketLiability,
  versioning: 'position',
  cachedCollections: [liabilitiesCollection.name],
  unhashedFields: ['position'],
  keysOf(event, { key }) {
    // Never `isNew`: no watermark stands before a repeated MarketOpened, only the position in the document itself.
    if (!isHandled(handling, event)) return [];
    return [{ collection: liabilitiesCollection.name, shard: key, id: key, isNew: false }];
  },
  project(_target, document, event, meta) {
    assert(isHandled(handling, event), 'an ignored event touches no document');
    return project(document && liabilityOf(document), event, meta);
  },
};
