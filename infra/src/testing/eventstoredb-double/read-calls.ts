// Reads and subscriptions of the EventStoreDB stand-in: one call serves both, of a stream and of the whole log. Installed by server.ts.
// It sends no event that is not durable, and waits whenever the client is not keeping up.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type grpc from '@grpc/grpc-js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Log } from './log.ts';
import { RefusedError, refusalOf, streamDeleted } from './refusals.ts';
import { caughtUpResponse, checkpointResponse, confirmationResponse, eventResponse, notFoundResponse, readFrom, type ReadRequest } from './wire.ts';

type ReadCall = grpc.ServerWritableStream<ReadReq, ReadResp>;

/** After so many events looked at, other calls get their turn. */
const eventsPerTurn = 256;

/** What goes wrong with each subscription once it has caught up: it ends as if all were well, or nothing comes any more. */
export const subscriptionFaults = ['none', 'end', 'silence'] as const;
export type SubscriptionFault = (typeof subscriptionFaults)[number];

export function readCall(log: Log, fault: SubscriptionFault): grpc.handleServerStreamingCall<ReadReq, ReadResp> {
  return (call) => {
    const ended = new AbortController();
    for (const event of ['cancelled', 'close', 'error']) call.on(event, () => ended.abort());
    serve(new Sender(log, call, ended.signal, fault), readFrom(call.request)).then(
      () => call.end(),
      (error: unknown) => call.emit('error', refusalOf(error)),
    );
  };
}

class Sender {
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly #call: ReadCall;
  readonly #fault: SubscriptionFault;
  #looked = 0;

  constructor(log: Log, call: ReadCall, signal: AbortSignal, fault: SubscriptionFault) {
    this.log = log;
    this.#call = call;
    this.signal = signal;
    this.#fault = fault;
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** Resolves when more may be sent. */
  async send(response: ReadResp): Promise<void> {
    if (this.isOver || this.#call.write(response)) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.#call.removeListener('drain', go);
        this.signal.removeEventListener('abort', go);
        resolve();
      };
      this.#call.on('drain', go);
      this.signal.addEventListener('abort', go);
    });
  }

  /** Resolves when there are more events than these, or nobody is there to get them; false where the subscription ends by fault. */
  async news(known: number): Promise<boolean> {
    if (this.#fault === 'end' || this.isOver) return false;
    if (this.#fault === 'silence') await once(this.signal, 'abort');
    else await this.log.news(known, this.signal);
    return !this.isOver;
  }

  /** To be called for every event that is looked at. */
  async turn(): Promise<void> {
    this.#looked += 1;
    if (this.#looked % eventsPerTurn === 0) await nextTurn();
  }
}

async function serve(sender: Sender, request: ReadRequest): Promise<void> {
  const { source, isSubscription } = request;
  if (isSubscription) await sender.send(confirmationResponse(randomUUID()));
  if (source === 'all') return isSubscription ? followAll(sender, request) : readAll(sender, request);
  const { stream } = source;
  if (sender.log.index.stream(stream)?.isTombstoned === true) throw new RefusedError(streamDeleted(stream));
  return isSubscription ? followStream(sender, request, stream) : readStream(sender, request, stream);
}

/** Forwards from a revision takes it in. Backwards from the start is the first event alone. */
async function readStream(sender: Sender, { from, isBackwards, max, form }: ReadRequest, name: string): Promise<void> {
  const readable = sender.log.readable(name);
  if (readable === undefined) return sender.send(notFoundResponse(name));
  const { first, last, stream } = readable;
  const asked = from === 'start' ? (isBackwards ? 0 : first) : from === 'end' ? (isBackwards ? last : last + 1) : from;
  const step = isBackwards ? -1 : 1;
  let revision = isBackwards ? Math.min(asked, last) : Math.max(asked, first);
  for (let sent = 0; sent < max && revision >= first && revision <= last && !sender.isOver; revision += step, sent += 1) {
    await sender.send(eventResponse(sender.log.event(stream.ordinals[revision] ?? 0), form));
    await sender.turn();
  }
}

/** Forwards from a position takes it in; backwards does not. */
async function readAll(sender: Sender, { from, isBackwards, max, form, filter }: ReadRequest): Promise<void> {
  const { log } = sender;
  const last = log.visible;
  const asked = from === 'start' ? 0 : from === 'end' ? last : Math.min(last, log.index.ordinalAt(from));
  const step = isBackwards ? -1 : 1;
  let sent = 0;
  for (let ordinal = isBackwards ? asked - 1 : asked; sent < max && ordinal >= 0 && ordinal < last && !sender.isOver; ordinal += step) {
    await sender.turn();
    if (filter !== undefined && !filter.allows(log.index.streamNameOf(ordinal), log.index.typeOf(ordinal))) continue;
    await sender.send(eventResponse(log.event(ordinal), form));
    sent += 1;
  }
}

/** From a position means after it. */
async function followAll(sender: Sender, { from, form, filter }: ReadRequest): Promise<void> {
  const { log } = sender;
  let next = from === 'start' ? 0 : from === 'end' ? log.visible : log.index.ordinalAt(from + 1);
  let isCaughtUp = false;
  let considered = 0;
  // A checkpoint never repeats what the client knows: its own start, or the event before.
  let told = from === 'end' ? log.index.positionOf(next - 1) : from === 'start' ? 0 : from;
  const checkpoint = async (): Promise<void> => {
    const position = log.index.positionOf(next - 1);
    considered = 0;
    if (filter === undefined || next === 0 || position <= told) return;
    told = position;
    await sender.send(checkpointResponse(position));
  };
  while (!sender.isOver) {
    for (; next < log.visible && !sender.isOver; ) {
      const ordinal = next;
      next += 1;
      considered += 1;
      if (filter === undefined || filter.allows(log.index.streamNameOf(ordinal), log.index.typeOf(ordinal))) {
        await sender.send(eventResponse(log.event(ordinal), form));
      }
      if (considered >= (filter?.checkpointEvents ?? Infinity)) await checkpoint();
      await sender.turn();
    }
    if (!isCaughtUp) {
      isCaughtUp = true;
      await checkpoint();
      await sender.send(caughtUpResponse());
    }
    if (!(await sender.news(next))) return;
  }
}

/** From a revision means after it. A stream that is not there may come. */
async function followStream(sender: Sender, { from, form }: ReadRequest, name: string): Promise<void> {
  const { log } = sender;
  let next = from === 'start' ? 0 : from === 'end' ? (log.readable(name)?.last ?? -1) + 1 : from + 1;
  let isCaughtUp = false;
  while (!sender.isOver) {
    const known = log.visible;
    if (log.index.stream(name)?.isTombstoned === true) throw new RefusedError(streamDeleted(name));
    const readable = log.readable(name);
    if (readable !== undefined) {
      for (next = Math.max(next, readable.first); next <= readable.last && !sender.isOver; next += 1) {
        await sender.send(eventResponse(log.event(readable.stream.ordinals[next] ?? 0), form));
        await sender.turn();
      }
    }
    if (!isCaughtUp) {
      isCaughtUp = true;
      await sender.send(caughtUpResponse());
    }
    if (!(await sender.news(known))) return;
  }
}
