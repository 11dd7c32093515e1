// What one process says of one read model: its share of the work, and where the whole model stands. Made by running-model.ts.

import { setTimeout as delay } from 'node:timers/promises';
import type { Topic } from '@wagerline/shared-kernel/ports/event-bus';
import type { ModelGeneration } from '@wagerline/shared-kernel/ports/read-model-store';
import type { ProjectionsInfra } from './projector.ts';
import { lagOf, type ConsumerState } from './run-projector.ts';

export type ModelStatus = {
  readonly model: string;
  /** 0: never built so far, queries have nothing to read; -1: not known, as the store does not answer. */
  readonly generation: number;
  /** `building`: there is no live generation yet; `waiting`: another process writes this model. */
  readonly state: ConsumerState | 'building' | 'waiting';
  readonly problem: string | null;
  /** Of the bus, that this process consumes. */
  readonly partitions: readonly number[];
  /** Offsets of the bus that are not applied yet, whoever has to; 0 = none; -1 = not known, as the store or the bus does not answer. */
  readonly lag: number;
  /** This and the following counts are of this process alone. */
  readonly eventsApplied: number;
  readonly eventsPerSecond: number;
  readonly duplicatesSkipped: number;
  readonly gapsFilled: number;
  /** Of the whole model; -1 = not known. */
  readonly parkedCount: number;
  /** How old events were when they became visible. */
  readonly ageMs: { readonly p50: number; readonly p99: number };
};

export const notBuilt: Omit<ModelStatus, 'model'> = {
  generation: 0,
  state: 'building',
  problem: null,
  partitions: [],
  lag: 0,
  eventsApplied: 0,
  eventsPerSecond: 0,
  duplicatesSkipped: 0,
  gapsFilled: 0,
  parkedCount: 0,
  ageMs: { p50: 0, p99: 0 },
};

/** What the store and the bus know of the whole model. */
export type ModelFigures = Pick<ModelStatus, 'generation' | 'lag' | 'parkedCount'>;

export async function figuresOf(target: ModelGeneration, topic: Topic, infra: Pick<ProjectionsInfra, 'bus' | 'readModels'>): Promise<ModelFigures> {
  const { generation } = target;
  if (generation === 0) return { generation, lag: 0, parkedCount: 0 };
  const lag = await lagOf(target, topic, await infra.bus.endOffsets(topic), infra);
  return { generation, lag, parkedCount: (await infra.readModels.parked(target)).length };
}

const notKnown: ModelFigures = { generation: -1, lag: -1, parkedCount: -1 };
const figuresMsMax = 1_500;

/** Asks for them once at a time, however often a status is asked for: clients of engines that are away try for much longer than that. */
export class FiguresQuestion {
  readonly #ask: () => Promise<ModelFigures>;
  readonly #msMax: number;
  #asked: Promise<ModelFigures> | undefined;

  constructor(ask: () => Promise<ModelFigures>, msMax = figuresMsMax) {
    this.#ask = ask;
    this.#msMax = msMax;
  }

  /** Never fails: then they are not known, and `problem` says why. */
  async answer(): Promise<{ readonly figures: ModelFigures; readonly problem: string | null }> {
    this.#asked ??= this.#ask().finally(() => (this.#asked = undefined));
    const limit = new AbortController();
    const late = delay(this.#msMax, undefined, { signal: limit.signal }).then(() => Promise.reject(new Error(`no answer within ${this.#msMax} ms`)));
    try {
      return { figures: await Promise.race([this.#asked, late]), problem: null };
    } catch (error) {
      return { figures: notKnown, problem: error instanceof Error ? error.message : String(error) };
    } finally {
      late.catch(() => undefined);
      limit.abort();
    }
  }
}
