// The stored samples of events/samples as events of a log, one per (type, version). Read by tests of every package.

import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { eventMetadata } from '../events/metadata.ts';
import type { RecordedEvent } from '../ports/event-store.ts';

const folder = new URL('../events/samples/', import.meta.url);
const sample = z.strictObject({ stream: z.string(), type: z.string(), data: z.record(z.string(), z.json()), metadata: eventMetadata });

export type EventSample = { readonly file: string; readonly recorded: RecordedEvent };

export function eventSamples(): readonly EventSample[] {
  return readdirSync(folder)
    .sort()
    .map((file, index) => {
      const event = sample.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
      return { file, recorded: { id: `sample-${index}`, ...event, revision: 0, position: index + 1 } };
    });
}
