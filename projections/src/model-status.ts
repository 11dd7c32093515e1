// What one process says of one read model: its share of the work, and where the whole model stands. Made by running-model.ts.

import type { ConsumerState } from './run-projector.ts';

export type ModelStatus = {
  readonly model: string;
  /** 0: never built so far; queries have nothing to read. */
  readonly generation: number;
  /** `building`: there is no live generation yet; `waiting`: another process writes this model. */
  readonly state: ConsumerState | 'building' | 'waiting';
  readonly problem: string | null;
  /** Of the bus, that this process consumes. */
  readonly partitions: readonly number[];
  /** Offsets of the bus that are not applied yet, whoever has to; 0 = none. */
  readonly lag: number;
  /** This and the following counts are of this process alone. */
  readonly eventsApplied: number;
  readonly eventsPerSecond: number;
  readonly duplicatesSkipped: number;
  readonly gapsFilled: number;
  /** Of the whole model. */
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
