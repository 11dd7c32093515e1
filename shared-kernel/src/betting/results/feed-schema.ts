// The one format in which results come from a feed, as it is written: section "The feed" of this package's README. Read by the server's
// feed route and by the lifecycle tool. It says how a message looks, never whether it is believed.

import { compare, rational } from '../../values/rational.ts';
import { z } from 'zod';
import { exactNumber, exactTextLengthMax } from '../fractions.ts';
import type { FeedMessage } from './feed-message.ts';

const name = z.string().min(1).max(200);
const milliseconds = z.int();
const outcomesMax = 10_000;

/** A share may be a JSON number: it is neither money nor odds. */
const share = z
  .union([z.string(), z.number()], 'a share from 0 to 1')
  .transform(String)
  .refine((text) => {
    const value = exactNumber(text);
    return value !== undefined && compare(value, rational(0n)) >= 0 && compare(value, rational(1n)) <= 0;
  }, `an exact share from 0 to 1: a decimal such as "0.5" or a fraction such as "1/3", of at most ${exactTextLengthMax} characters`);

/** What the feed says of one outcome: 1 won, 0 lost, -1 not decided. */
export const feedResult = {
  result: z.union([z.literal(0), z.literal(1), z.literal(-1)], '0, 1 or -1'),
  voidFactor: share.exactOptional(),
  deadHeatFactor: share.exactOptional(),
};

const outcome = z.strictObject({ selection: name, ...feedResult });
/** A rollback names selections and says nothing of results. */
const rolledBack = z.strictObject({ ...feedResult, selection: name, result: feedResult.result.default(-1) });
const certainty = z.union([z.literal(1), z.literal(2)], '1 or 2');

const anyMessage = {
  /** The producer. */
  product: z.int(),
  fixture: name,
  market: name,
  specifiers: z.string().max(1_000).default(''),
  timestamp: milliseconds,
  certainty: certainty.exactOptional(),
  start: milliseconds.nullable().exactOptional(),
  end: milliseconds.nullable().exactOptional(),
  supercededBy: name.exactOptional(),
  outcomes: z.array(rolledBack).max(outcomesMax).default([]),
  /** Of a recovery: says who asked, and nothing of the market. */
  requestId: z.union([z.int(), z.string().max(200)]).exactOptional(),
};

export const feedSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...anyMessage, type: z.literal('settlement'), certainty, outcomes: z.array(outcome).min(1).max(outcomesMax) }),
  z.strictObject({ ...anyMessage, type: z.literal('rollback-settlement') }),
  z.strictObject({ ...anyMessage, type: z.literal('cancel') }),
  z.strictObject({ ...anyMessage, type: z.literal('rollback-cancel') }),
]);

/** What a producer says of itself: that it sends (`subscribed` 1) or does not, and that a recovery has been sent in whole. */
export const producerSignals = [
  z.strictObject({ type: z.literal('alive'), product: z.int(), timestamp: milliseconds, subscribed: z.literal([0, 1]) }),
  z.strictObject({ type: z.literal('snapshot-complete'), product: z.int(), timestamp: milliseconds, requestId: anyMessage.requestId.unwrap() }),
] as const;

export function feedMessageOf(said: z.infer<typeof feedSchema>): FeedMessage {
  const { type, product, fixture, market, specifiers, timestamp, start, end, supercededBy, outcomes } = said;
  return {
    type,
    product,
    fixture,
    market,
    specifiers,
    timestampMs: timestamp,
    ...(said.certainty === undefined ? {} : { certainty: said.certainty }),
    ...(typeof start === 'number' ? { startMs: start } : {}),
    ...(typeof end === 'number' ? { endMs: end } : {}),
    ...(supercededBy === undefined ? {} : { supercededBy }),
    outcomes,
  };
}
