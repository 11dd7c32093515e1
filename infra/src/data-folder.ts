// Who owns a data folder: one process tree at a time. The root takes the lock before it opens anything in the folder;
// tools ask `findServer` whether to work through a running server instead. Nobody may open lock.sqlite by other means:
// closing any other handle of this process on it would give the lock away (POSIX).

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

const serverSchema = z.strictObject({ pid: z.int(), url: z.url().optional() });

/** `url` is the admin endpoint. */
export type RunningServer = { readonly pid: number; readonly url: string };

export class DataFolderLockedError extends Error {
  override name = 'DataFolderLockedError';
  readonly pid: number | undefined;
  readonly url: string | undefined;

  constructor(dir: string, holder: { readonly pid?: number; readonly url?: string | undefined } | undefined) {
    const who = holder?.pid === undefined ? 'another process' : `process ${holder.pid}`;
    const where = holder?.url === undefined ? '' : `; its admin endpoint is ${holder.url}`;
    super(`the data folder ${dir} is in use by ${who}${where}`);
    this.pid = holder?.pid;
    this.url = holder?.url;
  }
}

/** Long enough to outlast someone who only looks whether the lock is held. */
const lockWaitMs = 300;

/**
 * Takes the folder for this process, making it if need be; throws DataFolderLockedError when another one has it.
 * The lock is the operating system's, held through an SQLite transaction: it ends with the process, however that ends.
 */
export function lockDataFolder(dir: string): { release(): void } {
  mkdirSync(dir, { recursive: true });
  const db = new DatabaseSync(join(dir, 'lock.sqlite'), { timeout: lockWaitMs });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw error;
    throw new DataFolderLockedError(dir, readServer(dir));
  }
  // From here on whatever was recorded is of a process that is gone.
  recordServer(dir, { pid: process.pid });
  let isHeld = true;
  return {
    release() {
      if (!isHeld) return;
      isHeld = false;
      rmSync(join(dir, 'server.json'), { force: true });
      db.close();
    },
  };
}

/** Records where the holder of the lock can be reached. Called by the root after it listens. */
export function announceServer(dir: string, server: RunningServer): void {
  recordServer(dir, server);
}

/** The server that runs on this folder, if the lock is really held and it has said where it listens. */
export function findServer(dir: string): RunningServer | undefined {
  const server = readServer(dir);
  if (server?.url === undefined || !isLocked(dir)) return undefined;
  return { pid: server.pid, url: server.url };
}

function isLocked(dir: string): boolean {
  if (!existsSync(join(dir, 'lock.sqlite'))) return false;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(join(dir, 'lock.sqlite'), { readOnly: true, timeout: 0 });
    // Any read needs a shared lock, which the holder's exclusive one refuses.
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    db?.close();
  }
}

function recordServer(dir: string, server: { readonly pid: number; readonly url?: string }): void {
  const path = join(dir, 'server.json');
  // Written beside and renamed, so that nobody reads half of it.
  writeFileSync(`${path}.new`, JSON.stringify(server));
  renameSync(`${path}.new`, path);
}

function readServer(dir: string): z.infer<typeof serverSchema> | undefined {
  try {
    const parsed = serverSchema.safeParse(JSON.parse(readFileSync(join(dir, 'server.json'), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // absent or not ours: it only ever adds to a message
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5;
}
