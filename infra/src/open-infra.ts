// The one place that chooses adapters: which one serves a port is configuration, and no other package knows an engine's name.
// The root of a process tree opens it once; each thread or process opens its own part on a link that the root gives it.

import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { Cache } from '@wagerline/shared-kernel/ports/cache';
import type { EventBus } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import type { SearchIndex } from '@wagerline/shared-kernel/ports/search-index';
import type { SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { Opened, type Adapters, type Use } from './adapters.ts';
import { drivenClock, systemClock, timeCell, type DrivenClock } from './clock.ts';
import type { Config } from './config.ts';
import { announceServer, lockDataFolder } from './data-folder.ts';
import { startEventLog } from './event-store/embedded-log.ts';
import type { StoreChannel } from './event-store/remote.ts';
import { randomIds } from './ids.ts';
import { rankCell, watchFollower, type RankCell } from './thread-rank.ts';

/** What a thread or process needs to open its part. */
export type InfraLink = {
  readonly config: Config;
  /** To the writer of the embedded event log; must be in the transfer list of the message that carries the link. */
  readonly eventLog?: MessagePort;
  /** Of a child process of the tree instead of a port. It cannot be passed on to a thread. */
  readonly parentLog?: StoreChannel;
  /** How a follower of the log and the root agree on its rank; absent where they are not threads of one process. */
  readonly followerRank?: RankCell;
  /** Where time is driven. */
  readonly time: BigInt64Array<SharedArrayBuffer> | undefined;
  /** The one process tree that lives on this log, named after it took the lock; absent where several may. */
  readonly tree?: string;
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
  // A driven clock starts long ago: it goes forward only, and the tool that drives it may play matches of any year.
  const time = config.clock === 'driven' ? timeCell(0) : undefined;
  const tree = randomIds.random();
  const followerRank = rankCell();
  const stopWatching = watchFollower(followerRank);
  return {
    connect: () => ({ config, eventLog: log.connect(), followerRank, time, tree }),
    drivenClock: time && drivenClock(time),
    announce: (url) => announceServer(dataDir, { pid: process.pid, url }),
    failed: log.failed,
    async close() {
      stopWatching();
      await log.close();
      lock.release();
    },
  };
}

export type ThreadInfra = { readonly eventStore: EventStore; readonly clock: Clock; close(): Promise<void> };
export type QueryInfra = {
  readonly readModels: ReadModelStore;
  readonly search: SearchIndex;
  readonly cache: Cache;
  readonly clock: Clock;
  close(): Promise<void>;
};
export type HttpInfra = ThreadInfra & QueryInfra;
export type ProjectionInfra = HttpInfra & { readonly bus: EventBus };
/** Everything that projections write, and the bus that they read. */
export type ProjectionStores = Omit<ProjectionInfra, 'eventStore'>;
export type RelayInfra = ThreadInfra & { readonly bus: EventBus };
export type SettlementInfra = ThreadInfra & { readonly index: SettlementIndex; readonly tree: string | undefined };

/** For a process of the command API. */
export async function openCommandInfra(link: InfraLink): Promise<ThreadInfra> {
  const { adapters, opened, clock } = await begin(link);
  return { eventStore: await opened.add(adapters.eventStore()), clock, close: () => opened.close() };
}

/** For a process of the query API: it reads the read models without ever writing them. */
export async function openQueryInfra(link: InfraLink): Promise<QueryInfra> {
  const { adapters, opened, clock } = await begin(link);
  return { ...(await openQueries(adapters, opened, { readOnly: true })), clock, close: () => opened.close() };
}

/** For a process of the relay. */
export async function openRelayInfra(link: InfraLink): Promise<RelayInfra> {
  const { adapters, opened, clock } = await begin(link);
  const eventStore = await opened.add(adapters.eventStore());
  return { eventStore, bus: await opened.add(adapters.bus(eventStore)), clock, close: () => opened.close() };
}

/** For the thread that answers HTTP in one process tree: it appends, and reads the read models without ever writing them. */
export async function openHttpInfra(link: InfraLink): Promise<HttpInfra> {
  const { adapters, opened, clock } = await begin(link);
  const eventStore = await opened.add(adapters.eventStore());
  return { ...(await openQueries(adapters, opened, { readOnly: true })), eventStore, clock, close: () => opened.close() };
}

/** For the thread of the relay and the projectors: the one that writes read models and moves the bus. */
export async function openProjectionInfra(link: InfraLink): Promise<ProjectionInfra> {
  const { adapters, opened, clock } = await begin(link);
  const eventStore = await opened.add(adapters.eventStore({ follows: 'positions' }));
  const queries = await openQueries(adapters, opened, { readOnly: false });
  const bus = await opened.add(adapters.bus(eventStore));
  return { ...queries, eventStore, bus, clock, close: () => opened.close() };
}

/** For a tool that projects a log which somebody else keeps. */
export async function openProjectionStores(config: Config, log: Pick<EventStore, 'readAll'>): Promise<ProjectionStores> {
  const { adapters, opened, clock } = await begin({ config, time: undefined });
  const queries = await openQueries(adapters, opened, { readOnly: false });
  const bus = await opened.add(adapters.bus(log));
  return { ...queries, bus, clock, close: () => opened.close() };
}

/** For the thread of the settlement job and the reactor. */
export async function openSettlementInfra(link: InfraLink): Promise<SettlementInfra> {
  const { adapters, opened, clock } = await begin(link);
  const eventStore = await opened.add(adapters.eventStore({ follows: 'events' }));
  const index = await opened.add(adapters.settlementIndex());
  return { eventStore, index, clock, tree: link.tree, close: () => opened.close() };
}

async function openQueries(adapters: Adapters, opened: Opened, use: Use) {
  const readModels = await opened.add(adapters.readModels(use));
  const search = await opened.add(adapters.search(use));
  const cache = await opened.add(adapters.cache());
  return { readModels, search, cache };
}

async function begin({ config, eventLog, parentLog, time }: InfraLink) {
  const clock = time === undefined ? systemClock : drivenClock(time);
  return { adapters: await adaptersOf(config, eventLog ?? parentLog), opened: new Opened(), clock };
}

/** Only what is chosen is loaded: the clients of the five engines would take 20 MiB of every thread of an embedded tree. */
async function adaptersOf(config: Config, eventLog: MessagePort | StoreChannel | undefined): Promise<Adapters> {
  switch (config.stores) {
    case 'embedded': {
      const { embeddedAdapters } = await import('./embedded-adapters.ts');
      return embeddedAdapters(config, eventLog);
    }
    case 'engines': {
      const { engineAdapters } = await import('./engine-adapters.ts');
      return engineAdapters(config);
    }
    default:
      return unreachable(config.stores);
  }
}
