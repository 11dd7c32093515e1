import { expect, onTestFinished, test } from 'vitest';

import { tokenVerifier } from '@wagerline/infra/auth';
import { loadConfig } from '@wagerline/infra/config';
import { createMetrics } from '@wagerline/infra/metrics';
import { openTemporaryReadModels } from '@wagerline/infra/testing/temporary-read-models';
import { silentLogger, testKeys } from '@wagerline/infra/testing/test-server';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';

import { startQuerySide } from './start.ts';

test('the query side is ready as soon as every read model has a live generation, and stops when asked', async () => {
  const { writer, reader: store, search, cache, close } = await openTemporaryReadModels();
  onTestFinished(close);
  const { http, jwt } = loadConfig({}, { http: { port: 0 } });
  const { publicKeys } = await testKeys();
  const verifier = tokenVerifier({ ...jwt, publicKeys, cacheEntriesMax: jwt.tokenCacheEntriesMax });
  const options = { store, search, cache, http, logger: silentLogger, metrics: createMetrics(), verifier };
  const server = await startQuerySide({ ...options, clock: { nowMs: () => 0 } });
  onTestFinished(() => server.close(1_000));

  const notReady = await fetch(`${server.url}/readyz`);
  expect([notReady.status, await notReady.json()]).toMatchObject([503, { red: [{ name: 'read-models' }] }]);
  for (const { name, collections } of readModels) {
    await writer.prepare({ model: name, generation: 1 }, collections);
    await writer.activate({ model: name, generation: 1 });
  }
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  expect((await fetch(`${server.url}/v1/fixtures`)).status).toBe(200);
  expect((await fetch(`${server.url}/v1/bets`)).status).toBe(401);
});
