// Readers that wait for the same watermark share one look at it. Called by fresh-enough.ts.
// Time is what the delays add up to, so a wait is bounded also where a tool holds the clock; a failing look ends the wait.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Delay } from './query-deps.ts';

const firstDelayMs = 2;
const delayMsMax = 50;
/** Different (model, stream) pairs waited for at once; the next reader is told at once how far the model is. */
const watchesMax = 1_000;

type Waiter = { readonly revision: number; leftMs: number; readonly wake: (leftMs: number) => void };
type Watch = { readonly waiters: Set<Waiter>; delayMs: number };

export class Waiters {
  private readonly delay: Delay;
  private readonly watches = new Map<string, Watch>();

  constructor(delay: Delay = (ms) => sleep(ms)) {
    this.delay = delay;
  }

  /** Resolves with what is left of `leftMs`: when `look` reaches the revision or fails, or with 0 when the time is over. */
  wait(key: string, revision: number, leftMs: number, look: () => Promise<number>): Promise<number> {
    const running = this.watches.get(key);
    if (running === undefined && this.watches.size >= watchesMax) return Promise.resolve(0);
    const watch = running ?? { waiters: new Set<Waiter>(), delayMs: firstDelayMs };
    // Whoever comes new has just written: the next look should not be as far away as for those who wait long.
    watch.delayMs = firstDelayMs;
    const waited = new Promise<number>((wake) => watch.waiters.add({ revision, leftMs, wake }));
    if (running === undefined) {
      this.watches.set(key, watch);
      void this.run(key, watch, look);
    }
    return waited;
  }

  /** Ends when nobody waits any more: every turn takes time from each waiter. */
  private async run(key: string, watch: Watch, look: () => Promise<number>): Promise<void> {
    while (watch.waiters.size > 0) {
      const present = [...watch.waiters];
      const delayMs = Math.min(watch.delayMs, ...present.map((waiter) => waiter.leftMs));
      watch.delayMs = Math.min(watch.delayMs * 2, delayMsMax);
      const reached = await this.delay(delayMs).then(look).catch(() => Number.MAX_SAFE_INTEGER);
      for (const waiter of present) waiter.leftMs -= delayMs;
      for (const waiter of watch.waiters) {
        if (waiter.revision > reached && waiter.leftMs > 0) continue;
        watch.waiters.delete(waiter);
        waiter.wake(waiter.leftMs);
      }
    }
    this.watches.delete(key);
  }
}
