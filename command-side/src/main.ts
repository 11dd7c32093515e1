// The command API as a process of its own: bettors' and traders' commands. Any number may run behind one address.

import { randomIds } from '@wagerline/infra/ids';
import { openCommandInfra } from '@wagerline/infra/open-infra';
import { runProcess } from '@wagerline/infra/run-process';
import type { Requests } from '@wagerline/infra/part';
import { z } from 'zod';
import { startCommandSide } from './start.ts';
import { ViewHold } from './view-hold.ts';

await runProcess('command-api', async ({ config, link, logger, signal }) => {
  const infra = await openCommandInfra(link);
  const { view, ...side } = startCommandSide({ ...infra, config, ids: randomIds, logger, signal });
  const hold = new ViewHold(view);
  const requests: Requests = {
    status: () => ({ marketView: { fresh: view.isFresh(), through: view.through() } }),
    'hold-view': (forMs) => done(() => hold.hold(z.int().parse(forMs))),
    'release-view': () => done(() => hold.release()),
  };
  return { ...side, requests, close: infra.close };
});

function done(work: () => void): null {
  work();
  return null;
}
