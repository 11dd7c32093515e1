// The history format as it is written: a bet or a feed message a line. Called by lifecycle-lines.ts, which replays it.

import type { FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import { z } from 'zod';
import { feedResult, inputErrorOf, type InputError } from './slip-schema.ts';

const name = z.string().min(1).max(200);
const milliseconds = z.int();

const outcome = z.strictObject({ selection: name, ...feedResult });
/** A rollback names selections and says nothing of results. */
const rolledBack = z.strictObject({ ...feedResult, selection: name, result: feedResult.result.default(-1) });

const certainty = z.union([z.literal(1), z.literal(2)], '1 or 2');

const anyMessage = {
  product: z.int(),
  fixture: name,
  market: name,
  specifiers: z.string().max(1_000).default(''),
  timestamp: milliseconds,
  certainty: certainty.exactOptional(),
  start: milliseconds.nullable().exactOptional(),
  end: milliseconds.nullable().exactOptional(),
  supercededBy: name.exactOptional(),
  outcomes: z.array(rolledBack).max(10_000).default([]),
  /** Of a recovery: says who asked, and nothing of the market. */
  requestId: z.union([z.int(), z.string()]).exactOptional(),
};

const feed = z.discriminatedUnion('type', [
  z.strictObject({ ...anyMessage, type: z.literal('settlement'), certainty, outcomes: z.array(outcome).min(1).max(10_000) }),
  z.strictObject({ ...anyMessage, type: z.literal('rollback-settlement') }),
  z.strictObject({ ...anyMessage, type: z.literal('cancel') }),
  z.strictObject({ ...anyMessage, type: z.literal('rollback-cancel') }),
]);

const line = z.union([z.strictObject({ bet: z.unknown(), acceptedAt: milliseconds }), z.strictObject({ feed: z.unknown() })]);

export type HistoryLine = { readonly bet: unknown; readonly acceptedAtMs: number } | { readonly feed: FeedMessage };

export function readHistoryLine(value: unknown): HistoryLine | InputError {
  const isBet = typeof value === 'object' && value !== null && 'bet' in value;
  const parsed = line.options[isBet ? 0 : 1].safeParse(value);
  if (!parsed.success) return inputErrorOf(parsed.error);
  if ('bet' in parsed.data) return { bet: parsed.data.bet, acceptedAtMs: parsed.data.acceptedAt };
  const message = feed.safeParse(parsed.data.feed);
  if (!message.success) {
    const error = inputErrorOf(message.error);
    return { ...error, pointer: `/feed${error.pointer}` };
  }
  return { feed: messageOf(message.data) };
}

function messageOf(said: z.infer<typeof feed>): FeedMessage {
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
