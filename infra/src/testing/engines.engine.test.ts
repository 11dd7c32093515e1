// One smoke test for each engine, through the client that its adapter uses: what was written is read back.

import { Client as ElasticsearchClient } from '@elastic/elasticsearch';
import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { Redis } from 'ioredis';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { describeEngine, engineUrl } from './engines.ts';

/** Engines that outlive a run meet its names again. */
const own = (name: string): string => `smoke-${name}-${process.pid}-${Date.now()}`;

describeEngine('redis', () => {
  test('set and get', async () => {
    const client = new Redis(engineUrl('redis'));
    try {
      const key = own('key');
      await client.set(key, '2.50', 'PX', 60_000);
      expect(await client.get(key)).toBe('2.50');
    } finally {
      client.disconnect();
    }
  });
});

describeEngine('kafka', () => {
  test('produce and consume, in order for a key', async () => {
    const kafka = new Kafka({ clientId: 'smoke', brokers: engineUrl('kafka').split(','), logLevel: logLevel.NOTHING });
    const topic = own('topic');
    const admin = kafka.admin();
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    const consumer = kafka.consumer({ groupId: own('group') });
    try {
      await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
      await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
      await producer.send({ topic, messages: ['1', '2', '3'].map((value) => ({ key: 'account-1', value })) });
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      const values = await new Promise<readonly string[]>((resolve, reject) => {
        const read: string[] = [];
        const eachMessage = ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
          if (read.push(String(message.value)) === 3) resolve(read);
          return Promise.resolve();
        };
        consumer.run({ eachMessage }).catch(reject);
      });
      expect(values).toEqual(['1', '2', '3']);
      await admin.deleteTopics({ topics: [topic] });
    } finally {
      await Promise.all([consumer.disconnect(), producer.disconnect(), admin.disconnect()]);
    }
  });
});

describeEngine('mongodb', () => {
  test('insert and find', async () => {
    const client = new MongoClient(engineUrl('mongodb'));
    try {
      const bets = client.db(own('db')).collection<{ _id: string; accountId: string }>('bets');
      await bets.insertMany([{ _id: 'bet-1', accountId: 'a' }, { _id: 'bet-2', accountId: 'b' }]);
      expect(await bets.find({ accountId: 'b' }).toArray()).toEqual([{ _id: 'bet-2', accountId: 'b' }]);
      await client.db(bets.dbName).dropDatabase();
    } finally {
      await client.close();
    }
  });
});

describeEngine('elasticsearch', () => {
  test('index and search', async () => {
    const client = new ElasticsearchClient({ node: engineUrl('elasticsearch') });
    const index = own('fixtures');
    try {
      await client.indices.create({ index });
      await client.index({ index, id: 'f1', document: { home: 'Liverpool' }, refresh: 'wait_for' });
      await client.index({ index, id: 'f2', document: { home: 'Everton' }, refresh: 'wait_for' });
      const { hits } = await client.search({ index, query: { match: { home: 'liverpool' } } });
      expect(hits.hits.map(({ _id }) => _id)).toEqual(['f1']);
      await client.indices.delete({ index });
    } finally {
      await client.close();
    }
  });
});

describeEngine('eventstoredb', () => {
  test('append and read', async () => {
    const client = EventStoreDBClient.connectionString(engineUrl('eventstoredb'));
    try {
      const stream = own('account');
      const events = ['1', '2'].map((bet) => jsonEvent({ type: 'BetPlaced', data: { bet } }));
      await client.appendToStream(stream, events, { expectedRevision: NO_STREAM });
      const read: unknown[] = [];
      for await (const { event } of client.readStream(stream)) read.push([event?.revision, event?.data]);
      expect(read).toEqual([[0n, { bet: '1' }], [1n, { bet: '2' }]]);
    } finally {
      await client.dispose();
    }
  });
});
