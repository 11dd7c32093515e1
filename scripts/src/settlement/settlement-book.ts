// What settlement has to know, folded from the log: open bets with their terms, markets with their results, fixtures with their ends. Called by
// the reports on settlement. It reads what accounts and markets have recorded, and decides nothing.

import type { MarketKind } from '@wagerline/shared-kernel/betting/market-kinds';
import { knownOf, verdictOn } from '@wagerline/shared-kernel/betting/leg-verdict';
import { isLasting, resultAfter, resultOfFeed, type KnownResult, type ResultingEvent } from '@wagerline/shared-kernel/betting/result-after';
import type { BetToSettle } from '@wagerline/shared-kernel/betting/settle';
import { isMoving, isUnplayed } from '@wagerline/shared-kernel/betting/rule-sets';
import { movesMax, seasonAfter } from '@wagerline/shared-kernel/betting/results/market-results';
import { waitingAfter, type WaitingDecision } from '@wagerline/shared-kernel/betting/results/waiting-decision';
import { isCancelled, type CancelledWindow } from '@wagerline/shared-kernel/betting/results/market-standing';
import type { AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import { decode } from '@wagerline/shared-kernel/events/codec';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import type { StoredStanding } from '@wagerline/shared-kernel/events/feed-payload';
import { isFixtureEvent, type FixtureEvent } from '@wagerline/shared-kernel/events/fixture-events';
import { isMarketEvent, type MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { toMs } from '@wagerline/shared-kernel/values/time';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';

/** By selection; null: the market was voided. */
export type Results = KnownResult['results'];

export type BookMarket = {
  readonly fixtureId: string;
  readonly kind: MarketKind;
  readonly line: string | null;
  readonly selections: readonly string[];
  readonly status: 'open' | 'suspended' | 'closed' | 'resulted' | 'voided';
  /** What settles bets now; undefined: nothing yet. Without results where only non-runners or starting prices are known. */
  readonly known: KnownResult | undefined;
  /** Bets that were accepted in these windows are void. */
  readonly cancelled: readonly CancelledWindow[];
  readonly isHeld: boolean;
  /** What came while the market is held. */
  readonly waiting: KnownResult | undefined;
  /** What somebody decided by hand, and what has not taken effect; `askedAt`: where in the log. */
  readonly decision: (WaitingDecision & { readonly askedAt: number }) | undefined;
};
export type BookFixture = { readonly startsAt: string | undefined; readonly hasStarted: boolean; readonly endedAt: string | undefined };

type Reversed = AccountEventOf<'BetSettlementReversed'>;
type Struck = 'fixtureId' | 'competition' | 'marketId' | 'selectionId' | 'odds' | 'startsAt' | 'startingPrice' | 'placeFraction' | 'places' | 'antePost';
export type OpenLeg = Pick<Reversed['legs'][number], Struck | 'late'> & { readonly marketVersion: number };
type Terms = 'betId' | 'accountId' | 'currency' | 'unitStakeMinor' | 'stakeMinor' | 'shape' | 'eachWay' | 'ruleSet' | 'rules' | 'freeBet' | 'placedAt';
export type OpenBet = Pick<Reversed, Terms> & {
  /** Where it was placed in the log. */
  readonly position: number;
  readonly legs: readonly OpenLeg[];
};

export class SettlementBook {
  readonly openBets = new Map<string, OpenBet>();
  readonly markets = new Map<string, BookMarket>();
  readonly fixtures = new Map<string, BookFixture>();
  /** By fixture, kind and line. */
  readonly #firstAt = new Map<string, string>();
  /** Of every bet: one that is settled may be open again. */
  readonly #placed = new Map<string, { readonly position: number; readonly versions: readonly number[] }>();

  /** An event that cannot be read is passed over: the settlement job reports it. */
  read(recorded: RecordedEvent): void {
    const event = readable(recorded);
    if (event === undefined) return;
    if ('betId' in event) this.#bet(event, recorded.position);
    else if (isMarketEvent(event)) this.#market(event, recorded.position);
    else if (isFixtureEvent(event)) this.#fixture(event);
  }

  /** The bet's legs as they stand, with other results in the place of one market's own. */
  legsAs(bet: OpenBet, otherwise?: { readonly marketId: string; readonly results: Results }): BetToSettle['legs'] {
    return bet.legs.map((leg) => {
      const { marketId, end } = this.#wayOf(bet, leg);
      const market = this.markets.get(marketId);
      const own = market?.known;
      const known = otherwise?.marketId === marketId ? { ...own, results: otherwise.results } : own;
      const isSaid = known !== undefined && (known.results === null || known.details !== undefined || leg.selectionId in known.results);
      const placedAtMs = toMs(bet.placedAt);
      const struck = { ...leg, position: bet.position, placedAtMs };
      const verdict: ReturnType<typeof knownOf> = isSaid && end === 'here' ? knownOf(leg, verdictOn(known, struck)) : { result: 'open' };
      const isUnplayedThere = marketId === leg.marketId && isUnplayed(bet.ruleSet, leg, known?.details?.unplayedUntil);
      const isTakenOut = end === 'here' && (isCancelled(market?.cancelled ?? [], placedAtMs) || isUnplayedThere);
      const isVoid = leg.late || end === 'nowhere' || (verdict.paidEarly === undefined && isTakenOut);
      return { ...leg, ...(isVoid ? { result: 'void' } : verdict) };
    });
  }

  /** Where the leg counts: in its market, or in one of a season that has replaced it. */
  marketOf(bet: OpenBet, leg: OpenLeg): string {
    return this.#wayOf(bet, leg).marketId;
  }

  /** The same question as the settlement job's: the first market that was opened there and asks the same. */
  #wayOf(bet: OpenBet, leg: OpenLeg): { readonly marketId: string; readonly end: 'here' | 'nowhere' | 'circle' } {
    const passed = [leg.marketId];
    for (;;) {
      const marketId = passed.at(-1) ?? leg.marketId;
      const market = this.markets.get(marketId);
      const isPaidEarly = market?.known !== undefined && isEarly(market.known, leg, bet);
      const isFollowed = market !== undefined && !leg.late && !isPaidEarly && isMoving(bet.ruleSet);
      const season = isFollowed ? seasonAfter(market.cancelled, toMs(bet.placedAt)) : undefined;
      if (market === undefined || typeof season !== 'string') return { marketId, end: 'here' };
      const next = this.#firstAt.get(placeOf(season, market.kind, market.line));
      if (next === undefined || this.markets.get(next)?.selections.includes(leg.selectionId) !== true) return { marketId, end: 'nowhere' };
      if (passed.includes(next) || passed.length > movesMax) return { marketId, end: 'circle' };
      passed.push(next);
    }
  }

  #bet(event: Extract<DomainEvent, { betId: string }>, position: number): void {
    switch (event.type) {
      case 'BetPlaced':
        this.#placed.set(event.betId, { position, versions: event.legs.map(({ marketVersion }) => marketVersion) });
        this.openBets.set(event.betId, openBet({ ...event, position }, event.legs.map((leg) => ({ ...leg, late: this.#isLate(leg) }))));
        break;
      case 'BetSettlementReversed': {
        const placed = this.#placed.get(event.betId);
        const legs = event.legs.map((leg, index) => ({ ...leg, marketVersion: placed?.versions[index] ?? 0 }));
        this.openBets.set(event.betId, openBet({ ...event, position: placed?.position ?? position }, legs));
        break;
      }
      case 'BetSettled':
      case 'BetVoided':
        this.openBets.delete(event.betId);
        break;
      case 'BetRefused':
      case 'BetReturnHeld':
      case 'BetRepriced':
      case 'BetMoved':
      case 'BetVoidRequested':
      case 'BetVoidDeclined':
      case 'BetReturnDeclined':
      case 'BetResultConfirmed':
        break;
      default:
        unreachable(event);
    }
  }

  /** The same question as the settlement job's: the log's order decides. */
  #isLate({ marketId, fixtureId, inPlay }: { readonly marketId: string; readonly fixtureId: string; readonly inPlay: boolean }): boolean {
    return this.markets.get(marketId)?.status !== 'open' || (!inPlay && this.fixtures.get(fixtureId)?.hasStarted === true);
  }

  #market(event: MarketEvent, position: number): void {
    if (event.type === 'MarketOpened') {
      const { fixtureId, kind, line } = event;
      const selections = event.selections.map(({ selectionId }) => selectionId);
      const asked = placeOf(fixtureId, kind, line);
      if (!this.#firstAt.has(asked)) this.#firstAt.set(asked, event.marketId);
      const nothing = { known: undefined, cancelled: [], isHeld: false, waiting: undefined, decision: undefined };
      this.markets.set(event.marketId, { fixtureId, kind, line, selections, status: 'open', ...nothing });
      return;
    }
    const market = this.markets.get(event.marketId);
    if (market === undefined) return;
    const waits = waitingAfter(market.decision, event);
    const askedAt = market.decision?.askedAt ?? position;
    this.markets.set(event.marketId, { ...changed(market, event, position), decision: waits && { ...waits, askedAt } });
  }

  #fixture(event: FixtureEvent): void {
    const known = this.fixtures.get(event.fixtureId) ?? { startsAt: undefined, hasStarted: false, endedAt: undefined };
    switch (event.type) {
      case 'FixtureScheduled':
      case 'FixtureRescheduled':
        this.fixtures.set(event.fixtureId, { ...known, startsAt: event.startsAt });
        break;
      case 'FixtureStarted':
        this.fixtures.set(event.fixtureId, { ...known, hasStarted: true });
        break;
      case 'FixturePostponed':
      case 'FixtureUnplayed':
      case 'BuilderPriced':
        break;
      case 'FixtureEnded':
      case 'FixtureAbandoned':
        this.fixtures.set(event.fixtureId, { ...known, hasStarted: true, endedAt: event.at });
        break;
      default:
        unreachable(event);
    }
  }
}

function placeOf(fixtureId: string, kind: string, line: string | null): string {
  return JSON.stringify([fixtureId, kind, line]);
}

/** Won for good, cancelled or not. */
function isEarly({ details }: KnownResult, { selectionId }: OpenLeg, { position }: OpenBet): boolean {
  return (details?.paidEarly?.[selectionId]?.position ?? 0) > position;
}

function readable(recorded: RecordedEvent): DomainEvent | undefined {
  try {
    return decode(recorded);
  } catch {
    return undefined;
  }
}

type TermsOfBet = Omit<OpenBet, 'legs'>;

function openBet(event: TermsOfBet, legs: readonly OpenLeg[]): OpenBet {
  const { betId, accountId, currency, unitStakeMinor, stakeMinor, shape, eachWay, ruleSet, rules, freeBet, placedAt, position } = event;
  const agreed = { ...(rules !== undefined && { rules }), ...(freeBet !== undefined && { freeBet }) };
  const terms = { betId, accountId, currency, unitStakeMinor, stakeMinor, shape, eachWay, ruleSet, ...agreed, placedAt, position };
  return { ...terms, legs: legs.map(openLeg) };
}

function openLeg(leg: OpenLeg): OpenLeg {
  const { fixtureId, competition, marketId, selectionId, marketVersion, odds, startsAt, startingPrice, placeFraction, places, antePost, late } = leg;
  return {
    fixtureId,
    competition,
    marketId,
    selectionId,
    marketVersion,
    odds,
    late,
    ...(startsAt !== undefined && { startsAt }),
    ...(startingPrice !== undefined && { startingPrice }),
    ...(placeFraction !== undefined && { placeFraction }),
    ...(places !== undefined && { places }),
    ...(antePost !== undefined && { antePost }),
  };
}

function changed(market: BookMarket, event: Exclude<MarketEvent, { type: 'MarketOpened' }>, position: number): BookMarket {
  const resulted = (status: BookMarket['status'], by: ResultingEvent): BookMarket => {
    const next = resultAfter(market.waiting ?? market.known, by, position, market.decision?.askedAt);
    // A result by hand outranks what the feed has cancelled.
    const cancelled = isLasting(by) ? market.cancelled : [];
    return { ...market, status, cancelled, [market.isHeld ? 'waiting' : 'known']: next };
  };
  switch (event.type) {
    case 'PricesChanged':
    case 'AntePostSet':
    case 'PlaceTermsSet':
    case 'MarketVoidRequested':
    case 'MarketVoidDeclined':
    case 'MarketDecisionRequested':
    case 'MarketDecisionHeld':
    case 'MarketDecisionDeclined':
      return market;
    case 'MarketSuspended':
      return { ...market, status: 'suspended' };
    case 'MarketResumed':
      return { ...market, status: 'open' };
    case 'MarketClosed':
      return { ...market, status: 'closed' };
    case 'MarketResulted':
    case 'MarketResultCorrected':
      return resulted('resulted', event);
    case 'MarketVoided':
      return resulted('voided', event);
    case 'SelectionWithdrawn':
      return resulted(market.status === 'open' ? 'suspended' : market.status, event);
    case 'MarketUnplayed':
    case 'StartingPricesSet':
    case 'PriceErrorDeclared':
    case 'OutcomePaidEarly':
      return resulted(market.status, event);
    case 'MarketFeedReceived':
    case 'MarketReleased':
      return event.standing === null ? market : asTheFeedSays(market, event.standing);
    case 'MarketSettlementHeld':
      return { ...market, isHeld: true };
    case 'MarketSettlementResumed':
      return { ...market, isHeld: false, waiting: undefined, ...(market.waiting === undefined ? {} : { known: market.waiting }) };
    default:
      return unreachable(event);
  }
}

/** Live results count: what would be paid to who waits for confirmed ones comes with these. */
function asTheFeedSays(market: BookMarket, { status, results, cancelled }: StoredStanding): BookMarket {
  const told = results.map(({ selectionId, confirmed: _, ...outcome }) => [selectionId, outcome] as const);
  const said = { [market.isHeld ? 'waiting' : 'known']: resultOfFeed(market.waiting ?? market.known, Object.fromEntries(told)) };
  return { ...market, ...said, status, cancelled };
}
