// What the reactor and the settlement job stand on, in a temporary folder, for tests of other packages: a real event log and real indexes.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';
import { openTemporaryLog } from '../event-store/temporary-log.ts';
import { openEmbeddedSettlementIndex } from '../settlement-index/embedded.ts';

export type TemporarySettlement = {
  readonly eventStore: EventStore;
  /** A worker's index; opened again under the same name it is what it was. */
  openIndex(worker?: string): SettlementIndex;
  /** After the index was closed. */
  deleteIndex(worker?: string): Promise<void>;
  close(): Promise<void>;
};

export async function openTemporarySettlement(): Promise<TemporarySettlement> {
  // Interval 0: appends outside the filter move a subscription's position at once.
  const log = await openTemporaryLog({ checkpointIntervalMs: 0 });
  const folderOf = (worker: string): string => join(log.dataDir, `index-of-${worker}`);
  return {
    eventStore: log.store,
    openIndex: (worker = 'worker') => openEmbeddedSettlementIndex({ dataDir: folderOf(worker) }),
    deleteIndex: (worker = 'worker') => rm(folderOf(worker), { recursive: true, force: true }),
    close: () => log.close(),
  };
}
