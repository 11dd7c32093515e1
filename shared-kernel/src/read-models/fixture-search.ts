// One document per fixture with its markets, by id and as full text. Written by projections/fixture-search, read by query-side.
// Fed by two kinds of streams: whichever comes first makes the document, so it may be a stub for a moment.

import type { z } from 'zod';
import type { marketKind } from '../events/schema.ts';
import type { CollectionDeclaration } from '../ports/read-model-store.ts';
import type { SearchIndexDeclaration } from '../ports/search-index.ts';
import type { JsonObject } from '../values/json.ts';
import type { MarketStatus } from './odds-board.ts';
import type { ReadModel } from './read-model.ts';

/** `unknown`: a stub, made by a market before its fixture was seen; never shown and not in the search index. */
export type FixtureStatus = 'unknown' | 'scheduled' | 'postponed' | 'started' | 'ended' | 'abandoned';

export type FixtureMarket = {
  readonly marketId: string;
  readonly kind: z.infer<typeof marketKind>;
  readonly line: string | null;
  readonly inPlay: boolean;
  readonly status: MarketStatus;
};

export type FixtureDocument = {
  readonly fixtureId: string;
  readonly sport: string;
  readonly competition: string;
  readonly home: string;
  readonly away: string;
  readonly startsAt: string;
  readonly status: FixtureStatus;
  readonly score: { readonly home: number; readonly away: number } | null;
  /** Sorted by market id. */
  readonly markets: readonly FixtureMarket[];
  /** Raised by every event applied: the document's version in the store and in the search index. */
  readonly counter: number;
  /** Per stream the last revision applied; kept by the runner, and nobody else's business. */
  readonly applied?: Readonly<Record<string, number>>;
};

/** Shard = id = fixture id. */
export const fixturesCollection: CollectionDeclaration = { name: 'fixtures', shardKey: 'fixtureId', indexes: [] };

export const fixtureSearchIndex: SearchIndexDeclaration = {
  name: 'fixtures',
  textFields: ['home', 'away', 'competition'],
  filterFields: ['competition', 'sport', 'status'],
};

export const fixtureSearch: ReadModel = {
  name: 'fixture-search',
  topic: 'by-stream',
  collections: [fixturesCollection],
  watermarkPrefixes: ['fixture-', 'market-'],
  search: fixtureSearchIndex,
};

export function fixtureOf(document: JsonObject): FixtureDocument {
  return document as FixtureDocument;
}
