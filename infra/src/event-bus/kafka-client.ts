// Connections to Kafka: one client with its limits and its log, without the faults of kafkajs 2.2.4. Used by kafka.ts alone.
// Every consumer gets a client of its own: kafkajs shares one table of committed offsets among all members that come from a client.

import { createRequire } from 'node:module';
import { Kafka, logLevel, Partitioners, type Consumer, type KafkaConfig, type logCreator, type Producer } from 'kafkajs';
import type { Logger } from '../logger.ts';

export type KafkaConnection = Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'> & {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly logger: Logger;
};

const connectMsMax = 1_000;
const requestMsMax = 5_000;
/** About 20 s: a broker that restarts is waited for, one that stays away is an error that callers see. */
const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 20 };
/** A member that is silent for longer loses its partitions to the others. */
const sessionMsMax = 10_000;
/** A partition is handed over after its running batch, or after so long. */
const rebalanceMsMax = 60_000;
export const heartbeatMs = 1_000;
/** How long the broker holds back an empty answer: also how late an idle member hears of a new one. */
const fetchWaitMsMax = 250;

endPolling();

export function kafkaClient({ brokers, logger, ...connection }: KafkaConnection): Kafka {
  return new Kafka({
    ...connection,
    brokers: [...brokers],
    clientId: 'wagerline',
    connectionTimeout: connectMsMax,
    requestTimeout: requestMsMax,
    enforceRequestTimeout: true,
    retry,
    logLevel: logLevel.WARN,
    logCreator: logTo(logger),
  });
}

/** Idempotent: it must be thrown away after a send that failed, as it takes the next record for a repetition of the one that failed. */
export function kafkaProducer(connection: KafkaConnection): Producer {
  const createPartitioner = Partitioners.DefaultPartitioner;
  return kafkaClient(connection).producer({ createPartitioner, allowAutoTopicCreation: false, idempotent: true, maxInFlightRequests: 1 });
}

/** It never restarts by itself: a crash is told by its event, and whoever consumes decides. */
export function kafkaConsumer(connection: KafkaConnection, groupId: string): Consumer {
  return kafkaClient(connection).consumer({
    groupId,
    sessionTimeout: sessionMsMax,
    rebalanceTimeout: rebalanceMsMax,
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: fetchWaitMsMax,
    allowAutoTopicCreation: false,
    // Named here again, as a consumer's own default of 5 retries would win over the client's.
    retry: { ...retry, restartOnFailure: async () => false },
  });
}

/** kafkajs calls a rebalance and every refused connection an error; what really fails reaches its caller as one. */
function logTo(logger: Logger): logCreator {
  return () =>
    ({ namespace, log: { message, error } }) =>
      logger.warn({ namespace, error }, message);
}

type RequestQueue = { readonly pending: readonly unknown[]; readonly throttledUntil: number; scheduleCheckPendingRequests(): void };

/** kafkajs sets a timer with a negative time, which Node warns of, and then wakes every millisecond for ever. Nothing pending, nothing to do. */
function endPolling(): void {
  const { prototype }: { readonly prototype: RequestQueue } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
