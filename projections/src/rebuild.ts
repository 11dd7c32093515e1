// Builds a read model anew beside the one that is read: filled from the event store, then from the bus, swapped in when it has
// caught up. Called by start.ts, also for a model that was never built. A stop in the middle leaves the live generation alone.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { GenerationWriter } from './generation-writer.ts';
import { hashGeneration, type GenerationHash } from './hash-generation.ts';
import type { Projection } from './projection.ts';
import type { KeyedEvent, ProjectionsInfra, ProjectorLimits } from './projector.ts';
import { marketRecords } from './redrive.ts';
import { groupOf, runProjector, type RunningProjector } from './run-projector.ts';

export type RebuildProgress = { readonly position: number; readonly toPosition: number; readonly eventsRead: number };
export type OnProgress = (progress: RebuildProgress) => void;

/** While others keep appending, lag 0 may never be seen; after so many rounds the rest is what came in during one of them. */
const swapRoundsMax = 100;

/** A generation that has caught up with the bus and goes on consuming; not yet the one that is read. */
export async function buildGeneration(
  projection: Projection,
  infra: ProjectionsInfra,
  limits: ProjectorLimits,
  onProgress: OnProgress,
  signal: AbortSignal,
  onFailure: () => void,
): Promise<RunningProjector> {
  const writer = await newGeneration(projection, infra, limits);
  try {
    return await fillAndCatchUp(writer, infra, limits, onProgress, signal, onFailure);
  } catch (error) {
    // What cannot be dropped now is dropped at a later look.
    await dropGeneration(writer, infra).catch((dropError: unknown) => infra.logger.warn({ ...writer.target, err: dropError }, 'not dropped'));
    throw error;
  }
}

async function fillAndCatchUp(
  writer: GenerationWriter,
  infra: ProjectionsInfra,
  limits: ProjectorLimits,
  onProgress: OnProgress,
  signal: AbortSignal,
  onFailure: () => void,
): Promise<RunningProjector> {
  const { bus, readModels } = infra;
  const { topic } = writer.projection.model;
  // In this order: what the bus had before these offsets is in the log up to its head, which is read after them. Not up to the relay's
  // mark: where records and mark are stored one after the other, the bus may end beyond its mark.
  const offsets = await bus.endOffsets(topic);
  const toPosition = await infra.eventStore.head();
  await fill(writer, infra, limits, toPosition, onProgress, signal);
  for (const [partition, offset] of offsets.entries()) {
    await readModels.write(writer.target, { puts: [], watermarks: [], checkpoint: { partition, offset } });
  }
  const running = runProjector(writer, infra, limits, onFailure);
  const stop = (): void => void running.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (let round = 0; round < swapRoundsMax; round += 1) {
      await running.reached(await bus.endOffsets(topic));
      if ((await running.lag()) === 0) break;
    }
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A throw-away generation up to and including `toPosition`, for its hash alone. */
export async function hashAt(
  projection: Projection,
  infra: ProjectionsInfra,
  limits: ProjectorLimits,
  toPosition: number,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<GenerationHash> {
  const writer = await newGeneration(projection, infra, limits);
  try {
    await fill(writer, infra, limits, toPosition, onProgress, signal);
    return await hashGeneration(infra.readModels, projection, writer.target);
  } finally {
    await dropGeneration(writer, infra);
  }
}

export async function dropGeneration(writer: GenerationWriter, infra: ProjectionsInfra): Promise<void> {
  await infra.bus.deleteGroup(groupOf(writer.target));
  await writer.sink?.drop();
  await infra.readModels.drop(writer.target);
}

/** Generations that nobody reads: a rebuild was cut off, or a stop came between the swap and the drop. Not while one is being built. */
export async function abandonedGenerations({ model }: Projection, { readModels }: Pick<ProjectionsInfra, 'readModels'>): Promise<readonly number[]> {
  const live = await readModels.liveGeneration(model.name);
  return (await readModels.generations(model.name)).filter((generation) => generation !== live);
}

/** A generation that another process still consumes keeps its group, and is left for a later look. */
export async function dropAbandoned(projection: Projection, infra: ProjectionsInfra, limits: ProjectorLimits): Promise<void> {
  for (const generation of await abandonedGenerations(projection, infra)) {
    const writer = new GenerationWriter(projection, generation, infra, limits);
    try {
      await dropGeneration(writer, infra);
      infra.logger.info({ ...writer.target }, 'a generation that nobody reads was dropped');
    } catch (error) {
      infra.logger.warn({ ...writer.target, err: error }, 'a generation that nobody reads is in use, or cannot be dropped now');
    }
  }
}

async function newGeneration(projection: Projection, infra: ProjectionsInfra, limits: ProjectorLimits): Promise<GenerationWriter> {
  const known = await infra.readModels.generations(projection.model.name);
  const live = await infra.readModels.liveGeneration(projection.model.name);
  const writer = new GenerationWriter(projection, Math.max(live, ...known, 0) + 1, infra, limits);
  // The number may have been used before, by a generation that was dropped or of a store that was emptied.
  await infra.bus.deleteGroup(groupOf(writer.target));
  await writer.sink?.drop();
  await writer.prepare();
  return writer;
}

async function fill(
  writer: GenerationWriter,
  infra: ProjectionsInfra,
  limits: ProjectorLimits,
  toPosition: number,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const isByMarket = writer.projection.model.topic === 'by-market';
  const prefixes = isByMarket ? domainPrefixes : writer.projection.model.watermarkPrefixes;
  let after = 0;
  let eventsRead = 0;
  while (after < toPosition) {
    signal.throwIfAborted();
    const { events, position } = await infra.eventStore.readAll(after, { prefixes }, limits.fillBatchSizeMax);
    const wanted = events.filter((event) => event.position <= toPosition);
    const records = isByMarket ? wanted.flatMap(marketRecords) : wanted.map((event): KeyedEvent => ({ key: event.stream, event }));
    await writer.apply(records);
    // A fill is long: the live projectors of this thread get their turn after each batch.
    await nextTurn();
    assert(position > after || events.length > 0, 'reading the log goes forward');
    eventsRead += wanted.length;
    after = position;
    onProgress({ position: Math.min(after, toPosition), toPosition, eventsRead });
  }
}

