// The thread that keeps settlement workers as processes of their own, and serves them the event log of the tree. Started by server.ts instead of
// settlement-part.ts where the configuration says so.

import { componentLogger, createLogger } from '@wagerline/infra/logger';
import { openCommandInfra } from '@wagerline/infra/open-infra';
import { mergedSettlement } from './merged-status.ts';
import { runPart } from './part.ts';
import { mergedProgress, waitingDecisions } from './settlement-progress.ts';
import { askWorkers, startSettlementProcesses } from './settlement-processes.ts';

await runPart(async (link, signal) => {
  const { config } = link;
  const { eventStore, close } = await openCommandInfra(link);
  const logger = componentLogger(createLogger(config), 'processes');
  const group = startSettlementProcesses({ eventStore, config, count: config.settlement.processes, logger });
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  return {
    part: {
      requests: {
        status: async () => mergedSettlement(await askWorkers(group, 'status')),
        progress: async () => {
          const { heldMarkets, ...progress } = mergedProgress(await askWorkers(group, 'progress'));
          return { ...progress, heldMarkets: heldMarkets.map((market) => ({ ...market })) };
        },
        decisions: async () => {
          const answers = await askWorkers(group, 'decisions');
          return { indexedPosition: 0, decisions: [...waitingDecisions(answers)] };
        },
        async opened() {
          for (const process of group.processes) await process?.url;
          return null;
        },
      },
      done: stopped.then(() => group.stop()),
    },
    close,
  };
});
