// The whole of Wagerline in one process tree, on the embedded adapters: HTTP on this thread, the event log's writer, the
// projections and the settlement job on threads of their own. Called by start.ts; tools reach a running one over HTTP.

import { startCommandSide } from '@wagerline/command-side/start';
import { ViewHold } from '@wagerline/command-side/view-hold';
import type { Config } from '@wagerline/infra/config';
import { healthRoutes, httpApp, startHttpServer, type HealthCheck } from '@wagerline/infra/http';
import { componentLogger, createLogger } from '@wagerline/infra/logger';
import { createMetrics } from '@wagerline/infra/metrics';
import { openHttpInfra, openInfraRoot } from '@wagerline/infra/open-infra';
import { randomIds } from '@wagerline/infra/ids';
import { verifierOf } from '@wagerline/infra/run-process';
import { queryRoutes } from '@wagerline/query-side/http-app';
import { readModelCheck } from '@wagerline/query-side/readiness';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { adminRoutes } from './admin-routes.ts';
import { jobRoutes } from './job-routes.ts';
import type { Operations } from './operations.ts';
import { startPart } from './part.ts';
import { mergedProgress, waitingDecisions } from './settlement-progress.ts';

const readyWaitMsMax = 10_000;
const readyPollMs = 10;

export type Server = {
  readonly url: string;
  /** Resolves, with the reason, when a part failed: the process must end, and a new start recovers everything acknowledged. */
  readonly failed: Promise<Error>;
  /** Answers what is running, stops every part in order, and gives the data folder free. */
  stop(): Promise<void>;
};

type Close = () => Promise<unknown>;

export async function startServer(config: Config): Promise<Server> {
  const started: Close[] = [];
  const stop = async (): Promise<void> => {
    for (let close = started.pop(); close !== undefined; close = started.pop()) await close();
  };
  try {
    return { ...(await startAll(config, (close) => started.push(close))), stop };
  } catch (error) {
    // A tool that started this server in its own process would never end otherwise.
    await stop();
    throw error;
  }
}

/** Hands over, after each thing that it has started, how that is stopped; they are stopped in the reverse order. */
async function startAll(config: Config, onStarted: (close: Close) => void): Promise<Omit<Server, 'stop'>> {
  const logger = createLogger(config);
  const root = await openInfraRoot(config);
  onStarted(root.close);
  const projections = startPart('projections', new URL('./projection-part.ts', import.meta.url), root.connect());
  const settlementFile = config.settlement.processes > 0 ? './settlement-processes-part.ts' : './settlement-part.ts';
  const settlement = startPart('settlement', new URL(settlementFile, import.meta.url), root.connect());
  onStarted(() => Promise.all([projections.stop(), settlement.stop()]));
  const failed = Promise.race([root.failed, projections.failed, settlement.failed]);
  const infra = await openHttpInfra(root.connect());
  onStarted(infra.close);
  const { eventStore, clock, readModels, search, cache } = infra;
  const stop = new AbortController();
  const command = startCommandSide({
    eventStore,
    config,
    clock,
    ids: randomIds,
    logger: componentLogger(logger, 'command-side'),
    signal: stop.signal,
  });
  onStarted(() => {
    stop.abort();
    return command.done;
  });
  const metrics = createMetrics();
  const query = queryRoutes({ store: readModels, search, cache, clock, logger: componentLogger(logger, 'query-side'), http: config.http });
  const hold = new ViewHold(command.view);
  const { drivenClock } = root;
  const operations: Operations = {
    async status(parts) {
      const head = await eventStore.head();
      const [projected, settled] = await Promise.all([
        parts.includes('projections') && projections.request('status'),
        parts.includes('settlement') && settlement.request('status'),
      ]);
      const marketView = { fresh: command.view.isFresh(), through: command.view.through() };
      return { head, marketView, ...(projected !== false && { projections: projected }), ...(settled !== false && { settlement: settled }) };
    },
    readStream: (stream, fromRevision, maxCount) => eventStore.readStream(stream, { fromRevision, maxCount }),
    readLog: (after, limit) => eventStore.readAll(after, { prefixes: domainPrefixes }, limit),
    projections,
    settlementProgress: async () => mergedProgress([await settlement.request('progress')]),
    waitingDecisions: async () => waitingDecisions([await settlement.request('decisions')]),
    holdView: async (forMs) => hold.hold(forMs),
    releaseView: async () => hold.release(),
    clock: drivenClock && { nowMs: drivenClock.nowMs, advanceTo: async (ms) => drivenClock.advanceTo(ms) },
    connect: root.connect,
  };
  const admin = [...adminRoutes(operations, config), ...jobRoutes(operations)];
  const checks = [...command.checks, readModelCheck(readModels)];
  const app = httpApp({
    routes: [...command.routes, ...query, ...admin, ...healthRoutes(checks, metrics)],
    verifier: await verifierOf(config),
    bodyBytesMax: config.http.bodyBytesMax,
    logger: componentLogger(logger, 'http'),
    metrics,
  });
  const http = await startHttpServer(app, config.http);
  onStarted(() => http.close(config.shutdownTimeoutMs / 2));
  // A part answers when it has opened its files: one that opens them later finds a full disk, say, under a server that betting relies on.
  const failing = failed.then((error) => Promise.reject(error));
  const opened = [projections, settlement].map((part) => part.request('opened').catch(() => failing));
  await Promise.race([Promise.all([ready(checks), ...opened]), failing]);
  root.announce(http.url);
  return { url: http.url, failed };
}

/** Building a read model of a long log takes minutes, and betting does not wait for it: this waits for a while, /readyz for ever. */
async function ready(checks: readonly HealthCheck[]): Promise<void> {
  for (let waitedMs = 0; waitedMs < readyWaitMsMax; waitedMs += readyPollMs) {
    const reasons = await Promise.all(checks.map(async ({ check }) => check()));
    if (reasons.every((reason) => reason === undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, readyPollMs));
  }
}
