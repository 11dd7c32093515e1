// How far settlement is, of all workers together: what is open, what was judged, what waits, how fast it goes and how long it will take. Called by
// server.ts and engine-server.ts with what each worker says of itself.

import type { Json } from '@wagerline/shared-kernel/values/json';
import { z } from 'zod';

const workerProgress = z.object({
  indexedPosition: z.int(),
  settledThrough: z.int(),
  openBets: z.int(),
  judged: z.int(),
  waiting: z.int(),
  settledPerSecond: z.int(),
  parkedCount: z.int(),
  heldMarkets: z.array(z.object({ marketId: z.string(), hasResult: z.boolean() })),
});

const workerDecisions = z.object({ indexedPosition: z.int(), decisions: z.array(z.json()) });

/** `etaSeconds` null: bets wait and none was settled in the last moments. */
export type SettlementProgress = Readonly<z.infer<typeof workerProgress>> & { readonly etaSeconds: number | null };

export function mergedProgress(answers: readonly Json[]): SettlementProgress {
  const workers = answers.map((answer) => workerProgress.parse(answer));
  const sum = (of: (worker: (typeof workers)[number]) => number): number => workers.reduce((total, worker) => total + of(worker), 0);
  const [waiting, settledPerSecond] = [sum((worker) => worker.waiting), sum((worker) => worker.settledPerSecond)];
  return {
    // The one that has read the least knows the least of holds and open bets: the farthest says how many there are.
    indexedPosition: Math.min(...workers.map((worker) => worker.indexedPosition)),
    settledThrough: Math.min(...workers.map((worker) => worker.settledThrough)),
    openBets: farthest(workers)?.openBets ?? 0,
    judged: sum((worker) => worker.judged),
    waiting,
    settledPerSecond,
    etaSeconds: waiting === 0 ? 0 : settledPerSecond === 0 ? null : Math.ceil(waiting / settledPerSecond),
    parkedCount: sum((worker) => worker.parkedCount),
    heldMarkets: farthest(workers)?.heldMarkets ?? [],
  };
}

/** As the worker knows them that has read the log the farthest. */
export function waitingDecisions(answers: readonly Json[]): readonly Json[] {
  return farthest(answers.map((answer) => workerDecisions.parse(answer)))?.decisions ?? [];
}

function farthest<Worker extends { readonly indexedPosition: number }>(workers: readonly Worker[]): Worker | undefined {
  return workers.toSorted((a, b) => b.indexedPosition - a.indexedPosition)[0];
}
