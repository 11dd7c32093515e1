// The exclusive lock on the data folder, against a second process that really holds it.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { announceServer, DataFolderLockedError, findServer, lockDataFolder } from './data-folder.ts';

let dir = '';
let child: ChildProcess | undefined;

beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'data-folder-')), 'data');
});
afterEach(async () => {
  child?.kill('SIGKILL');
  child = undefined;
  await rm(join(dir, '..'), { recursive: true });
});

/** A process that holds the lock, with or without saying where it listens. */
async function startHolder(url?: string): Promise<ChildProcess> {
  const module = new URL('./data-folder.ts', import.meta.url).href;
  const announce = url === undefined ? '' : `announceServer(${JSON.stringify(dir)}, { pid: process.pid, url: ${JSON.stringify(url)} });`;
  const program = `import { announceServer, lockDataFolder } from ${JSON.stringify(module)};
    lockDataFolder(${JSON.stringify(dir)}); ${announce} process.stdout.write('held'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = holder;
  await once(holder.stdout, 'data');
  return holder;
}

function lockError(): unknown {
  try {
    lockDataFolder(dir);
  } catch (error) {
    return error;
  }
  return undefined;
}

test('a second process is told who has the folder and where to reach it', async () => {
  const holder = await startHolder('http://127.0.0.1:4000/admin');
  const error = lockError();
  expect(error).toBeInstanceOf(DataFolderLockedError);
  expect(error).toMatchObject({ pid: holder.pid, url: 'http://127.0.0.1:4000/admin' });
  expect(String(error)).toContain(`in use by process ${holder.pid}; its admin endpoint is http://127.0.0.1:4000/admin`);
  expect(findServer(dir)).toEqual({ pid: holder.pid, url: 'http://127.0.0.1:4000/admin' });
});

test('a holder that does not listen yet is named by its pid, and is no server', async () => {
  const holder = await startHolder();
  expect(lockError()).toMatchObject({ name: 'DataFolderLockedError', pid: holder.pid, url: undefined });
  expect(findServer(dir)).toBeUndefined();
});

test('the lock ends with the process, even on kill -9, and what it recorded is not believed', async () => {
  const holder = await startHolder('http://127.0.0.1:4000/admin');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(existsSync(join(dir, 'server.json'))).toBe(true);
  expect(findServer(dir)).toBeUndefined();
  const lock = lockDataFolder(dir);
  expect(findServer(dir)).toBeUndefined();
  lock.release();
});

test('within one process the folder is taken once, and free again after release', () => {
  const lock = lockDataFolder(dir);
  announceServer(dir, { pid: process.pid, url: 'http://127.0.0.1:4001/' });
  expect(findServer(dir)?.url).toBe('http://127.0.0.1:4001/');
  expect(lockError()).toMatchObject({ name: 'DataFolderLockedError', pid: process.pid });
  lock.release();
  lock.release();
  expect(findServer(dir)).toBeUndefined();
  lockDataFolder(dir).release();
});

test('a damaged record costs only its details', async () => {
  const lock = lockDataFolder(dir);
  await writeFile(join(dir, 'server.json'), '{"pid":');
  expect(lockError()).toMatchObject({ name: 'DataFolderLockedError', pid: undefined });
  expect(findServer(dir)).toBeUndefined();
  lock.release();
});
