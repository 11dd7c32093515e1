// The thread of the settlement job and the fixture reactor.

import { handlersOf } from '@wagerline/command-side/start';
import { startReactor } from '@wagerline/command-side/reactor';
import { startSettlement } from '@wagerline/command-side/settlement';
import { createLogger } from '@wagerline/infra/logger';
import { openSettlementInfra } from '@wagerline/infra/open-infra';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { completeThrough } from './complete-through.ts';
import { runPart } from './part.ts';

/** The reactor reads no accounts. */
const reactorPrefixes = ['market-', 'fixture-'];

await runPart(async (link, signal) => {
  const infra = openSettlementInfra(link);
  const { eventStore, index, clock, tree } = infra;
  const { config } = link;
  const logger = createLogger(config);
  const handlers = handlersOf({ eventStore, config, clock, logger });
  const reactor = startReactor({ eventStore, handlers, signal, logger });
  const settlement = startSettlement({ eventStore, handlers, index, clock, config: config.settlement, signal, logger, tree });
  return {
    part: {
      requests: {
        async status() {
          const [reacted, settled] = [reactor.status(), settlement.status()];
          const position = await completeThrough(eventStore, reacted.position, reactorPrefixes);
          const settledThrough = await completeThrough(eventStore, settled.settledThrough, domainPrefixes);
          return { reactor: { ...reacted, position }, settlement: { ...settled, settledThrough } };
        },
      },
      done: Promise.all([reactor.done, settlement.done]).then(() => undefined),
    },
    close: infra.close,
  };
});
