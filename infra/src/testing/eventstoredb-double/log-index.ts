// The index of the EventStoreDB stand-in's log, in memory: which events there are, where they are in the file, what their streams are like.
// Used by log.ts and check-append.ts. An event is known here by its ordinal, its place among all events. Event bytes are never kept.

import { isMetadataStream, tombstoneRevision, tombstoneType, type Line } from './records.ts';

export type StreamState = {
  readonly name: string;
  /** Ordinal of the event of each revision. */
  readonly ordinals: number[];
  maxCount: number;
  /** Events before this revision are gone. */
  truncateBefore: number;
  isSoftDeleted: boolean;
  isTombstoned: boolean;
};

export type LinePlace = { readonly offset: number; readonly length: number };

/** Ids of so many newest events are remembered for appends at any version, as the real server does with a cache of its own size. */
const recentIdsMax = 100_000;
const largestRevision = 2n ** 63n - 1n;

export class LogIndex {
  readonly #streams = new Map<string, StreamState>();
  readonly #types = new Map<string, string>();
  readonly #recentIds = new Map<string, number>();
  // One entry per event, side by side: far smaller than an object for each.
  readonly #positions: number[] = [];
  readonly #streamOf: StreamState[] = [];
  readonly #typeOf: string[] = [];
  readonly #revisions: number[] = [];
  readonly #indexInLine: number[] = [];
  readonly #lineLengths: number[] = [];

  get count(): number {
    return this.#positions.length;
  }

  add(line: Line, place: LinePlace): void {
    const stream = this.stream(line.stream) ?? this.#addStream(line.stream);
    for (const [index, { id, type }] of line.events.entries()) {
      const ordinal = this.count;
      const isTombstone = type === tombstoneType;
      this.#positions.push(place.offset + index);
      this.#streamOf.push(stream);
      this.#typeOf.push(this.#types.get(type) ?? type);
      if (!this.#types.has(type)) this.#types.set(type, type);
      this.#revisions.push(isTombstone ? tombstoneRevision : line.firstRevision + index);
      this.#indexInLine.push(index);
      this.#lineLengths.push(place.length);
      if (isTombstone) stream.isTombstoned = true;
      else stream.ordinals.push(ordinal);
      this.#rememberId(stream.name, id, ordinal);
    }
    const last = line.events.at(-1);
    if (isMetadataStream(line.stream) && last !== undefined) this.#setMetadata(line.stream.slice(2), last.data);
  }

  stream(name: string): StreamState | undefined {
    return this.#streams.get(name);
  }

  recentOrdinal(stream: string, id: string): number | undefined {
    return this.#recentIds.get(`${id}${stream}`);
  }

  positionOf(ordinal: number): number {
    return this.#positions[ordinal] ?? 0;
  }

  revisionOf(ordinal: number): number {
    return this.#revisions[ordinal] ?? -1;
  }

  streamNameOf(ordinal: number): string {
    return this.#streamOf[ordinal]?.name ?? '';
  }

  typeOf(ordinal: number): string {
    return this.#typeOf[ordinal] ?? '';
  }

  indexInLine(ordinal: number): number {
    return this.#indexInLine[ordinal] ?? 0;
  }

  lineOf(ordinal: number): LinePlace {
    return { offset: this.positionOf(ordinal) - this.indexInLine(ordinal), length: this.#lineLengths[ordinal] ?? 0 };
  }

  /** Ordinal of the first event at `position` or later; the count where there is none. */
  ordinalAt(position: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.positionOf(middle) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #addStream(name: string): StreamState {
    const stream = { name, ordinals: [], maxCount: Infinity, truncateBefore: 0, isSoftDeleted: false, isTombstoned: false };
    this.#streams.set(name, stream);
    return stream;
  }

  #rememberId(stream: string, id: string, ordinal: number): void {
    this.#recentIds.set(`${id}${stream}`, ordinal);
    if (this.#recentIds.size <= recentIdsMax) return;
    for (const oldest of this.#recentIds.keys()) {
      this.#recentIds.delete(oldest);
      return;
    }
  }

  /** Read as text: a JSON number is a double, and the revision that marks a deleted stream is not. */
  #setMetadata(name: string, data: Uint8Array): void {
    const text = Buffer.from(data).toString('utf8');
    const number = (key: string): bigint | undefined => {
      const digits = new RegExp(`"\\$${key}"\\s*:\\s*(\\d+)`).exec(text)?.[1];
      return digits === undefined ? undefined : BigInt(digits);
    };
    const stream = this.stream(name) ?? this.#addStream(name);
    const truncateBefore = number('tb') ?? 0n;
    stream.maxCount = Number(number('maxCount') ?? Infinity);
    stream.isSoftDeleted = truncateBefore >= largestRevision;
    stream.truncateBefore = stream.isSoftDeleted ? tombstoneRevision : Number(truncateBefore);
  }
}
