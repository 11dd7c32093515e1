// What the results feed says about a market, and when two messages are the same. Called by the register and by readers of a feed.
// Times are the producer's, in milliseconds since the epoch: the feed has no sequence, and arrival orders nothing.

import { canonicalJson, type JsonObject } from '../../values/json.ts';

export type FeedOutcome = { readonly selection: string; readonly result: 0 | 1 | -1; readonly voidFactor?: string; readonly deadHeatFactor?: string };

export type FeedMessage = {
  readonly type: 'settlement' | 'rollback-settlement' | 'cancel' | 'rollback-cancel';
  readonly product: number;
  readonly fixture: string;
  readonly market: string;
  readonly specifiers: string;
  readonly timestampMs: number;
  /** Of a settlement: 1 = seen live, 2 = confirmed. */
  readonly certainty?: 1 | 2;
  /** Of a cancel and its rollback: bets accepted from `startMs` on and before `endMs`; absent = without bound. */
  readonly startMs?: number;
  readonly endMs?: number;
  /** Of a cancel: the fixture that takes the place of this one. */
  readonly supercededBy?: string;
  /** Of a rollback: empty = the whole market. */
  readonly outcomes: readonly FeedOutcome[];
};

/** Everything that a message says; in which order it names its outcomes says nothing. */
export function identityOf(message: FeedMessage): string {
  const outcomes: JsonObject[] = message.outcomes.map((outcome) => ({ ...outcome }));
  const sorted = outcomes.map((outcome) => canonicalJson(outcome)).toSorted();
  const said: JsonObject = { ...message, outcomes: sorted };
  return canonicalJson(said);
}
