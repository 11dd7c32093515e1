// The command API as a process of its own: bettors' and traders' commands. Any number may run behind one address.

import { randomIds } from '@wagerline/infra/ids';
import { openCommandInfra } from '@wagerline/infra/open-infra';
import { runProcess } from '@wagerline/infra/run-process';
import { startCommandSide } from './start.ts';

await runProcess('command-api', async ({ config, link, logger, signal }) => {
  const infra = await openCommandInfra(link);
  const { view, ...side } = startCommandSide({ ...infra, config, ids: randomIds, logger, signal });
  const status = () => ({ marketView: { fresh: view.isFresh(), through: view.through() } });
  return { ...side, requests: { status }, close: infra.close };
});
