// How urgently the operating system runs a thread of the tree. Each thread asks for itself, at its start. On Linux alone, and where the system
// refuses, a thread runs like all others: only speed hangs on it.

import { spawnSync } from 'node:child_process';
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
  if (thread === undefined || nice === 0) return;
  try {
    setPriority(Number(thread), nice);
  } catch {
    // Not allowed in some sandboxes.
  }
}

/** The kernel's number of the calling thread: setPriority() takes it where it says process. */
function threadId(): string | undefined {
  return process.platform === 'linux' ? basename(readlinkSync('/proc/thread-self')) : undefined;
}
