// The thread of the settlement job and the fixture reactor.

import { startSettlementPart } from '@wagerline/command-side/settlement-part';
import { createLogger } from '@wagerline/infra/logger';
import { openSettlementInfra } from '@wagerline/infra/open-infra';
import { runBehindOthers } from '@wagerline/infra/thread-rank';
import { runPart } from './part.ts';

await runPart(async (link, signal) => {
  const infra = await openSettlementInfra(link);
  const { config } = link;
  runBehindOthers(config.followersNice);
  return { part: startSettlementPart({ infra, config, logger: createLogger(config), signal }), close: infra.close };
});
