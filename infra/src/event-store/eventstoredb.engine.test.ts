// The EventStoreDB adapter against the contract of its port, and the server against what the adapter takes for granted of it.

import { EventStoreDBClient } from '@eventstore/db-client';
import { afterAll, beforeAll, describe } from 'vitest';
import { serverContract } from '../testing/eventstoredb-double/contract.ts';
import { startDouble, type Double } from '../testing/eventstoredb-double/start-double.ts';
import { eventStoreContract } from './contract.ts';
import { openEventStoreDb } from './eventstoredb.ts';
import type { OpenedStore } from './testing-events.ts';

// A server for each test, stopped and started again wherever the contract opens the store again.
eventStoreContract('EventStoreDB', async () => {
  const double = await startDouble();
  return openAt(double.connectionString, {
    async restart() {
      await double.stop();
      await double.restart();
    },
    close: () => double.close(),
  });
});

describe('one server for all tests', () => {
  let double: Double;
  let client: EventStoreDBClient;
  beforeAll(async () => {
    double = await startDouble();
    client = EventStoreDBClient.connectionString(double.connectionString);
  });
  afterAll(async () => {
    await client.dispose();
    await double.close();
  });
  serverContract('server', () => client);
  eventStoreContract('EventStoreDB', async () => openAt(double.connectionString, { restart: async () => undefined, close: async () => undefined }));
});

function openAt(connectionString: string, server: { restart(): Promise<void>; close(): Promise<void> }): OpenedStore {
  const connect = () => openEventStoreDb({ connectionString, appendTimeoutMs: 10_000 });
  let store = connect();
  return {
    store,
    async reopen() {
      await store.close();
      await server.restart();
      return (store = connect());
    },
    async close() {
      await store.close();
      await server.close();
    },
  };
}
