// One settlement worker as a process of its own, with a fixture reactor. Any number may run; slots are shared by lease.

import { openSettlementInfra } from '@wagerline/infra/open-infra';
import { runProcess } from '@wagerline/infra/run-process';
import { startSettlementPart } from './settlement-part.ts';

await runProcess('settlement', async ({ config, link, logger, signal }) => {
  const infra = await openSettlementInfra(link);
  return { routes: [], checks: [], ...startSettlementPart({ infra, config, logger, signal }), close: infra.close };
});
