// Bets on a store with a million events against bets on an empty one, measured in turns; how long that store takes to start; and how
// fast each read model is built anew from it.

import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { ApiClient } from '../server/api-client.ts';
import { runJob } from '../server/with-server.ts';
import type { BenchContext, BenchServer } from './bench-context.ts';
import { median, prepareLoads } from './bet-load.ts';
import { seasonBook } from './book.ts';
import { addSettledHistory, bettorIds, offer, openAccounts } from './preload.ts';
import { serverStatus } from './server-status.ts';

const betsPerRound = 5;
const eventsPerBet = 2;

export type PreloadedFigures = {
  readonly preloadedRatio: number;
  readonly preloaded: {
    readonly events: number;
    readonly acceptedPerSecond: number;
    readonly emptyAcceptedPerSecond: number;
    readonly startReadyMs: number;
  };
  /** Of the slowest read model, from the job's start to its end: build, catch up, swap, hash. */
  readonly rebuildEventsPerSecond: number;
  /** `sha256`: of what the load has left and of what was built anew, which are the same. */
  readonly rebuildByModel: Readonly<Record<string, { readonly seconds: number; readonly eventsPerSecond: number; readonly sha256: string }>>;
};

export async function measurePreloaded(context: BenchContext): Promise<PreloadedFigures> {
  const { sizes } = context;
  const bettors = bettorIds(sizes.bettorCount);
  const book = await seasonBook();
  const betsPerAccount = Math.ceil(sizes.preloadedEvents / eventsPerBet / bettors.length);
  const stores = {
    empty: await context.store('empty store', async (log) => {
      await offer(log, book);
      await openAccounts(log, bettors);
    }),
    preloaded: await context.store('preloaded store', async (log) => {
      await offer(log, book);
      const accounts = await openAccounts(log, bettors);
      const onProgress = (count: number): void => context.tick(`preloaded store: ${count} events written`);
      await addSettledHistory(log, accounts, { name: 'past', betsPerAccount, betsPerRound, onProgress });
    }),
  };
  const preloaded = await context.start(stores.preloaded);
  const { startReadyMs, events } = { startReadyMs: preloaded.readyMs, events: (await serverStatus(preloaded.admin)).head };
  await context.atRest(preloaded, 'preloaded store');
  const empty = await context.start(stores.empty);
  const servers = { empty, preloaded };
  const { perSecond, accepted } = await measureInTurns(context, servers, bettors, book);
  await context.stop(empty);
  const rebuildByModel = await rebuildEach(context, preloaded);
  await context.stop(preloaded);
  await context.proveLedger('empty store', stores.empty, accepted.empty);
  await context.proveLedger('preloaded store', stores.preloaded, accepted.preloaded + betsPerAccount * bettors.length);
  return {
    preloadedRatio: Number((perSecond.preloaded / perSecond.empty).toFixed(3)),
    preloaded: { events, acceptedPerSecond: perSecond.preloaded, emptyAcceptedPerSecond: perSecond.empty, startReadyMs },
    rebuildEventsPerSecond: Math.min(...Object.values(rebuildByModel).map(({ eventsPerSecond }) => eventsPerSecond)),
    rebuildByModel,
  };
}

type OfBoth = { readonly empty: number; readonly preloaded: number };

async function measureInTurns(
  context: BenchContext,
  servers: { readonly empty: BenchServer; readonly preloaded: BenchServer },
  bettors: readonly string[],
  book: Awaited<ReturnType<typeof seasonBook>>,
): Promise<{ readonly perSecond: OfBoth; readonly accepted: OfBoth }> {
  const { roundCount, preloadedRoundMs } = context.sizes;
  const loads = {
    empty: await prepareLoads(context, servers.empty, bettors, book),
    preloaded: await prepareLoads(context, servers.preloaded, bettors, book),
  };
  await loads.empty.warmUp('empty store', servers.empty.url);
  await loads.preloaded.warmUp('preloaded store', servers.preloaded.url);
  const perSecond = { empty: [] as number[], preloaded: [] as number[] };
  for (let round = 1; round <= roundCount; round += 1) {
    for (const store of ['empty', 'preloaded'] as const) {
      const { result } = await loads[store].peak(`${store} store, round ${round} of ${roundCount}`, servers[store], preloadedRoundMs);
      perSecond[store].push(result.answeredPerSecond);
      // The other one is measured next, so nothing of this one may be left to do.
      await context.atRest(servers[store], `${store} store`);
    }
  }
  return {
    perSecond: { empty: median(perSecond.empty), preloaded: median(perSecond.preloaded) },
    accepted: { empty: loads.empty.acceptedOf(servers.empty.url), preloaded: loads.preloaded.acceptedOf(servers.preloaded.url) },
  };
}

async function rebuildEach({ progress, defects }: BenchContext, { admin }: BenchServer): Promise<PreloadedFigures['rebuildByModel']> {
  const { head } = await serverStatus(admin);
  const byModel: Record<string, { seconds: number; eventsPerSecond: number; sha256: string }> = {};
  for (const { name } of readModels) {
    const live = await hashOf(admin, { kind: 'hash-live', model: name });
    const startMs = performance.now();
    const rebuilt = await hashOf(admin, { kind: 'rebuild', model: name });
    const ms = performance.now() - startMs;
    if (rebuilt !== live) defects.push(`${name} was ${live} and is ${rebuilt} when it is built anew`);
    byModel[name] = { seconds: Number((ms / 1_000).toFixed(1)), eventsPerSecond: Math.round((head * 1_000) / ms), sha256: rebuilt };
    progress(`rebuild of ${name}: ${byModel[name].eventsPerSecond} events/s`);
  }
  return byModel;
}

async function hashOf(admin: ApiClient, job: JsonObject): Promise<string> {
  return String((await runJob(admin, job))['sha256']);
}
