// A message of the results feed, and what the messages about a market come to, as market events store them. Called by market-events.ts.

import { z } from 'zod';
import { legResult, rational, slug } from './schema.ts';

const selectionsMax = 200;
const name = z.string().min(1).max(200);
const share = z.string().min(1).max(64);
const milliseconds = z.int();
const window = { startMs: milliseconds.exactOptional(), endMs: milliseconds.exactOptional(), supercededBy: name.exactOptional() };

/** Fixture and market are those of the event. Times are the producer's. */
export const feedMessage = z.strictObject({
  type: z.enum(['settlement', 'rollback-settlement', 'cancel', 'rollback-cancel']),
  product: z.int(),
  specifiers: z.string().max(1_000),
  timestampMs: milliseconds,
  certainty: z.literal([1, 2]).exactOptional(),
  ...window,
  outcomes: z
    .array(
      z.strictObject({ selection: name, result: z.literal([0, 1, -1]), voidFactor: share.exactOptional(), deadHeatFactor: share.exactOptional() }),
    )
    .max(10_000)
    .readonly(),
});

const outcome = { result: legResult.or(z.literal('open')), voidFactor: rational.exactOptional(), winDeadHeat: rational.exactOptional() };

export const marketStanding = z.strictObject({
  /** Of the market from here on. */
  status: z.enum(['open', 'suspended', 'closed', 'resulted', 'voided']),
  results: z
    .array(z.strictObject({ selectionId: slug, ...outcome, confirmed: z.strictObject(outcome).exactOptional() }))
    .min(1)
    .max(selectionsMax)
    .readonly(),
  cancelled: z.array(z.strictObject(window)).max(1_000).readonly(),
  held: z.boolean(),
});

export type StoredStanding = z.infer<typeof marketStanding>;
