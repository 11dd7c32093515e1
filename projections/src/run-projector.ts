// Consumes the bus into one generation of one read model, from the store's own checkpoint, until it is stopped. Called by start.ts
// for the live generation and by rebuild.ts for the one that will replace it. Never handles two batches at once.

import { setTimeout as delay } from 'node:timers/promises';
import type { PartitionBatch } from '@wagerline/shared-kernel/ports/event-bus';
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
  /** Offsets between what is consumed and the end, of the partition that is furthest behind; 0 = everything on the bus is applied. */
  lag(): Promise<number>;
  /** Resolves when everything that is on the bus now is applied; rejects when the projector stops before. */
  reached(ends: readonly number[]): Promise<void>;
  stop(): Promise<void>;
};

/** For what no batch tells of. */
const reachedPollMs = 20;

export function groupOf({ model, generation }: ModelGeneration): string {
  return `${model}.${generation}`;
}

export function runProjector(writer: GenerationWriter, infra: ProjectionsInfra, limits: ProjectorLimits): RunningProjector {
  const { bus, readModels, clock, logger } = infra;
  const { target, projection } = writer;
  const { topic } = projection.model;
  const meter = new RateMeter(clock);
  const stopping = new AbortController();
  const nextOffsets = new Map<number, number>();
  let waiting: (() => void)[] = [];
  let state: ConsumerState = 'running';
  let problem: string | undefined;
  let failures = 0;

  const moved = (partition: number, offset: number): void => {
    nextOffsets.set(partition, offset);
    const waking = waiting;
    waiting = [];
    for (const wake of waking) wake();
  };

  const startOffset = async (partition: number): Promise<number> => {
    writer.forget();
    const offset = (await readModels.checkpoints(target)).get(partition) ?? 0;
    moved(partition, offset);
    return offset;
  };

  const eachBatch = async ({ partition, records, nextOffset }: PartitionBatch): Promise<void> => {
    const before = writer.counts.eventsApplied;
    await writer.apply(records, { partition, offset: nextOffset });
    const oldestAt = records[0]?.event.metadata['at'];
    meter.add(writer.counts.eventsApplied - before, typeof oldestAt === 'string' ? oldestAt : undefined);
    state = 'running';
    problem = undefined;
    failures = 0;
    moved(partition, nextOffset);
  };

  /** True when there is nothing more to try. */
  const failed = async (error: unknown): Promise<boolean> => {
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
    while (!stopping.signal.aborted) {
      try {
        await bus.consume({ group: groupOf(target), topic, batchSizeMax: limits.batchSizeMax, startOffset, eachBatch, signal: stopping.signal });
      } catch (error) {
        if (stopping.signal.aborted || (await failed(error))) break;
      }
    }
    state = 'stopped';
    for (const wake of waiting) wake();
  };
  const finished = consumeForEver();

  /** A partition without records gets no batches: the bus alone knows that it was read to the end. */
  const behind = async (ends: readonly number[]): Promise<number> => {
    const committed = await bus.committedOffsets(groupOf(target), topic);
    const lags = ends.map((end, partition) => end - Math.max(nextOffsets.get(partition) ?? 0, committed[partition] ?? 0));
    return Math.max(0, ...lags);
  };

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
