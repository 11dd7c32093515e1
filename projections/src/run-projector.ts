// Consumes the bus into one generation of one read model, from the store's own checkpoint, until it is stopped. Called by start.ts
// for the live generation and by rebuild.ts for the one that will replace it. Never handles two batches at once. Other processes may
// consume the same generation: they are members of one group, and each has its own partitions.

import { setTimeout as delay } from 'node:timers/promises';
import type { PartitionBatch, Topic } from '@wagerline/shared-kernel/ports/event-bus';
import type { ModelGeneration } from '@wagerline/shared-kernel/ports/read-model-store';
import type { GenerationWriter } from './generation-writer.ts';
import { GapError, type ProjectionsInfra, type ProjectorLimits } from './projector.ts';
import { RateMeter } from './rate-meter.ts';

/** `retrying`: the last batch failed and is tried again; `stopped`: a gap that cannot be filled, or asked to stop. */
export type ConsumerState = 'running' | 'retrying' | 'stopped';

export type RunningProjector = {
  readonly writer: GenerationWriter;
  readonly meter: RateMeter;
  state(): ConsumerState;
  /** What is wrong, while something is. */
  problem(): string | undefined;
  /** That this process has now. */
  partitions(): readonly number[];
  /** Offsets between what is consumed and the end, of the partition that is furthest behind; 0 = everything on the bus is applied. */
  lag(): Promise<number>;
  /** Resolves when everything that is on the bus now is applied; rejects when the projector stops before. */
  reached(ends: readonly number[]): Promise<void>;
  stop(): Promise<void>;
};

/** For what no batch tells of. */
export const reachedPollMs = 20;

export function groupOf({ model, generation }: ModelGeneration): string {
  return `${model}.${generation}`;
}

type Lagging = Pick<ProjectionsInfra, 'bus' | 'readModels'>;

/** Offsets between what a generation has and `ends`, whoever consumes it, of the partition that is furthest behind. */
export async function lagOf(target: ModelGeneration, topic: Topic, ends: readonly number[], infra: Lagging): Promise<number> {
  const committed = await infra.bus.committedOffsets(groupOf(target), topic);
  // A partition without records gets no batches; then the offset of the fill stands in the store alone.
  const checkpoints = await infra.readModels.checkpoints(target);
  return Math.max(0, ...ends.map((end, partition) => end - Math.max(committed[partition] ?? 0, checkpoints.get(partition) ?? 0)));
}

/** `onFailure`: after every one, before it is tried again. */
export function runProjector(writer: GenerationWriter, infra: ProjectionsInfra, limits: ProjectorLimits, onFailure: () => void): RunningProjector {
  const { bus, readModels, clock, logger } = infra;
  const { target, projection } = writer;
  const { topic } = projection.model;
  const meter = new RateMeter(clock);
  const stopping = new AbortController();
  let partitions: readonly number[] = [];
  let waiting: (() => void)[] = [];
  let state: ConsumerState = 'running';
  let problem: string | undefined;
  let failures = 0;

  const moved = (): void => {
    const waking = waiting;
    waiting = [];
    for (const wake of waking) wake();
  };

  /** Also told by a share of the work, as there may be nothing to do in it. Failures are counted until a batch is applied. */
  const isWell = (): void => {
    state = 'running';
    problem = undefined;
  };

  const startOffset = async (partition: number): Promise<number> => {
    // After the batch that may still run from before: what it keeps may be older than what another process wrote since.
    await writer.exclusively(async () => writer.forget());
    const offset = (await readModels.checkpoints(target)).get(partition) ?? 0;
    isWell();
    return offset;
  };

  const eachBatch = async ({ partition, records, nextOffset }: PartitionBatch): Promise<void> => {
    const before = writer.counts.eventsApplied;
    await writer.apply(records, { partition, offset: nextOffset });
    const oldestAt = records[0]?.event.metadata['at'];
    const ageMs = meter.add(writer.counts.eventsApplied - before, typeof oldestAt === 'string' ? oldestAt : undefined);
    if (ageMs !== undefined) infra.onBatch?.(records.length, ageMs);
    isWell();
    failures = 0;
    moved();
  };

  const onAssigned = (assigned: readonly number[]): void => {
    partitions = assigned;
    if (assigned.length === 0) isWell();
    moved();
  };

  /** True when there is nothing more to try. */
  const failed = async (error: unknown): Promise<boolean> => {
    onFailure();
    problem = error instanceof Error ? error.message : String(error);
    if (error instanceof GapError) {
      logger.error({ ...target, err: error }, 'projector stopped');
      return true;
    }
    state = 'retrying';
    const delayMs = Math.min(limits.retryDelayMsMax, limits.retryDelayMs * 2 ** Math.min(failures, 16));
    failures += 1;
    logger.error({ ...target, err: error, delayMs }, 'projector failed, trying again');
    await delay(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
    return false;
  };

  const consumeForEver = async (): Promise<void> => {
    const { signal } = stopping;
    while (!signal.aborted) {
      try {
        await bus.consume({ group: groupOf(target), topic, batchSizeMax: limits.batchSizeMax, startOffset, onAssigned, eachBatch, signal });
      } catch (error) {
        partitions = [];
        if (signal.aborted || (await failed(error))) break;
      }
    }
    partitions = [];
    state = 'stopped';
    for (const wake of waiting) wake();
  };
  const finished = consumeForEver();

  const behind = (ends: readonly number[]): Promise<number> => lagOf(target, topic, ends, infra);

  const woken = async (): Promise<void> => {
    const waking = new AbortController();
    await Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), delay(reachedPollMs, undefined, { signal: waking.signal }).catch(() => {})]);
    waking.abort();
  };

  return {
    writer,
    meter,
    state: () => state,
    problem: () => problem,
    partitions: () => partitions,
    lag: async () => behind(await bus.endOffsets(topic)),
    async reached(ends) {
      while ((await behind(ends)) > 0) {
        if (state === 'stopped') throw new Error(`${groupOf(target)} stopped: ${problem ?? 'asked to'}`);
        await woken();
      }
    },
    async stop() {
      stopping.abort();
      await finished;
    },
  };
}
