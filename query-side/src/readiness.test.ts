import { expect, onTestFinished, test } from 'vitest';

import { openTemporaryReadModels } from '@wagerline/infra/testing/temporary-read-models';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';

import { readModelCheck } from './readiness.ts';

test('the query side is ready as soon as every read model has a live generation', async () => {
  const { writer, reader, close } = await openTemporaryReadModels();
  onTestFinished(close);
  const { check } = readModelCheck(reader);
  expect(await check()).toBe(`not built yet: ${readModels.map(({ name }) => name).join(', ')}`);
  for (const { name, collections } of readModels) {
    await writer.prepare({ model: name, generation: 1 }, collections);
    await writer.activate({ model: name, generation: 1 });
  }
  expect(await check()).toBeUndefined();
});
