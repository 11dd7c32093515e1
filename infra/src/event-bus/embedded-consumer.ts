// One member of a consumer group of the embedded bus: reads the log once for all its partitions and hands out their batches.
// Started by embedded.ts. Between publishes it waits to be woken; it never reads beyond the published mark.

import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { BusRecord, ConsumeOptions } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { ConsumerGroup } from './embedded-group.ts';
import { Pace } from './embedded-pace.ts';
import { partitionOf } from './partition-hash.ts';

export type Source = {
  readonly eventStore: Pick<EventStore, 'readAll'>;
  readonly domainPrefixes: readonly string[];
  readonly partitionCount: number;
  /** Under load a consumer lets events gather for up to this long between two reads; 0 = not at all. */
  readonly gatherMsMax: number;
  keysOf(event: RecordedEvent): readonly string[];
  publishedThrough(): number;
};

/** `offset` is where to go on; `handedOver` is the last nextOffset that eachBatch was given. */
type Place = { offset: number; handedOver: number };

const scanEventsMax = 2000;
/** A partition without records gets an empty batch after so many positions, so that the reader's own checkpoint moves on. */
const idlePositionsMax = 10_000;

export class Consumer {
  readonly #source: Source;
  readonly #group: ConsumerGroup;
  readonly #options: ConsumeOptions;
  readonly #places = new Map<number, Place>();
  readonly #pace: Pace;
  #news = Promise.withResolvers<void>();
  #isStopped = false;

  constructor(source: Source, group: ConsumerGroup, options: ConsumeOptions) {
    this.#source = source;
    this.#pace = new Pace(source.gatherMsMax);
    this.#group = group;
    this.#options = options;
  }

  wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  stop(): void {
    this.#isStopped = true;
    this.wake();
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    const stop = () => this.stop();
    signal.addEventListener('abort', stop);
    this.#isStopped = signal.aborted;
    this.#group.join(this);
    try {
      await this.#consume();
    } finally {
      signal.removeEventListener('abort', stop);
      this.#group.leave(this);
    }
  }

  async #consume(): Promise<void> {
    while (!this.#isStopped) {
      // Taken before looking, so that news between the look and the wait is not lost.
      const news = this.#news.promise;
      await this.#takePartitions();
      const through = this.#source.publishedThrough();
      const from = Math.min(...[...this.#places.values()].map(({ offset }) => offset));
      if (from > through) {
        await news;
        await this.#gather();
        continue;
      }
      await this.#readOnce(from, through);
      // A long catch-up must not keep this thread from its other work.
      await nextTurn();
    }
  }

  async #gather(): Promise<void> {
    const waitMs = this.#pace.waitMs(performance.now());
    if (waitMs >= 1 && !this.#isStopped) await delay(waitMs);
  }

  async #takePartitions(): Promise<void> {
    for (const partition of this.#places.keys()) {
      if (this.#group.isFor(partition, this)) continue;
      this.#places.delete(partition);
      this.#group.release(partition);
    }
    for (let partition = 0; partition < this.#source.partitionCount && !this.#isStopped; partition += 1) {
      if (this.#places.has(partition) || !this.#group.isFor(partition, this) || !this.#group.take(partition, this)) continue;
      const offset = (await this.#options.startOffset(partition)) ?? this.#group.committed[partition] ?? 0;
      this.#places.set(partition, { offset, handedOver: offset });
    }
  }

  /** One read of the log serves all partitions; one that is further ahead takes no part until the others have reached it. */
  async #readOnce(from: number, through: number): Promise<void> {
    const { eventStore, domainPrefixes, partitionCount } = this.#source;
    const maxCount = Math.min(scanEventsMax, this.#options.batchSizeMax * this.#places.size);
    const batch = await eventStore.readAll(Math.max(0, from - 1), { prefixes: domainPrefixes }, maxCount);
    const readThrough = batch.caughtUp ? through : Math.min(through, batch.position);
    this.#pace.hasRead(batch.events.length, performance.now());
    const records = new Map<number, BusRecord[]>();
    for (const event of batch.events) {
      if (event.position > readThrough) break;
      for (const key of this.#source.keysOf(event)) {
        const partition = partitionOf(key, partitionCount);
        const place = this.#places.get(partition);
        if (place === undefined || event.position < place.offset) continue;
        const record = { key, offset: event.position, event };
        const others = records.get(partition);
        if (others === undefined) records.set(partition, [record]);
        else others.push(record);
      }
    }
    for (const [partition, place] of this.#places) {
      await this.#handOver(partition, place, records.get(partition) ?? [], readThrough + 1);
    }
    this.#group.save();
  }

  async #handOver(partition: number, place: Place, records: readonly BusRecord[], end: number): Promise<void> {
    const isDone = () => this.#isStopped || !this.#group.isFor(partition, this);
    for (let start = 0; start < records.length; ) {
      if (isDone()) return;
      const until = endOfBatch(records, start, this.#options.batchSizeMax);
      const next = records[until];
      await this.#give(partition, place, records.slice(start, until), next === undefined ? end : next.offset);
      start = until;
    }
    if (isDone() || end <= place.offset) return;
    if (end - place.handedOver > idlePositionsMax) await this.#give(partition, place, [], end);
    place.offset = end;
    this.#group.commit(partition, end);
  }

  async #give(partition: number, place: Place, records: readonly BusRecord[], nextOffset: number): Promise<void> {
    await this.#options.eachBatch({ partition, records, nextOffset });
    place.offset = nextOffset;
    place.handedOver = nextOffset;
    this.#group.commit(partition, nextOffset);
  }
}

/** Records of one event share an offset and stay together, so a batch is only then larger than the maximum when one event is. */
function endOfBatch(records: readonly BusRecord[], start: number, batchSizeMax: number): number {
  let end = Math.min(start + batchSizeMax, records.length);
  while (end > start && end < records.length && records[end - 1]?.offset === records[end]?.offset) end -= 1;
  if (end > start) return end;
  while (end < records.length && records[end]?.offset === records[start]?.offset) end += 1;
  return end;
}
