// Reads the log for all consumers of one embedded bus: who stands where another one has just read gets the same records.
// Used by embedded-consumer.ts. It never reads beyond the published mark, and keeps at most one slice.

import { setTimeout as delay } from 'node:timers/promises';
import type { BusRecord, Topic } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { Pace } from './embedded-pace.ts';
import { partitionOf } from './partition-hash.ts';

export type Source = {
  readonly eventStore: Pick<EventStore, 'readAll'>;
  readonly domainPrefixes: readonly string[];
  readonly partitionCount: number;
  /** Under load events gather for up to this long between two reads; 0 = not at all. */
  readonly gatherMsMax: number;
  /** Keys of an event's records, per topic. */
  readonly keysOf: Readonly<Record<Topic, (event: RecordedEvent) => readonly string[]>>;
  publishedThrough(): number;
  /** So many consumers may want a slice. */
  readerCount(): number;
};

/** Small enough to be dealt with and forgotten before the heap is cleared. */
const sliceEventsMax = 500;

export class LogReader {
  readonly #source: Source;
  readonly #pace: Pace;
  #shared: { readonly after: number; readonly slice: Promise<Slice>; taken: number } | undefined;

  constructor(source: Source) {
    this.#source = source;
    this.#pace = new Pace(source.gatherMsMax);
  }

  /** Lets events gather, where there is load. */
  async gather(): Promise<void> {
    const waitMs = this.#pace.waitMs(performance.now());
    if (waitMs >= 1) await delay(waitMs);
  }

  /** What is published after this position. The furthest slice is kept until every consumer has it; one that is behind reads alone. */
  async read(after: number): Promise<Slice> {
    const shared = this.#shared;
    if (shared?.after === after) {
      shared.taken += 1;
      if (shared.taken >= this.#source.readerCount()) this.#shared = undefined;
      return shared.slice;
    }
    const slice = this.#read(after);
    const isWanted = this.#source.readerCount() > 1 && (shared === undefined || shared.after < after);
    if (!isWanted) return slice;
    const mine = { after, slice, taken: 1 };
    this.#shared = mine;
    try {
      return await slice;
    } catch (error) {
      if (this.#shared === mine) this.#shared = undefined;
      throw error;
    }
  }

  async #read(after: number): Promise<Slice> {
    const through = this.#source.publishedThrough();
    const batch = await this.#source.eventStore.readAll(after, { prefixes: this.#source.domainPrefixes }, sliceEventsMax);
    this.#pace.hasRead(batch.events.length, performance.now());
    return new Slice(this.#source, batch.events, batch.caughtUp ? through : Math.min(through, batch.position), through);
  }
}

/** A stretch of the log as records. Those of a topic are made once, for the first consumer that asks. */
export class Slice {
  /** Everything published up to here is in it, or in an earlier one. */
  readonly through: number;
  /** There was more to read than fits in. */
  readonly isCut: boolean;
  readonly #source: Source;
  readonly #events: readonly RecordedEvent[];
  readonly #records = new Map<Topic, ReadonlyMap<number, readonly BusRecord[]>>();

  constructor(source: Source, events: readonly RecordedEvent[], through: number, publishedThrough: number) {
    this.#source = source;
    this.#events = events;
    this.through = through;
    this.isCut = through < publishedThrough;
  }

  /** By partition, in log order. */
  records(topic: Topic): ReadonlyMap<number, readonly BusRecord[]> {
    const known = this.#records.get(topic);
    if (known !== undefined) return known;
    const { keysOf, partitionCount } = this.#source;
    const records = new Map<number, BusRecord[]>();
    for (const event of this.#events) {
      if (event.position > this.through) break;
      for (const key of keysOf[topic](event)) {
        const partition = partitionOf(key, partitionCount);
        const record = { key, offset: event.position, event };
        const others = records.get(partition);
        if (others === undefined) records.set(partition, [record]);
        else others.push(record);
      }
    }
    this.#records.set(topic, records);
    return records;
  }
}
