// Events and stream names for the tests of the event store's adapters.

import { randomUUID } from 'node:crypto';
import type { NewEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

export function newEvents(count: number, data: JsonObject = { amountMinor: 500 }): NewEvent[] {
  const metadata = { actor: 'contract' };
  return Array.from({ length: count }, (_, index) => ({ id: randomUUID(), type: 'StakeNoted', data: { ...data, index }, metadata }));
}

/** A stream that no other test uses: the store under test may hold other events. */
export function newStream(category = 'account'): string {
  return `${category}-${randomUUID()}`;
}
