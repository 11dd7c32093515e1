// Memory that the writer of the embedded log shares with every client: how far the log has come, and where streams were written to last.
// The writer notes what it has committed, before it answers; clients only read. It never says anything of what is not durable.

import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { kindsMax } from './embedded-schema.ts';

/** Appends are remembered for this many positions: several times what the writer lets pass before it writes its heads to `streams`. */
export const rememberedPositions = 16_384;
/** So many that two streams of those seldom share one. */
const bucketCount = 32_768;

/** Places of the cells. */
const newestCell = 0;
const kindCountCell = 1;
const completeCell = 2;
const kindCells = 3;
const bucketCells = kindCells + kindsMax;
const linkCells = bucketCells + bucketCount;
const cellCount = linkCells + rememberedPositions;

/**
 * A stream belongs to a bucket by its name's hash. The bucket's cell holds the position of the newest append to one of its streams, and the
 * link of that position the one before it, and so on: a chain of falling positions. Links stand in a ring, the one of a position modulo
 * the ring's length, so those of old appends are overwritten. Whoever follows a chain back to `after` has therefore to make sure that
 * nothing younger than `after` was overwritten meanwhile; the newest position is raised before the first link it endangers is written.
 */
export class SharedHeads {
  readonly memory: SharedArrayBuffer;
  readonly #cells: BigInt64Array<SharedArrayBuffer>;

  constructor(memory = new SharedArrayBuffer(cellCount * BigInt64Array.BYTES_PER_ELEMENT)) {
    assert(memory.byteLength === cellCount * BigInt64Array.BYTES_PER_ELEMENT, 'the memory is that of shared heads');
    this.memory = memory;
    this.#cells = new BigInt64Array(memory);
  }

  /** Position of the log's newest event. */
  get newest(): number {
    return this.#read(newestCell);
  }

  /** `placesOf` knows of every append up to here. Appends after it may be committed, and seen in the file, but not all of them are noted. */
  get completeThrough(): number {
    return this.#read(completeCell);
  }

  /** Kinds are numbered from 0 (embedded-schema.ts). */
  get kindCount(): number {
    return this.#read(kindCountCell);
  }

  newestOfKind(kind: number): number {
    return this.#read(kindCells + kind);
  }

  /** For the writer: what is committed. Each append is named by its stream and the position of its last event, in the order of positions. */
  note(newest: number, kindHeads: readonly number[], appends: readonly (readonly [stream: string, position: number])[]): void {
    // Whoever sees the new position sees what it is of, so that no subscription sleeps through its event.
    kindHeads.forEach((position, kind) => this.#write(kindCells + kind, position));
    this.#write(kindCountCell, kindHeads.length);
    this.#write(newestCell, newest);
    for (const [stream, position] of appends) {
      const bucket = bucketOf(stream);
      this.#write(linkOf(position), this.#read(bucket));
      this.#write(bucket, position);
    }
    this.#write(completeCell, newest);
  }

  /**
   * Positions after `after` where this stream, or another one of its bucket, was written to, the newest first. Some may be newer than what
   * the caller's transaction sees. Undefined when not all appends since `after` are remembered any more.
   */
  placesOf(stream: string, after: number): readonly number[] | undefined {
    const places: number[] = [];
    let position = this.#read(bucketOf(stream));
    while (position > after) {
      places.push(position);
      const before = this.#read(linkOf(position));
      if (before >= position) return undefined;
      position = before;
    }
    return this.newest - after < rememberedPositions ? places : undefined;
  }

  #read(cell: number): number {
    return Number(Atomics.load(this.#cells, cell));
  }

  #write(cell: number, value: number): void {
    Atomics.store(this.#cells, cell, BigInt(value));
  }
}

function linkOf(position: number): number {
  return linkCells + (position % rememberedPositions);
}

/** FNV-1a over the name, which is ASCII. */
function bucketOf(stream: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < stream.length; at += 1) hash = Math.imul(hash ^ stream.charCodeAt(at), 0x01000193);
  return bucketCells + ((hash ^ (hash >>> 16)) & (bucketCount - 1));
}
