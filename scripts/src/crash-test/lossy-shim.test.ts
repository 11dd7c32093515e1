import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildLossyShim, CannotRunHereError, cutPower, lossyEnvironment, readTracked, type PowerCut } from './lossy-shim.ts';

/** Undefined, and said aloud, where there is no gcc: the only reason to leave these tests out. */
function libraryOrWarning(): string | undefined {
  try {
    return buildLossyShim();
  } catch (error) {
    if (!(error instanceof CannotRunHereError)) throw error;
    process.stderr.write(`\nSKIPPED: what a power cut leaves of a WAL is not tested: ${error.message}\n`);
    return undefined;
  }
}

const library = libraryOrWarning();

/** What the writing process does before it kills itself; `db` is in WAL mode, FULL, with an empty table `rows`, all of it in the file. */
const opening = (file: string): string => `
  const { DatabaseSync } = require('node:sqlite');
  const db = new DatabaseSync(${JSON.stringify(file)});
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0');
  db.exec('CREATE TABLE rows (n INTEGER PRIMARY KEY, filler TEXT); PRAGMA wal_checkpoint(TRUNCATE)');
  let n = 0;
  const insert = (count) => {
    for (let i = 0; i < count; i += 1) db.exec("INSERT INTO rows VALUES (" + (n += 1) + ", hex(zeroblob(500)))");
  };
`;
const killed = 'process.kill(process.pid, "SIGKILL");';

describe.skipIf(library === undefined)('after a power cut', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'lossy-shim-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  /** Runs the program, cuts the power, and answers which rows are there. */
  function rowsAfter(program: string): { rows: readonly number[]; cut: PowerCut; left: readonly string[] } {
    const file = join(dir, 'events.sqlite');
    const state = join(dir, 'state');
    const env = lossyEnvironment(library ?? '', state);
    const run = spawnSync(process.execPath, ['-e', `${opening(file)}${program}${killed}`], { env, encoding: 'utf8', timeout: 20_000 });
    expect(run.signal, run.stderr).toBe('SIGKILL');
    const cut = cutPower(dir, state);
    const left = readdirSync(dir);
    const read = spawnSync(process.execPath, ['-e', reading(file)], { encoding: 'utf8', timeout: 20_000 });
    expect(read.status, read.stderr).toBe(0);
    const rows: number[] = JSON.parse(read.stdout);
    return { rows, cut, left };
  }
  const reading = (file: string): string => `
    const { DatabaseSync } = require('node:sqlite');
    const db = new DatabaseSync(${JSON.stringify(file)});
    if (Object.values(db.prepare('PRAGMA integrity_check').get())[0] !== 'ok') throw new Error('corrupt');
    console.log(JSON.stringify(db.prepare('SELECT n FROM rows ORDER BY n').all().map((row) => row.n)));`;

  const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

  test('what FULL committed is there', () => {
    expect(rowsAfter('insert(20);').rows).toEqual(upTo(20));
  });

  test('what NORMAL committed is gone', () => {
    const { rows, cut } = rowsAfter("db.exec('PRAGMA synchronous = NORMAL'); insert(20);");
    expect(rows).toEqual([]);
    expect(cut.bytesCut).toBeGreaterThan(20 * 500);
  });

  test('of a mix the last synced commit is the last that is there', () => {
    const program = "insert(5); db.exec('PRAGMA synchronous = NORMAL'); insert(5); db.exec('PRAGMA synchronous = FULL'); insert(1);";
    expect(rowsAfter(`${program} db.exec('PRAGMA synchronous = NORMAL'); insert(9);`).rows).toEqual(upTo(11));
  });

  test('after the WAL has started over, what it held before is in the database, and FULL holds as before', () => {
    const { rows, cut } = rowsAfter("insert(50); db.exec('PRAGMA wal_checkpoint(RESTART)'); insert(3);");
    expect(rows).toEqual(upTo(53));
    expect(cut.earlyResets).toBe(0);
  });

  test('after the WAL has started over, NORMAL loses what came since, however long the old WAL was', () => {
    const { rows, cut } = rowsAfter("insert(50); db.exec('PRAGMA wal_checkpoint(RESTART); PRAGMA synchronous = NORMAL'); insert(3);");
    expect(rows).toEqual(upTo(50));
    expect(cut.earlyResets).toBe(0);
  });

  test('a transaction that was not committed is not there, however much of it was written', () => {
    const spilling = "db.exec('PRAGMA cache_size = 2; BEGIN'); insert(200);";
    expect(rowsAfter(`insert(4); ${spilling}`).rows).toEqual(upTo(4));
    rmSync(dir, { recursive: true });
    dir = mkdtempSync(join(tmpdir(), 'lossy-shim-'));
    // Rolled back, and its place in the WAL written over.
    expect(rowsAfter(`insert(4); ${spilling} db.exec('ROLLBACK'); n = 4; insert(2);`).rows).toEqual(upTo(6));
  });

  test('a WAL that starts over before its database was synced is counted', () => {
    const { cut } = rowsAfter("insert(5); db.exec('PRAGMA synchronous = OFF; PRAGMA wal_checkpoint(RESTART)'); insert(1);");
    expect(cut.earlyResets).toBeGreaterThan(0);
  });

  test('shared memory goes with the power; how often the log was synced is told', () => {
    const { left, cut } = rowsAfter('insert(1);');
    expect(left.filter((name) => name.endsWith('-shm'))).toEqual([]);
    expect(cut.logSyncs).toBeGreaterThan(0);
    expect(readTracked(join(dir, 'state')).map(({ path }) => path)).toContain(join(dir, 'events.sqlite'));
    const state = join(dir, 'nothing');
    spawnSync(process.execPath, ['-e', '0'], { env: lossyEnvironment(library ?? '', state) });
    expect(existsSync(state)).toBe(true);
    expect(cutPower(dir, state)).toEqual({ files: [], bytesCut: 0, earlyResets: 0, logSyncs: 0 });
  });
});
