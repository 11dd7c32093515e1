// What a namespace has on the engines is gone after its removal, and what another one has is not.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { betHistory } from '@wagerline/shared-kernel/read-models/bet-history';
import { fixtureSearchIndex } from '@wagerline/shared-kernel/read-models/fixture-search';
import { loadConfig, type Config } from './config.ts';
import { removeEngineNamespace } from './engine-namespace.ts';
import { openProjectionStores, type ProjectionStores } from './open-infra.ts';
import { describeEngine, engineUrl } from './testing/engines.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'wagerline-namespace-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
const nothing = { readAll: async (position: number) => ({ events: [], position, caughtUp: true }) };

function configOf(name: string): Config {
  const urls = { kafkaBrokers: engineUrl('kafka'), mongoUrl: engineUrl('mongodb'), redisUrl: engineUrl('redis'), elasticsearchUrl: engineUrl('elasticsearch') };
  const namespace = `test-${name}-${randomUUID().slice(0, 8)}`;
  return loadConfig({}, { stores: 'engines', dataDir, logLevel: 'silent', bus: { partitionCount: 2 }, engines: { ...urls, namespace } });
}

async function withStores<Result>(config: Config, work: (stores: ProjectionStores) => Promise<Result>): Promise<Result> {
  const stores = await openProjectionStores(config, nothing);
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

async function fill({ readModels, bus, cache, search }: ProjectionStores): Promise<void> {
  await readModels.prepare({ model: betHistory.name, generation: 1 }, betHistory.collections);
  await readModels.activate({ model: betHistory.name, generation: 1 });
  await search.prepare(1, fixtureSearchIndex);
  await cache.setIfNewer('odds:m', { version: 1, value: {} });
  await bus.publish([], 7);
}

/** The mark comes first: where it is 0, its topic is empty or was made just now. */
const left = async ({ readModels, bus, cache, search }: ProjectionStores) => [
  await bus.publishedThrough(),
  await readModels.liveGeneration(betHistory.name),
  await search.exists(fixtureSearchIndex.name, 1),
  (await cache.get('odds:m'))?.version ?? 0,
];

describeEngine('kafka', () => {
  test('one namespace goes, the other stays', async () => {
    const [gone, kept] = [configOf('gone'), configOf('kept')];
    for (const config of [gone, kept]) await withStores(config, fill);
    await removeEngineNamespace(gone);
    expect(await withStores(gone, left)).toEqual([0, 0, false, 0]);
    expect(await withStores(kept, left)).toEqual([7, 1, true, 1]);
    for (const config of [gone, kept]) await removeEngineNamespace(config);
  });
});
