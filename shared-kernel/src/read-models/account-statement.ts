// One line per money-moving event and one summary per account. Written by projections/account-statement, read by query-side.
// Watermarks are of account streams; their values are the running balance and open stakes.

import type { LimitKind, LimitPeriod } from '../events/account-events.ts';
import type { EventType } from '../events/catalogue.ts';
import type { Posting } from '../events/postings.ts';
import type { CollectionDeclaration } from '../ports/read-model-store.ts';
import type { JsonObject } from '../values/json.ts';
import type { ReadModel } from './read-model.ts';

export type StatementLineDocument = {
  readonly accountId: string;
  /** Revision of the event in the account's stream; the document's id is `statementLineId(revision)`. */
  readonly revision: number;
  readonly type: EventType;
  readonly at: string;
  readonly currency: string;
  /** What the bettor's balance changed by. */
  readonly amountMinor: number;
  readonly balanceAfterMinor: number;
  readonly betId: string | null;
  readonly reason: string | null;
  /** All double-entry lines of the event; they sum to zero. */
  readonly postings: readonly Posting[];
};

export type AccountLimit = {
  readonly kind: LimitKind;
  readonly period: LimitPeriod;
  /** Null: no limit. */
  readonly amountMinor: number | null;
  /** A looser limit that comes into force at `effectiveAt`. */
  readonly next: { readonly amountMinor: number | null; readonly effectiveAt: string } | null;
};

export type AccountDocument = {
  readonly accountId: string;
  readonly currency: string;
  readonly brand: string;
  readonly jurisdiction: string;
  readonly openedAt: string;
  readonly balanceMinor: number;
  readonly openStakesMinor: number;
  /** Balance below zero: neither bets nor withdrawals until it is settled. */
  readonly blocked: boolean;
  /** Sorted by kind and period. */
  readonly limits: readonly AccountLimit[];
  /** Null: not self-excluded; `until` null: for ever. A date in the past no longer excludes. */
  readonly exclusion: { readonly until: string | null } | null;
  readonly revision: number;
};

export type StatementValues = { readonly balanceMinor: number; readonly openStakesMinor: number };

/** Shard = account id. `at` never falls within a stream, so (at, id) is the order of revisions. */
export const statementLinesCollection: CollectionDeclaration = {
  name: 'lines',
  shardKey: 'accountId',
  indexes: [{ name: 'by-time', fields: ['at'] }],
};

/** Shard = id = account id. */
export const accountsCollection: CollectionDeclaration = { name: 'accounts', shardKey: 'accountId', indexes: [] };

export const accountStatement: ReadModel = {
  name: 'account-statement',
  topic: 'by-stream',
  collections: [statementLinesCollection, accountsCollection],
  watermarkPrefixes: ['account-'],
};

/** Zero-padded, so that text order is revision order. */
export function statementLineId(revision: number): string {
  return String(revision).padStart(12, '0');
}

export function statementLineOf(document: JsonObject): StatementLineDocument {
  return document as StatementLineDocument;
}

export function accountOf(document: JsonObject): AccountDocument {
  return document as AccountDocument;
}

export function statementValuesOf(values: JsonObject): StatementValues {
  const { balanceMinor, openStakesMinor } = values;
  return { balanceMinor: typeof balanceMinor === 'number' ? balanceMinor : 0, openStakesMinor: typeof openStakesMinor === 'number' ? openStakesMinor : 0 };
}
