// One line per money-moving event and one document per account. Written by projections/account-statement, read by query-side.
// Watermarks are of account streams; their values are the running balance and open stakes, so that a bet writes no other document.

import type { LimitKind, LimitPeriod } from '../events/account-events.ts';
import type { FreeBetToken } from '../events/free-bet-tokens.ts';
import type { EventType } from '../events/catalogue.ts';
import type { Posting } from '../events/postings.ts';
import type { CollectionDeclaration, Watermark } from '../ports/read-model-store.ts';
import type { JsonObject } from '../values/json.ts';
import { assert } from '../values/unreachable.ts';
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

/** What of an account is not money; written when it changes. */
export type AccountDocument = {
  readonly accountId: string;
  readonly currency: string;
  readonly brand: string;
  readonly jurisdiction: string;
  readonly openedAt: string;
  /** Sorted by kind and period. */
  readonly limits: readonly AccountLimit[];
  /** Null: not self-excluded; `until` null: for ever. A date in the past no longer excludes. */
  readonly exclusion: { readonly until: string | null } | null;
  /** Tokens that a bet may be struck with; absent where there never was one. */
  readonly freeBets?: readonly FreeBetToken[];
  /** Of the account event that this document is up to. */
  readonly revision: number;
};

/** The account's document and its stream's watermark, taken together. */
export type AccountSummary = AccountDocument & {
  readonly balanceMinor: number;
  readonly openStakesMinor: number;
  /** Balance below zero: neither bets nor withdrawals until it is settled. */
  readonly blocked: boolean;
};

export type StatementValues = { readonly balanceMinor: number; readonly openStakesMinor: number };

/** Shard = account id. The id is the revision, so a page is read by its names, and no write pays for an index. */
export const statementLinesCollection: CollectionDeclaration = { name: 'lines', shardKey: 'accountId', indexes: [] };

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

export function accountSummary(document: AccountDocument, { revision, values }: Pick<Watermark, 'revision' | 'values'>): AccountSummary {
  const { balanceMinor, openStakesMinor } = statementValuesOf(values);
  return { ...document, balanceMinor, openStakesMinor, blocked: balanceMinor < 0, revision };
}

export function statementValuesOf({ balanceMinor, openStakesMinor }: JsonObject): StatementValues {
  assert(typeof balanceMinor === 'number' && typeof openStakesMinor === 'number', 'an account that was never opened has no balance');
  return { balanceMinor, openStakesMinor };
}
