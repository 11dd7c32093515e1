// The projections of one thread or process, with what they answer to operators: status, rebuilds, hashes, parked keys.
// Called by main.ts and by the process tree.

import type { Requests } from '@wagerline/infra/part';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { z } from 'zod';
import type { ModelStatus } from './model-status.ts';
import type { Members, ProjectionsInfra, ProjectorLimits } from './projector.ts';
import { startProjections, type Projections } from './start.ts';

const modelAndPosition = z.tuple([z.string(), z.int().nullable()]);
const modelAndStream = z.tuple([z.string(), z.string()]);

export type ProjectionsPart = {
  readonly requests: Requests & { readonly status: () => Promise<{ readonly models: readonly ModelStatus[] }> };
  stop(): Promise<void>;
};

export async function startProjectionsPart(
  infra: ProjectionsInfra,
  limits: Partial<ProjectorLimits>,
  members: Members = 'alone',
): Promise<ProjectionsPart> {
  const projections = await startProjections(infra, { limits, members });
  return {
    requests: { status: async () => ({ models: await projections.status() }), ...operatorRequests(projections) },
    stop: () => projections.stop(),
  };
}

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
      const [model, position] = modelAndPosition.parse(asked);
      return projections.hashAt(model, position ?? undefined, { onProgress });
    },
    'hash-live': async (model) => projections.hashLive(z.string().parse(model)),
    redrive: async (asked) => projections.redrive(...modelAndStream.parse(asked)),
    parked: () => Promise.all(readModels.map(async ({ name }) => ({ model: name, parked: await projections.parked(name) }))),
  };
}
