// Takes away everything that one namespace has on Kafka, MongoDB, Redis and Elasticsearch: what a tool made for one run of its own.
// Called by tools alone, after they have closed what they opened there. The event store keeps no namespaces, and nothing is deleted in it.

import { Client } from '@elastic/elasticsearch';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import type { Config } from './config.ts';
import { kafkaClient } from './event-bus/kafka-client.ts';
import { createLogger } from './logger.ts';

const keysPerScan = 1_000;

export async function removeEngineNamespace({ engines }: Pick<Config, 'engines'>): Promise<void> {
  await Promise.all([removeTopics(engines), removeDatabase(engines), removeKeys(engines), removeIndexes(engines)]);
}

async function removeTopics({ kafkaBrokers, namespace }: Config['engines']): Promise<void> {
  const admin = kafkaClient({ brokers: kafkaBrokers.split(','), logger: createLogger({ logLevel: 'silent' }) }).admin();
  await admin.connect();
  try {
    const isOurs = (name: string): boolean => name.startsWith(`${namespace}.`);
    const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter(isOurs);
    if (groups.length > 0) await admin.deleteGroups(groups);
    const topics = (await admin.listTopics()).filter(isOurs);
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}

async function removeDatabase({ mongoUrl, namespace }: Config['engines']): Promise<void> {
  const client = new MongoClient(mongoUrl);
  try {
    await client.db(namespace).dropDatabase();
  } finally {
    await client.close();
  }
}

async function removeKeys({ redisUrl, namespace }: Config['engines']): Promise<void> {
  const redis = new Redis(redisUrl);
  try {
    const found: AsyncIterable<string[]> = redis.scanStream({ match: `${namespace}:*`, count: keysPerScan });
    for await (const keys of found) if (keys.length > 0) await redis.unlink(...keys);
  } finally {
    redis.disconnect();
  }
}

async function removeIndexes({ elasticsearchUrl, namespace }: Config['engines']): Promise<void> {
  const client = new Client({ node: elasticsearchUrl });
  try {
    // By name: an engine refuses to delete by a pattern.
    const index = Object.keys(await client.indices.get({ index: `${namespace}-*` }));
    if (index.length > 0) await client.indices.delete({ index });
    await client.indices.deleteIndexTemplate({ name: namespace }, { ignore: [404] });
  } finally {
    await client.close();
  }
}
