// Builds the LD_PRELOAD library lossy-shim.c, runs a server under it, and after a kill cuts every WAL back to what was surely synced:
// the data folder then looks as after a power cut. What is modelled stands in lossy-shim.c. Called by crash-run.ts and tests.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Nothing is wrong with the server: this machine has not what the rehearsal needs. */
export class CannotRunHereError extends Error {
  override name = 'CannotRunHereError';

  constructor(reason: string) {
    super(`cannot run here: ${reason}`);
  }
}

export type TrackedFile = {
  readonly path: string;
  readonly inode: number;
  /** Of a WAL: the ends, in bytes, of what was written and of what was surely synced in its current generation. */
  readonly writtenBytes: number;
  readonly syncedBytes: number;
  /** How often the WAL was started over, or removed, while its database had unsynced writes. */
  readonly earlyResets: number;
  readonly syncs: number;
};

/** `logSyncs` 0: the process never synced the event log, or the shim was not there. */
export type PowerCut = {
  readonly files: readonly string[];
  readonly bytesCut: number;
  readonly earlyResets: number;
  readonly logSyncs: number;
};

const source = join(import.meta.dirname, 'lossy-shim.c');
const cacheDir = resolve(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'wagerline');
const compileMsMax = 60_000;

// The layout of `struct record`.
const recordBytes = 512;
const pathBytes = 464;

/** Answers the library's path; compiled once per version of its source. @throws CannotRunHereError */
export function buildLossyShim(): string {
  if (process.platform !== 'linux') throw new CannotRunHereError(`LD_PRELOAD works on Linux, this is ${process.platform}`);
  const version = createHash('sha256').update(readFileSync(source)).update(process.arch).digest('hex').slice(0, 16);
  const library = join(cacheDir, `lossy-shim-${version}.so`);
  if (!existsSync(library)) compile(library);
  proveLoaded(library);
  return library;
}

function compile(library: string): void {
  mkdirSync(cacheDir, { recursive: true });
  const made = `${library}.${process.pid}`;
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', made, source, '-ldl', '-lpthread'];
  const { error, status, stderr } = spawnSync('gcc', flags, { encoding: 'utf8', timeout: compileMsMax });
  if (error !== undefined) throw new CannotRunHereError(`gcc is not to be had (${error.message})`);
  if (status !== 0) throw new CannotRunHereError(`gcc does not compile lossy-shim.c:\n${stderr}`);
  renameSync(made, library);
}

/** The dynamic linker only warns of a library that it cannot load, and then nothing would be tracked: the library must really answer. */
function proveLoaded(library: string): void {
  const state = join(cacheDir, `proof-${process.pid}.state`);
  try {
    spawnSync(process.execPath, ['-e', '0'], { env: lossyEnvironment(library, state), timeout: compileMsMax });
    if (!existsSync(state)) throw new CannotRunHereError(`LD_PRELOAD has no effect on ${process.execPath}`);
  } finally {
    rmSync(state, { force: true });
  }
}

/** Variables for a process whose files shall be tracked in `stateFile`: a new one for each process. */
export function lossyEnvironment(library: string, stateFile: string): Record<string, string> {
  return { LD_PRELOAD: library, LOSSY_SHIM_STATE: stateFile };
}

export function readTracked(stateFile: string): readonly TrackedFile[] {
  const bytes = readFileSync(stateFile);
  const files: TrackedFile[] = [];
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
    const end = bytes.indexOf(0, at);
    if (end <= at) break;
    const number = (index: number): number => Number(bytes.readBigUInt64LE(at + pathBytes + index * 8));
    const path = bytes.toString('utf8', at, end);
    files.push({ path, inode: number(0), writtenBytes: number(1), syncedBytes: number(2), earlyResets: number(3), syncs: number(5) });
  }
  return files;
}

/**
 * To be called when the process that wrote `stateFile` is dead and before the next one starts. A WAL that the process had not
 * opened yet is as the last cut left it. Also removes the shared-memory files, which no power cut survives.
 */
export function cutPower(dataDir: string, stateFile: string): PowerCut {
  const wals = existsSync(stateFile) ? readTracked(stateFile).filter(({ path }) => path.endsWith('-wal')) : [];
  const cut: string[] = [];
  let bytesCut = 0;
  for (const { path, inode, syncedBytes } of wals) {
    const file = statSync(path, { throwIfNoEntry: false });
    if (file === undefined || file.ino !== inode || file.size <= syncedBytes) continue;
    truncateSync(path, syncedBytes);
    cut.push(path);
    bytesCut += file.size - syncedBytes;
  }
  for (const name of readdirSync(dataDir)) if (name.endsWith('.sqlite-shm')) rmSync(join(dataDir, name));
  const earlyResets = wals.reduce((sum, wal) => sum + wal.earlyResets, 0);
  return { files: cut, bytesCut, earlyResets, logSyncs: wals.find(({ path }) => path === join(dataDir, 'events.sqlite-wal'))?.syncs ?? 0 };
}
