// The thread of the relay and the projectors: everything between the log and the read models.

import { startRelay } from '@wagerline/command-side/relay';
import { createLogger } from '@wagerline/infra/logger';
import { openProjectionInfra } from '@wagerline/infra/open-infra';
import { startProjections, type Projections } from '@wagerline/projections/start';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { z } from 'zod';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { completeThrough } from './complete-through.ts';
import { runPart, type Requests } from './part.ts';

await runPart(async (link, signal) => {
  const infra = await openProjectionInfra(link);
  const { config } = link;
  const logger = createLogger(config);
  const relay = startRelay({ eventStore: infra.eventStore, bus: infra.bus, signal, logger });
  const projections = await startProjections({ ...infra, logger }, { limits: { batchSizeMax: config.projections.batchSizeMax } });
  const status = async () => {
    const relayed = relay.status();
    const publishedThrough = await completeThrough(infra.eventStore, relayed.publishedThrough, domainPrefixes);
    return { relay: { ...relayed, publishedThrough }, models: await projections.status() };
  };
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  return {
    part: {
      requests: { status, ...operatorRequests(projections) },
      done: stopped.then(async () => {
        await projections.stop();
        await relay.done;
      }),
    },
    close: infra.close,
  };
});

function operatorRequests(projections: Projections): Requests {
  let progress = {};
  const onProgress = (now: object): void => {
    progress = { ...now };
  };
  return {
    progress: () => progress,
    rebuild: async (model) => {
      const generation = await projections.rebuild(z.string().parse(model), { onProgress });
      return { generation, ...(await projections.hashLive(z.string().parse(model))) };
    },
    hash: async (asked) => {
      const [model, position] = z.tuple([z.string(), z.int().nullable()]).parse(asked);
      return projections.hashAt(model, position ?? undefined, { onProgress });
    },
    'hash-live': async (model) => projections.hashLive(z.string().parse(model)),
    redrive: async (asked) => {
      const [model, stream] = z.tuple([z.string(), z.string()]).parse(asked);
      return projections.redrive(model, stream);
    },
    parked: () => Promise.all(readModels.map(async ({ name }) => ({ model: name, parked: await projections.parked(name) }))),
  };
}
