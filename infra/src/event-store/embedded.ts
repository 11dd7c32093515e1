// The embedded event store, one client of it: reads the log's file itself, sends everything that writes to the writer thread.
// One per thread, on a port of startEventLog (embedded-log.ts). This is the reference for every other adapter of the port.

import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import {
  StoreUnavailableError,
  type AppendResult,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type StreamFilter,
  type SubscriptionBatch,
} from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert, unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { Pace } from '../event-bus/embedded-pace.ts';
import { anyRevision, noStream, type Reply } from './embedded-messages.ts';
import { EmbeddedReads } from './embedded-reads.ts';
import { WriterRequests } from './embedded-requests.ts';
import { isSqliteError } from './embedded-schema.ts';
import { SharedHeads } from './shared-heads.ts';

export type EmbeddedEventStoreOptions = {
  readonly dataDir: string;
  /** From `EventLog.connect()`. */
  readonly port: MessagePort;
  /** An append without an answer for this long is of unknown outcome. */
  readonly appendTimeoutMs: number;
  /** Requests of this client that may wait for an answer. */
  readonly appendQueueMax?: number;
  /** A subscription without matching events reports its position about this often while others append. */
  readonly checkpointIntervalMs?: number;
  /** Under load a subscription lets events gather for up to this long between two batches: fewer, larger ones. Default 0. */
  readonly gatherMsMax?: number;
  /** A subscription tells how far the log is, and brings no events: for the relay of a bus that reads the log itself. Default false. */
  readonly positionsOnly?: boolean;
  readonly monotonicMs?: () => number;
};

/** The limits that EventStoreDB has too, so that what works here works there. */
const appendBytesMax = 1024 * 1024;
const appendEventsMax = 1000;
const snapshotBytesMax = 1024 * 1024;
const streamName = /^[\x21-\x7e]{1,200}$/;
const subscriptionBatchMax = 500;

export function openEmbeddedEventStore(options: EmbeddedEventStoreOptions): EventStore {
  const { dataDir, port, appendTimeoutMs, appendQueueMax = 10_000 } = options;
  const { checkpointIntervalMs = 500, gatherMsMax = 0, positionsOnly = false, monotonicMs = () => performance.now() } = options;
  const memory: unknown = receiveMessageOnPort(port)?.message;
  assert(memory instanceof SharedArrayBuffer, 'a port of the event log is for one client');
  const shared = new SharedHeads(memory);
  const requests = new WriterRequests(port, shared, { appendTimeoutMs, appendQueueMax });
  return new EmbeddedEventStore(new EmbeddedReads(dataDir, shared), requests, shared, { checkpointIntervalMs, gatherMsMax, positionsOnly, monotonicMs });
}

type Following = Required<Pick<EmbeddedEventStoreOptions, 'checkpointIntervalMs' | 'gatherMsMax' | 'positionsOnly' | 'monotonicMs'>>;

class EmbeddedEventStore implements EventStore {
  readonly #reads: EmbeddedReads;
  readonly #requests: WriterRequests;
  readonly #shared: SharedHeads;
  readonly #following: Following;
  #isClosed = false;

  constructor(
    reads: EmbeddedReads,
    requests: WriterRequests,
    shared: SharedHeads,
    following: Following,
  ) {
    this.#reads = reads;
    this.#requests = requests;
    this.#shared = shared;
    this.#following = following;
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    options: { readonly maxCount?: number } = {},
  ): Promise<AppendResult> {
    assert(streamName.test(stream), 'a stream name has 1 to 200 visible ASCII characters');
    assert(events.length > 0 && events.length <= appendEventsMax, 'an append has 1 to 1000 events');
    const { maxCount = 0 } = options;
    assert(Number.isSafeInteger(maxCount) && maxCount >= 0, 'maxCount is a count');
    const fields: string[] = [];
    let bytes = 0;
    for (const { id, type, data, metadata } of events) {
      const dataJson = JSON.stringify(data);
      const metadataJson = JSON.stringify(metadata);
      bytes += dataJson.length + metadataJson.length;
      fields.push(id, type, dataJson, metadataJson);
    }
    assert(bytes <= appendBytesMax, 'an append has at most 1 MiB of data');
    const revision = expected === 'no-stream' ? noStream : expected === 'any' ? anyRevision : expected;
    return appendResult(await this.#requests.send((seq) => ['append', seq, stream, revision, maxCount, ...fields], bytes), events.length);
  }

  async readStream(stream: string, options: { readonly fromRevision?: number; readonly maxCount?: number } = {}) {
    return this.#read((reads) => reads.stream(stream, options.fromRevision ?? 0, options.maxCount ?? Number.MAX_SAFE_INTEGER));
  }

  async readAt(position: number) {
    return this.#read((reads) => reads.at(position));
  }

  async readAll(after: number, filter: StreamFilter, maxCount: number): Promise<SubscriptionBatch> {
    return this.#read((reads) => reads.all(after, filter, maxCount));
  }

  async head(): Promise<number> {
    return this.#read((reads) => reads.head());
  }

  async *subscribeToAll(after: number, filter: StreamFilter, signal: AbortSignal): AsyncGenerator<SubscriptionBatch> {
    let position = after;
    const pace = new Pace(this.#following.gatherMsMax);
    while (!signal.aborted) {
      const batch = this.#following.positionsOnly ? this.#newest(position) : this.#read((reads) => reads.all(position, filter, subscriptionBatchMax));
      pace.hasRead(batch.position - position, performance.now());
      position = batch.position;
      yield batch;
      // A long catch-up must not keep this thread from its other work.
      if (!batch.caughtUp) await nextTurn();
      else await this.#news(position, filter, signal, pace);
    }
  }

  #newest(after: number): SubscriptionBatch {
    return { events: [], position: Math.max(after, this.#shared.newest), caughtUp: true };
  }

  /** Waits until a matching event may be there, or until the log has moved on without one for the checkpoint interval. */
  async #news(position: number, filter: StreamFilter, signal: AbortSignal, pace: Pace): Promise<void> {
    const waitMs = pace.waitMs(performance.now());
    // Not listening meanwhile is what spares both threads a message for each of the writer's groups.
    if (waitMs >= 1 && !signal.aborted) await delay(waitMs);
    const plan = this.#read((reads) => reads.plan(filter));
    const sinceMs = this.#following.monotonicMs();
    const isNews = (): boolean => {
      if (this.#shared.newest <= position) return false;
      if (this.#shared.kindCount > plan.kindsKnown) return true;
      if (plan.kinds.some((kind) => this.#shared.newestOfKind(kind) > position)) return true;
      return this.#following.monotonicMs() - sinceMs >= this.#following.checkpointIntervalMs;
    };
    await this.#requests.news(isNews, signal);
    const { closed } = this.#requests;
    if (closed !== undefined && !signal.aborted) throw new StoreUnavailableError(closed);
  }

  async readSnapshot(name: string) {
    return this.#read((reads) => reads.snapshot(name));
  }

  async writeSnapshot(name: string, data: JsonObject): Promise<void> {
    const json = JSON.stringify(data);
    assert(json.length <= snapshotBytesMax, 'a snapshot has at most 1 MiB');
    available(await this.#requests.send((seq) => ['snapshot', seq, name, json], json.length));
  }

  async readLeases(names: readonly string[]) {
    return this.#read((reads) => names.map((name) => reads.lease(name)));
  }

  async writeLeases(items: readonly { readonly name: string; readonly expectedVersion: number; readonly data: JsonObject }[]) {
    const fields = items.flatMap(({ name, expectedVersion, data }) => [name, expectedVersion, JSON.stringify(data)]);
    const reply = available(await this.#requests.send((seq) => ['leases', seq, ...fields], 0));
    assert(reply[0] === 'leases', 'leases are answered as leases');
    return reply[2];
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#requests.close();
    this.#reads.close();
  }

  #read<Result>(read: (reads: EmbeddedReads) => Result): Result {
    if (this.#isClosed) throw new StoreUnavailableError('this client of the event log is closed');
    try {
      return read(this.#reads);
    } catch (error) {
      if (isSqliteError(error)) throw new StoreUnavailableError(error.message, { cause: error });
      throw error;
    }
  }
}

function available(reply: Reply): Reply {
  if (reply[0] === 'unavailable') throw new StoreUnavailableError(reply[2]);
  return reply;
}

function appendResult(reply: Reply, count: number): AppendResult {
  switch (reply[0]) {
    case 'written':
      return { outcome: 'appended', revision: reply[2], positions: Array.from({ length: count }, (_, index) => reply[3] + index) };
    case 'repeated':
      return { outcome: 'appended', revision: reply[2], positions: reply[3] };
    case 'conflict':
      return { outcome: 'conflict', revision: reply[2] };
    case 'unavailable':
      throw new StoreUnavailableError(reply[2]);
    case 'leases':
    case 'snapshot':
      throw new Error(`an append was answered as ${reply[0]}`);
    default:
      return unreachable(reply);
  }
}
