// One member of a consumer group on Kafka: hands out batches partition by partition, and commits what was applied. Started by kafka.ts.
// It passes over no offset: a record that is not there when its turn comes ends it with an error.

import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { BusRecord, ConsumeOptions } from '@wagerline/shared-kernel/ports/event-bus';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { Pace } from './embedded-pace.ts';
import { heartbeatMs } from './kafka-client.ts';
import { recordOf } from './kafka-records.ts';

export type MemberSource = {
  /** Connected by this member and used by nobody else. */
  readonly consumer: Consumer;
  /** As Kafka knows it. */
  readonly topic: string;
  committedOffsets(): Promise<readonly (number | undefined)[]>;
};

/** What this member has since the group last divided its partitions: per partition, the offset to go on from. */
type Assignment = { readonly next: Map<number, number>; placed: Promise<void> };

/** A batch is six or more requests to Kafka and the stores, however many records it has. Far less than a heartbeat's interval. */
const gatherMsMax = 250;

export class KafkaMember {
  readonly #source: MemberSource;
  readonly #options: ConsumeOptions;
  readonly #end = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  readonly #pace = new Pace(gatherMsMax);
  #fetchedAtMs = 0;
  #assignment: Assignment = { next: new Map(), placed: Promise.resolve() };
  #isEnding = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(source: MemberSource, options: ConsumeOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** The running batch is applied and committed first. */
  stop(): void {
    this.#isEnding = true;
    this.#stopping.abort();
    this.#end.resolve();
  }

  async run(): Promise<void> {
    const { consumer, topic } = this.#source;
    const { signal } = this.#options;
    const stop = () => this.stop();
    signal.addEventListener('abort', stop);
    if (signal.aborted) this.stop();
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.#assigned(payload.memberAssignment[topic] ?? []));
    consumer.on(consumer.events.FETCH, () => (this.#fetchedAtMs = performance.now()));
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#fail(payload.error));
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      const eachBatch = (payload: EachBatchPayload) => this.#handle(payload);
      if (!this.#isEnding) await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
      await this.#end.promise;
    } catch (error) {
      this.#fail(error);
    } finally {
      signal.removeEventListener('abort', stop);
      await consumer.disconnect().catch((error: unknown) => this.#fail(error));
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** The first failure is the one that is told. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.stop();
  }

  #assigned(partitions: readonly number[]): void {
    const assignment: Assignment = { next: new Map(), placed: Promise.resolve() };
    this.#assignment = assignment;
    this.#options.onAssigned?.(partitions);
    assignment.placed = this.#place(assignment, partitions).catch((error: unknown) => {
      // Whoever stops this member closes what it asks, too.
      if (!this.#isEnding) this.#fail(error);
    });
  }

  /** Kafka goes on from what it has committed; every partition is set to where its reader wants it before a batch is taken. */
  async #place(assignment: Assignment, partitions: readonly number[]): Promise<void> {
    const { consumer, topic, committedOffsets } = this.#source;
    const asked = new Map<number, number | undefined>();
    for (const partition of partitions) asked.set(partition, await this.#options.startOffset(partition));
    const committed = [...asked.values()].includes(undefined) ? await committedOffsets() : [];
    if (this.#isEnding || this.#assignment !== assignment) return;
    for (const [partition, start] of asked) {
      const offset = start ?? committed[partition] ?? 0;
      assignment.next.set(partition, offset);
      consumer.seek({ topic, partition, offset: String(offset) });
    }
  }

  /** May take longer than a session: the group is told meanwhile, and what it answers is seen after the batch. */
  async #handle(payload: EachBatchPayload): Promise<void> {
    const beating = setInterval(() => void payload.heartbeat().catch(() => {}), heartbeatMs);
    try {
      await this.#handOut(payload);
      await this.#gather(payload.batch.messages.length);
    } finally {
      clearInterval(beating);
    }
  }

  /** The next fetch comes when all batches of this one are done. */
  async #gather(records: number): Promise<void> {
    this.#pace.hasRead(records, this.#fetchedAtMs);
    const waitMs = this.#pace.waitMs(performance.now());
    if (waitMs > 0) await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  async #handOut(payload: EachBatchPayload): Promise<void> {
    const { partition, messages } = payload.batch;
    const assignment = this.#assignment;
    await assignment.placed;
    const isOurs = () => !this.#isEnding && payload.isRunning() && !payload.isStale() && this.#assignment === assignment;
    const { batchSizeMax } = this.#options;
    for (let start = 0; start < messages.length && isOurs(); start += batchSizeMax) {
      try {
        await this.#apply(assignment, partition, messages.slice(start, start + batchSizeMax).map(recordOf));
      } catch (error) {
        // Not handed on to kafkajs, which would try the same batch again and again.
        return this.#fail(error);
      }
      const offset = assignment.next.get(partition) ?? 0;
      payload.resolveOffset(String(offset - 1));
      // These may say that the group is being divided anew; then kafkajs joins it again, and this partition goes on from what was committed.
      await payload.commitOffsetsIfNecessary({ topics: [{ topic: this.#source.topic, partitions: [{ partition, offset: String(offset) }] }] });
      await payload.heartbeat();
    }
  }

  async #apply(assignment: Assignment, partition: number, records: readonly BusRecord[]): Promise<void> {
    const first = records[0]?.offset;
    const next = assignment.next.get(partition);
    assert(first !== undefined && next !== undefined, 'a partition is placed before its records are handed out');
    if (first !== next) throw new Error(lost(this.#source.topic, partition, next, first));
    const nextOffset = next + records.length;
    assert(records.at(-1)?.offset === nextOffset - 1, 'the bus has no gaps');
    await this.#options.eachBatch({ partition, records, nextOffset });
    assignment.next.set(partition, nextOffset);
  }
}

/** Kafka would go on silently with the oldest record that it has. */
function lost(topic: string, partition: number, next: number, first: number): string {
  const place = `${topic}, partition ${partition}: the reader is at ${next}`;
  if (first > next) return `${place}, the bus begins at ${first}: what is between was removed, the read model has to be built anew`;
  return `${place}, beyond the end of the bus: it is another bus than the reader knows, the read model has to be built anew`;
}
