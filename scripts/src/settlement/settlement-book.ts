// What settlement has to know, folded from the log: open bets with their terms, markets with their results, fixtures with their ends. Called by
// the reports on settlement. It reads what accounts and markets have recorded, and decides nothing.

import type { MarketKind } from '@wagerline/shared-kernel/betting/market-kinds';
import type { BetToSettle } from '@wagerline/shared-kernel/betting/settle';
import type { SelectionOutcome } from '@wagerline/shared-kernel/betting/results/feed-outcome';
import { isCancelled, type CancelledWindow } from '@wagerline/shared-kernel/betting/results/market-standing';
import type { LegResult } from '@wagerline/shared-kernel/betting/slip';
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
export type Results = Readonly<Record<string, LegResult | SelectionOutcome>> | null;

export type BookMarket = {
  readonly fixtureId: string;
  readonly kind: MarketKind;
  readonly line: string | null;
  readonly selections: readonly string[];
  readonly status: 'open' | 'suspended' | 'closed' | 'resulted' | 'voided';
  /** What settles bets now; undefined: nothing yet. */
  readonly results: Results | undefined;
  /** Bets that were accepted in these windows are void. */
  readonly cancelled: readonly CancelledWindow[];
  readonly isHeld: boolean;
  /** What came while the market is held. */
  readonly waiting: Results | undefined;
};
export type BookFixture = { readonly startsAt: string | undefined; readonly hasStarted: boolean; readonly endedAt: string | undefined };

type Reversed = AccountEventOf<'BetSettlementReversed'>;
export type OpenLeg = Pick<Reversed['legs'][number], 'fixtureId' | 'marketId' | 'selectionId' | 'odds' | 'placeFraction' | 'late'>;
export type OpenBet = Pick<Reversed, 'betId' | 'accountId' | 'currency' | 'unitStakeMinor' | 'stakeMinor' | 'shape' | 'eachWay' | 'ruleSet' | 'placedAt'> & {
  readonly legs: readonly OpenLeg[];
};

export class SettlementBook {
  readonly openBets = new Map<string, OpenBet>();
  readonly markets = new Map<string, BookMarket>();
  readonly fixtures = new Map<string, BookFixture>();

  /** An event that cannot be read is passed over: the settlement job reports it. */
  read(recorded: RecordedEvent): void {
    const event = readable(recorded);
    if (event === undefined) return;
    if ('betId' in event) this.#bet(event);
    else if (isMarketEvent(event)) this.#market(event);
    else if (isFixtureEvent(event)) this.#fixture(event);
  }

  /** The bet's legs as they stand, with other results in the place of one market's own. */
  legsAs(bet: OpenBet, otherwise?: { readonly marketId: string; readonly results: Results }): BetToSettle['legs'] {
    return bet.legs.map(({ fixtureId, odds, placeFraction, late, marketId, selectionId }) => {
      const market = this.markets.get(marketId);
      const results = otherwise?.marketId === marketId ? otherwise.results : market?.results;
      const isVoid = late || results === null || isCancelled(market?.cancelled ?? [], toMs(bet.placedAt));
      const told = isVoid ? 'void' : (results?.[selectionId] ?? 'open');
      const outcome: SelectionOutcome = typeof told === 'string' ? { result: told } : told;
      return { fixtureId, odds, ...outcome, ...(placeFraction === undefined ? {} : { placeFraction }) };
    });
  }

  #bet(event: Extract<DomainEvent, { betId: string }>): void {
    switch (event.type) {
      case 'BetPlaced':
        this.openBets.set(event.betId, openBet(event, event.legs.map((leg) => ({ ...leg, late: this.#isLate(leg) }))));
        break;
      case 'BetSettlementReversed':
        this.openBets.set(event.betId, openBet(event, event.legs));
        break;
      case 'BetSettled':
      case 'BetVoided':
        this.openBets.delete(event.betId);
        break;
      case 'BetRefused':
      case 'BetReturnHeld':
      case 'BetVoidRequested':
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

  #market(event: MarketEvent): void {
    if (event.type === 'MarketOpened') {
      const { fixtureId, kind, line } = event;
      const selections = event.selections.map(({ selectionId }) => selectionId);
      const nothing = { results: undefined, cancelled: [], isHeld: false, waiting: undefined };
      this.markets.set(event.marketId, { fixtureId, kind, line, selections, status: 'open', ...nothing });
      return;
    }
    const market = this.markets.get(event.marketId);
    if (market !== undefined) this.markets.set(event.marketId, changed(market, event));
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
      case 'FixtureEnded':
      case 'FixtureAbandoned':
        this.fixtures.set(event.fixtureId, { ...known, hasStarted: true, endedAt: event.at });
        break;
      default:
        unreachable(event);
    }
  }
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
  const { betId, accountId, currency, unitStakeMinor, stakeMinor, shape, eachWay, ruleSet, placedAt } = event;
  const kept = legs.map(({ fixtureId, marketId, selectionId, odds, placeFraction, late }): OpenLeg => {
    return { fixtureId, marketId, selectionId, odds, late, ...(placeFraction === undefined ? {} : { placeFraction }) };
  });
  return { betId, accountId, currency, unitStakeMinor, stakeMinor, shape, eachWay, ruleSet, placedAt, legs: kept };
}

function changed(market: BookMarket, event: Exclude<MarketEvent, { type: 'MarketOpened' }>): BookMarket {
  const resulted = (status: 'resulted' | 'voided', results: Results): BookMarket => {
    return market.isHeld ? { ...market, status, waiting: results } : { ...market, status, results };
  };
  switch (event.type) {
    case 'PricesChanged':
    case 'MarketVoidRequested':
      return market;
    case 'MarketSuspended':
      return { ...market, status: 'suspended' };
    case 'MarketResumed':
      return { ...market, status: 'open' };
    case 'MarketClosed':
      return { ...market, status: 'closed' };
    case 'MarketResulted':
    case 'MarketResultCorrected':
      return resulted('resulted', Object.fromEntries(event.results.map(({ selectionId, result }) => [selectionId, result])));
    case 'MarketVoided':
      return resulted('voided', null);
    case 'MarketFeedReceived':
    case 'MarketReleased':
      return event.standing === null ? market : asTheFeedSays(market, event.standing);
    case 'MarketSettlementHeld':
      return { ...market, isHeld: true };
    case 'MarketSettlementResumed':
      return { ...market, isHeld: false, waiting: undefined, ...(market.waiting === undefined ? {} : { results: market.waiting }) };
    default:
      return unreachable(event);
  }
}

/** Live results count: what would be paid to who waits for confirmed ones comes with these. */
function asTheFeedSays(market: BookMarket, { status, results, cancelled }: StoredStanding): BookMarket {
  const told = results.map(({ selectionId, confirmed: _, ...outcome }) => [selectionId, outcome] as const);
  const said = { [market.isHeld ? 'waiting' : 'results']: Object.fromEntries(told) };
  return { ...market, ...said, status, cancelled };
}
