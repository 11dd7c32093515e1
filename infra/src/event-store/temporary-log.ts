// An embedded event log in a temporary folder, for tests: a real writer thread on a real file, that can be stopped and started again.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { startEventLog, type EventLog } from './embedded-log.ts';
import { openEmbeddedEventStore, type EmbeddedEventStoreOptions } from './embedded.ts';

type ClientOptions = Partial<Omit<EmbeddedEventStoreOptions, 'dataDir' | 'port'>>;

export type TemporaryLog = {
  readonly dataDir: string;
  /** The client opened first. */
  readonly store: EventStore;
  readonly log: EventLog;
  /** One more client of the running log. */
  connect(options?: ClientOptions): EventStore;
  /** Stops all clients and the writer, and starts them again on the same files. */
  reopen(): Promise<EventStore>;
  close(): Promise<void>;
};

export async function openTemporaryLog(defaults: ClientOptions = {}): Promise<TemporaryLog> {
  const dataDir = await mkdtemp(join(tmpdir(), 'event-log-'));
  let log = await startEventLog({ dataDir });
  let stores: EventStore[] = [];
  const connect = (options: ClientOptions = {}): EventStore => {
    const store = openEmbeddedEventStore({ dataDir, port: log.connect(), appendTimeoutMs: 10_000, ...defaults, ...options });
    stores.push(store);
    return store;
  };
  const stop = async (): Promise<void> => {
    for (const store of stores) await store.close();
    stores = [];
    await log.close();
  };
  let store = connect();
  return {
    dataDir,
    get store() {
      return store;
    },
    get log() {
      return log;
    },
    connect,
    async reopen() {
      await stop();
      log = await startEventLog({ dataDir });
      return (store = connect());
    },
    async close() {
      await stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
