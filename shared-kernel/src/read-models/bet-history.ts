// One document per accepted bet: what was struck, what became of it. Written by projections/bet-history, read by query-side/bet-history.
// Refused bets are not shown. Watermarks are of account streams and carry no values.

import type { z } from 'zod';
import type { AccountEventOf, JudgedLeg, Move, OddsChangePolicy } from '../events/account-events.ts';
import type { BetShape } from '../events/bet-shape.ts';
import type { legResult, marketKind } from '../events/schema.ts';
import type { CollectionDeclaration } from '../ports/read-model-store.ts';
import type { JsonObject } from '../values/json.ts';
import type { ReadModel } from './read-model.ts';

/** `void` only when every leg is void or the bet was voided by hand; a push is `settled` with return = stake. */
export type BetStatus = 'open' | 'settled' | 'void';
export const betStatuses: readonly BetStatus[] = ['open', 'settled', 'void'];

export type BetLegDocument = {
  readonly fixtureId: string;
  readonly sport: string;
  readonly competition: string;
  readonly home: string;
  readonly away: string;
  readonly startsAt: string;
  readonly inPlay: boolean;
  readonly marketId: string;
  readonly marketKind: z.infer<typeof marketKind>;
  readonly line: string | null;
  readonly selectionId: string;
  readonly selectionName: string;
  /** Accepted and requested odds, "a/b". */
  readonly odds: string;
  /** Paid at the starting price: `odds` are those on the board when the bet was struck. */
  readonly startingPrice?: true;
  /** Struck before the field was final: lost on a non-runner. */
  readonly antePost?: true;
  readonly placeFraction?: string;
  readonly places?: number;
  readonly requestedOdds: string;
  readonly marketVersion: number;
  readonly result: z.infer<typeof legResult> | 'open';
  readonly resultRevision: number | null;
  readonly late: boolean;
  /** "a/b", and there only where they are not what the result implies. */
  readonly voidFactor?: string;
  readonly winDeadHeat?: string;
  /** Place dead heats, deductions and prices that came with the result. */
  readonly detail?: NonNullable<JudgedLeg['detail']>;
  /** Settled at these odds, because `odds` were a palpable error. */
  readonly corrected?: NonNullable<JudgedLeg['corrected']>;
  /** The rule by which the leg has won before its market was decided, for good. */
  readonly paidEarly?: string;
  /** Its season was replaced: `fixtureId` and `marketId` are those that it was struck on, and it counts here. */
  readonly movedTo?: NonNullable<JudgedLeg['movedTo']>;
};

export type BetHistoryEntry = {
  readonly type: 'settled' | 'reversed' | 'voided' | 'moved';
  readonly settlement: number;
  readonly at: string;
  /** Paid to the bettor; for a reversal what was taken back, as a positive amount; 0 where legs moved. */
  readonly returnMinor: number;
  readonly reason: string | null;
  /** Of legs by their place in the bet. */
  readonly moves?: readonly Move[];
};

/** Only the newest entries stay in the document; the account statement has them all. */
export const betHistoryEntriesMax = 20;

export type BetDocument = {
  readonly accountId: string;
  readonly betId: string;
  readonly currency: string;
  readonly brand: string;
  readonly jurisdiction: string;
  readonly unitStakeMinor: number;
  readonly stakeMinor: number;
  readonly shape: BetShape;
  readonly eachWay: boolean;
  readonly lineCount: number;
  readonly returnMaxMinor: number;
  readonly ruleSet: string;
  readonly rules?: NonNullable<AccountEventOf<'BetPlaced'>['rules']>;
  readonly freeBet?: NonNullable<AccountEventOf<'BetPlaced'>['freeBet']>;
  readonly oddsChangePolicy: OddsChangePolicy;
  readonly placedAt: string;
  readonly legs: readonly BetLegDocument[];
  /** Competitions of the legs, each once, sorted. */
  readonly competitions: readonly string[];
  readonly status: BetStatus;
  /** Null while the bet is open. `returnExact` ("a/b") is before rounding. */
  readonly returnMinor: number | null;
  readonly returnExact: string | null;
  /** Of an open bet that is decided: what it will return when a second person has approved. */
  readonly heldReturnMinor?: number;
  readonly settledAt: string | null;
  /** How often the bet was settled so far. */
  readonly settlementCount: number;
  readonly history: readonly BetHistoryEntry[];
  /** Revision of the account event that this document is up to. */
  readonly revision: number;
};

/**
 * Shard = account id, id = bet id. Both indexes end in (status, placedAt): a query over all statuses asks for each of
 * `betStatuses` and merges, which spares every write a third index.
 */
export const betsCollection: CollectionDeclaration = {
  name: 'bets',
  shardKey: 'accountId',
  indexes: [
    { name: 'by-status', fields: ['status', 'placedAt'] },
    { name: 'by-competition', fields: ['competitions', 'status', 'placedAt'] },
  ],
};

export const betHistory: ReadModel = { name: 'bet-history', topic: 'by-stream', collections: [betsCollection], watermarkPrefixes: ['account-'] };

/** Documents of this collection are written by its one projector. */
export function betOf(document: JsonObject): BetDocument {
  return document as BetDocument;
}
