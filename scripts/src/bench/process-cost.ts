// What a process has cost so far, from /proc: processor time per thread, most memory ever resident. Linux only; elsewhere it says zero.
// Called by the parts of the bench before and after a measured round.

import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Microseconds by thread name; the threads of V8 and libuv are `other`. */
export type ThreadTimes = Readonly<Record<ThreadName, number>>;
const threadNames = ['main', 'eventLog', 'projections', 'settlement', 'other'] as const;
type ThreadName = (typeof threadNames)[number];

/** The names that the server gives its threads, as the kernel shows them. */
const named: Readonly<Record<string, ThreadName>> = { 'event-log': 'eventLog', projections: 'projections', settlement: 'settlement' };
/** The kernel counts in ticks of 1/100 s on every usual system. */
const microsPerTick = 10_000;
/** Of what follows the name. */
const policyField = 38;
const firstInFirstOut = '1';

export function threadTimes(pid: number): ThreadTimes {
  const times = { main: 0, eventLog: 0, projections: 0, settlement: 0, other: 0 };
  for (const { thread, name, fields } of threadsOf(pid)) {
    times[thread === pid ? 'main' : (named[name] ?? 'other')] += (Number(fields[11]) + Number(fields[12])) * microsPerTick;
  }
  return times;
}

/** Whether the system lets the event log's writer run before all other threads (thread-rank.ts of infra): figures with and without differ. */
export function isEventLogFirst(pid: number): boolean {
  return threadsOf(pid).some(({ name, fields }) => named[name] === 'eventLog' && fields[policyField] === firstInFirstOut);
}

/** `fields`: of the kernel's line on a thread, what follows the name, which may hold anything. */
function threadsOf(pid: number): readonly { readonly thread: number; readonly name: string; readonly fields: readonly string[] }[] {
  const folder = `/proc/${pid}/task`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((thread) => {
    const stat = readFileSync(`${folder}/${thread}/stat`, 'utf8');
    const nameEnd = stat.lastIndexOf(')');
    return { thread: Number(thread), name: stat.slice(stat.indexOf('(') + 1, nameEnd), fields: stat.slice(nameEnd + 2).split(' ') };
  });
}

export function timesSince(before: ThreadTimes, after: ThreadTimes): ThreadTimes {
  const since = { ...after };
  for (const name of threadNames) since[name] -= before[name];
  return since;
}

export function sumOfTimes(times: readonly ThreadTimes[]): ThreadTimes {
  const sum = { main: 0, eventLog: 0, projections: 0, settlement: 0, other: 0 };
  for (const one of times) for (const name of threadNames) sum[name] += one[name];
  return sum;
}

export function perBet(times: ThreadTimes, bets: number): ThreadTimes {
  const each = { ...times };
  for (const name of threadNames) each[name] = Math.round(each[name] / Math.max(bets, 1));
  return each;
}

/** The kernel keeps the maximum itself, so no moment between two samples is missed. The whole tree is one process. */
export function peakRssMiB(pid: number): number {
  const file = `/proc/${pid}/status`;
  const found = existsSync(file) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8')) : null;
  return Math.round(Number(found?.[1] ?? 0) / 1_024);
}
