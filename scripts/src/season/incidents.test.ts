import { problems } from '@wagerline/shared-kernel/problems';
import { expect, test } from 'vitest';
import { refusals } from './incident-refusals.ts';

/** What the edge answers before any decision is made, and what says that the server cannot answer now. */
const notDecided = new Set(
  Object.entries(problems)
    .filter(([, { kind }]) => ['invalid', 'unauthenticated', 'forbidden', 'too-large', 'media-type', 'throttled', 'internal', 'unavailable'].includes(kind))
    .map(([code]) => code),
);
const otherwise = new Map([
  ['ROUTE_UNKNOWN', 'the edge'],
  ['METHOD_NOT_ALLOWED', 'the edge'],
  ['REVISION_MISMATCH', 'the edge'],
  ['JOB_NOT_FOUND', 'operators'],
  ['JOBS_OVER_LIMIT', 'operators'],
  ['CLOCK_NOT_DRIVEN', 'operators'],
  ['ODDS_INVALID', 'named inside BODY_INVALID'],
  ['BET_NOT_VOIDABLE', 'no decision gives it'],
  ['DECISION_WAITS', 'approvals, which have tests of their own'],
  ['APPROVAL_NOT_PENDING', 'approvals, which have tests of their own'],
  ['FIXTURE_OTHER', 'the feed, message by message'],
  ['FEED_MESSAGES_OVER_LIMIT', 'the feed, message by message'],
]);

test('the incidents bring about every refusal that a decision can give, each once', () => {
  const brought = refusals.map(({ code }) => code);
  expect(new Set(brought).size).toBe(brought.length);
  const decided = Object.keys(problems).filter((code) => !notDecided.has(code) && !otherwise.has(code));
  expect(brought.toSorted()).toEqual(decided.toSorted());
});
