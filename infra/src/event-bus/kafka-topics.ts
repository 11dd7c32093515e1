// The topics of one bus on Kafka: their names, and their making with a fixed count of partitions. Used by kafka.ts when it connects.
// It never changes a topic that is there: another count of partitions would send keys to other partitions.

import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, ITopicConfig, ITopicMetadata } from 'kafkajs';
import type { Topic } from '@wagerline/shared-kernel/ports/event-bus';
import { assert } from '@wagerline/shared-kernel/values/unreachable';

export type BusTopics = Readonly<Record<Topic | 'mark', string>>;

export type TopicOptions = {
  readonly partitionCount: number;
  /** Covers outages of consumers only: a new read model is filled from the event store. Default 7 days. */
  readonly retentionMs?: number;
};

const retentionMsDefault = 7 * 24 * 3_600_000;

/** Room for the largest event that an event store takes, with its headers. */
const recordBytesMax = 2 * 1024 * 1024;
const segmentBytesMin = 1024 * 1024;
const describeTriesMax = 100;
const describeDelayMs = 50;

export function topicsOf(namespace: string): BusTopics {
  return { 'by-stream': `${namespace}.by-stream`, 'by-market': `${namespace}.by-market`, mark: `${namespace}.relay-mark` };
}

export async function ensureTopics(admin: Admin, topics: BusTopics, options: TopicOptions): Promise<void> {
  const present = new Set(await admin.listTopics());
  const records = [topics['by-stream'], topics['by-market']];
  // The mark is made last. Where it is and records are not, somebody deleted them, and the mark would hide the hole.
  for (const topic of records) {
    if (present.has(topic)) continue;
    assert(!present.has(topics.mark), `topic ${topic} is gone: delete ${topics.mark} too, and everything is published anew`);
    await admin.createTopics({ topics: [recordTopic(topic, options)], waitForLeaders: false });
  }
  if (!present.has(topics.mark)) await admin.createTopics({ topics: [markTopic(topics.mark)], waitForLeaders: false });
  for (const { name, partitions } of await described(admin, [...records, topics.mark])) {
    const partitionCount = name === topics.mark ? 1 : options.partitionCount;
    assert(partitions.length === partitionCount, `topic ${name} was made with ${partitions.length} partitions, ${partitionCount} are configured`);
  }
}

/** A topic that was just made is not known yet to every broker; kafkajs's own way of waiting gives up at the first that does not know it. */
async function described(admin: Admin, topics: string[]): Promise<readonly ITopicMetadata[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return (await admin.fetchTopicMetadata({ topics })).topics;
    } catch (error) {
      const mayPass = error instanceof Error && 'retriable' in error && error.retriable === true;
      if (!mayPass || tries >= describeTriesMax) throw error;
      await delay(describeDelayMs);
    }
  }
}

function recordTopic(topic: string, { partitionCount, retentionMs = retentionMsDefault }: TopicOptions): ITopicConfig {
  return topicWith(topic, partitionCount, { 'cleanup.policy': 'delete', 'retention.ms': retentionMs, 'max.message.bytes': recordBytesMax });
}

/** A new segment soon, as the newest one is never compacted. */
function markTopic(topic: string): ITopicConfig {
  return topicWith(topic, 1, { 'cleanup.policy': 'compact', 'segment.bytes': segmentBytesMin });
}

/** How many copies there are, and how many of them make a record acknowledged, is the cluster's own setting. */
function topicWith(topic: string, numPartitions: number, config: Readonly<Record<string, string | number>>): ITopicConfig {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value: String(value) }));
  return { topic, numPartitions, configEntries };
}
