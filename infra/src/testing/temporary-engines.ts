// A Kafka bus and a MongoDB read-model store of one test alone, opened as several processes open them: for engine tests of other packages.

import { randomUUID } from 'node:crypto';
import { marketsOf } from '@wagerline/shared-kernel/events/markets-of';
import type { EventBus } from '@wagerline/shared-kernel/ports/event-bus';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import { openKafkaBus } from '../event-bus/kafka.ts';
import { createLogger } from '../logger.ts';
import { openTestDatabase } from '../read-model-store/testing-mongodb.ts';
import { engineUrl } from './engines.ts';

export type TemporaryEngines = {
  openBus(): EventBus;
  openReadModels(): Promise<ReadModelStore>;
  /** As a database that kept nothing over its restart. */
  emptyReadModels(): Promise<void>;
  /** Closes what was opened here. */
  close(): Promise<void>;
};

const keysOf = { 'by-stream': (event: { readonly stream: string }) => [event.stream], 'by-market': marketsOf };

export function openTemporaryEngines(partitionCount: number): TemporaryEngines {
  const database = openTestDatabase();
  const connection = { brokers: engineUrl('kafka').split(','), logger: createLogger({ logLevel: 'silent' }) };
  const namespace = `test-${randomUUID()}`;
  const buses: EventBus[] = [];
  return {
    openBus() {
      const bus = openKafkaBus({ ...connection, namespace, partitionCount, keysOf });
      buses.push(bus);
      return bus;
    },
    openReadModels: () => database.open(),
    emptyReadModels: async () => void (await database.db.dropDatabase()),
    async close() {
      for (const bus of buses) await bus.close();
      await database.close();
    },
  };
}
