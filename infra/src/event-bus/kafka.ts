// The event bus on Kafka. Opened by openInfra where Kafka is configured; it connects at the first use, and makes its topics then.
// The relay's mark is a topic of its own, written after every record up to it is acknowledged: it may be behind, never ahead.

import type { Admin, Producer } from 'kafkajs';
import type { ConsumeOptions, EventBus, Topic } from '@wagerline/shared-kernel/ports/event-bus';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { kafkaClient, kafkaConsumer, kafkaProducer, type KafkaConnection } from './kafka-client.ts';
import { KafkaMember } from './kafka-consumer.ts';
import { commitForGroup, markMessage, readMark } from './kafka-group.ts';
import { sendsOf, type Keying } from './kafka-records.ts';
import { partitionOf } from './partition-hash.ts';
import { ensureTopics, topicsOf, type BusTopics, type TopicOptions } from './kafka-topics.ts';

export type KafkaBusOptions = KafkaConnection & Keying & TopicOptions & {
  /** In front of the names of topics and groups: buses with different ones share a cluster. */
  readonly namespace: string;
};

const allReplicas = -1;
const groupGone = 69; // GROUP_ID_NOT_FOUND

export function openKafkaBus(options: KafkaBusOptions): EventBus {
  return new KafkaBus(options);
}

/** An offset is Kafka's own: records of a partition are counted without a gap, as nothing is compacted or transactional. */
class KafkaBus implements EventBus {
  readonly partitionCount: number;
  readonly #options: KafkaBusOptions;
  readonly #topics: BusTopics;
  readonly #members = new Map<KafkaMember, Promise<void>>();
  #admin: Promise<Admin> | undefined;
  #producer: Promise<Producer> | undefined;
  /** As this instance last wrote or read it. */
  #mark = 0;
  #isPublishing = false;
  #isClosed = false;

  constructor(options: KafkaBusOptions) {
    this.partitionCount = options.partitionCount;
    this.#options = options;
    this.#topics = topicsOf(options.namespace);
  }

  partitionOf(key: string): number {
    return partitionOf(key, this.partitionCount);
  }

  async publish(events: readonly RecordedEvent[], throughPosition: number): Promise<void> {
    this.#assertOpen();
    assert(Number.isSafeInteger(throughPosition) && throughPosition >= (events.at(-1)?.position ?? 0), 'the log was read through the last event');
    // A second one would move the mark over what the first may still lose.
    assert(!this.#isPublishing, 'one publish at a time');
    if (throughPosition <= this.#mark) return;
    this.#isPublishing = true;
    try {
      await this.#connectedAdmin();
      const producer = await (this.#producer ??= connected(kafkaProducer(this.#options)));
      for (const topicMessages of sendsOf(events, this.#topics, this.#options)) await producer.sendBatch({ acks: allReplicas, topicMessages });
      await producer.send({ acks: allReplicas, topic: this.#topics.mark, messages: [markMessage(throughPosition)] });
      this.#mark = throughPosition;
    } catch (error) {
      await this.#dropProducer();
      throw error;
    } finally {
      this.#isPublishing = false;
    }
  }

  async publishedThrough(): Promise<number> {
    this.#mark = await this.#ask((admin) => readMark(this.#options, admin, this.#topics.mark));
    return this.#mark;
  }

  async consume(options: ConsumeOptions): Promise<void> {
    this.#assertOpen();
    assert(options.batchSizeMax > 0, 'a batch has room for a record');
    await this.#connectedAdmin();
    const consumer = kafkaConsumer(this.#options, this.#groupId(options.group, options.topic));
    const committedOffsets = () => this.committedOffsets(options.group, options.topic);
    const member = new KafkaMember({ consumer, topic: this.#topics[options.topic], committedOffsets }, options);
    if (this.#isClosed) member.stop();
    const running = member.run().finally(() => this.#members.delete(member));
    this.#members.set(member, running);
    await running;
  }

  async endOffsets(topic: Topic): Promise<readonly number[]> {
    const ends = await this.#ask((admin) => admin.fetchTopicOffsets(this.#topics[topic]));
    const offsets = new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
    return this.#perPartition((partition) => offsets.get(partition) ?? 0);
  }

  async committedOffsets(group: string, topic: Topic): Promise<readonly (number | undefined)[]> {
    const groupId = this.#groupId(group, topic);
    const [committed] = await this.#ask((admin) => admin.fetchOffsets({ groupId, topics: [this.#topics[topic]] }));
    const offsets = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    // Below 0: never committed, or set by kafkajs to "the oldest".
    return this.#perPartition((partition) => ((offsets.get(partition) ?? -1) < 0 ? undefined : offsets.get(partition)));
  }

  async setOffsets(group: string, topic: Topic, offsets: readonly number[]): Promise<void> {
    assert(offsets.length === this.partitionCount, 'every partition gets an offset');
    const groupId = this.#groupId(group, topic);
    const { groups } = await this.#ask((admin) => admin.describeGroups([groupId]));
    assert(groups.every(({ members }) => members.length === 0), `group ${group} is stopped before its offsets are set`);
    await commitForGroup(this.#options, groupId, this.#topics[topic], offsets);
  }

  async deleteGroup(group: string): Promise<void> {
    for (const topic of ['by-stream', 'by-market'] as const) {
      const groupId = this.#groupId(group, topic);
      await this.#ask((admin) => admin.deleteGroups([groupId]).catch(unlessGone));
    }
  }

  /** Consumers that still run finish their batch and resolve, as if aborted. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const member of this.#members.keys()) member.stop();
    await Promise.allSettled(this.#members.values());
    await this.#dropProducer();
    await this.#dropAdmin();
  }

  /** A connection that died while nobody used it is told by the first request alone. */
  async #ask<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    this.#assertOpen();
    const admin = await this.#connectedAdmin();
    try {
      return await question(admin);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'Kafka is asked again on a new connection');
      await this.#dropAdmin();
      return question(await this.#connectedAdmin());
    }
  }

  async #connectedAdmin(): Promise<Admin> {
    this.#admin ??= this.#connect();
    try {
      return await this.#admin;
    } catch (error) {
      this.#admin = undefined;
      throw error;
    }
  }

  async #connect(): Promise<Admin> {
    const admin = kafkaClient(this.#options).admin();
    try {
      await admin.connect();
      await ensureTopics(admin, this.#topics, this.#options);
      return admin;
    } catch (error) {
      await admin.disconnect();
      throw error;
    }
  }

  async #dropAdmin(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await admin?.then((connection) => connection.disconnect()).catch(() => {});
  }

  async #dropProducer(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.then((connection) => connection.disconnect()).catch(() => {});
  }

  /** One of ours has two of Kafka's: kafkajs would give members of one topic the partitions of the other. */
  #groupId(group: string, topic: Topic): string {
    return `${this.#options.namespace}.${group}.${topic}`;
  }

  #perPartition<Value>(valueOf: (partition: number) => Value): readonly Value[] {
    return Array.from({ length: this.partitionCount }, (_, partition) => valueOf(partition));
  }

  #assertOpen(): void {
    assert(!this.#isClosed, 'the event bus is open');
  }
}

async function connected(producer: Producer): Promise<Producer> {
  await producer.connect();
  return producer;
}

function unlessGone(error: unknown): void {
  const groups = error instanceof Error && 'groups' in error && Array.isArray(error.groups) ? error.groups : [];
  if (groups.length === 0 || groups.some(({ errorCode }: { errorCode?: unknown }) => errorCode !== groupGone)) throw error;
}
