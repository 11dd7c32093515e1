// The two clocks behind the Clock port: the machine's, and one that a tool or a test moves by hand.
// Chosen by configuration; the driven one is refused in production mode.

import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export type DrivenClock = Clock & {
  /** Moves both clocks forward to this wall time; time never goes back. */
  advanceTo(ms: number): void;
};

export function drivenClock(startMs: number): DrivenClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    advanceTo(ms) {
      assert(Number.isSafeInteger(ms) && ms >= nowMs, `a driven clock goes forward only: ${ms} after ${nowMs}`);
      nowMs = ms;
    },
  };
}
