// Building blocks of event schemas. Payloads are plain JSON: ISO 8601 strings, integers, rationals as "a/b".

import { z } from 'zod';

export type EventDefinition<Payload extends z.ZodType = z.ZodType> = { readonly version: number; readonly payload: Payload };

/** One event type at its newest schema version; older versions live in upcasters.ts and their stored samples. */
export function event<Payload extends z.ZodType>(version: number, payload: Payload): EventDefinition<Payload> {
  return { version, payload };
}

/** The union of a catalogue's domain events: payload, `type` and `at` side by side. */
export type EventOf<Catalogue extends Record<string, EventDefinition>> = {
  [Type in keyof Catalogue & string]: { readonly type: Type; readonly at: string } & Readonly<z.infer<Catalogue[Type]['payload']>>;
}[keyof Catalogue & string];

export const amountMinor = z.int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
export const stakeMinor = z.int().min(1).max(Number.MAX_SAFE_INTEGER);
export const instant = z.iso.datetime({ precision: 3 });
export const currency = z.string().length(3);
export const uuid = z.uuid();
/** Ids that traders choose: fixtures, markets, selections, competitions, brands, reason codes. */
export const slug = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
/** "a/b" in lowest terms. */
export const rational = z.string().regex(/^-?\d{1,4000}\/\d{1,4000}$/);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const displayName = z.string().min(1).max(100);
/** A handicap or total in quarters: "2.5", "-0.75". */
export const line = z.string().regex(/^-?\d{1,3}(\.(25|5|75))?$/);
export const marketKind = z.enum(['match-result', 'total-goals', 'asian-handicap', 'winner']);
/** `placed`: not the winner, and among those that the place part is paid on. */
export const legResult = z.enum(['won', 'placed', 'lost', 'push', 'void', 'half_won', 'half_lost']);
/** Percent off the winnings by Rule 4. */
export const rule4 = z.int().min(0).max(90);
/** What of a leg's outcome neither its result nor its shares say; absent where there is nothing to say. */
export const legDetail = z.strictObject({
  /** What the place part came to, where it is not the one that the result implies. */
  placeResult: legResult.exactOptional(),
  placeDeadHeat: rational.exactOptional(),
  rule4Percent: rule4.exactOptional(),
  startingOdds: rational.exactOptional(),
  startingRule4Percent: rule4.exactOptional(),
});
