// How fast the reads of a consumer follow each other. Used by embedded-consumer.ts and kafka-consumer.ts; it keeps no timer.
// Under load few large reads cost far less than many small ones, as every read ends in a commit; a single event never waits.

/** A read that brings so many events is load. */
const busyReadEvents = 16;
const firstGatherMs = 5;

export class Pace {
  readonly #gatherMsMax: number;
  #gatherMs = 0;
  #lastReadMs = 0;

  constructor(gatherMsMax: number) {
    this.#gatherMsMax = gatherMsMax;
  }

  /** How long to let events gather before the next read. 0 when the last read lies far enough back: what ends a pause is read at once. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#lastReadMs + this.#gatherMs - nowMs);
  }

  /** Busy reads double the distance up to its maximum, others halve it. */
  hasRead(events: number, nowMs: number): void {
    this.#lastReadMs = nowMs;
    if (events < busyReadEvents) this.#gatherMs /= 2;
    else this.#gatherMs = Math.min(this.#gatherMsMax, Math.max(firstGatherMs, this.#gatherMs * 2));
  }
}
