// The embedded event bus: keeps no copy of events. Its records are the event log's, partitioned by key as they are read.
// Opened by openInfra; the relay publishes (which moves the mark), the projections consume. One instance serves all members of
// a group; instances in other threads of the process hear of a publish through a channel.

import { realpathSync } from 'node:fs';
import { BroadcastChannel } from 'node:worker_threads';
import type { ConsumeOptions, EventBus, Topic } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { Consumer } from './embedded-consumer.ts';
import { ConsumerGroup } from './embedded-group.ts';
import { EmbeddedOffsets } from './embedded-offsets.ts';
import { LogReader, type Source } from './log-reader.ts';
import { partitionOf } from './partition-hash.ts';

export type EmbeddedBusOptions = {
  readonly dataDir: string;
  /** Reads the same log in this thread. */
  readonly eventStore: Pick<EventStore, 'readAll'>;
  /** Fixed when the bus is made. */
  readonly partitionCount: number;
  readonly domainPrefixes: readonly string[];
  /** Keys of an event's records, per topic. */
  readonly keysOf: Readonly<Record<Topic, (event: RecordedEvent) => readonly string[]>>;
  /** Under load events gather for up to this long between two reads: fewer, larger batches. Default 0. */
  readonly gatherMsMax?: number;
};

/** The mark is stored when it has moved so far, and at the end: what a crash takes is published and skipped again. */
export const unstoredPositionsMax = 1_000;

export function openEmbeddedBus(options: EmbeddedBusOptions): EventBus {
  return new EmbeddedBus(options);
}

/**
 * An offset is the log position to read next, and a record's offset its event's position: several records of one event in one
 * partition share it and are always in one batch. So `endOffsets` is the mark + 1 for every partition, and a group's committed
 * offsets get there even in partitions without records.
 */
class EmbeddedBus implements EventBus {
  readonly partitionCount: number;
  readonly #source: Source;
  readonly #reader: LogReader;
  readonly #offsets: EmbeddedOffsets;
  readonly #channel: BroadcastChannel;
  readonly #groups = new Map<string, ConsumerGroup>();
  readonly #running = new Map<Consumer, Promise<void>>();
  #mark: number;
  /** As stored by this instance; the file may be further. */
  #stored: number;
  #isClosed = false;

  constructor(options: EmbeddedBusOptions) {
    this.partitionCount = options.partitionCount;
    const { gatherMsMax = 0 } = options;
    this.#source = { ...options, gatherMsMax, publishedThrough: () => this.#mark, readerCount: () => this.#running.size };
    this.#reader = new LogReader(this.#source);
    this.#offsets = new EmbeddedOffsets(options.dataDir, options.partitionCount);
    this.#channel = new BroadcastChannel(`wagerline-bus ${realpathSync(options.dataDir)}`);
    this.#channel.onmessage = ({ data }: { readonly data: unknown }) => {
      if (typeof data === 'number') this.#moveMark(data);
      else if (this.#mark > this.#stored) this.#channel.postMessage(this.#mark);
    };
    this.#channel.unref();
    // Read after the channel is open: a publish in between is heard or read, never missed. One that is not stored is asked for.
    this.#mark = this.#offsets.published();
    this.#stored = this.#mark;
    this.#channel.postMessage('mark?');
  }

  partitionOf(key: string): number {
    return partitionOf(key, this.partitionCount);
  }

  async publish(events: readonly RecordedEvent[], throughPosition: number): Promise<void> {
    this.#assertOpen();
    const last = events.at(-1);
    assert(Number.isSafeInteger(throughPosition) && throughPosition >= (last?.position ?? 0), 'the log was read through the last event');
    if (throughPosition <= this.#mark) return;
    if (throughPosition - this.#stored >= unstoredPositionsMax) this.#storeMark(throughPosition);
    this.#moveMark(throughPosition);
    this.#channel.postMessage(throughPosition);
  }

  async publishedThrough(): Promise<number> {
    return this.#mark;
  }

  async consume(options: ConsumeOptions): Promise<void> {
    this.#assertOpen();
    assert(options.batchSizeMax > 0, 'a batch has room for a record');
    const name = groupKey(options.group, options.topic);
    const group = this.#groups.get(name) ?? new ConsumerGroup(options.group, options.topic, this.#offsets);
    this.#groups.set(name, group);
    const consumer = new Consumer(this.#source, this.#reader, group, options);
    const running = consumer.run().finally(() => {
      this.#running.delete(consumer);
      if (group.memberCount === 0) this.#groups.delete(name);
    });
    this.#running.set(consumer, running);
    await running;
  }

  async endOffsets(): Promise<readonly number[]> {
    return new Array<number>(this.partitionCount).fill(this.#mark + 1);
  }

  async committedOffsets(group: string, topic: Topic): Promise<readonly (number | undefined)[]> {
    this.#assertOpen();
    const running = this.#groups.get(groupKey(group, topic));
    return running === undefined ? this.#offsets.read(group, topic) : [...running.committed];
  }

  async setOffsets(group: string, topic: Topic, offsets: readonly number[]): Promise<void> {
    this.#assertOpen();
    assert(!this.#groups.has(groupKey(group, topic)), `group ${group} is stopped before its offsets are set`);
    assert(offsets.length === this.partitionCount, 'every partition gets an offset');
    this.#offsets.write(group, topic, new Map(offsets.entries()));
  }

  async deleteGroup(group: string): Promise<void> {
    this.#assertOpen();
    assert(![...this.#groups.values()].some(({ name }) => name === group), `group ${group} is stopped before it is deleted`);
    this.#offsets.delete(group);
  }

  /** Consumers that still run finish their batch and resolve, as if aborted. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const consumer of this.#running.keys()) consumer.stop();
    await Promise.allSettled(this.#running.values());
    this.#channel.close();
    if (this.#mark > this.#stored) this.#storeMark(this.#mark);
    this.#offsets.close();
  }

  #moveMark(position: number): void {
    if (position <= this.#mark) return;
    this.#mark = position;
    for (const consumer of this.#running.keys()) consumer.wake();
  }

  #storeMark(position: number): void {
    this.#offsets.setPublished(position);
    this.#stored = position;
  }

  #assertOpen(): void {
    assert(!this.#isClosed, 'the event bus is open');
  }
}

function groupKey(group: string, topic: Topic): string {
  return `${topic} ${group}`;
}
