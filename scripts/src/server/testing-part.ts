// A part that only says which process it is: for part-group.test.ts, which kills it.

import { runProcess } from '@wagerline/infra/run-process';

await runProcess('testing-part', async ({ signal }) => ({
  routes: [],
  checks: [],
  requests: { pid: () => process.pid },
  done: new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
  close: async () => undefined,
}));
