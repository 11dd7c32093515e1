// One log through two sets of adapters: what is equal is called so, and one changed document is seen. Both are embedded here, over buses
// of different partitions; compare.engine.test.ts has the engines.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@wagerline/infra/config';
import { createLogger } from '@wagerline/infra/logger';
import { openProjectionStores, type ProjectionStores } from '@wagerline/infra/open-infra';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { marketsCollection } from '@wagerline/shared-kernel/read-models/odds-board';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { compareSides } from './compare.ts';
import { ServedLog } from './served-log.ts';
import { openServedWorld, type ServedWorld } from './testing-served.ts';

const logger = createLogger({ logLevel: 'silent' });
const opened: (() => Promise<void>)[] = [];
let served: ServedWorld;

beforeAll(async () => {
  served = await openServedWorld();
}, 60_000);
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});
afterAll(() => served.world.close());

async function openStores(log: ServedLog, partitionCount: number): Promise<ProjectionStores> {
  const dataDir = mkdtempSync(join(tmpdir(), 'wagerline-compare-test-'));
  const stores = await openProjectionStores(loadConfig({}, { dataDir, logLevel: 'silent', bus: { partitionCount } }), log);
  opened.push(async () => {
    await stores.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return stores;
}

test('every read model says the same, whatever its bus looks like', async () => {
  const log = await ServedLog.at(served.admin);
  const sides = [{ name: 'one', stores: await openStores(log, 1) }, { name: 'five', stores: await openStores(log, 5) }];
  const { position, models, findings } = await compareSides(log, sides, logger, () => {});
  expect(findings).toEqual([]);
  expect(position).toBe(log.end);
  expect(models.map(({ model }) => model)).toEqual(readModels.flatMap(({ name, search }) => (search === undefined ? [name] : [name, `${name}, index`])));
  for (const { model, sides: said, isEqual } of models) {
    expect(isEqual, model).toBe(true);
    expect(said['one']?.documentCount, model).toBeGreaterThan(1);
    expect(said['five']).toEqual(said['one']);
  }
});

test('a document that one side keeps otherwise is seen, in its model alone', async () => {
  const log = await ServedLog.at(served.admin);
  const right = await openStores(log, 1);
  const wrong = await openStores(log, 1);
  const { readModels: store } = wrong;
  const write: typeof store.write = (target, batch) => {
    const isMeant = (put: (typeof batch.puts)[number]): boolean => put.collection === marketsCollection.name && put.id === 'f2.1x2';
    const puts = batch.puts.map((put) => (isMeant(put) ? { ...put, document: { ...put.document, reason: 'forged' } } : put));
    return store.write(target, { ...batch, puts });
  };
  const forged = new Proxy(store, {
    get(of, name) {
      const own: unknown = name === 'write' ? write : Reflect.get(of, name, of);
      return typeof own === 'function' && name !== 'write' ? own.bind(of) : own;
    },
  });
  const sides = [{ name: 'right', stores: right }, { name: 'wrong', stores: { ...wrong, readModels: forged } }];
  const { models } = await compareSides(log, sides, logger, () => {});
  expect(models.filter(({ isEqual }) => !isEqual).map(({ model }) => model)).toEqual(['odds-board']);
});

test('the log ends where it ended when it was taken, and reads as it was written', async () => {
  const log = await ServedLog.at(served.admin);
  const trader = await served.world.as('trader', 'trader');
  await trader('PUT', '/v1/fixtures/later', {
    body: { sport: 'football', competition: 'E0', home: 'a', away: 'b', startsAt: '2030-01-01T15:00:00.000Z' },
  });
  const positions: number[] = [];
  for await (const { events } of log.pages()) positions.push(...events.map((event) => event.position));
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  expect(positions.at(-1)).toBeLessThanOrEqual(log.end);
  const { events } = await log.readAll(0, { prefixes: ['market-'] }, 1_000);
  expect(events.length).toBeGreaterThan(0);
  expect(events.every(({ stream }) => stream.startsWith('market-'))).toBe(true);
  const [first] = events;
  expect(await log.readStream(first?.stream ?? '', { maxCount: 1 })).toEqual([first]);
  expect(await log.readAll(log.end, { prefixes: domainPrefixes }, 10)).toEqual({ events: [], position: log.end, caughtUp: true });
});
