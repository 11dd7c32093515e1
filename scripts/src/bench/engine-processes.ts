// What every process of a deployment on the engines costs, engines included, from /proc: found by whose child a process is, and for engines
// that this tool has started, by their folder. Linux only; elsewhere it finds nothing. Called by part-engines.ts.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { engineNames } from '@wagerline/infra/testing/engines-names';
import { peakRssMiB, threadTimes } from './process-cost.ts';

export type FoundProcess = { readonly name: string; readonly pid: number };
export type ProcessCost = {
  readonly name: string;
  /** Of one processor, over the round. */
  readonly cores: number;
  readonly cpuMicrosPerBet: number;
  readonly rssMiB: number;
  readonly rssPeakMiB: number;
};
/** `machineMicros`: of all processes there are, ours or not. */
export type CpuReading = { readonly atMs: number; readonly micros: ReadonlyMap<number, number>; readonly machineMicros: number };

const microsPerTick = 10_000;

/** A part's main file, as it stands in a command line. */
const partOf: readonly (readonly [file: string, part: string])[] = [
  ['command-side/src/main.ts', 'command'],
  ['query-side/src/main.ts', 'query'],
  ['command-side/src/relay/main.ts', 'relay'],
  ['projections/src/main.ts', 'projector'],
  ['command-side/src/settlement/main.ts', 'settlement'],
];

/** The server is the gateway in front of its parts. `enginesOf`: the process that started the engines. */
export function deploymentProcesses(serverPid: number, enginesOf: number): readonly FoundProcess[] {
  const found: FoundProcess[] = [{ name: 'gateway', pid: serverPid }];
  const counts = new Map<string, number>();
  for (const pid of allPids()) {
    const part = parentOf(pid) === serverPid ? partOf.find(([file]) => commandOf(pid).includes(file))?.[1] : undefined;
    const engine = engineNames.find((name) => folderOf(pid).includes(`/tests-${enginesOf}/${name}`));
    const name = part ?? engine;
    if (name === undefined) continue;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    found.push({ name: part === undefined ? name : `${name} ${count}`, pid });
  }
  return found;
}

export function readCpu(processes: readonly FoundProcess[]): CpuReading {
  const micros = processes.map(({ pid }) => [pid, Object.values(threadTimes(pid)).reduce((sum, time) => sum + time, 0)] as const);
  return { atMs: performance.now(), micros: new Map(micros), machineMicros: machineMicros() };
}

/** Cores that the whole machine had at work. */
export function machineCores(before: CpuReading, after: CpuReading): number {
  return Number(((after.machineMicros - before.machineMicros) / ((after.atMs - before.atMs) * 1_000)).toFixed(3));
}

/** The costliest first. */
export function costsBetween(processes: readonly FoundProcess[], before: CpuReading, after: CpuReading, bets: number): readonly ProcessCost[] {
  const roundMicros = (after.atMs - before.atMs) * 1_000;
  const costs = processes.map(({ name, pid }) => {
    const spent = (after.micros.get(pid) ?? 0) - (before.micros.get(pid) ?? 0);
    const cores = Number((spent / roundMicros).toFixed(3));
    return { name, cores, cpuMicrosPerBet: Math.round(spent / Math.max(1, bets)), rssMiB: rssMiB(pid), rssPeakMiB: peakRssMiB(pid) };
  });
  return costs.toSorted((a, b) => b.cpuMicrosPerBet - a.cpuMicrosPerBet);
}

/** Of the first line: user, nice, system, idle, waiting for disks, and the rest; ticks of 1/100 s. */
function machineMicros(): number {
  const [, user = 0, nice = 0, system = 0] = textOf(() => readFileSync('/proc/stat', 'utf8')).split(/\s+/, 4).map(Number);
  return (user + nice + system) * microsPerTick;
}

function allPids(): readonly number[] {
  return textOf(() => readdirSync('/proc').join('\n')).split('\n').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function parentOf(pid: number): number {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function commandOf(pid: number): string {
  return textOf(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
}

function folderOf(pid: number): string {
  return textOf(() => readlinkSync(`/proc/${pid}/cwd`));
}

function rssMiB(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(textOf(() => readFileSync(`/proc/${pid}/status`, 'utf8'))) ?? [];
  return Math.round(Number(kilobytes) / 1_024);
}

/** Processes end while they are looked at, and other systems have no /proc. */
function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
