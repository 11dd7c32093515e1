// Asks an engine one real question through its client, and answers the version that it gives. Used by scripts/src/engines to know that
// an engine is ready, and by the setup of the engine tests. It writes nothing but Kafka's own offsets topic, and leaves no connection open.

import { Client as ElasticsearchClient } from '@elastic/elasticsearch';
import { EventStoreDBClient, START } from '@eventstore/db-client';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import type { EngineName } from './engines-names.ts';

const connectMsMax = 1_000;
const answerMsMax = 5_000;

/** The server's own word for its version; undefined where its protocol has none. @throws whatever its client throws while it is not ready */
export async function probeEngine(name: EngineName, url: string): Promise<string | undefined> {
  switch (name) {
    case 'eventstoredb':
      return probeEventStore(url);
    case 'kafka':
      return probeKafka(url);
    case 'mongodb':
      return probeMongo(url);
    case 'redis':
      return probeRedis(url);
    case 'elasticsearch':
      return probeElasticsearch(url);
    default:
      return unreachable(name);
  }
}

/** Reads the first event of the log. The client has no limit of its own for a read, so it is ended from here. */
async function probeEventStore(url: string): Promise<undefined> {
  const client = EventStoreDBClient.connectionString(url);
  const events = client.readAll({ fromPosition: START, maxCount: 1 });
  const limit = setTimeout(() => events.destroy(new Error(`no answer within ${answerMsMax} ms`)), answerMsMax);
  try {
    for await (const _event of events) continue;
  } finally {
    clearTimeout(limit);
    await client.dispose();
  }
}

/** An open port is not enough: the broker has to be registered, and the coordinator of groups to have its topic. */
async function probeKafka(brokers: string): Promise<undefined> {
  const limits = { connectionTimeout: connectMsMax, requestTimeout: answerMsMax, enforceRequestTimeout: true, retry: { retries: 0 } };
  const admin = new Kafka({ clientId: 'probe', brokers: brokers.split(','), logLevel: logLevel.NOTHING, ...limits }).admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    if (cluster.brokers.length === 0) throw new Error('no broker is registered');
    await admin.fetchOffsets({ groupId: 'probe' });
  } finally {
    await admin.disconnect();
  }
}

async function probeMongo(url: string): Promise<string> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: connectMsMax, socketTimeoutMS: answerMsMax });
  try {
    const { version } = await client.db('admin').command({ buildInfo: 1 });
    return String(version);
  } finally {
    await client.close();
  }
}

async function probeRedis(url: string): Promise<string | undefined> {
  const client = new Redis(url, { lazyConnect: true, connectTimeout: connectMsMax, commandTimeout: answerMsMax, retryStrategy: () => null });
  // The failure is the rejection of connect(); the event would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return /redis_version:(\S+)/.exec(await client.info('server'))?.[1];
  } finally {
    client.disconnect();
  }
}

async function probeElasticsearch(url: string): Promise<string> {
  const client = new ElasticsearchClient({ node: url, requestTimeout: answerMsMax, maxRetries: 0 });
  try {
    await client.cluster.health({ wait_for_status: 'yellow', timeout: `${answerMsMax}ms` });
    return (await client.info()).version.number;
  } finally {
    await client.close();
  }
}
