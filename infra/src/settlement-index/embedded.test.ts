// The embedded settlement index against the contract, and what only this adapter promises: it survives its own file's loss or damage.

import { copyFile, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';
import { settlementIndexContract } from './contract.ts';
import { openEmbeddedSettlementIndex } from './embedded.ts';

let dataDir = '';
let index: SettlementIndex | undefined;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'settlement-index-'));
});
afterEach(async () => {
  await index?.close();
  await rm(dataDir, { recursive: true });
});

async function reopen(): Promise<SettlementIndex> {
  await index?.close();
  return (index = openEmbeddedSettlementIndex({ dataDir }));
}

settlementIndexContract('embedded settlement index', async () => ({ index: await reopen(), reopen, close: async () => index?.close() }));

describe('embedded settlement index only', () => {
  const file = (): string => join(dataDir, 'settlement-index.sqlite');
  const open1 = async (): Promise<SettlementIndex> => {
    const opened = await reopen();
    opened.add(5, (entries) => entries.marketStatus('m1', true));
    return opened;
  };

  test('a second worker does not get the same file', async () => {
    await open1();
    expect(() => openEmbeddedSettlementIndex({ dataDir })).toThrow('locked');
  });

  test('what was committed survives a crash; what was not is read from the log again', async () => {
    const crashed = await open1();
    crashed.commit();
    crashed.add(6, (entries) => entries.marketStatus('m1', false));
    const survivor = await copyOf(join(dataDir, 'after-crash'));
    expect([survivor.position(), survivor.isMarketOpen('m1')]).toEqual([5, true]);
    await survivor.close();
  });

  test('many bets are committed without being asked', async () => {
    await index?.close();
    index = openEmbeddedSettlementIndex({ dataDir, uncommittedBetsMax: 2 });
    const bet = (position: number) => ({ position, betId: `b${position}`, accountId: 'ann', placedAtMs: 0, legs: [] });
    for (const position of [1, 2, 3]) index.add(position, (entries) => entries.bet(bet(position), 0, undefined));
    const survivor = await copyOf(join(dataDir, 'after-crash'));
    expect(survivor.position()).toBe(2);
    await survivor.close();
  });

  test.each([
    ['a file that is no database', async () => writeFile(file(), 'x'.repeat(5000))],
    ['an empty file', async () => writeFile(file(), '')],
    ['a file of another version', async () => withFile((db) => db.exec('PRAGMA user_version = 99'))],
    ['a file whose first table is damaged', async () => damage(file())],
  ])('%s is replaced by a new index', async (_, spoil) => {
    await (await open1()).close();
    await spoil();
    const fresh = await reopen();
    expect([fresh.position(), fresh.isMarketOpen('m1')]).toEqual([0, false]);
    fresh.add(7, (entries) => entries.marketStatus('m1', true));
    expect((await reopen()).position()).toBe(7);
  });

  test('damage found later ends the index; the next start makes a new one', async () => {
    const opened = await open1();
    opened.add(900, (entries) => {
      for (let at = 6; at <= 900; at += 1) entries.bet({ position: at, betId: 'b'.repeat(300), accountId: 'ann', placedAtMs: 0, legs: [] }, 0, undefined);
    });
    await opened.close();
    await damage(file(), 30 * 4096);
    const damaged = await reopen();
    expect(damaged.position()).toBe(900);
    expect(() => { for (let at = 6; at <= 900; at += 1) damaged.betAt(at); }).toThrow('malformed');
    expect((await reopen()).position()).toBe(0);
  });

  function withFile(use: (db: DatabaseSync) => void): void {
    const db = new DatabaseSync(file());
    use(db);
    db.close();
  }

  /** The file and its log as they lie on the disk now: what a crash would leave. */
  async function copyOf(folder: string): Promise<SettlementIndex> {
    await mkdir(folder);
    for (const suffix of ['', '-wal']) await copyFile(`${file()}${suffix}`, join(folder, `settlement-index.sqlite${suffix}`));
    return openEmbeddedSettlementIndex({ dataDir: folder });
  }
});

/** Overwrites every page after the first, or one page. */
async function damage(path: string, from = 4096): Promise<void> {
  const handle = await open(path, 'r+');
  const { size } = await handle.stat();
  const length = from === 4096 ? size - from : 4096;
  await handle.write(Buffer.alloc(length, 0xee), 0, length, from);
  await handle.close();
}
