// The event store on EventStoreDB. Chosen by open-infra.ts; the port says what it promises, the embedded adapter is the reference.
// A position is the commit position. The server takes a read from a position as "this one too" and a subscription as "after this one";
// the port means "after" always, so its pages are subscriptions, and 0 is the log's start. Give it positions that it gave you.

import {
  OutcomeUnknownError, StoreUnavailableError,
  type AppendResult, type EventStore, type ExpectedRevision, type NewEvent, type RecordedEvent, type StreamFilter, type SubscriptionBatch,
} from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { EventStoreDbConnection, type ConnectionOptions } from './eventstoredb-connection.ts';
import { follow, readPage, type FollowOptions } from './eventstoredb-follow.ts';
import { EventStoreDbRecords } from './eventstoredb-records.ts';

export type EventStoreDbOptions = Pick<ConnectionOptions, 'connectionString' | 'appendTimeoutMs'> &
  Partial<Pick<ConnectionOptions, 'readTimeoutMs'> & FollowOptions> & {
    /** Appends of this client that may wait for an answer. */
    readonly appendQueueMax?: number;
  };

/** The server's own limit is 1 MiB of data, metadata and types per append. */
const appendBytesMax = 1024 * 1024 - 16 * 1024;
const appendEventsMax = 1000;
const streamName = /^[\x21-\x7e]{1,200}$/;

/** Connects with the first call. */
export function openEventStoreDb(options: EventStoreDbOptions): EventStore {
  const { connectionString, appendTimeoutMs, readTimeoutMs = 2_000, appendQueueMax = 10_000 } = options;
  const { quietMsMax = 500, retryDelayMs = 50, retryDelayMsMax = 2_000, onSubscriptionLost = () => undefined } = options;
  const connection = new EventStoreDbConnection({ connectionString, appendTimeoutMs, readTimeoutMs });
  return new EventStoreDb(connection, appendQueueMax, { quietMsMax, retryDelayMs, retryDelayMsMax, onSubscriptionLost });
}

class EventStoreDb implements EventStore {
  readonly #connection: EventStoreDbConnection;
  readonly #records: EventStoreDbRecords;
  readonly #appendQueueMax: number;
  readonly #followOptions: FollowOptions;
  readonly #closing = new AbortController();
  #appending = 0;

  constructor(connection: EventStoreDbConnection, appendQueueMax: number, followOptions: FollowOptions) {
    this.#connection = connection;
    this.#records = new EventStoreDbRecords(connection);
    this.#appendQueueMax = appendQueueMax;
    this.#followOptions = followOptions;
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    options: { readonly maxCount?: number } = {},
  ): Promise<AppendResult> {
    assertAppend(stream, events);
    const { maxCount = 0 } = options;
    assert(Number.isSafeInteger(maxCount) && maxCount >= 0, 'maxCount is a count');
    const connection = this.#open();
    if (this.#appending >= this.#appendQueueMax) throw new StoreUnavailableError('too many appends are waiting');
    this.#appending += 1;
    try {
      if (maxCount > 0) await this.#records.keepShort(stream, maxCount);
      const appended = await connection.append(stream, expected, events);
      if ('conflictAt' in appended) return { outcome: 'conflict', revision: appended.conflictAt };
      const { revision, lastPosition } = appended;
      const positions = events.length === 1 ? [lastPosition] : await this.#positionsOf(stream, events, revision, lastPosition);
      return { outcome: 'appended', revision, positions };
    } finally {
      this.#appending -= 1;
    }
  }

  async readStream(stream: string, options: { readonly fromRevision?: number; readonly maxCount?: number } = {}) {
    const { fromRevision = 0, maxCount = Number.MAX_SAFE_INTEGER } = options;
    return this.#open().readStream(stream, { fromRevision, maxCount });
  }

  async readAt(position: number) {
    const event = await this.#open().readFrom(position);
    return event?.position === position ? event : undefined;
  }

  async readAll(after: number, filter: StreamFilter, maxCount: number): Promise<SubscriptionBatch> {
    return readPage(this.#open(), after, filter, maxCount);
  }

  async head() {
    return this.#open().head();
  }

  async *subscribeToAll(after: number, filter: StreamFilter, signal: AbortSignal): AsyncGenerator<SubscriptionBatch> {
    yield* follow(this.#open(), { after, filter }, { signal, closed: this.#closing.signal }, this.#followOptions);
  }

  async readSnapshot(name: string) {
    this.#open();
    return this.#records.readSnapshot(name);
  }

  async writeSnapshot(name: string, data: JsonObject) {
    this.#open();
    await this.#records.writeSnapshot(name, data);
  }

  async readLeases(names: readonly string[]) {
    this.#open();
    return this.#records.readLeases(names);
  }

  async writeLeases(items: readonly { readonly name: string; readonly expectedVersion: number; readonly data: JsonObject }[]) {
    this.#open();
    return this.#records.writeLeases(items);
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#connection.close();
  }

  #open(): EventStoreDbConnection {
    if (this.#closing.signal.aborted) throw new StoreUnavailableError('this client of the event store is closed');
    return this.#connection;
  }

  /**
   * The server tells where the last event of an append is. The others are read: from the stream and, where $maxCount has already hidden
   * them, from the log, where the events of one append stand side by side.
   */
  async #positionsOf(stream: string, events: readonly NewEvent[], revision: number, lastPosition: number): Promise<readonly number[]> {
    const fromRevision = revision - events.length + 1;
    const found = new Map([[events.at(-1)?.id, lastPosition]]);
    const note = ({ id, position }: RecordedEvent): unknown => found.set(id, position);
    try {
      (await this.#connection.readStream(stream, { fromRevision, maxCount: events.length })).forEach(note);
      if (found.size < events.length) {
        const before = await this.#connection.readBefore(lastPosition, events.length - 1);
        before.filter((event) => event.stream === stream).forEach(note);
      }
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw new OutcomeUnknownError('written, but the places are not known', { cause: error });
      throw error;
    }
    return events.map(({ id }) => {
      const position = found.get(id);
      if (position === undefined) throw new OutcomeUnknownError(`written, but the place of ${id} is not known`);
      return position;
    });
  }
}

function assertAppend(stream: string, events: readonly NewEvent[]): void {
  assert(streamName.test(stream), 'a stream name has 1 to 200 visible ASCII characters');
  assert(events.length > 0 && events.length <= appendEventsMax, 'an append has 1 to 1000 events');
  let bytes = 0;
  for (const { type, data, metadata } of events) {
    bytes += Buffer.byteLength(JSON.stringify(data)) + Buffer.byteLength(JSON.stringify(metadata)) + 2 * type.length;
  }
  assert(bytes <= appendBytesMax, 'an append has at most 1 MiB of data');
}
