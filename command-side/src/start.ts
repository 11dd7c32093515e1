// Starts the part of the command side that answers HTTP: handlers, market view, heartbeat. The relay, the reactor and the
// settlement job are started by their own start functions, on a thread or process of their own.

import type { Config } from '@wagerline/infra/config';
import type { HealthCheck, Route } from '@wagerline/infra/http';
import type { Logger } from '@wagerline/infra/logger';
import type { Clock, Ids } from '@wagerline/shared-kernel/ports/clock';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { answeredInTime, begunInTime } from './answer-in-time.ts';
import { createHandlers, type CommandHandlers } from './handlers.ts';
import { beat } from './heartbeat.ts';
import { commandRoutes } from './http-app.ts';
import { Producers } from './market/producers.ts';
import { openMarketView, type MarketView } from './market-view.ts';

export type CommandPartOptions = {
  readonly eventStore: EventStore;
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly signal: AbortSignal;
};

export type CommandSide = {
  readonly routes: readonly Route[];
  readonly view: MarketView;
  readonly checks: readonly HealthCheck[];
  /** Resolves after the signal has aborted and everything here has ended. */
  readonly done: Promise<void>;
};

export function startCommandSide(options: CommandPartOptions): CommandSide {
  const { eventStore, config, clock, ids, logger, signal } = options;
  const { commandMsMax } = config.http;
  const handlers = commandMsMax === 0 ? handlersOf(options) : begunInTime(handlersOf(options), clock, commandMsMax);
  const { view, done: viewDone } = openMarketView({
    eventStore,
    clock,
    staleMsMax: config.betting.marketViewStaleMsMax,
    signal,
    onFailure: (error) => logger.error({ err: error }, 'the market view lost its subscription'),
  });
  const beats = beat({
    eventStore,
    ids,
    intervalMs: config.betting.heartbeatIntervalMs,
    signal,
    onFailure: (error) => logger.error({ err: error }, 'a heartbeat was not written'),
  });
  const { openBetsMax, stakeMinorMax, returnMaxMinor: returnMinorMax, linesMax, ruleSet, depositMinorMax } = config.betting;
  const betTerms = { ruleSet, limits: { openBetsMax, stakeMinorMax, returnMinorMax, linesMax } };
  const { voidApprovalMinor, marketApprovalMinor, decisionWaitMsMax, feedStaleMsMax } = config.betting;
  const producers = new Producers(eventStore, clock, feedStaleMsMax);
  const approval = { voidApprovalMinor, marketApprovalMinor, decisionWaitMsMax };
  const unbounded = commandRoutes({ handlers, view, eventStore, ids, betTerms, depositMinorMax, ...approval, producers });
  const routes = commandMsMax === 0 ? unbounded : unbounded.map((route) => answeredInTime(route, commandMsMax));
  const checks = [{ name: 'market-view', check: () => (view.isFresh() ? undefined : 'not caught up, or silent for too long') }];
  return { routes, view, checks, done: Promise.all([viewDone, beats]).then(() => undefined) };
}

export function handlersOf({ eventStore, config, clock, logger }: Omit<CommandPartOptions, 'ids' | 'signal'>): CommandHandlers {
  return createHandlers({
    eventStore,
    clock,
    cacheEntriesMax: config.accounts.cacheEntriesMax,
    snapshotEveryEvents: config.accounts.snapshotEveryEvents,
    appendRetriesMax: config.eventStore.appendRetriesMax,
    onSnapshotFailure: (error) => logger.warn({ err: error }, 'a snapshot was not written'),
  });
}
