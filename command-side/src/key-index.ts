// Where an account's earlier answers stand in the log: command key or bet id -> position, as immutable sorted segments written
// with a snapshot. Called by handle-command. It may name a wrong position (48 bits of the key are kept), so the caller
// checks the event found there; it never misses one.

import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';

/** A segment is split by hash so that one record stays far below the store's limit of 1 MiB. */
const chunkEntriesMax = 16_384;
/** So many segments of one size become one of the next: a look-up touches few segments however old the account is. */
const mergeFactor = 8;

type Chunk = { readonly hashes: Float64Array; readonly positions: Float64Array };
type ChunkRef = { readonly name: string; readonly fromHash: number };
export type SegmentRef = { readonly level: number; readonly chunks: readonly ChunkRef[] };
type Entry = readonly [hash: number, position: number];

/** Chunks read lately, shared by all accounts of a process. */
export type ChunkCache = Map<string, Chunk>;
const chunkCacheMax = 256;

/** The first 48 bits of a key `xxx:{hex or UUID}`: uniformly distributed, exact in a double. */
export function hashOf(key: string): number {
  return Number.parseInt(key.slice(4).replaceAll('-', '').slice(0, 12), 16);
}

/** Positions that may belong to the key, newest segment first. */
export async function findPositions(store: EventStore, cache: ChunkCache, segments: readonly SegmentRef[], key: string): Promise<readonly number[]> {
  const hash = hashOf(key);
  const found: number[] = [];
  for (let at = segments.length - 1; at >= 0; at -= 1) {
    const ref = segments[at]?.chunks.findLast((chunk) => chunk.fromHash <= hash);
    if (ref !== undefined) found.push(...search(await readChunk(store, cache, ref.name), hash));
  }
  return found;
}

/** Writes the tail as a new segment and merges where enough of one size have gathered; answers the new list, oldest first. */
export async function sealSegments(
  store: EventStore,
  cache: ChunkCache,
  segments: readonly SegmentRef[],
  tail: ReadonlyMap<string, number>,
  name: string,
): Promise<readonly SegmentRef[]> {
  let level = 0;
  let entries: Entry[] = [...tail].map(([key, position]) => [hashOf(key), position] as const);
  const kept = [...segments];
  while (kept.length >= mergeFactor - 1 && kept.slice(1 - mergeFactor).every((segment) => segment.level === level)) {
    const merged = kept.splice(1 - mergeFactor);
    for (const segment of merged) for (const ref of segment.chunks) entries.push(...entriesOf(await readChunk(store, cache, ref.name)));
    level += 1;
  }
  // Same hash: the newest position first, for the newest event of a bet is the one that is asked for.
  entries = entries.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  const chunks: ChunkRef[] = [];
  let from = 0;
  while (from < entries.length) {
    const until = chunkEnd(entries, from);
    const ref = { name: `keys.${name}.${level}.${chunks.length}`, fromHash: chunks.length === 0 ? 0 : (entries[from]?.[0] ?? 0) };
    await store.writeSnapshot(ref.name, toJson(entries.slice(from, until)));
    chunks.push(ref);
    from = until;
  }
  return [...kept, { level, chunks }];
}

/** A chunk never ends inside a run of equal hashes, so that one chunk has all of them. */
function chunkEnd(entries: readonly Entry[], from: number): number {
  let until = Math.min(from + chunkEntriesMax, entries.length);
  while (until < entries.length && entries[until]?.[0] === entries[until - 1]?.[0]) until += 1;
  return until;
}

function search(chunk: Chunk, hash: number): readonly number[] {
  let low = 0;
  let high = chunk.hashes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((chunk.hashes[middle] ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  const found: number[] = [];
  for (let at = low; chunk.hashes[at] === hash; at += 1) found.push(chunk.positions[at] ?? 0);
  return found;
}

async function readChunk(store: EventStore, cache: ChunkCache, name: string): Promise<Chunk> {
  const cached = cache.get(name);
  if (cached !== undefined) return cached;
  const data = await store.readSnapshot(name);
  assert(typeof data?.['hashes'] === 'string' && typeof data['positions'] === 'string', `key segment ${name} is there`);
  const chunk = { hashes: fromBase64(data['hashes']), positions: fromBase64(data['positions']) };
  cache.set(name, chunk);
  if (cache.size > chunkCacheMax) cache.delete(cache.keys().next().value ?? '');
  return chunk;
}

function* entriesOf(chunk: Chunk): Iterable<Entry> {
  for (const [index, hash] of chunk.hashes.entries()) yield [hash, chunk.positions[index] ?? 0];
}

function toJson(entries: readonly Entry[]): JsonObject {
  return { hashes: toBase64(entries.map((entry) => entry[0])), positions: toBase64(entries.map((entry) => entry[1])) };
}

function toBase64(numbers: readonly number[]): string {
  return Buffer.from(Float64Array.from(numbers).buffer).toString('base64');
}

function fromBase64(text: string): Float64Array {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  return new Float64Array(bytes.buffer);
}
