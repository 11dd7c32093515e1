import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive, killRecorded, recordName, spawnEngine, writeRecord } from './engine-process.ts';

/** Its first thread ends, another one goes on until it is killed: a process in the middle of its end, for as long as a test looks at it. */
const halfEnded = `
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
print('up', flush=True)
ctypes.CDLL(None).pthread_exit(None)
`;
const hasPython = process.platform === 'linux' && spawnSync('python3', ['-c', '']).status === 0;

function stateOf(pid: number): { readonly state: string; readonly startedAt: string } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startedAt: fields[19] ?? '' };
}

test.skipIf(!hasPython)('a process whose first thread has ended lives as long as another one does (needs Linux and python3)', async () => {
  const child = spawn('python3', ['-c', halfEnded], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  await expect.poll(() => stateOf(pid).state).toBe('Z');
  const record = { pid, startedAt: stateOf(pid).startedAt };
  expect(isAlive(record)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(record)).toBe(false);
});

test('whatever an interrupted run has left is ended by the records in its folder, a proxy as well as an engine', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'wagerline-left-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const left: Parameters<typeof isAlive>[0][] = [];
  for (const name of ['redis', 'toxiproxy']) {
    const folder = join(dir, name);
    mkdirSync(folder);
    const command = { file: process.execPath, args: ['--eval', 'setInterval(() => {}, 1_000)'], env: {} };
    const started = await spawnEngine(command, folder, join(folder, 'engine.log'));
    writeRecord(join(folder, recordName), { ...started, version: '1', ports: { client: 1 } });
    left.push(started);
  }
  mkdirSync(join(dir, 'data'));
  expect(left.map(isAlive)).toEqual([true, true]);
  await killRecorded(dir);
  expect(left.map(isAlive)).toEqual([false, false]);
});
