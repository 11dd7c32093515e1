// An empty Kafka bus per test beside an event log, and a network between them that can be cut. Used by kafka*.engine.test.ts alone.

import { randomUUID } from 'node:crypto';
import { connect, Socket } from 'node:net';
import type { Admin, ISocketFactory } from 'kafkajs';
import { afterEach, beforeEach } from 'vitest';
import type { EventBus } from '@wagerline/shared-kernel/ports/event-bus';
import { openTemporaryLog, type TemporaryLog } from '../event-store/temporary-log.ts';
import { createLogger } from '../logger.ts';
import { engineUrl } from '../testing/engines.ts';
import { kafkaClient } from './kafka-client.ts';
import { openKafkaBus, type KafkaBusOptions } from './kafka.ts';
import { keysOf } from './testing-consumer.ts';

export type KafkaWorld = {
  /** Of one test alone. */
  namespace(): string;
  log(): TemporaryLog;
  openBus(changes?: Partial<KafkaBusOptions>): EventBus;
  closeAll(): Promise<void>;
  /** Kafka's own administration, for what no port offers. */
  admin<Result>(use: (admin: Admin) => Promise<Result>): Promise<Result>;
};

/** Called inside a suite: it opens before each test and closes after it. */
export function kafkaWorld(): KafkaWorld {
  const opened = new Set<EventBus>();
  let log: TemporaryLog | undefined;
  let namespace = '';
  const connection = () => ({ brokers: engineUrl('kafka').split(','), logger: createLogger({ logLevel: 'silent' }) });
  const closeAll = async () => {
    for (const bus of opened) await bus.close();
    opened.clear();
  };
  beforeEach(async () => {
    namespace = `test-${randomUUID()}`;
    log = await openTemporaryLog();
  });
  afterEach(async () => {
    await closeAll();
    await log?.close();
  });
  return {
    namespace: () => namespace,
    log: () => {
      if (log === undefined) throw new Error('a test is running');
      return log;
    },
    openBus: (changes = {}) => {
      const bus = openKafkaBus({ ...connection(), namespace, partitionCount: 4, keysOf, ...changes });
      opened.add(bus);
      return bus;
    },
    closeAll,
    admin: async (use) => {
      const admin = kafkaClient(connection()).admin();
      await admin.connect();
      try {
        return await use(admin);
      } finally {
        await admin.disconnect();
      }
    },
  };
}

/** What a broker that restarts looks like from outside: every connection breaks, and the next attempts are refused. */
export class CuttableNetwork {
  readonly #sockets = new Set<Socket>();
  #refusals = 0;
  #refused = Promise.withResolvers<void>();

  readonly socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
    if (this.#refusals > 0) return this.#refuse();
    const socket = connect({ host, port }, onConnect);
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    return socket;
  };

  /** Resolves when the last of the refused attempts was made: from then on the broker is there again. */
  async cut(refusals: number): Promise<void> {
    this.#refusals = refusals;
    this.#refused = Promise.withResolvers();
    // With an error, as a peer that is gone gives: kafkajs overlooks a socket that merely closes.
    for (const socket of this.#sockets) socket.destroy(new Error('connection reset'));
    await this.#refused.promise;
  }

  #refuse(): Socket {
    this.#refusals -= 1;
    if (this.#refusals === 0) this.#refused.resolve();
    const socket = new Socket();
    setImmediate(() => socket.destroy(new Error('connection refused')));
    return socket;
  }
}
