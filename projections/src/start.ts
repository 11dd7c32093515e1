// Runs all projectors in this thread or process: builds models that were never built, drops what a cut-off rebuild left, consumes.
// Called by main.ts, and by the thread that serves the embedded mode. At most one process writes one generation of a model.

import type { ParkedKey } from '@wagerline/shared-kernel/ports/read-model-store';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { GenerationHash } from './hash-generation.ts';
import type { Projection } from './projection.ts';
import { projections } from './projections.ts';
import { defaultLimits, type ProjectionsInfra, type ProjectorLimits } from './projector.ts';
import type { OnProgress } from './rebuild.ts';
import type { RedriveResult } from './redrive.ts';
import { RunningModel, type ModelStatus } from './running-model.ts';

export type RebuildOptions = { readonly onProgress?: OnProgress };

export type Projections = {
  status(): Promise<readonly ModelStatus[]>;
  /** A new generation goes live; answers its number. */
  rebuild(model: string, options?: RebuildOptions): Promise<number>;
  /** Builds a throw-away generation up to a position of the log (default: its end) and answers its hash. */
  hashAt(model: string, position?: number, options?: RebuildOptions): Promise<GenerationHash>;
  /** Of the live generation, after everything that the bus has now. */
  hashLive(model: string): Promise<GenerationHash>;
  parked(model: string): Promise<readonly ParkedKey[]>;
  redrive(model: string, stream: string): Promise<RedriveResult>;
  /** Resolves when everything that is on the bus now is applied in every model. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
};

export type StartOptions = { readonly limits?: Partial<ProjectorLimits>; readonly projections?: readonly Projection[] };

export async function startProjections(infra: ProjectionsInfra, options: StartOptions = {}): Promise<Projections> {
  const limits = { ...defaultLimits, ...options.limits };
  const running = new Map<string, RunningModel>();
  for (const projection of options.projections ?? projections) running.set(projection.model.name, new RunningModel(projection, infra, limits));
  const all = [...running.values()];
  const named = (model: string): RunningModel => {
    const found = running.get(model);
    assert(found !== undefined, `there is no read model ${model.slice(0, 50)}`);
    return found;
  };
  for (const model of all) await model.start();
  return {
    status: () => Promise.all(all.map((model) => model.status())),
    rebuild: (model, { onProgress = ignore } = {}) => named(model).rebuild(onProgress),
    hashAt: (model, position, { onProgress = ignore } = {}) => named(model).hashAt(position, onProgress),
    hashLive: (model) => named(model).hashLive(),
    parked: (model) => named(model).parked(),
    redrive: (model, stream) => named(model).redrive(stream),
    caughtUp: async () => void (await Promise.all(all.map((model) => model.caughtUp()))),
    stop: async () => void (await Promise.all(all.map((model) => model.stop()))),
  };
}

const ignore: OnProgress = () => {};
