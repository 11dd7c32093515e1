// The history format as it is written: a bet or a feed message a line. Called by lifecycle-lines.ts, which replays it.

import type { FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import { feedMessageOf, feedSchema } from '@wagerline/shared-kernel/betting/results/feed-schema';
import { z } from 'zod';
import { inputErrorOf, type InputError } from './slip-schema.ts';

const line = z.union([z.strictObject({ bet: z.unknown(), acceptedAt: z.int() }), z.strictObject({ feed: z.unknown() })]);

export type HistoryLine = { readonly bet: unknown; readonly acceptedAtMs: number } | { readonly feed: FeedMessage };

export function readHistoryLine(value: unknown): HistoryLine | InputError {
  const isBet = typeof value === 'object' && value !== null && 'bet' in value;
  const parsed = line.options[isBet ? 0 : 1].safeParse(value);
  if (!parsed.success) return inputErrorOf(parsed.error);
  if ('bet' in parsed.data) return { bet: parsed.data.bet, acceptedAtMs: parsed.data.acceptedAt };
  const message = feedSchema.safeParse(parsed.data.feed);
  if (!message.success) {
    const error = inputErrorOf(message.error);
    return { ...error, pointer: `/feed${error.pointer}` };
  }
  return { feed: feedMessageOf(message.data) };
}
