// How far a reader of some streams has everything: called by the parts for their status. A subscription learns only now and then that
// the log has moved on with events that it does not read, heartbeats above all; whoever waits for a position would wait for that.

import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';

/** `position` is where the reader stands: moved on to the end of the log when nothing for this reader lies between. */
export async function completeThrough(eventStore: Pick<EventStore, 'readAll'>, position: number, prefixes: readonly string[]): Promise<number> {
  const rest = await eventStore.readAll(position, { prefixes }, 1);
  return rest.events.length === 0 ? Math.max(position, rest.position) : position;
}
