// How urgently the operating system runs a thread of the tree. Each thread asks for itself, at its start; a follower of a burst also later, and there
// its root may ask for it. On Linux alone, and where the system refuses, a thread runs like all others: only speed hangs on it.

import { spawn, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

const realTimePriority = 1;

/** For the writer of the event log: every bet waits for it, and it needs little. Asks the system's `chrt`, as Node cannot; needs root or CAP_SYS_NICE. */
export function runBeforeOthers(): void {
  const thread = threadId();
  if (thread !== undefined) spawnSync('chrt', ['--fifo', '--pid', `${realTimePriority}`, thread], { stdio: 'ignore' });
}

/** For whoever follows the log, and may be a moment behind it: at 10 with a tenth of what others get while there is not enough for all. Needs no right. */
export function runBehindOthers(nice: number): void {
  const thread = threadId();
  if (thread !== undefined && nice > 0) setNice(thread, nice);
}

/** A follower of a burst that is no further behind than this takes only what all others leave. */
export const behindMsMax = 900;
/** Since it was last further behind: moving costs 15 ms, so whoever is behind again and again stays where it gets its part. */
export const calmMs = 1_000;
/** A batch of so many events is one of a burst. */
export const burstEvents = 100;
/** A follower in the idle class that was not heard of for so long has no more to do, or gets nothing at all. */
export const silenceMsMax = 1_000;

/** What a follower and its root share: the follower's thread while it is in the idle class, else 0; and when it was last heard of. */
export type RankCell = BigInt64Array<SharedArrayBuffer>;
const inIdleClass = 0;
const heardAt = 1;

export function rankCell(): RankCell {
  return new BigInt64Array(new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT));
}

/**
 * For a follower that many wait for, and that has most to do when commands have, too: in a burst it lets them go first, within bounds.
 * While it is hardly behind it runs in the idle class, where a core that runs nothing else counts as free for whoever wakes up; once it is
 * further behind it runs as runBehindOthers has it. Only root and CAP_SYS_NICE may leave the idle class again: others never enter it.
 */
export class FollowerRank {
  /** Undefined: it stays where it is. */
  readonly #movable: { readonly thread: string; readonly cell: RankCell } | undefined;
  readonly #nowMs: () => number;
  #behindAtMs = -Infinity;

  /** For the calling thread. @param nice 0: it runs like all others, always. @param cell absent where no root watches it */
  constructor(nice: number, cell: RankCell | undefined, nowMs: () => number = monotonicMs) {
    runBehindOthers(nice);
    const thread = threadId();
    const mayComeBack = thread !== undefined && nice > 0 && setNice(thread, nice - 1) && setNice(thread, nice);
    this.#movable = mayComeBack && cell !== undefined ? { thread, cell } : undefined;
    this.#nowMs = nowMs;
  }

  /** Told after every batch how old its oldest event was then. */
  follows(events: number, ageMs: number): void {
    if (this.#movable === undefined) return;
    const { thread, cell } = this.#movable;
    const nowMs = this.#nowMs();
    if (ageMs > behindMsMax) this.#behindAtMs = nowMs;
    const isCalm = nowMs - this.#behindAtMs > calmMs;
    const isIdle = Atomics.load(cell, inIdleClass) !== 0n;
    if (isIdle && isCalm) Atomics.store(cell, heardAt, BigInt(Math.round(nowMs)));
    else if (isIdle) leaveIdleClass(thread, cell);
    else if (isCalm && events >= burstEvents) enterIdleClass(thread, cell, nowMs);
  }
}

function enterIdleClass(thread: string, cell: RankCell, nowMs: number): void {
  Atomics.store(cell, heardAt, BigInt(Math.round(nowMs)));
  Atomics.store(cell, inIdleClass, BigInt(thread));
  spawnSync('chrt', ['--idle', '--pid', '0', thread], { stdio: 'ignore' });
  // On a machine that is very busy the root may have lost patience before that was done.
  if (Atomics.load(cell, inIdleClass) === 0n) leaveIdleClass(thread, cell);
}

function leaveIdleClass(thread: string, cell: RankCell): void {
  spawnSync('chrt', ['--other', '--pid', '0', thread], { stdio: 'ignore' });
  Atomics.store(cell, inIdleClass, 0n);
}

/** For the root, which gets its part of the cores whatever else runs: takes a silent follower out of the idle class. Answers how it is ended. */
export function watchFollower(cell: RankCell): () => void {
  const timer = setInterval(() => lookAtFollower(cell), silenceMsMax / 2).unref();
  return () => clearInterval(timer);
}

export function lookAtFollower(cell: RankCell, nowMs: () => number = monotonicMs): void {
  const thread = Atomics.load(cell, inIdleClass);
  if (thread === 0n || nowMs() - Number(Atomics.load(cell, heardAt)) <= silenceMsMax) return;
  Atomics.store(cell, inIdleClass, 0n);
  spawn('chrt', ['--other', '--pid', '0', `${thread}`], { stdio: 'ignore' }).on('error', () => {});
}

/** The same in all threads. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** False where the system does not allow it, as in some sandboxes. */
function setNice(thread: string, nice: number): boolean {
  try {
    setPriority(Number(thread), nice);
    return true;
  } catch {
    return false;
  }
}

/** The kernel's number of the calling thread: setPriority() takes it where it says process. */
function threadId(): string | undefined {
  return process.platform === 'linux' ? basename(readlinkSync('/proc/thread-self')) : undefined;
}
