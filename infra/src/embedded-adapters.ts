// The embedded adapters of one thread of a process tree: files of the data folder, and a port to the writer of the event log.
// Called by open-infra.ts alone.

import type { MessagePort } from 'node:worker_threads';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { keysOf, type Adapters } from './adapters.ts';
import { openEmbeddedCache } from './cache/embedded.ts';
import type { Config } from './config.ts';
import { openEmbeddedBus } from './event-bus/embedded.ts';
import { openEmbeddedEventStore } from './event-store/embedded.ts';
import { openRemoteEventStore, type StoreChannel } from './event-store/remote.ts';
import { openEmbeddedReadModelStore } from './read-model-store/embedded.ts';
import { openEmbeddedSearchIndex } from './search-index/embedded.ts';
import { openEmbeddedSettlementIndex } from './settlement-index/embedded.ts';

/** Markets whose odds the query side keeps at hand. */
const cacheEntriesMax = 20_000;
/** Under load a read model may be this much older than its events, for half the work per event. */
const gatherMsMax = 150;
/** Relay and settlement job follow the log at this distance under load: small beside what the bus gathers. */
const followMsMax = 25;

/** `eventLog`: of a thread its port, of a child process its channel to the tree; absent for a tool that opens no event store. */
export function embeddedAdapters(config: Config, eventLog: MessagePort | StoreChannel | undefined): Adapters {
  const { dataDir } = config;
  const { appendTimeoutMs, appendQueueMax } = config.eventStore;
  const { partitionCount } = config.bus;
  return {
    async eventStore(following) {
      assert(eventLog !== undefined, 'the embedded event log is reached through its root');
      if ('listen' in eventLog) return openRemoteEventStore(eventLog);
      const follow = following && { gatherMsMax: followMsMax, positionsOnly: following.follows === 'positions' };
      return openEmbeddedEventStore({ dataDir, port: eventLog, appendTimeoutMs, appendQueueMax, ...follow });
    },
    bus: async (eventStore) => openEmbeddedBus({ dataDir, eventStore, partitionCount, domainPrefixes, keysOf, gatherMsMax }),
    readModels: async ({ readOnly }) => openEmbeddedReadModelStore({ dataDir, readOnly }),
    search: async ({ readOnly }) => openEmbeddedSearchIndex({ dataDir, readOnly }),
    cache: async () => openEmbeddedCache({ entriesMax: cacheEntriesMax, sharedAs: `odds:${dataDir}` }),
    settlementIndex: async () => openEmbeddedSettlementIndex({ dataDir: config.settlement.indexDir ?? dataDir }),
  };
}
