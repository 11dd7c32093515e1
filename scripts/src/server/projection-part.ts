// The thread of the relay and the projectors: everything between the log and the read models.

import { startRelay } from '@wagerline/command-side/relay';
import { completeThrough } from '@wagerline/infra/complete-through';
import { createLogger } from '@wagerline/infra/logger';
import { openProjectionInfra } from '@wagerline/infra/open-infra';
import { FollowerRank } from '@wagerline/infra/thread-rank';
import { startProjectionsPart } from '@wagerline/projections/projections-part';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { runPart } from './part.ts';

await runPart(async (link, signal) => {
  const infra = await openProjectionInfra(link);
  const { config } = link;
  const rank = new FollowerRank(config.followersNice, link.followerRank);
  const logger = createLogger(config);
  const relay = startRelay({ eventStore: infra.eventStore, bus: infra.bus, signal, logger });
  const { batchSizeMax } = config.projections;
  const { requests, stop } = await startProjectionsPart(
    { ...infra, logger, onBatch: (records, ageMs) => rank.follows(records, ageMs) },
    { batchSizeMax, fillBatchSizeMax: 2 * batchSizeMax },
  );
  const status = async () => {
    const relayed = relay.status();
    const publishedThrough = await completeThrough(infra.eventStore, relayed.publishedThrough, domainPrefixes);
    return { relay: { ...relayed, publishedThrough }, ...(await requests.status()) };
  };
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const done = stopped.then(async () => {
    await stop();
    await relay.done;
  });
  return { part: { requests: { ...requests, status }, done }, close: infra.close };
});
