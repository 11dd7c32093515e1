// All markets and fixtures as this process knows them, in memory, fed by a subscription. Slips are judged against it.
// It knows its age: not caught up, or silent for too long, and nothing may be judged. It never decides what stands in the end:
// the settlement job does, from the log.

import { decode, UnknownEventError } from '@wagerline/shared-kernel/events/codec';
import { isFixtureEvent } from '@wagerline/shared-kernel/events/fixture-events';
import { isMarketEvent } from '@wagerline/shared-kernel/events/market-events';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { EventStore, RecordedEvent, SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import { fixtureStream, marketStream } from '@wagerline/shared-kernel/values/ids';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { Offer } from './account/commands.ts';
import { evolve as evolveFixture, initial as noFixture, type FixtureState } from './fixture/state.ts';
import { evolve as evolveMarket, initial as noMarket, type MarketState } from './market/state.ts';
import { pause as realPause, pauseMsAfter, type Pause } from './persevere.ts';

export type MarketView = {
  /** The selection as known now; undefined where there is no such market, `stale` where that is not known well enough. */
  offer(marketId: string, selectionId: string): Offer | 'stale' | undefined;
  /** Reads the streams of the market and its fixture first when the client has seen a newer version than this view. */
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
  readonly eventStore: Pick<EventStore, 'subscribeToAll' | 'readStream'>;
  readonly clock: Clock;
  readonly staleMsMax: number;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
  readonly pause?: Pause;
};

/** `version` is the revision of the last event in `state`. */
type Versioned<State> = { readonly state: State; readonly version: number };

const prefixes = ['market-', 'fixture-', 'heartbeat-'];
const unknownMarket: Versioned<MarketState> = { state: noMarket, version: -1 };
const unknownFixture: Versioned<FixtureState> = { state: noFixture, version: -1 };

export function openMarketView(options: MarketViewOptions): { readonly view: MarketView; readonly done: Promise<void> } {
  const view = new SubscribedMarketView(options);
  return { view, done: view.follow() };
}

class SubscribedMarketView implements MarketView {
  readonly #options: MarketViewOptions;
  readonly #markets = new Map<string, Versioned<MarketState>>();
  readonly #fixtures = new Map<string, Versioned<FixtureState>>();
  /** Streams with an event that this program does not know: what it made of them is not to be believed. */
  readonly #unreadable = new Set<string>();
  #position = 0;
  /** When the log last had nothing newer than this view; undefined before the first time. */
  #completeAtMs: number | undefined;
  #held: PromiseWithResolvers<void> | undefined;

  constructor(options: MarketViewOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#held?.resolve(), { once: true });
  }

  offer(marketId: string, selectionId: string): Offer | 'stale' | undefined {
    const { state, version } = this.market(marketId);
    if (!this.isFresh() || (this.#unreadable.size > 0 && this.#isUnreadable(marketId, state))) return 'stale';
    if (state.status === 'absent') return undefined;
    return offerOf(state, version, selectionId, this.fixture(state.fixtureId));
  }

  async catchUp(marketId: string, marketVersion: number): Promise<void> {
    const { version } = this.market(marketId);
    if (marketVersion <= version) return;
    await this.#read(marketStream(marketId), version);
    const { state } = this.market(marketId);
    // A market is opened after its fixture, whose events may be on their way here as well.
    if (state.status !== 'absent') await this.#read(fixtureStream(state.fixtureId), this.#fixtures.get(state.fixtureId)?.version ?? -1);
  }

  fixture(fixtureId: string): FixtureState {
    return (this.#fixtures.get(fixtureId) ?? unknownFixture).state;
  }

  market(marketId: string): Versioned<MarketState> {
    return this.#markets.get(marketId) ?? unknownMarket;
  }

  isFresh(): boolean {
    const { clock, staleMsMax } = this.#options;
    return this.#completeAtMs !== undefined && clock.monotonicMs() - this.#completeAtMs <= staleMsMax;
  }

  through(): number {
    return this.#position;
  }

  hold(): () => void {
    assert(this.#held === undefined, 'the view is held once at a time');
    const held = Promise.withResolvers<void>();
    this.#held = held;
    return () => {
      if (this.#held === held) this.#held = undefined;
      held.resolve();
    };
  }

  /** Resolves when the signal has aborted. A subscription that fails is opened again where it ended. */
  async follow(): Promise<void> {
    const { eventStore, signal, onFailure, pause = realPause } = this.#options;
    for (let failures = 0; !signal.aborted; ) {
      try {
        for await (const batch of eventStore.subscribeToAll(this.#position, { prefixes }, signal)) {
          await this.#take(batch);
          failures = 0;
        }
      } catch (error) {
        onFailure(error);
        failures += 1;
        await pause(pauseMsAfter(failures), signal);
      }
    }
  }

  async #take(batch: SubscriptionBatch): Promise<void> {
    const arrivedAtMs = this.#options.clock.monotonicMs();
    if (this.#held !== undefined) await this.#held.promise;
    for (const recorded of batch.events) this.#apply(recorded);
    this.#position = batch.position;
    if (batch.caughtUp) this.#completeAtMs = arrivedAtMs;
  }

  #isUnreadable(marketId: string, state: MarketState): boolean {
    return this.#unreadable.has(marketStream(marketId)) || (state.status !== 'absent' && this.#unreadable.has(fixtureStream(state.fixtureId)));
  }

  async #read(stream: string, version: number): Promise<void> {
    for (const recorded of await this.#options.eventStore.readStream(stream, { fromRevision: version + 1 })) this.#apply(recorded);
  }

  #apply(recorded: RecordedEvent): void {
    if (recorded.stream.startsWith('heartbeat-') || this.#unreadable.has(recorded.stream)) return;
    try {
      const event = decode(recorded);
      if (isMarketEvent(event)) step(this.#markets, event.marketId, unknownMarket, recorded.revision, (state) => evolveMarket(state, event));
      if (isFixtureEvent(event)) step(this.#fixtures, event.fixtureId, unknownFixture, recorded.revision, (state) => evolveFixture(state, event));
    } catch (error) {
      if (!(error instanceof UnknownEventError)) throw error;
      this.#unreadable.add(recorded.stream);
      this.#options.onFailure(error);
    }
  }
}

/** The subscription and a catch-up by stream bring the same events: the faster one counts. */
function step<State>(known: Map<string, Versioned<State>>, id: string, absent: Versioned<State>, revision: number, evolve: (state: State) => State): void {
  const { state, version } = known.get(id) ?? absent;
  if (revision > version) known.set(id, { state: evolve(state), version: revision });
}

function offerOf(market: Exclude<MarketState, { status: 'absent' }>, marketVersion: number, selectionId: string, fixture: FixtureState): Offer | undefined {
  if (fixture.status === 'absent') return undefined;
  const { marketId, kind, line, inPlay, stakeMaxPerBetMinor, stakeMaxPerAccountMinor } = market;
  const { fixtureId, sport, competition, home, away, startsAt } = fixture;
  const postponed = fixture.status === 'postponed';
  const status = market.status === 'open' || market.status === 'suspended' ? market.status : 'closed';
  const offer: Offer = {
    marketId,
    marketVersion,
    status,
    kind,
    line,
    inPlay,
    stakeMaxPerBetMinor,
    stakeMaxPerAccountMinor,
    selection: market.selections.find((selection) => selection.selectionId === selectionId),
    fixture: { fixtureId, sport, competition, home, away, startsAt, started: fixture.status !== 'scheduled' && !postponed, ...(postponed && { postponed }) },
  };
  const { placeTerms, withdrawn, antePost } = market;
  if (placeTerms === null && withdrawn.size === 0 && !antePost) return offer;
  const isWithdrawn = withdrawn.has(selectionId);
  return { ...offer, ...(placeTerms !== null && { placeTerms }), ...(antePost && { antePost }), ...(isWithdrawn && { withdrawn: true as const }) };
}
