// What a read model's folder gives to the runner: which documents an event touches, and what it makes of each of them.
// Pure, all of it: no clock, no store. The runner alone reads and writes.

import type { DomainEvent, EventType } from '@wagerline/shared-kernel/events/catalogue';
import type { ReadModel } from '@wagerline/shared-kernel/read-models/read-model';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

/** Every event type, each with a decision: an event that is new in the catalogue breaks the build of every projection. */
export type EventHandling = Readonly<Record<EventType, 'handled' | 'ignored'>>;
export type HandledEvent<Handling extends EventHandling> = Extract<
  DomainEvent,
  { type: { [Type in EventType]: Handling[Type] extends 'handled' ? Type : never }[EventType] }
>;

export function isHandled<const Handling extends EventHandling>(handling: Handling, event: DomainEvent): event is HandledEvent<Handling> {
  return handling[event.type] === 'handled';
}

export type EventMeta = {
  /** Key of the bus record: the stream, or the market id on `by-market`. */
  readonly key: string;
  readonly revision: number;
  readonly position: number;
  /** The version that the document is going to have. */
  readonly version: number;
  /** Running values of the stream, this event included. */
  readonly values: JsonObject;
};

export type DocumentKey = {
  readonly collection: string;
  readonly shard: string;
  readonly id: string;
  /** The event is the first that this document ever gets, so there is nothing to read. */
  readonly isNew: boolean;
};

export type Projection = {
  readonly model: ReadModel;
  /**
   * What a document's version is. `revision`, `position`: of the last event applied, so a repeated event shows by itself.
   * `counter`: raised by every event, for documents that several streams feed; `applied` in them is the runner's own field.
   */
  readonly versioning: 'revision' | 'position' | 'counter';
  /** Collections whose documents change again and again, worth keeping in memory between batches. */
  readonly cachedCollections: readonly string[];
  /** Fields that depend on how the documents came about and not on what they say: left out of hashes. */
  readonly unhashedFields: readonly string[];
  /** Empty for an event that this model ignores. */
  keysOf(event: DomainEvent, at: { readonly key: string; readonly revision: number }): readonly DocumentKey[];
  project(target: DocumentKey, document: JsonObject | undefined, event: DomainEvent, meta: EventMeta): JsonObject;
  /** Running values of a stream after the event; absent where a model has none. */
  readonly valuesAfter?: (values: JsonObject, event: DomainEvent) => JsonObject;
};
