// Markets with their current prices: from the odds cache while it is known to be young, else from the store. Called by the
// routes of markets and fixtures. The cache decides nothing: empty, away or stale, the answer is the store's.

import type { StreamRevision } from '@wagerline/infra/http';
import { marketOf, marketsCollection, oddsBoard, oddsCacheKey, type MarketDocument } from '@wagerline/shared-kernel/read-models/odds-board';

import type { FreshReads } from '../fresh-enough.ts';
import type { QueryCache, QueryDeps, QueryStore } from '../query-deps.ts';

/**
 * How long a cached market is believed after it was compared with the store: a write to the cache may have been lost, and a cache
 * within this process hears nothing from a projector in another one. Answers may be reused for a second anyway.
 */
const cacheAgeMsMax = 250;
const comparedMax = 10_000;

export class OddsBoard {
  private readonly store: QueryStore;
  private readonly cache: QueryCache;
  private readonly fresh: FreshReads;
  private readonly monotonicMs: () => number;
  private readonly comparedAtMs = new Map<string, number>();

  constructor({ store, cache, monotonicMs = () => performance.now() }: QueryDeps, fresh: FreshReads) {
    this.store = store;
    this.cache = cache;
    this.fresh = fresh;
    this.monotonicMs = monotonicMs;
  }

  async market(marketId: string, asked: StreamRevision | undefined): Promise<MarketDocument | undefined> {
    if (this.isYoung(marketId)) {
      const cached = await this.cached(marketId);
      if (cached !== undefined && cached.version >= (asked?.revision ?? 0)) return cached;
    }
    const stored = await this.fresh.read(oddsBoard, asked, (target) => this.store.get(target, marketsCollection.name, marketId, marketId));
    if (stored === undefined) return undefined;
    await this.remember(marketId, stored.version, stored.document);
    return marketOf(stored.document);
  }

  /** Those that are there, in the order asked; read from the store, as one answer should not mix ages. */
  async markets(marketIds: readonly string[], asked: StreamRevision | undefined): Promise<readonly MarketDocument[]> {
    const keys = marketIds.map((marketId) => ({ shard: marketId, id: marketId }));
    const found = await this.fresh.read(oddsBoard, asked, (target) => this.store.getMany(target, marketsCollection.name, keys));
    return found.flatMap((stored) => (stored === undefined ? [] : [marketOf(stored.document)]));
  }

  private isYoung(marketId: string): boolean {
    const atMs = this.comparedAtMs.get(marketId);
    return atMs !== undefined && this.monotonicMs() - atMs < cacheAgeMsMax;
  }

  private async cached(marketId: string): Promise<MarketDocument | undefined> {
    try {
      const entry = await this.cache.get(oddsCacheKey(marketId));
      return entry === undefined || entry.value === null ? undefined : marketOf(entry.value);
    } catch {
      // An absent cache costs time, never an answer.
      return undefined;
    }
  }

  private async remember(marketId: string, version: number, value: Parameters<typeof marketOf>[0]): Promise<void> {
    try {
      await this.cache.setIfNewer(oddsCacheKey(marketId), { version, value });
    } catch {
      return;
    }
    if (this.comparedAtMs.size >= comparedMax) this.comparedAtMs.clear();
    this.comparedAtMs.set(marketId, this.monotonicMs());
  }
}
