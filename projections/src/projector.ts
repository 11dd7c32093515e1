// Types that the parts of the runner share: what it works with, its limits, and what it is fed.

import type { Logger } from '@wagerline/infra/logger';
import type { Cache } from '@wagerline/shared-kernel/ports/cache';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { EventBus } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import type { SearchIndex } from '@wagerline/shared-kernel/ports/search-index';

export type ProjectionsInfra = {
  readonly eventStore: Pick<EventStore, 'head' | 'readAll' | 'readStream' | 'readLeases' | 'writeLeases'>;
  readonly bus: EventBus;
  readonly readModels: ReadModelStore;
  readonly search: SearchIndex;
  /** A cache that other processes read too; absent where the query side fills its own. */
  readonly cache?: Cache;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Told after every batch of every model how many records it had, and how old its oldest event was then. */
  readonly onBatch?: (records: number, ageMs: number) => void;
};

export type ProjectorLimits = {
  /** Records in a batch from the bus. */
  readonly batchSizeMax: number;
  /** Events in a batch of a rebuild, read straight from the event store. */
  readonly fillBatchSizeMax: number;
  /** Streams whose watermark is kept in memory, per model. */
  readonly watermarksCachedMax: number;
  /** Documents kept in memory, per model. */
  readonly documentsCachedMax: number;
  /** Pause before a failed consumer starts again: doubles from the first to the second. */
  readonly retryDelayMs: number;
  readonly retryDelayMsMax: number;
  /** How often each of several processes looks at what the others may have changed: pointers, the store, leases. */
  readonly lookMs: number;
  /** A lease that nobody renewed for so long, on the taker's own clock, is free. */
  readonly leaseTakeoverMs: number;
};

export const defaultLimits: ProjectorLimits = {
  batchSizeMax: 500,
  fillBatchSizeMax: 2_000,
  watermarksCachedMax: 20_000,
  documentsCachedMax: 4_000,
  retryDelayMs: 100,
  retryDelayMsMax: 5_000,
  lookMs: 1_000,
  leaseTakeoverMs: 5_000,
};

/** `alone`: no other process writes these read models, so there is nobody to agree with. */
export type Members = 'alone' | 'several';

/** An event under the key of its bus record: its stream, or a market id. */
export type KeyedEvent = { readonly key: string; readonly event: RecordedEvent };

/** Events of a stream are missing on the bus and in the event store: only a person can say why, so the projector stops. */
export class GapError extends Error {
  override name = 'GapError';
}
