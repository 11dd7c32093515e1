// The one registry of problem codes (RFC 9457): what a client can be told went wrong, and whether trying again makes sense.
// Only infra/src/http.ts turns a kind into an HTTP status.

import type { JsonObject } from './values/json.ts';

export type ProblemKind =
  | 'invalid' // the request is malformed: 400
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'absent' // 404
  | 'conflict' // well-formed, but not now: 409
  | 'precondition' // the client's own If-Match: 412
  | 'too-large' // 413
  | 'media-type' // 415
  | 'unprocessable' // well-formed, never in this form: 422
  | 'throttled' // 429
  | 'internal' // 500
  | 'unavailable'; // 503

type Registered = { readonly kind: ProblemKind; readonly title: string; readonly retryable: boolean };

const registered = <Code extends string>(codes: Record<Code, Registered>): Readonly<Record<Code, Registered>> => codes;
const problem = (kind: ProblemKind, title: string, retryable = false): Registered => ({ kind, title, retryable });

export const problems = registered({
  // the request
  BODY_INVALID: problem('invalid', 'The body does not have the expected shape'),
  BODY_NOT_JSON: problem('invalid', 'The body is not valid JSON'),
  BODY_TOO_LARGE: problem('too-large', 'The body is larger than this endpoint takes'),
  CONTENT_TYPE_UNSUPPORTED: problem('media-type', 'The body must be application/json'),
  QUERY_INVALID: problem('invalid', 'A query parameter is not valid'),
  PATH_INVALID: problem('invalid', 'A path parameter is not valid'),
  CURSOR_INVALID: problem('invalid', 'The cursor was not made by this endpoint'),
  HEADER_INVALID: problem('invalid', 'A request header is not valid'),
  IDEMPOTENCY_KEY_MISSING: problem('invalid', 'The Idempotency-Key header is missing'),
  IDEMPOTENCY_KEY_REUSED: problem('unprocessable', 'This Idempotency-Key was used with another body'),
  TOKEN_MISSING: problem('unauthenticated', 'A bearer token is needed'),
  TOKEN_INVALID: problem('unauthenticated', 'The bearer token is not valid'),
  TOKEN_EXPIRED: problem('unauthenticated', 'The bearer token has expired'),
  ROLE_FORBIDDEN: problem('forbidden', 'The role of this token may not do this'),
  ROUTE_UNKNOWN: problem('absent', 'There is nothing at this address'),
  METHOD_NOT_ALLOWED: problem('absent', 'This address does not take this method'),
  REVISION_MISMATCH: problem('precondition', 'The object is not at the revision named by If-Match'),
  INTERNAL_ERROR: problem('internal', 'Something failed on our side'),
  STORE_UNAVAILABLE: problem('unavailable', 'The event store cannot take this now', true),
  CONTENTION: problem('unavailable', 'Too many changes to this object at once', true),
  PART_UNAVAILABLE: problem('unavailable', 'Nobody can answer this at the moment', true),
  MARKET_VIEW_STALE: problem('unavailable', 'Prices are not up to date at the moment', true),
  READ_MODEL_BEHIND: problem('unavailable', 'The asked revision is not visible yet', true),
  READ_MODEL_PARKED: problem('unavailable', 'This part of the read model waits for a repair', true),
  READ_MODEL_UNAVAILABLE: problem('unavailable', 'The read model cannot be reached now', true),

  // operations
  JOB_NOT_FOUND: problem('absent', 'There is no such job'),
  JOBS_OVER_LIMIT: problem('conflict', 'As many jobs are running as may run at once', true),
  CLOCK_NOT_DRIVEN: problem('conflict', 'The time of this server is not moved by hand'),

  // accounts
  ACCOUNT_NOT_FOUND: problem('absent', 'There is no such account'),
  ACCOUNT_BLOCKED: problem('conflict', 'The account is blocked until its balance is settled'),
  ACCOUNT_ALREADY_OPEN: problem('conflict', 'An account with this id is open with other attributes'),
  CURRENCY_MISMATCH: problem('unprocessable', 'The amount is not in the currency of the account'),
  CURRENCY_UNKNOWN: problem('unprocessable', 'The currency is not known here'),
  AMOUNT_INVALID: problem('unprocessable', 'The amount is not a positive number of minor units within the limit'),
  INSUFFICIENT_FUNDS: problem('conflict', 'The balance does not cover this amount'),
  DEPOSIT_LIMIT_EXCEEDED: problem('conflict', 'The deposit would exceed a deposit limit'),
  SELF_EXCLUDED: problem('conflict', 'The account is self-excluded'),
  SELF_EXCLUSION_SHORTER: problem('conflict', 'A self-exclusion can only be made longer'),

  // bets
  BET_NOT_FOUND: problem('absent', 'There is no such bet'),
  APPROVAL_NOT_PENDING: problem('conflict', 'Nothing waits for an approval here'),
  DECISION_WAITS: problem('conflict', 'Another decision about this market waits for a second person'),
  APPROVAL_SAME_PERSON: problem('forbidden', 'Whoever decided cannot approve it as well'),
  BET_NOT_VOIDABLE: problem('conflict', 'This bet cannot be voided'),
  STAKE_INVALID: problem('unprocessable', 'The stake is not a positive number of minor units within the limit'),
  STAKE_OVER_LIMIT: problem('conflict', 'The stake is above what a market takes from one bet or account'),
  STAKE_LIMIT_EXCEEDED: problem('conflict', 'The stake would exceed a stake limit of the account'),
  LOSS_LIMIT_EXCEEDED: problem('conflict', 'The stake could exceed a loss limit of the account'),
  RETURN_OVER_LIMIT: problem('conflict', 'The bet could return more than is paid out'),
  OPEN_BETS_OVER_LIMIT: problem('conflict', 'The account has as many open bets as it may have'),
  LEGS_INVALID: problem('unprocessable', 'The number of legs does not fit the type of bet'),
  LEG_DUPLICATE: problem('unprocessable', 'The same selection stands in the slip twice'),
  EACH_WAY_UNAVAILABLE: problem('unprocessable', 'The markets of the slip have no place terms'),
  STARTING_PRICE_UNAVAILABLE: problem('unprocessable', 'The market has no starting prices'),
  BUILDER_NOT_OFFERED: problem('unprocessable', 'These selections have no price together'),
  BUILDERS_OVER_LIMIT: problem('conflict', 'The fixture has as many prices for selections together as it may have'),
  FREE_BET_NOT_FOUND: problem('unprocessable', 'The account has no such free bet'),
  FREE_BET_EXPIRED: problem('conflict', 'The free bet has expired'),
  FREE_BET_STAKE: problem('unprocessable', 'The stake of a free bet is the amount of its token'),
  FREE_BET_EXISTS: problem('conflict', 'A free bet with this id was granted with other terms'),
  FREE_BETS_OVER_LIMIT: problem('conflict', 'The account has as many free bets as it may have'),
  LEGS_RELATED: problem('unprocessable', 'Two legs of one line are of the same fixture'),
  ODDS_INVALID: problem('unprocessable', 'The odds are not decimal odds above 1 with at most four decimals'),
  ODDS_CHANGED: problem('conflict', 'The odds have changed'),
  MARKET_UNKNOWN: problem('unprocessable', 'A leg names a market that does not exist'),
  MARKET_NOT_FOUND: problem('absent', 'There is no such market'),
  SELECTION_NOT_FOUND: problem('unprocessable', 'The market has no such selection'),
  SELECTION_WITHDRAWN: problem('conflict', 'The selection does not run'),
  MARKET_SUSPENDED: problem('conflict', 'The market is suspended'),
  MARKET_CLOSED: problem('conflict', 'The market is closed'),
  FIXTURE_STARTED: problem('conflict', 'The fixture has started'),

  BET_TYPE_INVALID: problem('unprocessable', 'The type, folds, lines or groups of the bet make no bet of these legs'),
  RULES_INVALID: problem('invalid', 'A rule of the slip has no such value, or does not go with the rest of it'),
  RESULT_INVALID: problem('invalid', 'The result of a leg cannot be, or lacks what it needs'),
  STAKE_INDIVISIBLE: problem('unprocessable', 'The total stake does not divide by the number of lines'),
  LINES_OVER_LIMIT: problem('unprocessable', 'The bet has more lines than are taken'),

  // trading
  FIXTURE_NOT_FOUND: problem('absent', 'There is no such fixture'),
  FIXTURE_OTHER: problem('unprocessable', 'The market is of another fixture'),
  FIXTURE_EXISTS: problem('conflict', 'A fixture with this id exists with other attributes'),
  FIXTURE_ENDED: problem('conflict', 'The fixture has ended'),
  FIXTURE_NOT_STARTED: problem('conflict', 'The fixture has not started'),
  FIXTURE_POSTPONED: problem('conflict', 'The fixture is postponed and has no new date'),
  FIXTURE_ABANDONED: problem('conflict', 'The fixture was abandoned'),
  MARKET_EXISTS: problem('conflict', 'A market with this id exists with other attributes'),
  MARKET_NOT_CLOSED: problem('conflict', 'The market is still open for betting'),
  MARKET_NOT_RESULTED: problem('conflict', 'The market has no result to correct'),
  MARKET_RESULTED: problem('conflict', 'The market has its result already'),
  MARKET_VOIDED: problem('conflict', 'The market was voided'),
  FEED_MESSAGES_OVER_LIMIT: problem('conflict', 'As many different messages are kept of this market as may be'),
  PRICE_ERRORS_OVER_LIMIT: problem('conflict', 'The market has as many corrected prices as it may have'),
  RESULT_INCOMPLETE: problem('unprocessable', 'Every selection of the market needs a result'),
});

export type ProblemCode = keyof typeof problems;

export function isProblemCode(value: unknown): value is ProblemCode {
  return typeof value === 'string' && Object.hasOwn(problems, value);
}

/** One thing wrong with the request: `pointer` is an RFC 6901 pointer into the body, or names a parameter or header. */
export type ProblemError = { readonly code?: ProblemCode; readonly pointer?: string; readonly detail: string };

/** A problem on its way to the client. `detail` and `extensions` are shown to the client as they are. */
export class ProblemException extends Error {
  override name = 'ProblemException';
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  readonly extensions: JsonObject;
  readonly errors: readonly ProblemError[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ProblemCode, options: { detail?: string; extensions?: JsonObject; errors?: readonly ProblemError[]; retryAfterSeconds?: number } = {}) {
    super(options.detail ?? problems[code].title);
    this.code = code;
    this.detail = options.detail;
    this.extensions = options.extensions ?? {};
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
