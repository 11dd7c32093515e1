// All markets and fixtures as this process knows them, in memory, fed by a subscription. Slips are judged against it.
// It knows its age: not caught up, or silent for too long, and nothing may be judged. It never decides what stands in the end:
// the settlement job does, from the log.

import { decode } from '@wagerline/shared-kernel/events/codec';
import { isFixtureEvent } from '@wagerline/shared-kernel/events/fixture-events';
import { isMarketEvent } from '@wagerline/shared-kernel/events/market-events';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { EventStore, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { marketStream } from '@wagerline/shared-kernel/values/ids';
import type { Offer } from './account/commands.ts';
import { evolve as evolveFixture, initial as noFixture, type FixtureState } from './fixture/state.ts';
import { evolve as evolveMarket, initial as noMarket, type MarketState } from './market/state.ts';

export type MarketView = {
  /** The selection as known now; undefined where there is no such market. @throws ProblemException MARKET_VIEW_STALE */
  offer(marketId: string, selectionId: string): Offer | undefined;
  /** Reads the market's stream first when the client has seen a newer version than this view. */
  catchUp(marketId: string, marketVersion: number): Promise<void>;
  fixture(fixtureId: string): FixtureState;
  market(marketId: string): { readonly state: MarketState; readonly version: number };
  isFresh(): boolean;
  /** The position up to which this view has everything: for whoever waits until a price is in it. */
  through(): number;
  /** Holds back everything that arrives, for tools that rehearse a stale view; answers a function that lets go. */
  hold(): () => void;
};

export type MarketViewOptions = {
  readonly eventStore: EventStore;
  readonly clock: Clock;
  readonly staleMsMax: number;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
};

type Market = { state: MarketState; version: number };

const prefixes = ['market-', 'fixture-', 'heartbeat-'];
const resubscribeAfterMs = 200;

export function openMarketView(options: MarketViewOptions): { readonly view: MarketView; readonly done: Promise<void> } {
  const { eventStore, clock, staleMsMax, signal } = options;
  const markets = new Map<string, Market>();
  const fixtures = new Map<string, FixtureState>();
  let caughtUp = false;
  let heardAtMs = 0;
  let position = 0;
  let released: Promise<void> | undefined;

  function apply(recorded: RecordedEvent): void {
    if (recorded.stream.startsWith('heartbeat-')) return;
    const event = decode(recorded);
    if (isFixtureEvent(event)) fixtures.set(event.fixtureId, evolveFixture(fixtures.get(event.fixtureId) ?? noFixture, event));
    if (isMarketEvent(event)) {
      const market = markets.get(event.marketId) ?? { state: noMarket, version: -1 };
      // A catch-up by stream may have been faster than the subscription.
      if (recorded.revision <= market.version) return;
      markets.set(event.marketId, { state: evolveMarket(market.state, event), version: recorded.revision });
    }
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const batch of eventStore.subscribeToAll(position, { prefixes }, signal)) {
          if (released !== undefined) await released;
          for (const recorded of batch.events) apply(recorded);
          position = batch.position;
          heardAtMs = clock.monotonicMs();
          caughtUp ||= batch.caughtUp;
        }
      } catch (error) {
        options.onFailure(error);
        await new Promise((resolve) => setTimeout(resolve, resubscribeAfterMs));
      }
    }
  }

  const isFresh = (): boolean => caughtUp && clock.monotonicMs() - heardAtMs <= staleMsMax;

  const view: MarketView = {
    isFresh,
    through: () => position,
    offer(marketId, selectionId) {
      if (!isFresh()) throw new ProblemException('MARKET_VIEW_STALE');
      const market = markets.get(marketId);
      if (market === undefined || market.state.status === 'absent') return undefined;
      return offerOf(market.state, market.version, selectionId, fixtures.get(market.state.fixtureId) ?? noFixture);
    },
    async catchUp(marketId, marketVersion) {
      const known = markets.get(marketId)?.version ?? -1;
      if (marketVersion <= known) return;
      for (const recorded of await eventStore.readStream(marketStream(marketId), { fromRevision: known + 1 })) apply(recorded);
    },
    fixture: (fixtureId) => fixtures.get(fixtureId) ?? noFixture,
    market: (marketId) => markets.get(marketId) ?? { state: noMarket, version: -1 },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      released = promise;
      return () => {
        released = undefined;
        resolve();
      };
    },
  };
  return { view, done: follow() };
}

function offerOf(market: Exclude<MarketState, { status: 'absent' }>, marketVersion: number, selectionId: string, fixture: FixtureState): Offer | undefined {
  if (fixture.status === 'absent') return undefined;
  const { kind, line, inPlay, stakeMaxPerBetMinor, stakeMaxPerAccountMinor } = market;
  const { fixtureId, sport, competition, home, away, startsAt } = fixture;
  const status = market.status === 'open' || market.status === 'suspended' ? market.status : 'closed';
  return {
    marketVersion,
    status,
    kind,
    line,
    inPlay,
    stakeMaxPerBetMinor,
    stakeMaxPerAccountMinor,
    selection: market.selections.find((selection) => selection.selectionId === selectionId),
    fixture: { fixtureId, sport, competition, home, away, startsAt, started: fixture.status !== 'scheduled' },
  };
}
