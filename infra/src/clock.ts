// The two clocks behind the Clock port: the machine's, and one that a tool or a test moves by hand.
// Chosen by configuration; the driven one is refused in production mode.

import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export type DrivenClock = Clock & {
  /** Moves the wall clock forward to this time; time never goes back. */
  advanceTo(ms: number): void;
};

/**
 * The monotonic clock stays the machine's: ages and time-outs go on whatever the wall clock is told. `cell` is the wall time
 * in milliseconds; threads that are given the same cell share one time.
 */
export function drivenClock(cell: BigInt64Array<SharedArrayBuffer>): DrivenClock {
  return {
    nowMs: () => Number(Atomics.load(cell, 0)),
    monotonicMs: systemClock.monotonicMs,
    advanceTo(ms) {
      assert(Number.isSafeInteger(ms) && BigInt(ms) >= Atomics.load(cell, 0), `a driven clock goes forward only: to ${ms}`);
      Atomics.store(cell, 0, BigInt(ms));
    },
  };
}

export function timeCell(startMs: number): BigInt64Array<SharedArrayBuffer> {
  const cell = new BigInt64Array(new SharedArrayBuffer(8));
  cell[0] = BigInt(startMs);
  return cell;
}
