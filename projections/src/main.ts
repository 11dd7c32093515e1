// The projectors as a process of their own, one of any number.

import { openProjectionInfra } from '@wagerline/infra/open-infra';
import { runProcess } from '@wagerline/infra/run-process';
import { startProjectionsPart } from './projections-part.ts';

await runProcess('projector', async ({ config, link, logger, signal }) => {
  const infra = await openProjectionInfra(link);
  const { batchSizeMax } = config.projections;
  const { requests, stop } = await startProjectionsPart({ ...infra, logger }, { batchSizeMax, fillBatchSizeMax: 2 * batchSizeMax }, 'several');
  const done = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())).then(stop);
  return { routes: [], checks: [], requests, done, close: infra.close };
});
