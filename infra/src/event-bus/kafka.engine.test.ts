import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import type { EventBus } from '@wagerline/shared-kernel/ports/event-bus';
import { openTemporaryLog, type TemporaryLog } from '../event-store/temporary-log.ts';
import { createLogger } from '../logger.ts';
import { describeEngine, engineUrl } from '../testing/engines.ts';
import { eventBusContract } from './contract.ts';
import { openKafkaBus, type KafkaBusOptions } from './kafka.ts';
import { keysOf } from './testing-consumer.ts';

const opened = new Set<EventBus>();
let log: TemporaryLog;
/** Of one test alone: an empty bus. */
let namespace = '';

function openBus(changes: Partial<KafkaBusOptions> = {}): EventBus {
  const bus = openKafkaBus({
    brokers: engineUrl('kafka').split(','),
    logger: createLogger({ logLevel: 'silent' }),
    namespace,
    partitionCount: 4,
    replicationFactor: 1,
    retentionMs: 3_600_000,
    keysOf,
    ...changes,
  });
  opened.add(bus);
  return bus;
}

async function closeAll(): Promise<void> {
  for (const bus of opened) await bus.close();
  opened.clear();
}

describeEngine('kafka', () => {
  beforeEach(async () => {
    namespace = `test-${randomUUID()}`;
    log = await openTemporaryLog();
  });
  afterEach(async () => {
    await closeAll();
    await log.close();
  });

  eventBusContract('kafka', async () => ({
    bus: openBus(),
    eventStore: log.store,
    reopen: async () => {
      await closeAll();
      return { eventStore: await log.reopen(), bus: openBus() };
    },
    close: closeAll,
  }));
});
