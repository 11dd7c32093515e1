// Short memberships of a consumer group, for what kafkajs lets members alone do: read a topic, set a group's offsets. Used by kafka.ts.

import { randomUUID } from 'node:crypto';
import type { Admin, Consumer, EachBatchPayload } from 'kafkajs';
import { z } from 'zod';
import { kafkaConsumer, type KafkaConnection } from './kafka-client.ts';

type Membership = {
  readonly groupId: string;
  readonly topic: string;
  onJoin(consumer: Consumer): void;
  eachBatch(payload: EachBatchPayload): Promise<void>;
};

const mark = z.object({ throughPosition: z.int().nonnegative() });
const markKey = 'published';

export function markMessage(throughPosition: number): { readonly key: string; readonly value: string } {
  return { key: markKey, value: JSON.stringify({ throughPosition } satisfies z.infer<typeof mark>) };
}

/** The last record of the mark's topic; compaction never takes that one. 0 where there is none. */
export async function readMark(connection: KafkaConnection, admin: Admin, topic: string): Promise<number> {
  const [partition] = await admin.fetchTopicOffsets(topic);
  const end = Number(partition?.high ?? 0);
  if (end === 0) return 0;
  const read = Promise.withResolvers<number>();
  const membership: Membership = {
    // Empty when this member leaves; the broker then removes it.
    groupId: `${topic}.reader.${randomUUID()}`,
    topic,
    onJoin: (consumer) => consumer.seek({ topic, partition: 0, offset: String(end - 1) }),
    eachBatch: async ({ batch: { messages } }) => {
      const last = messages.at(-1);
      if (last !== undefined) read.resolve(mark.parse(JSON.parse(last.value?.toString() ?? 'null')).throughPosition);
    },
  };
  return asMember(connection, membership, () => read.promise);
}

/** The group must have no members. */
export async function commitForGroup(connection: KafkaConnection, groupId: string, topic: string, offsets: readonly number[]): Promise<void> {
  const membership: Membership = { groupId, topic, onJoin: () => {}, eachBatch: async () => {} };
  const commits = offsets.map((offset, partition) => ({ topic, partition, offset: String(offset) }));
  await asMember(connection, membership, (consumer) => consumer.commitOffsets(commits));
}

async function asMember<Result>(connection: KafkaConnection, member: Membership, use: (consumer: Consumer) => Promise<Result>): Promise<Result> {
  const consumer = kafkaConsumer(connection, member.groupId);
  const crash = Promise.withResolvers<never>();
  // It may come while nobody waits for it yet.
  crash.promise.catch(() => {});
  consumer.on(consumer.events.GROUP_JOIN, () => member.onJoin(consumer));
  consumer.on(consumer.events.CRASH, ({ payload }) => crash.reject(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [member.topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: member.eachBatch });
    return await Promise.race([use(consumer), crash.promise]);
  } finally {
    await consumer.disconnect();
  }
}
