// The event store of another process: every call goes over a channel to whoever serves it there, and is answered by its store. For children of a
// process tree on the embedded log, which has one writer and shares memory with threads alone. Keeps nothing and decides nothing.

import {
  OutcomeUnknownError,
  StoreUnavailableError,
  type EventStore,
  type StreamFilter,
  type SubscriptionBatch,
} from '@wagerline/shared-kernel/ports/event-store';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';

/** Both ways; messages are plain JSON. */
export type StoreChannel = {
  send(message: StoreMessage): void;
  /** Messages of others pass here too. */
  listen(onMessage: (message: Partial<StoreMessage>) => void, onClosed: () => void): void;
};
export type StoreMessage = { readonly storeCall: StoreCall } | { readonly storeReply: StoreReply };

type Asked<Name extends keyof EventStore> = { readonly id: number; readonly name: Name; readonly args: Parameters<EventStore[Name]> };
type StoreCall =
  | Asked<'append'>
  | Asked<'readStream'>
  | Asked<'readAt'>
  | Asked<'readAll'>
  | Asked<'head'>
  | Asked<'readSnapshot'>
  | Asked<'writeSnapshot'>
  | Asked<'readLeases'>
  | Asked<'writeLeases'>
  /** The next batch of a subscription, which begins with its first call and ends with `cancel`. */
  | { readonly id: number; readonly name: 'next'; readonly args: readonly [subscription: number, after: number, filter: StreamFilter] }
  | { readonly id: number; readonly name: 'cancel'; readonly args: readonly [subscription: number] };
type StoreReply = { readonly id: number; readonly value?: unknown; readonly error?: { readonly name: string; readonly message: string } };

type Subscription = { readonly stop: AbortController; readonly batches: AsyncIterator<SubscriptionBatch> };
/** Of one client; each worker has a few. */
const subscriptionsMax = 100;

/** On the side of the store. Ends its subscriptions when the channel is closed; the store stays the caller's. */
export function serveEventStore(store: EventStore, channel: StoreChannel): void {
  const subscriptions = new Map<number, Subscription>();
  const answer = async (call: StoreCall): Promise<void> => {
    try {
      channel.send({ storeReply: { id: call.id, value: await answerOf(store, subscriptions, call) } });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      channel.send({ storeReply: { id: call.id, error: { name, message } } });
    }
  };
  channel.listen(
    (message) => {
      if ('storeCall' in message && message.storeCall !== undefined) void answer(message.storeCall);
    },
    () => {
      for (const { stop } of subscriptions.values()) stop.abort();
    },
  );
}

async function answerOf(store: EventStore, subscriptions: Map<number, Subscription>, call: StoreCall): Promise<unknown> {
  switch (call.name) {
    case 'append': {
      // JSON has no undefined among arguments.
      const [stream, expected, events, options] = call.args;
      return store.append(stream, expected, events, options ?? {});
    }
    case 'readStream':
      return store.readStream(call.args[0], call.args[1] ?? {});
    case 'readAt':
      return store.readAt(...call.args);
    case 'readAll':
      return store.readAll(...call.args);
    case 'head':
      return store.head();
    case 'readSnapshot':
      return store.readSnapshot(...call.args);
    case 'writeSnapshot':
      return store.writeSnapshot(...call.args);
    case 'readLeases':
      return store.readLeases(...call.args);
    case 'writeLeases':
      return store.writeLeases(...call.args);
    case 'next': {
      const [number, after, filter] = call.args;
      const { batches } = subscriptions.get(number) ?? opened(store, subscriptions, number, after, filter);
      return (await batches.next()).value;
    }
    case 'cancel':
      subscriptions.get(call.args[0])?.stop.abort();
      subscriptions.delete(call.args[0]);
      return null;
    default:
      return unreachable(call);
  }
}

function opened(store: EventStore, subscriptions: Map<number, Subscription>, number: number, after: number, filter: StreamFilter): Subscription {
  if (subscriptions.size >= subscriptionsMax) throw new StoreUnavailableError(`a client has at most ${subscriptionsMax} subscriptions`);
  const stop = new AbortController();
  const subscription = { stop, batches: store.subscribeToAll(after, filter, stop.signal)[Symbol.asyncIterator]() };
  subscriptions.set(number, subscription);
  return subscription;
}

/** What goes wrong at the other end comes as it was there. An append without an answer when the channel is closed is of unknown outcome. */
export function openRemoteEventStore(channel: StoreChannel): EventStore {
  const client = new RemoteCalls(channel);
  const ask = <Name extends keyof EventStore>(call: WithoutId<StoreCall>): ReturnType<EventStore[Name]> => {
    return client.send(call) as ReturnType<EventStore[Name]>;
  };
  let subscriptionCount = 0;
  return {
    append: (...args) => ask<'append'>({ name: 'append', args }),
    readStream: (...args) => ask<'readStream'>({ name: 'readStream', args }),
    readAt: (...args) => ask<'readAt'>({ name: 'readAt', args }),
    readAll: (...args) => ask<'readAll'>({ name: 'readAll', args }),
    head: () => ask<'head'>({ name: 'head', args: [] }),
    readSnapshot: (...args) => ask<'readSnapshot'>({ name: 'readSnapshot', args }),
    writeSnapshot: (...args) => ask<'writeSnapshot'>({ name: 'writeSnapshot', args }),
    readLeases: (...args) => ask<'readLeases'>({ name: 'readLeases', args }),
    writeLeases: (...args) => ask<'writeLeases'>({ name: 'writeLeases', args }),
    async *subscribeToAll(after, filter, signal) {
      const number = (subscriptionCount += 1);
      const cancel = (): void => void client.send({ name: 'cancel', args: [number] }).catch(() => undefined);
      signal.addEventListener('abort', cancel, { once: true });
      try {
        while (!signal.aborted) {
          const batch = (await client.send({ name: 'next', args: [number, after, filter] })) as SubscriptionBatch | undefined;
          if (batch === undefined || signal.aborted) return;
          yield batch;
        }
      } finally {
        signal.removeEventListener('abort', cancel);
        cancel();
      }
    },
    close: async () => client.close(),
  };
}

type WithoutId<Call> = Call extends StoreCall ? Omit<Call, 'id'> : never;
type Waiting = { readonly name: StoreCall['name']; readonly answered: PromiseWithResolvers<unknown> };

class RemoteCalls {
  readonly #channel: StoreChannel;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #closed: string | undefined;

  constructor(channel: StoreChannel) {
    this.#channel = channel;
    channel.listen(
      (message) => {
        if ('storeReply' in message && message.storeReply !== undefined) this.#answered(message.storeReply);
      },
      () => this.#end('the process that has the event log is gone'),
    );
  }

  send(call: WithoutId<StoreCall>): Promise<unknown> {
    if (this.#closed !== undefined) return Promise.reject(new StoreUnavailableError(this.#closed));
    const id = this.#nextId++;
    const answered = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { name: call.name, answered });
    this.#channel.send({ storeCall: { ...call, id } });
    return answered.promise;
  }

  close(): void {
    this.#end('this client of the event log is closed');
  }

  #answered({ id, value, error }: StoreReply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.answered.resolve(value);
    else waiting?.answered.reject(errorOf(error));
  }

  #end(reason: string): void {
    this.#closed ??= reason;
    for (const { name, answered } of this.#waiting.values()) {
      if (name === 'next' || name === 'cancel') answered.resolve(undefined);
      else answered.reject(name === 'append' ? new OutcomeUnknownError(reason) : new StoreUnavailableError(reason));
    }
    this.#waiting.clear();
  }
}

function errorOf({ name, message }: NonNullable<StoreReply['error']>): Error {
  if (name === 'StoreUnavailableError') return new StoreUnavailableError(message);
  return name === 'OutcomeUnknownError' ? new OutcomeUnknownError(message) : new Error(message);
}
