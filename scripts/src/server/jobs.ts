// Long work that a tool asks of a running server: started by one request, watched by others, its result kept for a while.

import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '@wagerline/shared-kernel/values/json';

export type Work = { readonly progress: () => Promise<Json>; readonly result: Promise<Json> };
type Job = { readonly kind: string; readonly progress: () => Promise<Json>; outcome: { readonly result: Json } | { readonly error: string } | undefined };

const finishedJobsMax = 50;
const runningJobsMax = 4;

export class Jobs {
  readonly #jobs = new Map<string, Job>();

  /** Answers the job's id; undefined when too many are running. */
  start(kind: string, begin: () => Work): string | undefined {
    if ([...this.#jobs.values()].filter((job) => job.outcome === undefined).length >= runningJobsMax) return undefined;
    const { progress, result } = begin();
    const job: Job = { kind, progress, outcome: undefined };
    const id = randomUUID();
    this.#jobs.set(id, job);
    result.then(
      (value) => (job.outcome = { result: value }),
      (error: unknown) => (job.outcome = { error: error instanceof Error ? error.message : String(error) }),
    );
    for (const [oldest, { outcome }] of this.#jobs) {
      if (this.#jobs.size <= finishedJobsMax) break;
      if (outcome !== undefined) this.#jobs.delete(oldest);
    }
    return id;
  }

  async show(id: string): Promise<JsonObject | undefined> {
    const job = this.#jobs.get(id);
    if (job === undefined) return undefined;
    const { kind, outcome } = job;
    // The part that works on it may end while it is asked: then there is nothing to show, and the next request sees the outcome.
    if (outcome === undefined) return { jobId: id, kind, state: 'running', progress: await job.progress().catch(() => null) };
    return { jobId: id, kind, state: 'error' in outcome ? 'failed' : 'done', ...outcome };
  }
}
