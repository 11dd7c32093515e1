// The thread of the settlement job and the fixture reactor.

import { handlersOf } from '@wagerline/command-side/start';
import { startReactor } from '@wagerline/command-side/reactor';
import { startSettlement } from '@wagerline/command-side/settlement';
import { createLogger } from '@wagerline/infra/logger';
import { openSettlementInfra } from '@wagerline/infra/open-infra';
import { runPart } from './part.ts';

await runPart(async (link, signal) => {
  const infra = openSettlementInfra(link);
  const { eventStore, index, clock } = infra;
  const { config } = link;
  const logger = createLogger(config);
  const handlers = handlersOf({ eventStore, config, clock, logger });
  const reactor = startReactor({ eventStore, handlers, signal, logger });
  const settlement = startSettlement({ eventStore, handlers, index, clock, config: config.settlement, signal, logger });
  return {
    part: {
      requests: { status: () => ({ reactor: reactor.status(), settlement: settlement.status() }) },
      done: Promise.all([reactor.done, settlement.done]).then(() => undefined),
    },
    close: infra.close,
  };
});
