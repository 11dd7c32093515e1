// The query API as a process of its own: it reads the read models and nothing else. Any number may run behind one address.

import { openQueryInfra } from '@wagerline/infra/open-infra';
import { runProcess } from '@wagerline/infra/run-process';
import { queryRoutes } from './http-app.ts';
import { readModelCheck } from './readiness.ts';

await runProcess('query-api', async ({ config, link, logger, signal }) => {
  const { readModels: store, close, ...infra } = await openQueryInfra(link);
  const done = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  return { routes: queryRoutes({ ...infra, store, logger, http: config.http }), checks: [readModelCheck(store)], requests: {}, done, close };
});
