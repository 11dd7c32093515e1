// What every event says about where it came from. No personal data: actor ids are account ids and staff ids.

import { z } from 'zod';
import { instant } from './schema.ts';

export const actorRole = z.enum(['bettor', 'trader', 'settler', 'regulator', 'admin', 'feed', 'system']);
export const actor = z.strictObject({ role: actorRole, id: z.string().min(1).max(100) });

export const eventMetadata = z.strictObject({
  schemaVersion: z.int().min(1),
  at: instant,
  commandId: z.string().min(1).max(300),
  causationId: z.string().min(1).max(300),
  correlationId: z.string().min(1).max(300),
  /** W3C Trace Context. */
  traceparent: z.string().max(60),
  actor,
});

export type EventMetadata = z.infer<typeof eventMetadata>;
export type Actor = EventMetadata['actor'];

/** Where a command came from; becomes the metadata of each event that it leads to. */
export type CommandContext = Pick<EventMetadata, 'commandId' | 'causationId' | 'correlationId' | 'traceparent' | 'actor'>;
