// The event bus: carries every domain event from the relay to the projectors, partitioned, at least once, in log order per key.
// It promises nothing about duplicates or gaps: the projectors' watermarks decide.

import type { RecordedEvent } from './event-store.ts';

/** `by-stream`: one record per event, key = stream. `by-market`: one record per market that the event touches, key = market id. */
export type Topic = 'by-stream' | 'by-market';

export type BusRecord = {
  readonly key: string;
  /** Place in its partition: growing, gaps allowed. */
  readonly offset: number;
  readonly event: RecordedEvent;
};

export type PartitionBatch = {
  readonly partition: number;
  readonly records: readonly BusRecord[];
  /** The offset to go on from when this batch is applied; may be past the last record when others were filtered out. */
  readonly nextOffset: number;
};

export type ConsumeOptions = {
  readonly group: string;
  readonly topic: Topic;
  /** At most this many records in a batch. */
  readonly batchSizeMax: number;
  /** Called when a partition is assigned; a number overrides the group's committed offset (the read model's own checkpoint). */
  startOffset(partition: number): Promise<number | undefined>;
  /** Called after every change with all partitions that this member has now; between groups' rounds two members may both think so. */
  onAssigned?(partitions: readonly number[]): void;
  /** One batch at a time per partition. The offset is committed after it resolves; a rejection ends the consumer with that error. */
  eachBatch(batch: PartitionBatch): Promise<void>;
  readonly signal: AbortSignal;
};

export type EventBus = {
  readonly partitionCount: number;
  /** Of both topics alike. */
  partitionOf(key: string): number;
  /**
   * Hands over events in log order; resolves when they are stored on the bus. `throughPosition` >= the last event's position
   * says how far the log was read (events outside the domain prefixes are not published).
   */
  publish(events: readonly RecordedEvent[], throughPosition: number): Promise<void>;
  /** Position up to which this bus has everything, as told by publish; 0 at first. The relay resumes from it. */
  publishedThrough(): Promise<number>;
  /** Runs until the signal aborts (then resolves) or a batch fails (then rejects). Members of one group share the partitions. */
  consume(options: ConsumeOptions): Promise<void>;
  /** The offset that a consumer which has read everything would go on from, per partition. */
  endOffsets(topic: Topic): Promise<readonly number[]>;
  /** Committed offsets of a group, per partition, undefined where it has none. */
  committedOffsets(group: string, topic: Topic): Promise<readonly (number | undefined)[]>;
  /** Sets a stopped group's offsets; the group is made when it does not exist. */
  setOffsets(group: string, topic: Topic, offsets: readonly number[]): Promise<void>;
  deleteGroup(group: string): Promise<void>;
  close(): Promise<void>;
};
