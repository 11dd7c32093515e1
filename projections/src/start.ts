// Runs all projectors in this thread or process: builds models that were never built, drops what a cut-off rebuild left, consumes.
// Called by main.ts, and by the thread that serves the embedded mode. Of several processes each has its share of the partitions.

import { setTimeout as delay } from 'node:timers/promises';
import type { ParkedKey } from '@wagerline/shared-kernel/ports/read-model-store';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { GenerationHash } from './hash-generation.ts';
import type { ModelStatus } from './model-status.ts';
import type { Projection } from './projection.ts';
import { projections } from './projections.ts';
import { defaultLimits, type Members, type ProjectionsInfra, type ProjectorLimits } from './projector.ts';
import type { OnProgress } from './rebuild.ts';
import type { RedriveResult } from './redrive.ts';
import { RunningModel } from './running-model.ts';

export type { ProjectionsInfra } from './projector.ts';

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

export type StartOptions = {
  readonly limits?: Partial<ProjectorLimits>;
  readonly projections?: readonly Projection[];
  /** Default: alone. */
  readonly members?: Members;
};

export async function startProjections(infra: ProjectionsInfra, options: StartOptions = {}): Promise<Projections> {
  const { members = 'alone' } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const looks = new Looks(infra, limits, members);
  const running = new Map<string, RunningModel>();
  for (const projection of options.projections ?? projections) {
    running.set(projection.model.name, new RunningModel(projection, infra, { limits, members, wake: () => looks.wake() }));
  }
  const all = [...running.values()];
  const named = (model: string): RunningModel => {
    const found = running.get(model);
    assert(found !== undefined, `there is no read model ${model.slice(0, 50)}`);
    return found;
  };
  await looks.start(all);
  return {
    status: () => Promise.all(all.map((model) => model.status())),
    rebuild: (model, { onProgress = ignore } = {}) => named(model).rebuild(onProgress),
    hashAt: (model, position, { onProgress = ignore } = {}) => named(model).hashAt(position, onProgress),
    hashLive: (model) => named(model).hashLive(),
    parked: (model) => named(model).parked(),
    redrive: (model, stream) => named(model).redrive(stream),
    caughtUp: async () => void (await Promise.all(all.map((model) => model.caughtUp()))),
    async stop() {
      await Promise.all([looks.stop(), ...all.map((model) => model.stop())]);
    },
  };
}

/** Lets every model look at how things are: at the start, when one of them asks for it, and where others may change things, ever again. */
class Looks {
  readonly #infra: ProjectionsInfra;
  readonly #limits: ProjectorLimits;
  readonly #members: Members;
  #news = Promise.withResolvers<void>();
  #isStopped = false;
  #finished: Promise<void> = Promise.resolve();

  constructor(infra: ProjectionsInfra, limits: ProjectorLimits, members: Members) {
    this.#infra = infra;
    this.#limits = limits;
    this.#members = members;
  }

  wake(): void {
    this.#news.resolve();
  }

  async start(models: readonly RunningModel[]): Promise<void> {
    const isDone = await this.#look(models);
    this.#finished = this.#goOn(models, isDone);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.wake();
    await this.#finished;
  }

  async #goOn(models: readonly RunningModel[], wasDone: boolean): Promise<void> {
    for (let isDone = wasDone; !this.#isStopped; ) {
      const waiting = new AbortController();
      const due = delay(this.#limits.lookMs, undefined, { signal: waiting.signal }).catch(() => {});
      await (isDone && this.#members === 'alone' ? this.#news.promise : Promise.race([this.#news.promise, due]));
      waiting.abort();
      this.#news = Promise.withResolvers();
      if (!this.#isStopped) isDone = await this.#look(models);
    }
  }

  /** False: something failed, and another look is due. */
  async #look(models: readonly RunningModel[]): Promise<boolean> {
    try {
      await this.#keepStore(models);
    } catch (error) {
      this.#infra.logger.error({ err: error }, 'the read-model store was not found');
      return false;
    }
    return (await Promise.all(models.map((model) => model.look()))).every(Boolean);
  }

  /** An emptied store is taken for ours when nothing here writes any more: what a writer remembers is of the store before. */
  async #keepStore(models: readonly RunningModel[]): Promise<void> {
    const { readModels, logger } = this.#infra;
    const current = await readModels.currentStoreId();
    if (current !== '' && current === readModels.storeId) return;
    // Empty: this process has not written to any store so far.
    if (readModels.storeId !== '') logger.warn({ storeId: readModels.storeId, current }, 'the read-model store was emptied: every read model is built anew');
    await Promise.all(models.map((model) => model.letGo()));
    await readModels.adopt();
  }
}

const ignore: OnProgress = () => {};
