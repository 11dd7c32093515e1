// One connection to EventStoreDB: its client, and every call that ends, each within a time limit of our own. Used by eventstoredb.ts.
// The client's limits do not cover discovery, reads and subscriptions, and its batch append has none at all.

import {
  ANY, BACKWARDS, END, EventStoreDBClient, FORWARDS, jsonEvent, NO_STREAM, START, WrongExpectedVersionError, StreamNotFoundError,
  type AppendExpectedRevision, type Credentials, type JSONEventType, type ResolvedEvent, type StreamingRead,
} from '@eventstore/db-client';
import { setTimeout as delay } from 'node:timers/promises';
import {
  OutcomeUnknownError, StoreUnavailableError, type ExpectedRevision, type NewEvent, type RecordedEvent,
} from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { within } from '../within.ts';
import { appendFailure, readFailure } from './eventstoredb-errors.ts';

export type ConnectionOptions = {
  /** As EventStoreDB's documentation describes it. User and password are needed unless it says `tls=false`. */
  readonly connectionString: string;
  readonly appendTimeoutMs: number;
  /** A read that brings nothing for this long has failed. */
  readonly readTimeoutMs: number;
};

const closeMsMax = 1_000;

/** The server tells the last event's position only. */
export type Appended = { readonly revision: number; readonly lastPosition: number } | { readonly conflictAt: number };

export class EventStoreDbConnection {
  readonly client: EventStoreDBClient;
  readonly #options: ConnectionOptions;
  readonly #credentials: Credentials;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#credentials = credentialsFrom(options.connectionString);
    this.client = EventStoreDBClient.connectionString(options.connectionString);
  }

  get readTimeoutMs(): number {
    return this.#options.readTimeoutMs;
  }

  /**
   * Credentials with each call make it a call of its own: the shared stream that the client uses without them knows no deadline, and when
   * it breaks, the appends of every client in the process fail. @throws OutcomeUnknownError, StoreUnavailableError
   */
  async append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended> {
    const { appendTimeoutMs } = this.#options;
    const expectedRevision = expectedOf(expected);
    const call = this.client.appendToStream<JSONEventType>(stream, events.map((event) => jsonEvent(event)), {
      expectedRevision,
      credentials: this.#credentials,
      deadline: appendTimeoutMs,
    });
    try {
      const { nextExpectedRevision, position } = await within(call, appendTimeoutMs, () => new OutcomeUnknownError(`no answer within ${appendTimeoutMs} ms`));
      assert(position !== undefined, 'a written event has a position');
      return { revision: numberOf(nextExpectedRevision), lastPosition: numberOf(position.commit) };
    } catch (error) {
      if (!(error instanceof WrongExpectedVersionError)) throw appendFailure(error);
      return { conflictAt: typeof error.actualVersion === 'bigint' ? numberOf(error.actualVersion) : -1 };
    }
  }

  /** An absent stream is empty. @throws StoreUnavailableError */
  async readStream(stream: string, range: { readonly fromRevision: number; readonly maxCount: number }): Promise<RecordedEvent[]> {
    const { fromRevision, maxCount } = range;
    if (maxCount <= 0) return [];
    return this.#collect(this.client.readStream(stream, { fromRevision: BigInt(fromRevision), maxCount, direction: FORWARDS }));
  }

  async readLast(stream: string): Promise<RecordedEvent | undefined> {
    const [last] = await this.#collect(this.client.readStream(stream, { fromRevision: END, maxCount: 1, direction: BACKWARDS }));
    return last;
  }

  /** The event at this position or the first one after it. */
  async readFrom(position: number): Promise<RecordedEvent | undefined> {
    const [event] = await this.#collect(this.client.readAll({ fromPosition: positionOf(position), maxCount: 1, direction: FORWARDS }));
    return event;
  }

  /** Newest first, without the one at the position itself. */
  async readBefore(position: number, maxCount: number): Promise<RecordedEvent[]> {
    return this.#collect(this.client.readAll({ fromPosition: positionOf(position), maxCount, direction: BACKWARDS }));
  }

  async head(): Promise<number> {
    const [newest] = await this.#collect(this.client.readAll({ fromPosition: END, maxCount: 1, direction: BACKWARDS }));
    return newest?.position ?? 0;
  }

  /** Undefined: the stream is kept whole. */
  async maxCountOf(stream: string): Promise<number | undefined> {
    const { readTimeoutMs } = this.#options;
    const late = (): Error => new StoreUnavailableError(`no answer within ${readTimeoutMs} ms`);
    try {
      const { metadata } = await within(this.client.getStreamMetadata(stream), readTimeoutMs, late);
      return metadata?.maxCount;
    } catch (error) {
      throw readFailure(error);
    }
  }

  async setMaxCount(stream: string, maxCount: number): Promise<void> {
    const { appendTimeoutMs } = this.#options;
    const call = this.client.setStreamMetadata(stream, { maxCount }, { credentials: this.#credentials, deadline: appendTimeoutMs });
    try {
      await within(call, appendTimeoutMs, () => new StoreUnavailableError(`no answer within ${appendTimeoutMs} ms`));
    } catch (error) {
      // Written or not, it says the same every time.
      throw readFailure(error);
    }
  }

  /** The client waits until all its calls have ended, which a call that nobody reads may never do. */
  async close(): Promise<void> {
    const isDisposed = this.client.dispose().then(() => true);
    await Promise.race([isDisposed, delay(closeMsMax, false, { ref: false })]);
  }

  async #collect(stream: StreamingRead<ResolvedEvent>): Promise<RecordedEvent[]> {
    const { readTimeoutMs } = this.#options;
    const late = new StoreUnavailableError(`nothing within ${readTimeoutMs} ms`);
    const timer = setTimeout(() => stream.destroy(late), readTimeoutMs);
    const events: RecordedEvent[] = [];
    try {
      for await (const resolved of stream) {
        timer.refresh();
        if (resolved.event !== undefined) events.push(recordedFrom(resolved.event));
      }
      return events;
    } catch (error) {
      if (error instanceof StreamNotFoundError) return [];
      stream.cancel().catch(() => undefined);
      throw readFailure(error);
    } finally {
      clearTimeout(timer);
      // The client may report the end of the call once more, and an error that nobody listens to ends the process.
      stream.on('error', () => undefined);
    }
  }
}

export const startOrAfter = (position: number): typeof START | { commit: bigint; prepare: bigint } => (position === 0 ? START : positionOf(position));

function positionOf(position: number): { commit: bigint; prepare: bigint } {
  // Events that were appended through gRPC have one place in the log, so both parts are the same.
  return { commit: BigInt(position), prepare: BigInt(position) };
}

function expectedOf(expected: ExpectedRevision): AppendExpectedRevision {
  if (expected === 'any') return ANY;
  return expected === 'no-stream' ? NO_STREAM : BigInt(expected);
}

/** Revisions and positions are numbers in the port: a log of 9 petabytes would be too long for them. */
export function numberOf(value: bigint): number {
  const number = Number(value);
  assert(Number.isSafeInteger(number), `a revision or position within 2^53: ${value}`);
  return number;
}

export function recordedFrom(event: NonNullable<ResolvedEvent['event']>): RecordedEvent {
  const { id, type, streamId, data, metadata } = event;
  const position = event.position === undefined ? 0 : numberOf(event.position.commit);
  return { id, type, stream: streamId, revision: numberOf(event.revision), position, data: objectFrom(data), metadata: objectFrom(metadata) };
}

/** Ours are JSON objects always; what the server or others write need not be, and has no meaning here. */
function objectFrom(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** From the connection string. Without TLS the client sends none, and any will do. */
function credentialsFrom(connectionString: string): Credentials {
  const [, username, password] = /^[a-z+]+:\/\/([^:@/]+):([^@/]+)@/.exec(connectionString) ?? [];
  if (username !== undefined && password !== undefined) return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  assert(/[?&]tls=false\b/i.test(connectionString), 'a connection string with TLS names user and password');
  return { username: 'nobody', password: 'nothing' };
}
