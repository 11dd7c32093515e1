// The EventStoreDB adapter against the contract of its port, and the server against what the adapter takes for granted of it.

import { eventStoreContract } from './contract.ts';
import { openEventStoreDb } from './eventstoredb.ts';
import { startDouble } from '../testing/eventstoredb-double/start-double.ts';
import type { OpenedStore } from './testing-events.ts';

eventStoreContract('EventStoreDB', open);

async function open(): Promise<OpenedStore> {
  const double = await startDouble();
  const connect = () => openEventStoreDb({ connectionString: double.connectionString, appendTimeoutMs: 10_000 });
  let store = connect();
  return {
    store,
    async reopen() {
      await store.close();
      await double.stop();
      await double.restart();
      return (store = connect());
    },
    async close() {
      await store.close();
      await double.close();
    },
  };
}
