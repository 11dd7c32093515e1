// The one place that chooses adapters: which one serves a port is configuration, and no other package knows an engine's name.
// The root of a process tree opens it once; each thread opens its own part on a link that the root gives it.

import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { Cache } from '@wagerline/shared-kernel/ports/cache';
import type { EventBus } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import type { SearchIndex } from '@wagerline/shared-kernel/ports/search-index';
import type { SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';
import { marketsOf } from '@wagerline/shared-kernel/events/markets-of';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { openEmbeddedCache } from './cache/embedded.ts';
import { drivenClock, systemClock, timeCell, type DrivenClock } from './clock.ts';
import type { Config } from './config.ts';
import { announceServer, lockDataFolder } from './data-folder.ts';
import { openEmbeddedBus } from './event-bus/embedded.ts';
import { startEventLog } from './event-store/embedded-log.ts';
import { openEmbeddedEventStore } from './event-store/embedded.ts';
import { randomIds } from './ids.ts';
import { openEmbeddedReadModelStore } from './read-model-store/embedded.ts';
import { openEmbeddedSearchIndex } from './search-index/embedded.ts';
import { openEmbeddedSettlementIndex } from './settlement-index/embedded.ts';

/** What a thread needs to open its part. `eventLog` must be in the transfer list of the message that carries the link. */
export type InfraLink = {
  readonly config: Config;
  readonly eventLog: MessagePort;
  readonly time: BigInt64Array<SharedArrayBuffer> | undefined;
  /** Of this process tree alone, made after it took the lock. */
  readonly tree: string;
};

export type InfraRoot = {
  /** A link for one thread (or for this one): it is opened once. */
  connect(): InfraLink;
  /** The clock that a tool may move; undefined where time is real. */
  readonly drivenClock: DrivenClock | undefined;
  /** Says in the data folder where tools find the running server. */
  announce(url: string): void;
  /** Resolves, with the reason, when nothing can be appended any more: the root must stop. */
  readonly failed: Promise<Error>;
  /** After every thread has closed its part. */
  close(): Promise<void>;
};

/** Takes the data folder for this process tree. @throws DataFolderLockedError when another one has it */
export async function openInfraRoot(config: Config): Promise<InfraRoot> {
  const { dataDir } = config;
  const lock = lockDataFolder(dataDir);
  const log = await startEventLog({ dataDir }).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  const tree = randomIds.random();
  // A driven clock starts long ago: it goes forward only, and the tool that drives it may play matches of any year.
  const time = config.clock === 'driven' ? timeCell(0) : undefined;
  return {
    connect: () => ({ config, eventLog: log.connect(), time, tree }),
    drivenClock: time && drivenClock(time),
    announce: (url) => announceServer(dataDir, { pid: process.pid, url }),
    failed: log.failed,
    async close() {
      await log.close();
      lock.release();
    },
  };
}

/** Markets whose odds the query side keeps at hand. */
const cacheEntriesMax = 20_000;
/** Under load a read model may be this much older than its events, for half the work per event. */
const gatherMsMax = 100;

export type ThreadInfra = { readonly eventStore: EventStore; readonly clock: Clock; close(): Promise<void> };
export type HttpInfra = ThreadInfra & { readonly readModels: ReadModelStore; readonly search: SearchIndex; readonly cache: Cache };
export type ProjectionInfra = HttpInfra & { readonly bus: EventBus };
export type SettlementInfra = ThreadInfra & {
  readonly index: SettlementIndex;
  /** The one process tree that lives on this log, as the lock on its folder proves; undefined where several may. */
  readonly tree: string | undefined;
};

/** For the thread that answers HTTP: it appends, and reads the read models without ever writing them. */
export function openHttpInfra(link: InfraLink): HttpInfra {
  const { dataDir } = link.config;
  const thread = openThread(link);
  const readModels = openEmbeddedReadModelStore({ dataDir, readOnly: true });
  const search = openEmbeddedSearchIndex({ dataDir, readOnly: true });
  const cache = openOddsCache(dataDir);
  return { ...thread, readModels, search, cache, close: closing(cache, search, readModels, thread) };
}

/** For the thread of the relay and the projectors: the one that writes read models and moves the bus. */
export function openProjectionInfra(link: InfraLink): ProjectionInfra {
  const { dataDir, bus: busConfig } = link.config;
  const thread = openThread(link);
  const { eventStore } = thread;
  const keysOf = { 'by-stream': (event: { readonly stream: string }) => [event.stream], 'by-market': marketsOf };
  const bus = openEmbeddedBus({ dataDir, eventStore, partitionCount: busConfig.partitionCount, domainPrefixes, keysOf, gatherMsMax });
  const readModels = openEmbeddedReadModelStore({ dataDir });
  const search = openEmbeddedSearchIndex({ dataDir });
  const cache = openOddsCache(dataDir);
  return { ...thread, bus, readModels, search, cache, close: closing(cache, bus, search, readModels, thread) };
}

/** For the thread of the settlement job and the reactor. */
export function openSettlementInfra(link: InfraLink): SettlementInfra {
  // The reactor reads markets and fixtures only: kept account events would serve nobody and live long enough to be costly garbage.
  const thread = openThread(link, { cacheBytesMax: 0 });
  const index = openEmbeddedSettlementIndex({ dataDir: link.config.dataDir });
  return { ...thread, index, tree: link.tree, close: closing(index, thread) };
}

function openThread({ config, eventLog, time }: InfraLink, options: { readonly cacheBytesMax?: number } = {}): ThreadInfra {
  const { appendTimeoutMs, appendQueueMax } = config.eventStore;
  const eventStore = openEmbeddedEventStore({ dataDir: config.dataDir, port: eventLog, appendTimeoutMs, appendQueueMax, ...options });
  return { eventStore, clock: time === undefined ? systemClock : drivenClock(time), close: () => eventStore.close() };
}

function openOddsCache(dataDir: string): Cache {
  return openEmbeddedCache({ entriesMax: cacheEntriesMax, sharedAs: `odds:${dataDir}` });
}

function closing(...parts: readonly { close(): Promise<void> }[]): () => Promise<void> {
  return async () => {
    for (const part of parts) await part.close();
  };
}
