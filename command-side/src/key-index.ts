// Where an account's earlier answers stand in the log: hash of a command key or bet id -> position. The newest entries are a tail in
// memory, the older ones immutable sorted segments, written beside a snapshot. Called by the repository. It may name a wrong
// position (48 bits of a key are kept), so the caller checks the event found there; it never misses one.

import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { z } from 'zod';
import { merged, search, sorted, type Entries } from './key-entries.ts';

/** Raised when the form of hashes or segments changes: older snapshots are then ignored. */
export const keyIndexVersion = 1;

export type KeyIndexLimits = {
  /** A segment is split by hash so that one record stays far below the store's limit of 1 MiB. */
  readonly chunkEntriesMax: number;
  /** So many segments of one size become one of the next: a look-up touches few segments however old the account is. */
  readonly mergeFactor: number;
  /** Chunks kept in memory, shared by all accounts of a handler. */
  readonly cacheBytesMax: number;
};

export const keyIndexLimits: KeyIndexLimits = { chunkEntriesMax: 16_384, mergeFactor: 8, cacheBytesMax: 64 * 1024 * 1024 };

/** The keys of the events `from` to `to` of one stream. A record's name says the range, so whoever writes it writes the same. */
const segmentSchema = z.strictObject({
  level: z.int().min(0),
  from: z.int().min(0),
  to: z.int().min(0),
  chunks: z.array(z.strictObject({ name: z.string(), fromHash: z.int().min(0), count: z.int().min(1) })),
});
export const segmentsSchema = z.array(segmentSchema);
export type Segment = z.infer<typeof segmentSchema>;
type ChunkRef = Segment['chunks'][number];

/** A record of the index is gone or damaged. It can be made again from the log: the account is loaded from zero. */
export class LostSegmentError extends Error {
  override name = 'LostSegmentError';
}

const prefixLength = 'key:'.length;

/** The first 48 bits of a key `xxx:{hex or UUID}`: uniformly distributed, exact in a double. */
export function hashOf(key: string): number {
  const hash = Number.parseInt(key.slice(prefixLength, prefixLength + 13).replace('-', '').slice(0, 12), 16);
  assert(Number.isSafeInteger(hash), 'a key is a prefix and hexadecimal digits');
  return hash;
}

/** Revisions, both inclusive. */
type Range = { readonly from: number; readonly to: number };
type SnapshotStore = Pick<EventStore, 'readSnapshot' | 'writeSnapshot'>;

export class KeyIndex {
  readonly #store: SnapshotStore;
  readonly #limits: KeyIndexLimits;
  readonly #cache = new Map<string, Entries>();
  #cachedBytes = 0;

  constructor(store: SnapshotStore, limits: KeyIndexLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** Positions that may belong to the hash, newest first. Not a promise where every chunk is in memory. @throws LostSegmentError */
  find(segments: readonly Segment[], hash: number): readonly number[] | Promise<readonly number[]> {
    const found: number[] = [];
    for (let at = segments.length - 1; at >= 0; at -= 1) {
      const ref = chunkFor(segments[at], hash);
      if (ref === undefined) continue;
      const chunk = this.#cache.get(ref.name);
      if (chunk === undefined) return this.#findReading(segments, hash);
      search(chunk, hash, found);
    }
    return found;
  }

  async #findReading(segments: readonly Segment[], hash: number): Promise<readonly number[]> {
    const found: number[] = [];
    for (let at = segments.length - 1; at >= 0; at -= 1) {
      const ref = chunkFor(segments[at], hash);
      if (ref !== undefined) search(await this.#read(ref), hash, found);
    }
    return found;
  }

  /** Writes the tail as a new segment and merges where enough of one size have gathered; answers the new list, oldest first. */
  async seal(stream: string, segments: readonly Segment[], tail: KeyTail, range: Range): Promise<readonly Segment[]> {
    const { mergeFactor, chunkEntriesMax } = this.#limits;
    const kept = [...segments];
    const runs = [tail.sorted()];
    let level = 0;
    let { from } = range;
    while (kept.length >= mergeFactor - 1 && kept.slice(1 - mergeFactor).every((segment) => segment.level === level)) {
      for (const segment of kept.splice(1 - mergeFactor)) {
        from = Math.min(from, segment.from);
        for (const ref of segment.chunks) runs.push(await this.#read(ref));
      }
      level += 1;
    }
    const { hashes, positions } = merged(runs);
    const chunks: ChunkRef[] = [];
    for (let start = 0; start < hashes.length; ) {
      const end = chunkEnd(hashes, start, chunkEntriesMax);
      const name = `keys.${stream}.${from}-${range.to}.${chunks.length}`;
      const chunk = { hashes: hashes.slice(start, end), positions: positions.slice(start, end) };
      await this.#store.writeSnapshot(name, toJson(chunk));
      this.#keep(name, chunk);
      chunks.push({ name, fromHash: chunks.length === 0 ? 0 : (hashes[start] ?? 0), count: end - start });
      start = end;
    }
    return [...kept, { level, from, to: range.to, chunks }];
  }

  async #read(ref: ChunkRef): Promise<Entries> {
    const cached = this.#cache.get(ref.name);
    if (cached !== undefined) return cached;
    const chunk = fromJson(await this.#store.readSnapshot(ref.name));
    if (chunk?.hashes.length !== ref.count) throw new LostSegmentError(`key segment ${ref.name} is missing or damaged`);
    this.#keep(ref.name, chunk);
    return chunk;
  }

  /** The chunk that came first goes first: simpler than an order of use, and chunks are few. */
  #keep(name: string, chunk: Entries): void {
    this.#drop(name);
    this.#cache.set(name, chunk);
    this.#cachedBytes += bytesOf(chunk);
    for (const oldest of this.#cache.keys()) {
      if (this.#cachedBytes <= this.#limits.cacheBytesMax) return;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    const chunk = this.#cache.get(name);
    if (chunk === undefined) return;
    this.#cache.delete(name);
    this.#cachedBytes -= bytesOf(chunk);
  }
}

const none: readonly number[] = [];

/** The entries since the last snapshot. They are few, so a scan of plain numbers costs less than a map of strings, in time and space. */
export class KeyTail {
  readonly #hashes: number[] = [];
  readonly #positions: number[] = [];

  add(hash: number, position: number): void {
    this.#hashes.push(hash);
    this.#positions.push(position);
  }

  /** Newest first. */
  find(hash: number): readonly number[] {
    let found = none;
    for (let at = this.#hashes.length - 1; at >= 0; at -= 1) {
      if (this.#hashes[at] === hash) found = [...found, this.#positions[at] ?? 0];
    }
    return found;
  }

  sorted(): Entries {
    return sorted(this.#hashes, this.#positions);
  }
}

function chunkFor(segment: Segment | undefined, hash: number): ChunkRef | undefined {
  return segment?.chunks.findLast((chunk) => chunk.fromHash <= hash);
}

/** A chunk never ends inside a run of equal hashes, so that one chunk has all of them. */
function chunkEnd(hashes: Float64Array, start: number, entriesMax: number): number {
  let end = Math.min(start + entriesMax, hashes.length);
  while (end < hashes.length && hashes[end] === hashes[end - 1]) end += 1;
  return end;
}

function bytesOf(chunk: Entries): number {
  return chunk.hashes.byteLength + chunk.positions.byteLength;
}

function toJson({ hashes, positions }: Entries): JsonObject {
  return { hashes: toBase64(hashes), positions: toBase64(positions) };
}

function fromJson(json: JsonObject | undefined): Entries | undefined {
  const { hashes, positions } = json ?? {};
  if (typeof hashes !== 'string' || typeof positions !== 'string') return undefined;
  const chunk = { hashes: fromBase64(hashes), positions: fromBase64(positions) };
  return chunk.hashes.length === chunk.positions.length ? chunk : undefined;
}

function toBase64(numbers: Float64Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
}

function fromBase64(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  const numbers = new Float64Array(Math.floor(bytes.length / Float64Array.BYTES_PER_ELEMENT));
  bytes.copy(new Uint8Array(numbers.buffer));
  return numbers;
}
