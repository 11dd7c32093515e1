// The event store of another process against the contract, over a channel that carries JSON; and what becomes of calls when the channel is closed.

import { OutcomeUnknownError, StoreUnavailableError, type EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { expect, test } from 'vitest';
import { eventStoreContract } from './contract.ts';
import { openRemoteEventStore, serveEventStore, type StoreChannel, type StoreMessage } from './remote.ts';
import { openTemporaryLog } from './temporary-log.ts';
import { newEvents, newStream } from './testing-events.ts';

type End = StoreChannel & { receive(text: string): void; closed(): void };

function end(send: (text: string) => void): End {
  const listeners: ((message: Partial<StoreMessage>) => void)[] = [];
  const closers: (() => void)[] = [];
  return {
    send: (message) => setImmediate(send, JSON.stringify(message)),
    listen(onMessage, onClosed) {
      listeners.push(onMessage);
      closers.push(onClosed);
    },
    receive(text) {
      const message: Partial<StoreMessage> = JSON.parse(text);
      for (const listener of listeners) listener(message);
    },
    closed: () => closers.forEach((closer) => closer()),
  };
}

function ends(): readonly [client: End, server: End] {
  const client: End = end((text) => server.receive(text));
  const server: End = end((text) => client.receive(text));
  return [client, server];
}

function remote(store: EventStore): EventStore {
  const [client, server] = ends();
  serveEventStore(store, server);
  return openRemoteEventStore(client);
}

eventStoreContract('event log of another process', async () => {
  const temporary = await openTemporaryLog({ checkpointIntervalMs: 0 });
  let store = remote(temporary.store);
  return {
    get store() {
      return store;
    },
    reopen: async () => (store = remote(await temporary.reopen())),
    close: () => temporary.close(),
  };
});

test('when the other process is gone an append is of unknown outcome, the rest is unavailable, a subscription ends', async () => {
  const [client] = ends();
  const store = openRemoteEventStore(client);
  const subscribed = store.subscribeToAll(0, { prefixes: ['account-'] }, new AbortController().signal)[Symbol.asyncIterator]().next();
  const appended = store.append(newStream(), 'any', newEvents(1));
  const read = store.head();
  client.closed();
  await expect(appended).rejects.toBeInstanceOf(OutcomeUnknownError);
  await expect(read).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(await subscribed).toEqual({ done: true, value: undefined });
  await expect(store.head()).rejects.toThrow('is gone');
});
