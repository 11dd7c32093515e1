// The shape of a bet as its events store it: the members of `Shape`. Called by account-events.ts.

import { z } from 'zod';
import { rational } from './schema.ts';

const legsMax = 20;
const linesMax = 4_096;
const leg = z.int().min(0).max(legsMax - 1);
const legs = z.array(leg).min(1).max(legsMax).readonly();
const folds = z.array(z.int().min(1).max(legsMax)).min(1).max(legsMax).readonly();
const stakes = z.literal([1, 2]);

export const betShape = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('folds'), folds, bankers: legs.exactOptional(), groups: z.array(legs).min(1).max(legsMax).readonly().exactOptional() }),
  z.strictObject({ type: z.literal('lines'), lines: z.array(legs).min(1).max(linesMax).readonly() }),
  z.strictObject({ type: z.literal('stakes-about'), stakes }),
  z.strictObject({ type: z.literal('covers-about'), folds }),
  z.strictObject({ type: z.literal('rounder'), stakes }),
  z.strictObject({ type: z.literal('union-jack'), each: z.enum(['treble', 'trixie', 'patent', 'round-robin']) }),
  z.strictObject({ type: z.literal('bet-builder'), combinedOdds: rational }),
]);

export type BetShape = z.infer<typeof betShape>;
