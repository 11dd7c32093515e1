import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { describeEngine, engineUrl } from '../testing/engines.ts';
import { readModelStoreContract } from './contract.ts';
import { openMongoReadModelStore } from './mongodb.ts';

async function dropDatabase(database: string): Promise<void> {
  const client = new MongoClient(engineUrl('mongodb'));
  await client.db(database).dropDatabase();
  await client.close();
}

describeEngine('mongodb', () => {
  readModelStoreContract('mongodb', async () => {
    const options = { url: engineUrl('mongodb'), database: `wagerline-${randomUUID()}` };
    let store = openMongoReadModelStore(options);
    await store.ready();
    return {
      store,
      reopen: async () => {
        await store.close();
        store = openMongoReadModelStore(options);
        await store.ready();
        return store;
      },
      close: async () => {
        await store.close();
        await dropDatabase(options.database);
      },
    };
  });
});
