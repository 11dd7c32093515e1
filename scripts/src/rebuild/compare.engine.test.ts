// The log of a running server through the embedded adapters and through Kafka, MongoDB, Redis and Elasticsearch: every read model is equal.

import { describeEngine, engineUrl, type EngineName } from '@wagerline/infra/testing/engines';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { urlVariables } from '../engines/config.ts';
import { compareWithEngines } from './compare-engines.ts';
import { openServedWorld, type ServedWorld } from './testing-served.ts';

const used: readonly EngineName[] = ['kafka', 'mongodb', 'redis', 'elasticsearch'];

/** Named by one of the four; the test fails where another is missing. */
describeEngine('kafka', () => {
  let served: ServedWorld;
  beforeAll(async () => {
    served = await openServedWorld();
  });
  afterAll(() => served.world.close());

  test('both sets of adapters say the same in every read model and in the search index', { timeout: 120_000 }, async () => {
    const settings = Object.fromEntries(used.map((name) => [urlVariables[name], engineUrl(name)]));
    const { models, findings } = await compareWithEngines(served.admin, settings, () => {});
    expect(findings).toEqual([]);
    expect(models.map(({ model }) => model)).toEqual(readModels.flatMap(({ name, search }) => (search === undefined ? [name] : [name, `${name}, index`])));
    for (const { model, sides, isEqual } of models) {
      expect(isEqual, model).toBe(true);
      expect(sides['engines']?.documentCount, model).toBeGreaterThan(1);
    }
  });
});
