// The jobs of settlement on a running server: preview a result, list what is overdue, replay the log. Called by job-routes.ts. Each has a thread of
// its own, which ends with it.

import { legResult } from '@wagerline/shared-kernel/events/schema';
import type { Json } from '@wagerline/shared-kernel/values/json';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Work } from './jobs.ts';
import type { Operations } from './operations.ts';
import { startPart, type Part } from './part.ts';

const hoursMax = 8_760;
const settledWaitMsMax = 120_000;
const settledPollMs = 50;

export const settlementJobs = [
  z.strictObject({ kind: z.literal('settlement-preview'), marketId: z.string().min(1).max(200), results: z.record(z.string().max(200), legResult).nullable() }),
  z.strictObject({ kind: z.literal('settlement-unsettled'), hours: z.number().min(0).max(hoursMax) }),
  z.strictObject({ kind: z.literal('settlement-replay'), fresh: z.boolean(), repair: z.boolean() }),
] as const;

export type SettlementJob = z.infer<(typeof settlementJobs)[number]>;

export function isSettlementJob(job: { readonly kind: string }): job is SettlementJob {
  return job.kind.startsWith('settlement-');
}

export function settlementWork(job: SettlementJob, operations: Pick<Operations, 'connect' | 'settlementProgress'>): Work {
  const part = startPart('settlement-report', new URL('./settlement-report-part.ts', import.meta.url), operations.connect());
  const failed = part.failed.then((error) => Promise.reject(error));
  const result = Promise.race([resultOf(part, job, operations), failed]).finally(() => part.stop());
  return { result, progress: () => part.request('progress') };
}

async function resultOf(part: Part, job: SettlementJob, { settlementProgress }: Pick<Operations, 'settlementProgress'>): Promise<Json> {
  if (job.kind === 'settlement-preview') return part.request('preview', { marketId: job.marketId, results: job.results });
  if (job.kind === 'settlement-unsettled') return part.request('unsettled', { hours: job.hours });
  const through = z.int().parse(await part.request('replay', { fresh: job.fresh }));
  // What was copied has to be settled here as well, before the two are compared.
  for (let waitedMs = 0; (await settlementProgress()).settledThrough < through; waitedMs += settledPollMs) {
    if (waitedMs > settledWaitMsMax) throw new Error(`the settlement job has not come to position ${through} within ${settledWaitMsMax} ms`);
    await delay(settledPollMs);
  }
  return part.request('compare', { through, repair: job.repair });
}
