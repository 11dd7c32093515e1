// Settlement workers as processes of their own over the embedded event log of this tree: each reaches it through its channel, and one that is
// killed is started again while the others take over its slots. Called by settlement-processes-part.ts; engine-server.ts asks its workers likewise.

import type { Config } from '@wagerline/infra/config';
import type { Logger } from '@wagerline/infra/logger';
import { serveEventStore } from '@wagerline/infra/remote-event-store';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { Json } from '@wagerline/shared-kernel/values/json';
import { join } from 'node:path';
import { PartGroup } from './part-group.ts';

export type SettlementProcessesOptions = { readonly eventStore: EventStore; readonly config: Config; readonly count: number; readonly logger: Logger };

export function startSettlementProcesses({ eventStore, config, count, logger }: SettlementProcessesOptions): PartGroup {
  return new PartGroup({
    name: 'settlement',
    file: new URL('../../../command-side/src/settlement/main.ts', import.meta.url),
    count,
    settings: (index) => ({
      ...config.environment,
      WAGERLINE_PORT: '0',
      WAGERLINE_SETTLEMENT_INDEX_DIR: join(config.dataDir, `settlement-${index + 1}`),
    }),
    logger,
    onStarted: ({ channel }) => serveEventStore(eventStore, channel),
  });
}

/** What the workers answer that are there; one that was killed is there again soon. @throws Error when there is none */
export async function askWorkers(group: PartGroup, name: string): Promise<readonly Json[]> {
  const asked = group.processes.flatMap((process) => (process === undefined ? [] : [process.request(name).catch(() => null)]));
  const answers = (await Promise.all(asked)).filter((answer) => answer !== null);
  if (answers.length === 0) throw new Error('the settlement workers are starting');
  return answers;
}
