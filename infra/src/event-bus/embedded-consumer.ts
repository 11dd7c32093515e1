// One member of a consumer group of the embedded bus: takes slices of the log for all its partitions and hands out their batches.
// Started by embedded.ts. Between publishes it waits to be woken; it never reads beyond the published mark.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BusRecord, ConsumeOptions } from '@wagerline/shared-kernel/ports/event-bus';
import type { ConsumerGroup } from './embedded-group.ts';
import type { LogReader, Source } from './log-reader.ts';

/** `offset` is where to go on; `handedOver` is the last nextOffset that eachBatch was given. */
type Place = { offset: number; handedOver: number };

/** A partition without records gets an empty batch after so many positions, so that the reader's own checkpoint moves on. */
const idlePositionsMax = 10_000;

export class Consumer {
  readonly #source: Pick<Source, 'partitionCount' | 'publishedThrough'>;
  readonly #reader: LogReader;
  readonly #group: ConsumerGroup;
  readonly #options: ConsumeOptions;
  readonly #places = new Map<number, Place>();
  #news = Promise.withResolvers<void>();
  #isStopped = false;
  /** The last slice was cut: what comes after it has been waiting already. */
  #isBehind = false;

  constructor(source: Pick<Source, 'partitionCount' | 'publishedThrough'>, reader: LogReader, group: ConsumerGroup, options: ConsumeOptions) {
    this.#source = source;
    this.#reader = reader;
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
      const from = Math.min(...[...this.#places.values()].map(({ offset }) => offset));
      if (from > this.#source.publishedThrough()) {
        await news;
        continue;
      }
      if (!this.#isBehind) await this.#reader.gather();
      await this.#readOnce(from);
      // A long catch-up must not keep this thread from its other work.
      await nextTurn();
    }
  }

  async #takePartitions(): Promise<void> {
    const before = [...this.#places.keys()].join();
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
    const partitions = [...this.#places.keys()];
    if (partitions.join() !== before) this.#options.onAssigned?.(partitions);
  }

  /** One slice serves all partitions; one that is further ahead takes no part until the others have reached it. */
  async #readOnce(from: number): Promise<void> {
    if (this.#isStopped) return;
    const slice = await this.#reader.read(Math.max(0, from - 1));
    this.#isBehind = slice.isCut;
    const records = slice.records(this.#options.topic);
    for (const [partition, place] of this.#places) {
      await this.#handOver(partition, place, recordsFrom(records.get(partition) ?? [], place.offset), slice.through + 1);
    }
    this.#group.saveIfDue();
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

function recordsFrom(records: readonly BusRecord[], offset: number): readonly BusRecord[] {
  const [first] = records;
  return first === undefined || first.offset >= offset ? records : records.filter((record) => record.offset >= offset);
}

/** Records of one event share an offset and stay together, so a batch is only then larger than the maximum when one event is. */
function endOfBatch(records: readonly BusRecord[], start: number, batchSizeMax: number): number {
  let end = Math.min(start + batchSizeMax, records.length);
  while (end > start && end < records.length && records[end - 1]?.offset === records[end]?.offset) end -= 1;
  if (end > start) return end;
  while (end < records.length && records[end]?.offset === records[start]?.offset) end += 1;
  return end;
}
