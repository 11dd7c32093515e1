// An event store that fails on purpose, for tests: a real one, some of whose calls a test stands in for.

import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

/** Calls that are given replace those of `store`; everything else goes through. */
export function withFaults(store: EventStore, faults: Partial<EventStore>): EventStore {
  return {
    append: (...args) => store.append(...args),
    readStream: (...args) => store.readStream(...args),
    readAt: (position) => store.readAt(position),
    readAll: (...args) => store.readAll(...args),
    head: () => store.head(),
    subscribeToAll: (...args) => store.subscribeToAll(...args),
    readSnapshot: (name) => store.readSnapshot(name),
    writeSnapshot: (name, data) => store.writeSnapshot(name, data),
    readLeases: (names) => store.readLeases(names),
    writeLeases: (items) => store.writeLeases(items),
    close: () => store.close(),
    ...faults,
  };
}

/** The first appends go to the stand-ins, one each; the later ones through. */
export function withAppends(store: EventStore, ...standIns: readonly EventStore['append'][]): EventStore {
  const left = [...standIns];
  return withFaults(store, { append: (...args) => left.shift()?.(...args) ?? store.append(...args) });
}

/** Keeps snapshots in `records`, where a test can delete and damage them. */
export function withSnapshotsIn(store: EventStore, records: Map<string, JsonObject>): EventStore {
  return withFaults(store, {
    readSnapshot: (name) => Promise.resolve(records.get(name)),
    writeSnapshot: (name, data) => Promise.resolve(void records.set(name, JSON.parse(JSON.stringify(data)))),
  });
}
