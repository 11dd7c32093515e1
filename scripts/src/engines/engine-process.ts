// One engine's process: started in a group of its own so that it outlives the tool, known again by pid and start time, ended as a group.
// Called by fleet.ts. A record whose process is gone, or whose pid belongs to another process by now, is stale and never signalled.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { engineEnvironment } from './config.ts';
import type { Command } from './engine.ts';

const recordSchema = z.object({
  pid: z.int().min(2),
  /** When the process started, as the operating system tells it: a pid comes round again, this does not. */
  startedAt: z.string(),
  version: z.string(),
  ports: z.object({ client: z.int() }).catchall(z.int()),
});

export type EngineRecord = z.infer<typeof recordSchema>;

/** In the folder of each engine of a run. */
export const recordName = 'engine.json';

const pollMs = 20;
const stopMsMax = 20_000;
const killMsMax = 10_000;

export async function spawnEngine({ file, args, env }: Command, cwd: string, logFile: string): Promise<{ pid: number; startedAt: string }> {
  const log = openSync(logFile, 'a');
  try {
    const child = spawn(file, [...args], { cwd, detached: true, stdio: ['ignore', log, log], env: { ...engineEnvironment(), ...env } });
    await once(child, 'spawn');
    child.unref();
    const { pid } = child;
    const startedAt = pid === undefined ? undefined : processStart(pid);
    if (pid === undefined || startedAt === undefined) throw new Error(`${file} ended at once; its log is ${logFile}`);
    return { pid, startedAt };
  } finally {
    closeSync(log);
  }
}

export function isAlive({ pid, startedAt }: Pick<EngineRecord, 'pid' | 'startedAt'>): boolean {
  return processStart(pid) === startedAt;
}

/** SIGTERM, and SIGKILL when it takes too long. Resolves when the process is gone. */
export async function stopProcess(record: EngineRecord): Promise<void> {
  signalGroup(record, 'SIGTERM');
  if (!(await gone(record, stopMsMax))) await killProcess(record);
}

export async function killProcess(record: EngineRecord): Promise<void> {
  signalGroup(record, 'SIGKILL');
  if (!(await gone(record, killMsMax))) throw new Error(`process ${record.pid} is still there after SIGKILL`);
}

/** SIGKILL to every process that has a record in a folder of `dir`. Resolves when they are gone. */
export async function killRecorded(dir: string): Promise<void> {
  for (const folder of readdirSync(dir)) {
    const record = readRecord(join(dir, folder, recordName));
    if (record !== undefined) await killProcess(record);
  }
}

export function readRecord(file: string): EngineRecord | undefined {
  if (!existsSync(file)) return undefined;
  const parsed = recordSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  return parsed.success ? parsed.data : undefined;
}

/** Written beside and renamed, so that nobody reads half of it. */
export function writeRecord(file: string, record: EngineRecord): void {
  writeFileSync(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
}

export function removeRecord(file: string): void {
  rmSync(file, { force: true });
}

/** Sends the signal where there is something to send it to; waits for nothing. */
export function signalGroup(record: EngineRecord, signal: NodeJS.Signals): void {
  if (!isAlive(record)) return;
  try {
    process.kill(-record.pid, signal);
  } catch (error) {
    // It ended in between.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function gone(record: EngineRecord, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += pollMs) {
    if (!isAlive(record)) return true;
    await delay(pollMs);
  }
  return false;
}

/** A killed JVM is a zombie by its first thread while others still end, and until the last one has, its ports are taken. */
function threadsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).length;
}

/** Undefined when there is no such process, or only what is left of one that nobody has waited for. */
function processStart(pid: number): string | undefined {
  if (process.platform !== 'linux') return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim() || undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything; the state follows it, and the start time is the twentieth field from there.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' && threadsOf(pid) <= 1 ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
