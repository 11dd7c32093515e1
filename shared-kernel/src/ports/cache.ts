// The odds cache: newest version wins, whatever the order of arrival. It may be empty or away at any time; it decides nothing.

import type { JsonObject } from '../values/json.ts';

/** `value` null is a tombstone: the key is known to be gone at that version. */
export type CacheEntry = { readonly version: number; readonly value: JsonObject | null };

export type Cache = {
  get(key: string): Promise<CacheEntry | undefined>;
  getMany(keys: readonly string[]): Promise<readonly (CacheEntry | undefined)[]>;
  /** Stores the entry if its version is newer than the stored one; answers whether it did. */
  setIfNewer(key: string, entry: CacheEntry): Promise<boolean>;
  close(): Promise<void>;
};
