// The whole of Wagerline on the engines: every part in processes of its own, as many as asked for, behind one address.
// Called by start.ts and tools when `stores` is `engines`. A process that ends is started again; nothing here keeps state.

import type { Config } from '@wagerline/infra/config';
import { announceServer, lockDataFolder } from '@wagerline/infra/data-folder';
import { healthRoutes, httpApp, startHttpServer, type HealthCheck } from '@wagerline/infra/http';
import { componentLogger, createLogger, type Logger } from '@wagerline/infra/logger';
import { createMetrics } from '@wagerline/infra/metrics';
import { openCommandInfra, type InfraLink } from '@wagerline/infra/open-infra';
import { verifierOf } from '@wagerline/infra/run-process';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { join } from 'node:path';
import { adminRoutes } from './admin-routes.ts';
import { Gateway } from './gateway.ts';
import { jobRoutes } from './job-routes.ts';
import { mergedStatus } from './merged-status.ts';
import type { Operations } from './operations.ts';
import { PartGroup } from './part-group.ts';
import type { Server } from './server.ts';
import { askWorkers } from './settlement-processes.ts';
import { mergedProgress, waitingDecisions } from './settlement-progress.ts';

/** How many processes of each part. */
export type PartCounts = { readonly command: number; readonly query: number; readonly relay: number; readonly projector: number; readonly settlement: number };
export type PartName = keyof PartCounts;

const defaultCounts: PartCounts = { command: 2, query: 1, relay: 1, projector: 1, settlement: 1 };
const processesMax = 64;

/** From `command=2,settlement=3`: what is not named is as by default. @throws Error for anything else */
export function partCountsOf(text: string): PartCounts {
  const counts: Record<string, number> = { ...defaultCounts };
  for (const item of text.split(',').filter((part) => part !== '')) {
    const [, name, digits] = /^([a-z]+)=(\d{1,2})$/.exec(item) ?? [];
    const count = Number(digits);
    if (name === undefined || !Object.hasOwn(defaultCounts, name) || count < 1 || count > processesMax) {
      throw new Error(`processes: "${item}" is none of ${Object.keys(defaultCounts).join(', ')} with a count of 1 to ${processesMax}`);
    }
    counts[name] = count;
  }
  return { ...defaultCounts, ...counts };
}

export type EngineServer = Server & { readonly groups: Readonly<Record<PartName, PartGroup>> };

const files: Readonly<Record<PartName, string>> = {
  command: '../../../command-side/src/main.ts',
  query: '../../../query-side/src/main.ts',
  relay: '../../../command-side/src/relay/main.ts',
  projector: '../../../projections/src/main.ts',
  settlement: '../../../command-side/src/settlement/main.ts',
};
const readyWaitMsMax = 60_000;
const readyPollMs = 50;
/** A process that hangs is not ready. */
const readyAnswerMsMax = 2_000;

/** Where the n-th process of a part is reached that listens at `url`: tests of the network put something in between. */
export type ReachedAt = (part: PartName, index: number, url: string) => Promise<string>;

export async function startEngineServer(config: Config, counts: PartCounts, reachedAt?: ReachedAt): Promise<EngineServer> {
  const lock = lockDataFolder(config.dataDir);
  const closing: (() => unknown)[] = [() => lock.release()];
  const stop = async (): Promise<void> => {
    for (let close = closing.pop(); close !== undefined; close = closing.pop()) await close();
  };
  try {
    return { ...(await startAll(config, counts, reachedAt, (close) => closing.push(close))), failed: new Promise(() => undefined), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(
  config: Config,
  counts: PartCounts,
  reachedAt: ReachedAt | undefined,
  onStarted: (close: () => unknown) => void,
): Promise<Omit<EngineServer, 'stop' | 'failed'>> {
  const logger = createLogger(config);
  const time = drivenTime(config);
  const groups = startGroups(config, counts, { logger: componentLogger(logger, 'processes'), time, reachedAt });
  onStarted(() => Promise.all(Object.values(groups).map((group) => group.stop())));
  const link: InfraLink = { config, time: undefined };
  const { eventStore, close } = await openCommandInfra(link);
  onStarted(close);
  const { command, projector } = groups;
  const operations: Operations = {
    status: (parts) => mergedStatus(groups, eventStore, parts),
    readStream: (stream, fromRevision, maxCount) => eventStore.readStream(stream, { fromRevision, maxCount }),
    readLog: (after, limit) => eventStore.readAll(after, { prefixes: domainPrefixes }, limit),
    projections: { request: (name, argument) => projector.requestOne(name, argument) },
    settlementProgress: async () => mergedProgress(await askWorkers(groups.settlement, 'progress')),
    waitingDecisions: async () => waitingDecisions(await askWorkers(groups.settlement, 'decisions')),
    holdView: async (forMs) => void (await command.request('hold-view', forMs)),
    releaseView: async () => void (await command.request('release-view')),
    clock: time && {
      nowMs: () => time.nowMs,
      async advanceTo(ms) {
        time.nowMs = ms;
        await Promise.all(Object.values(groups).map((group) => group.request('advance-clock', ms)));
      },
    },
    connect: () => link,
  };
  const metrics = createMetrics();
  const checks = readyChecks(groups);
  const routes = [...adminRoutes(operations, config), ...jobRoutes(operations), ...healthRoutes(checks, metrics)];
  const app = httpApp({ routes, verifier: await verifierOf(config), bodyBytesMax: config.http.bodyBytesMax, logger, metrics });
  const gateway = new Gateway({ command: command.urls, query: groups.query.urls });
  onStarted(() => gateway.close());
  const http = await startHttpServer((incoming, outgoing) => {
    if (incoming.url?.startsWith('/v1/') === true) gateway.handle(incoming, outgoing);
    else app(incoming, outgoing);
  }, config.http);
  onStarted(() => http.close(config.shutdownTimeoutMs / 2));
  await untilReady(checks);
  announceServer(config.dataDir, { pid: process.pid, url: http.url });
  return { url: http.url, groups };
}

type DrivenTime = { nowMs: number };

function drivenTime(config: Config): DrivenTime | undefined {
  return config.clock === 'driven' ? { nowMs: 0 } : undefined;
}

type GroupsOptions = { readonly logger: Logger; readonly time: DrivenTime | undefined; readonly reachedAt: ReachedAt | undefined };

function startGroups(config: Config, counts: PartCounts, { logger, time, reachedAt }: GroupsOptions): EngineServer['groups'] {
  const group = (name: PartName, more: (index: number) => Readonly<Record<string, string>> = () => ({})): PartGroup => {
    return new PartGroup({
      name,
      file: new URL(files[name], import.meta.url),
      count: counts[name],
      settings: (index) => ({ ...config.environment, WAGERLINE_PORT: '0', ...more(index) }),
      logger,
      ...(reachedAt && { reachedAt: (index, url) => reachedAt(name, index, url) }),
      // A process that was started again lives in the time of the others.
      async onReady(started) {
        if (time !== undefined) await started.request('advance-clock', time.nowMs);
      },
    });
  };
  const indexDir = (index: number) => ({ WAGERLINE_SETTLEMENT_INDEX_DIR: join(config.dataDir, `settlement-${index + 1}`) });
  return { command: group('command'), query: group('query'), relay: group('relay'), projector: group('projector'), settlement: group('settlement', indexDir) };
}

function readyChecks(groups: EngineServer['groups']): readonly HealthCheck[] {
  return Object.entries(groups).map(([name, { urls }]) => ({
    name,
    async check() {
      const ready = await Promise.all(urls.map(isReady));
      const count = ready.filter(Boolean).length;
      return count === urls.length ? undefined : `${count} of ${urls.length} processes are ready`;
    },
  }));
}

async function isReady(url: string | undefined): Promise<boolean> {
  if (url === undefined) return false;
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(readyAnswerMsMax) })).ok;
  } catch {
    return false;
  }
}

/** Processes that are not ready by then may still become so: /readyz says which. */
async function untilReady(checks: readonly HealthCheck[]): Promise<void> {
  const endMs = performance.now() + readyWaitMsMax;
  while (performance.now() < endMs) {
    const reasons = await Promise.all(checks.map(async ({ check }) => check()));
    if (reasons.every((reason) => reason === undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, readyPollMs));
  }
}
