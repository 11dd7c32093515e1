// The requests of every load: slips of 1 to 3 legs from all bettors in turn, each with a key of its own. Imported by the load process,
// which must not spend its time on making them, so bodies and the constant part of each header are made beforehand.

import { readFileSync } from 'node:fs';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { z } from 'zod';
import { seededRandom, type Random } from '../season/random.ts';
import type { BookFixture } from './book.ts';
import { currency } from './preload-account.ts';
import type { RequestSource } from './load.ts';

const settingsSchema = z.object({
  /** JSON: a list of tokens, one per bettor. */
  tokensFile: z.string(),
  /** JSON: a list of slips as sent. */
  slipsFile: z.string(),
  /** Goes into every Idempotency-Key: two loads on one server need two. */
  run: z.string(),
});

export type BetLoad = z.infer<typeof settingsSchema>;

export function requestSource(settings: JsonObject): RequestSource {
  const { tokensFile, slipsFile, run } = settingsSchema.parse(settings);
  const tokens = z.array(z.string()).parse(JSON.parse(readFileSync(tokensFile, 'utf8')));
  const slips = z.array(z.string()).parse(JSON.parse(readFileSync(slipsFile, 'utf8')));
  const start = 'POST /v1/bets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const heads = tokens.map((token) => `${start}Authorization: Bearer ${token}\r\nIdempotency-Key: ${run}-`);
  const tails = slips.map((slip) => `\r\nContent-Length: ${Buffer.byteLength(slip)}\r\n\r\n${slip}`);
  return (index) => `${heads[index % heads.length] ?? ''}${index}${tails[index % tails.length] ?? ''}`;
}

const slipTypes = ['single', 'double', 'treble'] as const;

/** As many slips of each length, at current odds. A prime count, so that a bettor does not send one slip again and again. */
export function slipsOf(book: readonly BookFixture[], count: number): readonly string[] {
  const random = seededRandom(1);
  return Array.from({ length: count }, (_, index) => {
    const type = slipTypes[index % slipTypes.length] ?? 'single';
    const fixtures = random.shuffled(book).slice(0, 1 + slipTypes.indexOf(type));
    const stakeMinor = 100 + random.below(400);
    const legs = fixtures.map((fixture) => legOn(fixture, random));
    return JSON.stringify({ type, currency, stakeMinor, oddsChangePolicy: 'better', legs });
  });
}

function legOn({ markets }: BookFixture, random: Random): JsonObject {
  const { marketId, selections } = random.pick(markets);
  const { selectionId, odds } = random.pick(selections);
  return { marketId, selectionId, odds, marketVersion: 0 };
}
