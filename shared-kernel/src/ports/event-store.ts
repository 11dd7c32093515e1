// The event store: streams with expected revisions, one global order, catch-up subscriptions, snapshots and leases.
// The only place where facts are kept. An append is acknowledged after it is durable, or not at all.

import type { JsonObject } from '../values/json.ts';

/** `no-stream`: the stream must not exist. A number: the revision of the stream's last event. `any`: not checked. */
export type ExpectedRevision = number | 'no-stream' | 'any';

export type NewEvent = {
  /** UUID, derived from command id and index, so that a repeated append is stored once. */
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
};

export type RecordedEvent = NewEvent & {
  readonly stream: string;
  /** Zero-based place in its stream. */
  readonly revision: number;
  /** Place in the whole log: unique and growing, gaps allowed, >= 1. */
  readonly position: number;
  /** The metadata that every reader needs, where the store can tell them faster than all: at least `schemaVersion` and `at`. */
  readonly head?: JsonObject;
};

/** Handed to several readers: what `make` makes of it for the first of them is kept for the others. A copy of it is a plain event. */
export type SharedEvent = RecordedEvent & { once<Made>(make: (recorded: RecordedEvent) => Made): Made };

/**
 * `conflict` is a value: the stream is at another revision (-1 = no stream) and does not hold these very events.
 * Appending the same event ids again at the same expected revision answers `appended` with the original places.
 */
export type AppendResult =
  | { readonly outcome: 'appended'; readonly revision: number; readonly positions: readonly number[] }
  | { readonly outcome: 'conflict'; readonly revision: number };

/** The store said that it did not write: disk full, closed, over its queue limit. The append may be tried again. */
export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError';
}

/** Nobody knows whether the append was written (time-out, lost connection). Re-read, then send the same append again. */
export class OutcomeUnknownError extends Error {
  override name = 'OutcomeUnknownError';
}

export type StreamFilter = {
  /** Stream name prefixes, for example `account-`. */
  readonly prefixes: readonly string[];
};

/** Everything that matches the filter up to and including `position` has been delivered when this batch is handled. */
export type SubscriptionBatch = {
  readonly events: readonly RecordedEvent[];
  readonly position: number;
  /** True when the log had nothing newer at the time of reading. */
  readonly caughtUp: boolean;
};

/** A named JSON record with a version for compare-and-set; version 0 = absent. */
export type LeaseRecord = { readonly version: number; readonly data: JsonObject };

export type EventStore = {
  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[], options?: { readonly maxCount?: number }): Promise<AppendResult>;
  /** Events of one stream, oldest first, from `fromRevision` (default 0), at most `maxCount`. An absent stream is empty. */
  readStream(stream: string, options?: { readonly fromRevision?: number; readonly maxCount?: number }): Promise<readonly RecordedEvent[]>;
  /** The event at exactly this position, undefined if there is none. */
  readAt(position: number): Promise<RecordedEvent | undefined>;
  /** Matching events after `after` (0 = from the start) in log order. `position` is as in SubscriptionBatch. */
  readAll(after: number, filter: StreamFilter, maxCount: number): Promise<SubscriptionBatch>;
  /** Position of the newest event in the whole log, 0 when empty. */
  head(): Promise<number>;
  /**
   * Catch-up subscription: batches in log order for ever, until `signal` aborts (then it ends normally).
   * A batch with no events and `caughtUp` is delivered when the end is reached, and checkpoints may come without events.
   */
  subscribeToAll(after: number, filter: StreamFilter, signal: AbortSignal): AsyncIterable<SubscriptionBatch>;

  /** Snapshots: disposable records by name (at most 1 MiB each), last one wins. Never among the domain streams. */
  readSnapshot(name: string): Promise<JsonObject | undefined>;
  writeSnapshot(name: string, data: JsonObject): Promise<void>;

  /** Leases: small records that carry holder, counter and checkpoint. */
  readLeases(names: readonly string[]): Promise<readonly LeaseRecord[]>;
  /** Writes where the stored version still is `expectedVersion`; answers, per item, whether it was written. */
  writeLeases(items: readonly { readonly name: string; readonly expectedVersion: number; readonly data: JsonObject }[]): Promise<readonly boolean[]>;

  close(): Promise<void>;
};
