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
  const folder = `/proc/${pid}/task`;
  if (!existsSync(folder)) return times;
  for (const thread of readdirSync(folder)) {
    const stat = readFileSync(`${folder}/${thread}/stat`, 'utf8');
    const nameEnd = stat.lastIndexOf(')');
    const name = Number(thread) === pid ? 'main' : (named[stat.slice(stat.indexOf('(') + 1, nameEnd)] ?? 'other');
    const fields = stat.slice(nameEnd + 2).split(' ');
    times[name] += (Number(fields[11]) + Number(fields[12])) * microsPerTick;
  }
  return times;
}

/** Whether the system lets the event log's writer run before all other threads (thread-rank.ts of infra): figures with and without differ. */
export function isEventLogFirst(pid: number): boolean {
  const folder = `/proc/${pid}/task`;
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some((thread) => {
    const stat = readFileSync(`${folder}/${thread}/stat`, 'utf8');
    return stat.includes('(event-log)') && stat.slice(stat.lastIndexOf(')') + 2).split(' ')[policyField] === firstInFirstOut;
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
