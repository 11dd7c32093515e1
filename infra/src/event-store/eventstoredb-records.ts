// Snapshots and leases on EventStoreDB: the newest event of a stream of their own, the older ones dropped by the server ($maxCount).
// Used by eventstoredb.ts. The streams' names begin with none of the domain's prefixes, so that no subscription gets to see them.

import { randomUUID } from 'node:crypto';
import type { LeaseRecord } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { EventStoreDbConnection } from './eventstoredb-connection.ts';

const snapshotsKept = 1;
/** More than one, so that a reader on its way finds its event. */
const leasesKept = 2;
const recordBytesMax = 1024 * 1024;
/** Streams whose $maxCount this process knows. The first ones are forgotten first: knowing it again costs a read. */
const streamsKnownMax = 20_000;

const snapshotStream = (name: string): string => `snapshot.${name}`;
const leaseStream = (name: string): string => `lease.${name}`;

export class EventStoreDbRecords {
  readonly #connection: EventStoreDbConnection;
  readonly #maxCounts = new Map<string, number>();

  constructor(connection: EventStoreDbConnection) {
    this.#connection = connection;
  }

  /** Sees to it that the server keeps the stream short. Written once per stream, not once per append. */
  async keepShort(stream: string, maxCount: number): Promise<void> {
    if (this.#maxCounts.get(stream) === maxCount) return;
    if ((await this.#connection.maxCountOf(stream)) !== maxCount) await this.#connection.setMaxCount(stream, maxCount);
    this.#maxCounts.set(stream, maxCount);
    if (this.#maxCounts.size <= streamsKnownMax) return;
    for (const oldest of this.#maxCounts.keys()) {
      this.#maxCounts.delete(oldest);
      return;
    }
  }

  async readSnapshot(name: string): Promise<JsonObject | undefined> {
    return (await this.#connection.readLast(snapshotStream(name)))?.data;
  }

  async writeSnapshot(name: string, data: JsonObject): Promise<void> {
    assert(Buffer.byteLength(JSON.stringify(data)) < recordBytesMax - 1024, 'a snapshot has at most 1 MiB');
    const stream = snapshotStream(name);
    await this.keepShort(stream, snapshotsKept);
    await this.#connection.append(stream, 'any', [{ id: randomUUID(), type: 'Snapshot', data, metadata: {} }]);
  }

  /** A lease's version is the count of its writes: its stream's revision and one. */
  async readLeases(names: readonly string[]): Promise<readonly LeaseRecord[]> {
    const newest = await Promise.all(names.map((name) => this.#connection.readLast(leaseStream(name))));
    return newest.map((event) => (event === undefined ? { version: 0, data: {} } : { version: event.revision + 1, data: event.data }));
  }

  /** Side by side, but writes of one lease in their order. */
  async writeLeases(items: readonly { readonly name: string; readonly expectedVersion: number; readonly data: JsonObject }[]) {
    const lastOf = new Map<string, Promise<boolean>>();
    const writes = items.map((item) => {
      const previous = lastOf.get(item.name) ?? Promise.resolve(false);
      const write = previous.then(() => this.#writeLease(item));
      lastOf.set(item.name, write);
      return write;
    });
    return Promise.all(writes);
  }

  async #writeLease({ name, expectedVersion, data }: { readonly name: string; readonly expectedVersion: number; readonly data: JsonObject }): Promise<boolean> {
    const stream = leaseStream(name);
    await this.keepShort(stream, leasesKept);
    // A new id every time: two holders that write the same must not both be told that they have it.
    const events = [{ id: randomUUID(), type: 'Lease', data, metadata: {} }];
    const appended = await this.#connection.append(stream, expectedVersion === 0 ? 'no-stream' : expectedVersion - 1, events);
    return !('conflictAt' in appended);
  }
}
