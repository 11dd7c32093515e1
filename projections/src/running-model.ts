// One read model while the projections run: the consumer of its live generation, and at most one build. Called by start.ts, which
// lets it look again and again at what other processes may have changed: the pointer, the leases, what nobody reads any more.

import { setTimeout as delay } from 'node:timers/promises';
import type { ParkedKey } from '@wagerline/shared-kernel/ports/read-model-store';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { GenerationWriter } from './generation-writer.ts';
import { hashGeneration, type GenerationHash } from './hash-generation.ts';
import { alwaysHeld, Lease, type Hold } from './lease.ts';
import { figuresOf, FiguresQuestion, notBuilt, type ModelStatus } from './model-status.ts';
import type { Projection } from './projection.ts';
import type { Members, ProjectionsInfra, ProjectorLimits } from './projector.ts';
import { abandonedGenerations, buildGeneration, dropAbandoned, hashAt, type OnProgress } from './rebuild.ts';
import { redrive, redriveKey, type RedriveResult } from './redrive.ts';
import { lagOf, reachedPollMs, runProjector, type RunningProjector } from './run-projector.ts';

export type ModelOptions = {
  readonly limits: ProjectorLimits;
  readonly members: Members;
  /** Asks for a look soon. */
  readonly wake: () => void;
};
type Build = { readonly done: Promise<unknown>; readonly stop: AbortController };

export class RunningModel {
  readonly #projection: Projection;
  readonly #infra: ProjectionsInfra;
  readonly #options: ModelOptions;
  readonly #buildLease: Hold;
  /** Documents of several streams have one writer; several of the others share the partitions. */
  readonly #writerLease: Hold;
  readonly #stopping = new AbortController();
  readonly #figures = new FiguresQuestion(async () => {
    return figuresOf(this.#consumer?.writer.target ?? (await this.#live()), this.#topic, this.#infra);
  });
  #consumer: RunningProjector | undefined;
  /** Built here and caught up: the consumer of the generation that goes live now. */
  #next: RunningProjector | undefined;
  #build: Build | undefined;
  #buildFailures = 0;
  #isResting = false;
  /** A live generation that fits once and then does not was made by another version of us, which is not to be fought. */
  #hasFitted = false;
  #misfit: string | undefined;
  #looking: Promise<unknown> = Promise.resolve();

  constructor(projection: Projection, infra: ProjectionsInfra, options: ModelOptions) {
    const { name } = projection.model;
    const leased = (what: string): Hold => (options.members === 'alone' ? alwaysHeld : new Lease(`projections-${what}-${name}`, infra, options.limits));
    this.#projection = projection;
    this.#infra = infra;
    this.#options = options;
    this.#buildLease = leased('build');
    this.#writerLease = projection.versioning === 'counter' ? leased('writer') : alwaysHeld;
  }

  /** Acts on how things are now. False: it failed, and another look is due. */
  async look(): Promise<boolean> {
    try {
      await this.#inTurn(async () => {
        if (!this.#stopping.signal.aborted) await this.#look();
      });
      return true;
    } catch (error) {
      this.#infra.logger.error({ model: this.#name, err: error }, 'the read model was not looked after, trying again');
      return false;
    }
  }

  async status(): Promise<ModelStatus> {
    const { figures, problem } = await this.#figures.answer();
    if (figures.generation === 0) return { ...notBuilt, model: this.#name };
    const consumer = this.#consumer;
    return {
      model: this.#name,
      ...figures,
      state: consumer?.state() ?? 'waiting',
      problem: this.#misfit ?? consumer?.problem() ?? problem,
      partitions: consumer?.partitions() ?? [],
      ...(consumer?.writer.counts ?? { eventsApplied: 0, duplicatesSkipped: 0, gapsFilled: 0 }),
      eventsPerSecond: consumer?.meter.eventsPerSecond() ?? 0,
      ageMs: consumer?.meter.ageMs() ?? notBuilt.ageMs,
    };
  }

  async rebuild(onProgress: OnProgress): Promise<number> {
    return this.#asked((signal) => this.#replace(onProgress, signal));
  }

  async hashAt(position: number | undefined, onProgress: OnProgress): Promise<GenerationHash> {
    return this.#asked(async (signal) => {
      const toPosition = position ?? (await this.#infra.eventStore.head());
      return hashAt(this.#projection, this.#infra, this.#options.limits, toPosition, onProgress, signal);
    });
  }

  /** After everything that is on the bus now; no batch of this process is applied while the documents are read. */
  async hashLive(): Promise<GenerationHash> {
    await this.caughtUp();
    const consumer = this.#consumer;
    const { readModels } = this.#infra;
    if (consumer === undefined) return hashGeneration(readModels, this.#projection, await this.#live());
    return consumer.writer.exclusively(() => hashGeneration(readModels, this.#projection, consumer.writer.target));
  }

  async parked(): Promise<readonly ParkedKey[]> {
    return this.#infra.readModels.parked(await this.#live());
  }

  async redrive(stream: string): Promise<RedriveResult> {
    const consumer = this.#consumer;
    if (this.#options.members === 'alone') assert(consumer !== undefined, `${this.#name} was built`);
    const partition = this.#infra.bus.partitionOf(redriveKey(this.#topic, stream));
    const isHere = this.#options.members === 'alone' || consumer?.partitions().includes(partition) === true;
    return consumer === undefined || !isHere ? { outcome: 'not-here' } : redrive(consumer.writer, stream, this.#infra);
  }

  /** Also where other processes have a part in it. */
  async caughtUp(): Promise<void> {
    const ends = await this.#infra.bus.endOffsets(this.#topic);
    for (;;) {
      this.#stopping.signal.throwIfAborted();
      await this.#build?.done.catch(() => {});
      const consumer = this.#consumer;
      try {
        const target = consumer?.writer.target ?? (await this.#live());
        if (consumer !== undefined) await consumer.reached(ends);
        if (target.generation > 0 && (await lagOf(target, this.#topic, ends, this.#infra)) === 0) return;
      } catch (error) {
        // Unless it was only replaced by the consumer of another generation.
        if (consumer === this.#consumer) throw error;
      }
      await delay(reachedPollMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
  }

  /** Ends everything that writes. The next look begins anew. */
  async letGo(): Promise<void> {
    this.#build?.stop.abort();
    await this.#build?.done.catch(() => {});
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.#hasFitted = false;
    await consumer?.stop();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
    await this.letGo();
    await this.#giveBack(this.#writerLease);
  }

  get #name(): string {
    return this.#projection.model.name;
  }

  get #topic() {
    return this.#projection.model.topic;
  }

  async #live() {
    return { model: this.#name, generation: await this.#infra.readModels.liveGeneration(this.#name) };
  }

  async #look(): Promise<void> {
    const isWriter = await this.#writerLease.renew();
    const build = this.#build;
    if (build !== undefined && !(await this.#buildLease.renew())) build.stop.abort();
    const { generation } = await this.#live();
    const isUsable = generation > 0 && (await this.#follow(isWriter ? generation : 0));
    if (this.#build !== undefined) return;
    if (!isUsable) {
      if (!this.#isResting && (await this.#buildLease.renew())) this.#buildFirst();
      return;
    }
    const isLeft = (await abandonedGenerations(this.#projection, this.#infra)).length > 0;
    if (!isLeft || !(await this.#buildLease.renew())) return;
    try {
      await dropAbandoned(this.#projection, this.#infra, this.#options.limits);
    } finally {
      await this.#giveBack(this.#buildLease);
    }
  }

  /** Consumes that generation and no other; 0 = none. False when it has to be replaced by a new one. */
  async #follow(generation: number): Promise<boolean> {
    const current = this.#consumer;
    if (current !== undefined && current.writer.target.generation === generation) return (await current.writer.sink?.exists()) ?? true;
    this.#consumer = undefined;
    if (this.#next !== undefined && this.#next.writer.target.generation === generation) {
      this.#consumer = this.#next;
      this.#next = undefined;
      this.#hasFitted = true;
    }
    await current?.stop();
    return this.#consumer !== undefined || generation === 0 || this.#consume(generation);
  }

  async #consume(generation: number): Promise<boolean> {
    const { limits, wake } = this.#options;
    const { logger, readModels } = this.#infra;
    const writer = new GenerationWriter(this.#projection, generation, this.#infra, limits);
    // Asked before it would be made: an index that was lost comes back empty.
    if ((await writer.sink?.exists()) === false) return false;
    try {
      await writer.prepare();
    } catch (error) {
      // A store that is away fails here too, and says nothing about the generation.
      await readModels.liveGeneration(this.#name);
      this.#misfit = error instanceof Error ? error.message : String(error);
      logger.warn({ ...writer.target, err: error }, 'the live generation does not fit');
      return this.#hasFitted;
    }
    this.#misfit = undefined;
    this.#hasFitted = true;
    this.#consumer = runProjector(writer, this.#infra, limits, wake);
    return true;
  }

  /** In the background; a failure gives the others their turn. */
  #buildFirst(): void {
    const { logger } = this.#infra;
    const { retryDelayMs, retryDelayMsMax } = this.#options.limits;
    logger.info({ model: this.#name }, 'a first generation is built');
    void this.#begin((signal) => this.#replace(() => {}, signal)).catch(async (error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      const delayMs = Math.min(retryDelayMsMax, retryDelayMs * 2 ** Math.min(this.#buildFailures, 16));
      this.#buildFailures += 1;
      this.#isResting = true;
      logger.error({ model: this.#name, err: error, delayMs }, 'first build failed, trying again');
      await delay(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
      this.#isResting = false;
      this.#options.wake();
    });
  }

  /** For an operator. */
  async #asked<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { done } = await this.#inTurn(async () => {
      if (!(await this.#buildLease.acquire(this.#stopping.signal))) throw new Error(`${this.#name} is being built by another process`);
      return { done: this.#begin(work) };
    });
    return done;
  }

  /** One after another: a look must not drop what a build has just begun, and both move the lease. */
  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#looking.then(work);
    this.#looking = mine.catch(() => {});
    return mine;
  }

  /** One build at a time: a second one would only take its time from the first. */
  async #begin<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    assert(this.#build === undefined, `${this.#name} is being built already`);
    const stop = new AbortController();
    const done = this.#finish(work(AbortSignal.any([stop.signal, this.#stopping.signal])));
    this.#build = { stop, done };
    return done;
  }

  async #finish<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } finally {
      await this.#next?.stop();
      this.#next = undefined;
      await this.#inTurn(async () => {
        this.#build = undefined;
        await this.#giveBack(this.#buildLease);
      });
      this.#options.wake();
    }
  }

  async #giveBack(lease: Hold): Promise<void> {
    try {
      await lease.release();
    } catch (error) {
      this.#infra.logger.warn({ model: this.#name, err: error }, 'a lease was not given back, others will wait for it');
    }
  }

  async #replace(onProgress: OnProgress, signal: AbortSignal): Promise<number> {
    const { limits, wake } = this.#options;
    // What an earlier build left is dropped at the end: as long as it is there, its number is not used by another one.
    const next = await buildGeneration(this.#projection, this.#infra, limits, onProgress, signal, wake);
    this.#next = next;
    signal.throwIfAborted();
    await this.#infra.readModels.activate(next.writer.target);
    this.#buildFailures = 0;
    await this.look();
    // Queries look at the pointer again after they have read, so nothing holds on to the old generation.
    await dropAbandoned(this.#projection, this.#infra, limits);
    return next.writer.target.generation;
  }
}
