// Events per second over the last seconds, and how old events were when they became visible. For status; decides nothing.

import type { Clock } from '@wagerline/shared-kernel/ports/clock';

const windowMs = 5_000;
const bucketMs = 500;
const samplesMax = 4_096;

type Sample = { readonly ageMs: number; readonly events: number };

export class RateMeter {
  readonly #clock: Clock;
  readonly #buckets: { readonly startMs: number; events: number }[] = [];
  readonly #samples: Sample[] = [];
  #sampleCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `oldestAt`: when the first event of the batch was decided. Answers how long ago that is. */
  add(events: number, oldestAt: string | undefined): number | undefined {
    if (events === 0) return undefined;
    const nowMs = this.#clock.monotonicMs();
    const last = this.#buckets.at(-1);
    if (last !== undefined && nowMs - last.startMs < bucketMs) last.events += events;
    else this.#buckets.push({ startMs: nowMs, events });
    while ((this.#buckets[0]?.startMs ?? nowMs) < nowMs - windowMs) this.#buckets.shift();
    if (oldestAt === undefined) return undefined;
    const ageMs = Math.max(0, this.#clock.nowMs() - Date.parse(oldestAt));
    this.#samples[this.#sampleCount % samplesMax] = { ageMs, events };
    this.#sampleCount += 1;
    return ageMs;
  }

  eventsPerSecond(): number {
    const nowMs = this.#clock.monotonicMs();
    const events = this.#buckets.filter(({ startMs }) => startMs >= nowMs - windowMs).reduce((sum, bucket) => sum + bucket.events, 0);
    return Math.round((events * 1_000) / windowMs);
  }

  /** Age of the oldest event of a batch when the batch was visible, over the newest batches, weighted by their events. */
  ageMs(): { readonly p50: number; readonly p99: number } {
    const sorted = [...this.#samples].sort((a, b) => a.ageMs - b.ageMs);
    const all = sorted.reduce((sum, { events }) => sum + events, 0);
    const at = (share: number): number => {
      let seen = 0;
      for (const { ageMs, events } of sorted) {
        seen += events;
        if (seen >= all * share) return ageMs;
      }
      return 0;
    };
    return { p50: at(0.5), p99: at(0.99) };
  }
}
