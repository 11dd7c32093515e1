// The embedded cache: a bounded map in this thread. Instances of one name in other threads of the process tell each other what
// they store, so that what the projections set is seen by the queries. It decides nothing and may forget at any time.

import { BroadcastChannel } from 'node:worker_threads';
import type { Cache, CacheEntry } from '@wagerline/shared-kernel/ports/cache';
import { assert } from '@wagerline/shared-kernel/values/unreachable';

export type EmbeddedCacheOptions = {
  /** The entry that was used longest ago goes first. */
  readonly entriesMax: number;
  /** Instances with this name share what they store. Absent: this one keeps to itself. */
  readonly sharedAs?: string;
};

type Told = { readonly key: string; readonly entry: CacheEntry };

export function openEmbeddedCache(options: EmbeddedCacheOptions): Cache {
  return new EmbeddedCache(options);
}

class EmbeddedCache implements Cache {
  readonly #entriesMax: number;
  readonly #channel: BroadcastChannel | undefined;
  /** A map keeps the order of insertion: the first key is the one used longest ago. */
  readonly #entries = new Map<string, CacheEntry>();

  constructor({ entriesMax, sharedAs }: EmbeddedCacheOptions) {
    assert(Number.isSafeInteger(entriesMax) && entriesMax > 0, 'a cache has room for an entry');
    this.#entriesMax = entriesMax;
    if (sharedAs === undefined) return;
    this.#channel = new BroadcastChannel(`wagerline-cache ${sharedAs}`);
    // Order does not matter: the version decides here as everywhere.
    this.#channel.onmessage = ({ data: { key, entry } }: { readonly data: Told }) => void this.#keepIfNewer(key, entry);
    this.#channel.unref();
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    return this.#use(key);
  }

  async getMany(keys: readonly string[]): Promise<readonly (CacheEntry | undefined)[]> {
    return keys.map((key) => this.#use(key));
  }

  async setIfNewer(key: string, entry: CacheEntry): Promise<boolean> {
    const isNewer = this.#keepIfNewer(key, structuredClone(entry));
    if (isNewer) this.#channel?.postMessage({ key, entry } satisfies Told);
    return isNewer;
  }

  async close(): Promise<void> {
    this.#channel?.close();
    this.#entries.clear();
  }

  #keepIfNewer(key: string, entry: CacheEntry): boolean {
    const stored = this.#entries.get(key);
    if (stored !== undefined && stored.version >= entry.version) return false;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#entriesMax && oldest !== undefined) this.#entries.delete(oldest);
    return true;
  }

  #use(key: string): CacheEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }
}
