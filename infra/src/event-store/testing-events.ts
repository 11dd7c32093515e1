// What the tests of the event store's adapters share: an opened store, events and stream names.

import { randomUUID } from 'node:crypto';
import type { EventStore, NewEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

export type OpenedStore = {
  readonly store: EventStore;
  /** Closes the store and whatever serves it, and opens it again on the same data. */
  reopen(): Promise<EventStore>;
  close(): Promise<void>;
};

export function newEvents(count: number, data: JsonObject = { amountMinor: 500 }): NewEvent[] {
  const metadata = { actor: 'contract' };
  return Array.from({ length: count }, (_, index) => ({ id: randomUUID(), type: 'StakeNoted', data: { ...data, index }, metadata }));
}

/** A stream that no other test uses: the store under test may hold other events. */
export function newStream(category = 'account'): string {
  return `${category}-${randomUUID()}`;
}
