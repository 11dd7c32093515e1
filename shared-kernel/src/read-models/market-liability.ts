// One document per market: what its live bets have staked and could return. Written by projections/market-liability, read by
// query-side/market-liability, which turns the sums into returns minus stakes per outcome class.
// Bets leave when they are settled or voided and come back when a settlement is reversed.

import type { z } from 'zod';
import type { marketKind } from '../events/schema.ts';
import type { CollectionDeclaration } from '../ports/read-model-store.ts';
import type { JsonObject } from '../values/json.ts';
import type { MarketStatus } from './odds-board.ts';
import type { ReadModel } from './read-model.ts';

/** Sums of what each single would return if its selection got that result, rounded per bet as settlement does. A lost one returns 0. */
export type SingleReturns = {
  readonly wonMinor: number;
  readonly halfWonMinor: number;
  /** Push and void. */
  readonly backMinor: number;
  readonly halfLostMinor: number;
};

/** Bets of one currency on one selection. */
export type SelectionLiability = {
  readonly selectionId: string;
  readonly currency: string;
  readonly singles: { readonly count: number; readonly stakeMinor: number; readonly returns: SingleReturns };
  /** Live bets of several legs, one of them on this selection: their whole stake and maximum return. */
  readonly multiples: { readonly count: number; readonly stakeMinor: number; readonly returnMaxMinor: number };
};

export type LiabilityDocument = {
  readonly marketId: string;
  readonly fixtureId: string;
  readonly kind: z.infer<typeof marketKind>;
  readonly line: string | null;
  readonly status: MarketStatus;
  /** All selections with their current odds ("a/b"), as opened. */
  readonly selections: readonly { readonly selectionId: string; readonly name: string; readonly odds: string }[];
  /** Sorted by currency and selection; one that was never bet on is absent. */
  readonly liabilities: readonly SelectionLiability[];
  /** Log position of the last event applied: the document's version. */
  readonly position: number;
};

/** Shard = id = market id. */
export const liabilitiesCollection: CollectionDeclaration = { name: 'liabilities', shardKey: 'marketId', indexes: [] };

/** Each document knows its own position, so a query can wait for trading events of the market, not for a bettor's stream. */
export const marketLiability: ReadModel = {
  name: 'market-liability',
  topic: 'by-market',
  collections: [liabilitiesCollection],
  watermarkPrefixes: ['market-'],
};

export function liabilityOf(document: JsonObject): LiabilityDocument {
  return document as LiabilityDocument;
}
