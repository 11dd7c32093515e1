// The bench on the engines: bets at a rate that is held for a minute with engines, parts and load on the same machine, latency at half of it,
// how far the read models were behind, and what every process cost. Called by bench.ts with --engines.

import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { ownEngines } from '../engines/own-engines.ts';
import { processes, settings } from '../engines/two-cores.ts';
import { openApi } from '../season/api.ts';
import { apiClient, type ApiClient } from '../server/api-client.ts';
import { startServerProcess } from '../server/server-process.ts';
import { BenchContext, type BenchServer } from './bench-context.ts';
import { prepareLoads, type BetLoads } from './bet-load.ts';
import { seasonBook } from './book.ts';
import { moveRestlessMarkets, offerBook, openBettors } from './engine-book.ts';
import { bottleneckOf, type EngineFigures, type QueueSample } from './engine-figures.ts';
import { costsBetween, deploymentProcesses, machineCores, readCpu } from './engine-processes.ts';
import { proveLedger } from './ledger-proof.ts';
import { bettorIds } from './preload.ts';
import { defectsOf, isAtRest, serverStatus, waitForStatus } from './server-status.ts';
import { fullSizes, type EngineSizes } from './sizes.ts';

const restWaitMsMax = 300_000;
/** Seldom: looking costs what is looked at. */
const sampleEveryMs = 5_000;
const searchModel = 'fixture-search';

export async function measureEngines(sizes: EngineSizes, progress: (text: string) => void): Promise<EngineFigures> {
  const context = new BenchContext({ ...fullSizes, bettorCount: sizes.bettorCount }, progress);
  const engines = await ownEngines(progress);
  try {
    const server = await start(context, { ...engines.settings, ...settings });
    try {
      return await measure(context, server, sizes);
    } finally {
      await server.stop();
    }
  } finally {
    await context.cleanUp();
    await engines.stop();
  }
}

async function start(context: BenchContext, env: Readonly<Record<string, string>>): Promise<BenchServer> {
  const startMs = performance.now();
  const server = await startServerProcess({ dataDir: await context.folder(), env, processes });
  return { ...server, readyMs: Math.round(performance.now() - startMs), admin: apiClient(server.url, await server.token('bench', ['admin'])) };
}

async function measure(context: BenchContext, server: BenchServer, sizes: EngineSizes): Promise<EngineFigures> {
  const { url, admin } = server;
  const bettors = bettorIds(sizes.bettorCount);
  const book = await seasonBook();
  const api = openApi(url);
  const trading = api.as(await server.token('bench-trader', ['trader']));
  context.progress(`opening ${bettors.length} accounts`);
  await offerBook(trading, book);
  await openBettors(api, bettors, (accountId) => server.token(accountId, ['bettor']));
  const loads = await prepareLoads(context, server, bettors, book);
  await loads.warmUp('wagerline', url);
  await rest(admin);
  const moving = new AbortController();
  const moved = moveRestlessMarkets(trading, moving.signal);
  try {
    const held = await heldRound(context, server, loads, sizes);
    const half = await loads.offered('wagerline at half load', url, Math.round(sizes.offeredPerSecond / 2), sizes.halfMs);
    moving.abort();
    await moved;
    await rest(admin);
    // Of a request that was not answered nobody knows, and another answer than 201 is no bet: then there is no number to compare with.
    const acknowledged = context.defects.length === 0 ? loads.acceptedOf(url) : undefined;
    const { defects: wrong, ...ledger } = await proveLedger(admin, acknowledged);
    context.defects.push(...defectsOf(await serverStatus(admin)), ...wrong);
    const { p50Ms, p95Ms, p99Ms } = half;
    return {
      ...held,
      atHalfLoad: { offeredPerSecond: Math.round(sizes.offeredPerSecond / 2), p50Ms, p95Ms, p99Ms },
      processes,
      cores: availableParallelism(),
      readyMs: server.readyMs,
      ledger,
      defects: context.defects,
    };
  } finally {
    moving.abort();
    await moved.catch(() => undefined);
    api.close();
  }
}

type Held = Omit<EngineFigures, 'atHalfLoad' | 'processes' | 'cores' | 'readyMs' | 'ledger' | 'defects'>;

async function heldRound(context: BenchContext, { url, pid, admin }: BenchServer, loads: BetLoads, sizes: EngineSizes): Promise<Held> {
  const found = deploymentProcesses(pid, process.pid);
  const done = new AbortController();
  const sampled = sampleQueues(admin, done.signal);
  const before = readCpu(found);
  const result = await loads.offered('wagerline at the offered rate', url, sizes.offeredPerSecond, sizes.heldMs);
  const after = readCpu(found);
  const costs = costsBetween(found, before, after, result.sentInAll);
  // Also where what follows fails.
  context.progress(`us per bet: ${costs.map(({ name, cpuMicrosPerBet }) => `${name} ${cpuMicrosPerBet}`).join(', ')}`);
  done.abort();
  const queues = await sampled;
  const atEnd = await rest(admin);
  const { models } = (await serverStatus(admin)).projections;
  const lagOf = (isOurs: (model: string) => boolean) => {
    const ages = models.filter(({ model }) => isOurs(model)).map(({ ageMs }) => ageMs);
    return { p50: Math.max(...ages.map(({ p50 }) => p50)), p99: Math.max(...ages.map(({ p99 }) => p99)) };
  };
  const { answeredPerSecond, p50Ms, p95Ms, p99Ms, cpuMicrosPerRequest } = result;
  return {
    offeredPerSecond: sizes.offeredPerSecond,
    acceptedPerSecond: answeredPerSecond,
    heldMs: sizes.heldMs,
    atOfferedLoad: { p50Ms, p95Ms, p99Ms },
    projectionLagMs: { ...lagOf((model) => model !== searchModel), atEnd },
    searchLagMs: lagOf((model) => model === searchModel),
    costs,
    loadMicrosPerBet: cpuMicrosPerRequest,
    queues,
    bottleneck: bottleneckOf(costs, queues, {
      cpuMicrosPerBetOfLoad: cpuMicrosPerRequest,
      acceptedPerSecond: answeredPerSecond,
      cores: availableParallelism(),
      coresAtWork: machineCores(before, after),
    }),
  };
}

/** Resolves with what it took when nothing is left to do. */
async function rest(admin: ApiClient): Promise<number> {
  const { head } = await serverStatus(admin);
  return Math.round((await waitForStatus(admin, isAtRest(head), restWaitMsMax)).waitedMs);
}

async function sampleQueues(admin: ApiClient, signal: AbortSignal): Promise<readonly QueueSample[]> {
  const samples: QueueSample[] = [];
  for (;;) {
    await delay(sampleEveryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return samples;
    const { head, projections, settlement } = await serverStatus(admin);
    samples.push({
      relayBehindBytes: Math.max(0, head - projections.relay.publishedThrough),
      projectorsBehindRecords: Math.max(...projections.models.map(({ lag }) => lag)),
      settlementBehindBytes: Math.max(0, head - settlement.settlement.indexedPosition),
    });
  }
}
