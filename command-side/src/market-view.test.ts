// The market view against a subscription that the test drives batch by batch, and a clock that it moves.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { encode } from '@wagerline/shared-kernel/events/codec';
import type { FixtureEvent } from '@wagerline/shared-kernel/events/fixture-events';
import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import type { RecordedEvent, SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import { fixtureStream, marketStream } from '@wagerline/shared-kernel/values/ids';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openMarketView, type MarketView } from './market-view.ts';

const at = '2019-08-09T12:00:00.000Z';
const ids = { marketId: 'm1', fixtureId: 'liv-nor' };
const terms = { sport: 'football', competition: 'E0', home: 'Liverpool', away: 'Norwich', startsAt: '2019-08-09T19:00:00.000Z' };
const scheduled: FixtureEvent = { type: 'FixtureScheduled', at, fixtureId: 'liv-nor', ...terms };
const opened: MarketEvent = {
  type: 'MarketOpened',
  at,
  ...ids,
  kind: 'match-result',
  line: null,
  inPlay: false,
  selections: [
    { selectionId: 'home', name: 'Liverpool', odds: '39/20' },
    { selectionId: 'draw', name: 'Draw', odds: '4/1' },
    { selectionId: 'away', name: 'Norwich', odds: '5/1' },
  ],
  stakeMaxPerBetMinor: 100,
  stakeMaxPerAccountMinor: null,
};
const priced = (odds: string): MarketEvent => ({ type: 'PricesChanged', at, ...ids, prices: [{ selectionId: 'home', odds }] });
const suspended: MarketEvent = { type: 'MarketSuspended', at, ...ids, reason: 'goal' };

/** A log of one market and one fixture, read by stream at once, and by subscription when the test says so. */
class DrivenLog {
  readonly events: RecordedEvent[] = [];
  readonly pauses: number[] = [];
  readonly subscribedAfter: number[] = [];
  readonly failures: unknown[] = [];
  nowMs = 0;
  readonly #ready: PromiseWithResolvers<(batch: SubscriptionBatch | Error) => void>[] = [Promise.withResolvers()];

  add(event: MarketEvent | FixtureEvent, schemaVersion = 1): void {
    const stream = 'marketId' in event ? marketStream(event.marketId) : fixtureStream(event.fixtureId);
    const revision = this.events.filter((earlier) => earlier.stream === stream).length;
    const context = { commandId: 'c', causationId: 'c', correlationId: 'c', traceparent: 't', actor: { role: 'system' as const, id: 's' } };
    const recorded = encode(event, context, 0);
    this.events.push({ ...recorded, metadata: { ...recorded.metadata, schemaVersion }, stream, revision, position: this.events.length + 1 });
  }

  async *subscribeToAll(after: number, _filter: unknown, signal: AbortSignal): AsyncGenerator<SubscriptionBatch> {
    this.subscribedAfter.push(after);
    while (!signal.aborted) {
      const next = Promise.withResolvers<SubscriptionBatch | Error>();
      signal.addEventListener('abort', () => next.resolve(new Error('aborted')), { once: true });
      this.#ready.at(-1)?.resolve(next.resolve);
      const batch = await next.promise;
      if (signal.aborted) return;
      if (batch instanceof Error) throw batch;
      yield batch;
    }
  }

  readStream(stream: string, { fromRevision = 0 }: { readonly fromRevision?: number } = {}): Promise<readonly RecordedEvent[]> {
    return Promise.resolve(this.events.filter((event) => event.stream === stream && event.revision >= fromRevision));
  }

  /** Resolves when the view has taken the batch and waits for the next one. */
  async deliver(batch: SubscriptionBatch | Error): Promise<void> {
    const take = await this.#ready.at(-1)?.promise;
    const next = Promise.withResolvers<(batch: SubscriptionBatch | Error) => void>();
    this.#ready.push(next);
    take?.(batch);
    await next.promise;
  }

  /** Everything up to this position. */
  through(position: number, caughtUp = true): SubscriptionBatch {
    return { events: this.events.filter((event) => event.position <= position), position, caughtUp };
  }
}

let log: DrivenLog;
let view: MarketView;
let stop: AbortController;
let done: Promise<void>;

beforeEach(() => {
  log = new DrivenLog();
  stop = new AbortController();
  ({ view, done } = openMarketView({
    eventStore: log,
    clock: { nowMs: () => 0, monotonicMs: () => log.nowMs },
    staleMsMax: 2_000,
    signal: stop.signal,
    onFailure: (error) => log.failures.push(error),
    pause: (ms) => Promise.resolve(void log.pauses.push(ms)),
  }));
});
afterEach(async () => {
  stop.abort();
  await done;
});

const stale = (): unknown => expect(view.offer('m1', 'home')).toBe('stale');
const heartbeat = (): Promise<void> => log.deliver({ events: [], position: log.events.length, caughtUp: true });

describe('its age', () => {
  test('nothing is judged before it has caught up', async () => {
    log.add(scheduled);
    log.add(opened);
    stale();
    await log.deliver(log.through(1, false));
    expect(view.isFresh()).toBe(false);
    stale();
    await log.deliver(log.through(2));
    expect(view.isFresh()).toBe(true);
    expect(view.offer('m1', 'home')).toMatchObject({ selection: { odds: '39/20' } });
  });

  test('silence makes it stale, a sign of life makes it fresh again', async () => {
    await heartbeat();
    log.nowMs = 2_000;
    expect(view.isFresh()).toBe(true);
    log.nowMs = 2_001;
    expect(view.isFresh()).toBe(false);
    stale();
    await heartbeat();
    expect(view.isFresh()).toBe(true);
    log.nowMs = 4_001;
    expect(view.isFresh()).toBe(true);
  });

  test('a backlog does not make it fresh', async () => {
    log.add(scheduled);
    log.add(opened);
    await heartbeat();
    log.nowMs = 3_000;
    await log.deliver(log.through(1, false));
    expect(view.isFresh()).toBe(false);
    await log.deliver(log.through(2, true));
    expect(view.isFresh()).toBe(true);
  });

  test('a subscription that fails is opened again where it ended, after a pause that grows', async () => {
    log.add(scheduled);
    log.add(opened);
    await log.deliver(log.through(1, false));
    await log.deliver(new Error('lost'));
    await log.deliver(new Error('lost again'));
    await log.deliver(log.through(2));
    expect(view.isFresh()).toBe(true);
    await log.deliver(new Error('lost later'));
    expect(log.subscribedAfter).toEqual([0, 1, 1, 2]);
    expect(log.pauses).toEqual([50, 100, 50]);
    expect(log.failures).toHaveLength(3);
  });
});

describe('what it knows', () => {
  beforeEach(async () => {
    log.add(scheduled);
    log.add(opened);
    await log.deliver(log.through(2));
  });

  test('an offer has all that a bet needs', () => {
    expect(view.offer('m1', 'home')).toEqual({
      marketId: 'm1',
      marketVersion: 0,
      status: 'open',
      kind: 'match-result',
      line: null,
      inPlay: false,
      stakeMaxPerBetMinor: 100,
      stakeMaxPerAccountMinor: null,
      selection: { selectionId: 'home', name: 'Liverpool', odds: '39/20' },
      fixture: { fixtureId: 'liv-nor', ...terms, started: false },
    });
    expect(view.offer('m1', 'nobody')).toMatchObject({ selection: undefined });
    expect(view.offer('m2', 'home')).toBeUndefined();
  });

  test('it follows prices, suspension, start and result', async () => {
    log.add(priced('2/1'));
    log.add(suspended);
    log.add({ type: 'FixtureStarted', at, fixtureId: 'liv-nor' });
    await log.deliver(log.through(5));
    expect(view.offer('m1', 'home')).toMatchObject({ marketVersion: 2, status: 'suspended', selection: { odds: '2/1' }, fixture: { started: true } });
    log.add({ type: 'MarketVoided', at, ...ids, reason: 'abandoned' });
    await log.deliver(log.through(6));
    expect(view.offer('m1', 'home')).toMatchObject({ status: 'closed' });
    expect(view.through()).toBe(6);
  });

  test('a newer version is read from the stream, an older one is not', async () => {
    log.add(priced('2/1'));
    await view.catchUp('m1', 0);
    expect(view.offer('m1', 'home')).toMatchObject({ marketVersion: 0 });
    await view.catchUp('m1', 1);
    expect(view.offer('m1', 'home')).toMatchObject({ marketVersion: 1, selection: { odds: '2/1' } });
  });

  test('the subscription, coming later, does not undo what was read', async () => {
    log.add(priced('2/1'));
    log.add({ type: 'FixtureStarted', at, fixtureId: 'liv-nor' });
    log.add(suspended);
    await view.catchUp('m1', 2);
    await log.deliver(log.through(3));
    expect(view.offer('m1', 'home')).toMatchObject({ marketVersion: 2, status: 'suspended', fixture: { started: true } });
  });

  test('a market just opened on a fixture just scheduled is read with its fixture', async () => {
    log.add({ ...scheduled, fixtureId: 'new' });
    log.add({ ...opened, marketId: 'm9', fixtureId: 'new' });
    expect(view.offer('m9', 'home')).toBeUndefined();
    await view.catchUp('m9', 0);
    expect(view.offer('m9', 'home')).toMatchObject({ status: 'open', fixture: { fixtureId: 'new' } });
  });

  test('an event that is not known here closes its own market, and no other', async () => {
    log.add({ ...opened, marketId: 'm2' });
    log.add(suspended, 2);
    log.add({ type: 'MarketResumed', at, ...ids });
    await log.deliver(log.through(5));
    stale();
    expect(view.offer('m2', 'home')).toMatchObject({ status: 'open' });
    expect(log.failures).toHaveLength(1);
  });
});

describe('held back', () => {
  test('it takes nothing in until it is let go, and grows old meanwhile', async () => {
    log.add(scheduled);
    log.add(opened);
    await log.deliver(log.through(2));
    const letGo = view.hold();
    log.add(suspended);
    const taken = log.deliver(log.through(3));
    // The batch has arrived, and waits.
    await nextTurn();
    log.nowMs = 1_000;
    expect(view.offer('m1', 'home')).toMatchObject({ status: 'open' });
    letGo();
    await taken;
    expect(view.offer('m1', 'home')).toMatchObject({ status: 'suspended' });
    // It is as old as what it took in, not as the moment of taking.
    log.nowMs = 2_001;
    stale();
  });

  test('a stop does not wait for it', async () => {
    view.hold();
    void log.deliver({ events: [], position: 1, caughtUp: true });
    stop.abort();
    await done;
    expect(() => view.hold()).toThrow('once at a time');
  });
});
