// One read model while the projections run: its live generation, and at most one that is being built. Called by start.ts.

import { setTimeout as delay } from 'node:timers/promises';
import type { ParkedKey } from '@wagerline/shared-kernel/ports/read-model-store';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { GenerationWriter } from './generation-writer.ts';
import { hashGeneration, type GenerationHash } from './hash-generation.ts';
import type { Projection } from './projection.ts';
import type { ProjectionsInfra, ProjectorLimits } from './projector.ts';
import { buildGeneration, dropAbandoned, hashAt, type OnProgress } from './rebuild.ts';
import { redrive, type RedriveResult } from './redrive.ts';
import { runProjector, type ConsumerState, type RunningProjector } from './run-projector.ts';

export type ModelStatus = {
  readonly model: string;
  /** 0: never built so far; queries have nothing to read. */
  readonly generation: number;
  /** `building`: there is no live generation yet. */
  readonly state: ConsumerState | 'building';
  readonly problem: string | null;
  /** Offsets of the bus that are not applied yet; 0 = none. */
  readonly lag: number;
  readonly eventsApplied: number;
  readonly eventsPerSecond: number;
  readonly duplicatesSkipped: number;
  readonly gapsFilled: number;
  readonly parkedCount: number;
  /** How old events were when they became visible. */
  readonly ageMs: { readonly p50: number; readonly p99: number };
};

export class RunningModel {
  readonly #projection: Projection;
  readonly #infra: ProjectionsInfra;
  readonly #limits: ProjectorLimits;
  readonly #stopping = new AbortController();
  #live: RunningProjector | undefined;
  #work: Promise<unknown> | undefined;
  #firstBuild: Promise<void> = Promise.resolve();

  constructor(projection: Projection, infra: ProjectionsInfra, limits: ProjectorLimits) {
    this.#projection = projection;
    this.#infra = infra;
    this.#limits = limits;
  }

  /** Consumes the live generation; where there is none, it is built in the background. */
  async start(): Promise<void> {
    const { readModels, logger } = this.#infra;
    const model = this.#projection.model.name;
    const abandoned = await dropAbandoned(this.#projection, this.#infra, this.#limits);
    if (abandoned.length > 0) logger.warn({ model, abandoned }, 'generations that nobody reads were dropped');
    const generation = await readModels.liveGeneration(model);
    if (generation === 0) {
      this.#firstBuild = this.#buildFirst();
      return;
    }
    const writer = new GenerationWriter(this.#projection, generation, this.#infra, this.#limits);
    try {
      await writer.prepare();
    } catch (error) {
      // Collections are declared otherwise than when this generation was made: queries need another one.
      logger.warn({ ...writer.target, err: error }, 'the live generation does not fit, a new one is built');
      this.#firstBuild = this.#buildFirst();
      return;
    }
    this.#live = runProjector(writer, this.#infra, this.#limits);
  }

  async status(): Promise<ModelStatus> {
    const model = this.#projection.model.name;
    const live = this.#live;
    if (live === undefined) return { ...notBuilt, model };
    const { writer, meter } = live;
    return {
      model,
      generation: writer.target.generation,
      state: live.state(),
      problem: live.problem() ?? null,
      lag: await live.lag(),
      ...writer.counts,
      eventsPerSecond: meter.eventsPerSecond(),
      parkedCount: (await writer.parked()).size,
      ageMs: meter.ageMs(),
    };
  }

  async rebuild(onProgress: OnProgress): Promise<number> {
    return this.#alone(() => this.#replace(onProgress));
  }

  async hashAt(position: number | undefined, onProgress: OnProgress): Promise<GenerationHash> {
    return this.#alone(async () => {
      const toPosition = position ?? (await this.#infra.eventStore.head());
      return hashAt(this.#projection, this.#infra, this.#limits, toPosition, onProgress, this.#stopping.signal);
    });
  }

  /** After everything that is on the bus now; no batch is applied while the documents are read. */
  async hashLive(): Promise<GenerationHash> {
    await this.caughtUp();
    const { writer } = this.#liveNow();
    return writer.exclusively(() => hashGeneration(this.#infra.readModels, this.#projection, writer.target));
  }

  async parked(): Promise<readonly ParkedKey[]> {
    return this.#live === undefined ? [] : [...(await this.#live.writer.parked()).values()];
  }

  async redrive(stream: string): Promise<RedriveResult> {
    return redrive(this.#liveNow().writer, stream, this.#infra);
  }

  async caughtUp(): Promise<void> {
    await this.#firstBuild;
    await this.#liveNow().reached(await this.#infra.bus.endOffsets(this.#projection.model.topic));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled([this.#work, this.#firstBuild]);
    await this.#live?.stop();
  }

  #liveNow(): RunningProjector {
    assert(this.#live !== undefined, `${this.#projection.model.name} was built`);
    return this.#live;
  }

  async #buildFirst(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await this.#alone(() => this.#replace(() => {}));
        return;
      } catch (error) {
        if (signal.aborted) return;
        const delayMs = Math.min(this.#limits.retryDelayMsMax, this.#limits.retryDelayMs * 2 ** Math.min(failures, 16));
        this.#infra.logger.error({ model: this.#projection.model.name, err: error, delayMs }, 'first build failed, trying again');
        await delay(delayMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #replace(onProgress: OnProgress): Promise<number> {
    const next = await buildGeneration(this.#projection, this.#infra, this.#limits, onProgress, this.#stopping.signal);
    await this.#infra.readModels.activate(next.writer.target);
    const previous = this.#live;
    this.#live = next;
    await previous?.stop();
    // Queries look at the pointer again after they have read, so nothing holds on to the old generation.
    await dropAbandoned(this.#projection, this.#infra, this.#limits);
    return next.writer.target.generation;
  }

  /** One build at a time: a second one would only take its time from the first. */
  async #alone<Result>(build: () => Promise<Result>): Promise<Result> {
    assert(this.#work === undefined, `${this.#projection.model.name} is being built already`);
    const work = build();
    this.#work = work;
    try {
      return await work;
    } finally {
      this.#work = undefined;
    }
  }
}

const notBuilt: Omit<ModelStatus, 'model'> = {
  generation: 0,
  state: 'building',
  problem: null,
  lag: 0,
  eventsApplied: 0,
  eventsPerSecond: 0,
  duplicatesSkipped: 0,
  gapsFilled: 0,
  parkedCount: 0,
  ageMs: { p50: 0, p99: 0 },
};
