// One document per market with its current prices and version. Written by projections/odds-board, read by query-side/odds-board.
// The markets of a fixture are named by the fixture's document (fixture-search); then `getMany` here.

import type { z } from 'zod';
import type { legResult, marketKind } from '../events/schema.ts';
import type { CollectionDeclaration } from '../ports/read-model-store.ts';
import type { JsonObject } from '../values/json.ts';
import type { ReadModel } from './read-model.ts';

export type MarketStatus = 'open' | 'suspended' | 'closed' | 'resulted' | 'voided';

export type MarketSelectionDocument = {
  readonly selectionId: string;
  readonly name: string;
  /** Current odds, "a/b". */
  readonly odds: string;
  readonly result: z.infer<typeof legResult> | null;
  /** It does not run: what its bets are, and the percent off the winnings of earlier bets on the others. */
  readonly withdrawn?: { readonly result: 'void' | 'lost'; readonly rule4Percent: number };
  /** "a/b". */
  readonly startingOdds?: string;
};

export type MarketDocument = {
  readonly marketId: string;
  readonly fixtureId: string;
  readonly kind: z.infer<typeof marketKind>;
  /** A handicap is the home side's. */
  readonly line: string | null;
  readonly inPlay: boolean;
  readonly status: MarketStatus;
  /** Why it was suspended, closed, corrected or voided, null otherwise. */
  readonly reason: string | null;
  readonly selections: readonly MarketSelectionDocument[];
  /** Absent: no each-way bets are taken. */
  readonly placeTerms?: { readonly places: number; readonly fraction: string };
  readonly stakeMaxPerBetMinor: number | null;
  readonly stakeMaxPerAccountMinor: number | null;
  readonly openedAt: string;
  readonly changedAt: string;
  /** Revision of the market's stream: what a slip names as `marketVersion`. */
  readonly version: number;
};

/** Shard = id = market id. */
export const marketsCollection: CollectionDeclaration = { name: 'markets', shardKey: 'marketId', indexes: [] };

export const oddsBoard: ReadModel = { name: 'odds-board', topic: 'by-stream', collections: [marketsCollection], watermarkPrefixes: ['market-'] };

/** Key of a market in the odds cache; the entry's version is the document's. */
export function oddsCacheKey(marketId: string): string {
  return `odds:${marketId}`;
}

export function marketOf(document: JsonObject): MarketDocument {
  return document as MarketDocument;
}
