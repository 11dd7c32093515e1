// The relay as a process of its own. Any number may run: one holds the lease and relays, the others wait to take over.

import { completeThrough } from '@wagerline/infra/complete-through';
import { openRelayInfra } from '@wagerline/infra/open-infra';
import { runProcess } from '@wagerline/infra/run-process';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { startLeasedRelay } from './leased-relay.ts';

const gatherMs = 50;

await runProcess('relay', async ({ config, link, logger, signal }) => {
  const infra = await openRelayInfra(link);
  const { done, status } = startLeasedRelay({ ...infra, config: config.relay, signal, logger, gatherMs });
  const relay = async () => {
    const relayed = status();
    return { relay: { ...relayed, publishedThrough: await completeThrough(infra.eventStore, Math.max(0, relayed.publishedThrough), domainPrefixes) } };
  };
  return { routes: [], checks: [], requests: { status: relay }, done, close: infra.close };
});
