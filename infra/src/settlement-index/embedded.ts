// The settlement index as one node:sqlite file of one worker, locked for it alone. Opened by open-infra.
// A file of another version, or one that cannot be read, is deleted: the log fills a new one.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreUnavailableError } from '@wagerline/shared-kernel/ports/event-store';
import type { SettlementIndex, IndexEntries } from '@wagerline/shared-kernel/ports/settlement-index';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { IndexTables } from './embedded-tables.ts';

export type EmbeddedSettlementIndexOptions = {
  readonly dataDir: string;
  /** So many bets are committed at the latest: every commit writes each changed page once, so few commits write little. */
  readonly uncommittedBetsMax?: number;
};

/** Raised when the tables change, or when a reader learns an event that it noted as unreadable before. */
const schemaVersion = 8;
const pageSizeBytes = 4096;
const cacheKiB = 8 * 1024;
const walBytesMax = 32 * 1024 * 1024;
const sqliteFull = 13;
const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

/** @throws Error when another worker has the file open */
export function openEmbeddedSettlementIndex({ dataDir, uncommittedBetsMax = 10_000 }: EmbeddedSettlementIndexOptions): SettlementIndex {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'settlement-index.sqlite');
  try {
    return new EmbeddedSettlementIndex(file, openFile(file), uncommittedBetsMax);
  } catch (error) {
    if (!(error instanceof OtherVersionError) && !isUnreadableFile(error)) throw error;
    deleteFile(file);
    return new EmbeddedSettlementIndex(file, openFile(file), uncommittedBetsMax);
  }
}

class OtherVersionError extends Error {}

/** NORMAL: a crash may take the last transactions, position included, and they are read from the log again. */
function openFile(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  try {
    db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = ${pageSizeBytes}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`);
    db.exec(`PRAGMA wal_autocheckpoint = ${walBytesMax / pageSizeBytes}; PRAGMA journal_size_limit = ${walBytesMax}; PRAGMA cache_size = -${cacheKiB}`);
    const version = db.prepare('PRAGMA user_version').get()?.['user_version'];
    if (version === 0) IndexTables.create(db, schemaVersion);
    else if (version !== schemaVersion) throw new OtherVersionError();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

class EmbeddedSettlementIndex implements SettlementIndex {
  readonly #file: string;
  readonly #db: DatabaseSync;
  readonly #tables: IndexTables;
  readonly #uncommittedBetsMax: number;
  readonly #entries: IndexEntries;
  #position: number;
  #uncommittedBets = 0;
  #isClosed = false;

  constructor(file: string, db: DatabaseSync, uncommittedBetsMax: number) {
    this.#file = file;
    this.#db = db;
    try {
      this.#tables = new IndexTables(db);
      this.#position = this.#tables.position();
    } catch (error) {
      db.close();
      throw error;
    }
    this.#uncommittedBetsMax = uncommittedBetsMax;
    this.#entries = {
      bet: (bet, slot, lateCause) => {
        assert(bet.position > this.#position, 'a bet is added once');
        this.#tables.addBet(bet, slot, lateCause);
        this.#uncommittedBets += 1;
      },
      marketStatus: (marketId, isOpen) => this.#tables.setMarketStatus(marketId, isOpen),
      fixtureStarted: (fixtureId) => this.#tables.addStarted(fixtureId),
      opened: (market, cause) => this.#tables.addOpened(market, cause),
      result: (marketId, result, cause) => this.#tables.addResult(marketId, result, cause),
      stake: (marketId, currency, stakeMinor) => this.#tables.stakes.add(marketId, currency, stakeMinor),
      decision: (marketId, waiting) => this.#tables.stakes.decide(marketId, waiting),
      hold: (marketId) => this.#tables.hold(marketId),
      resume: (marketId, position, cause) => this.#tables.resume(marketId, position, cause),
      openBets: (change) => this.#tables.changeOpenBets(change),
      unreadable: (event) => this.#tables.addUnreadable(event),
    };
  }

  position(): number {
    return this.#position;
  }

  add(position: number, write: (entries: IndexEntries) => void): void {
    assert(position >= this.#position, 'the index only grows');
    this.#run(() => {
      if (!this.#db.isTransaction) this.#db.exec('BEGIN');
      write(this.#entries);
      this.#tables.setPosition(position);
      this.#position = position;
    });
    if (this.#uncommittedBets >= this.#uncommittedBetsMax) this.commit();
  }

  commit(): void {
    this.#run(() => {
      if (!this.#db.isTransaction) return;
      this.#tables.flush();
      this.#db.exec('COMMIT');
    });
    this.#uncommittedBets = 0;
  }

  isMarketOpen(marketId: string) {
    return this.#run(() => this.#tables.market(marketId)?.isOpen ?? false);
  }

  hasFixtureStarted(fixtureId: string) {
    return this.#run(() => this.#tables.hasStarted(fixtureId));
  }

  results(marketId: string) {
    return this.#run(() => this.#tables.market(marketId)?.results ?? []);
  }

  newestResult(marketId: string) {
    return this.#run(() => this.#tables.newestResult(marketId));
  }

  successor(marketId: string, fixtureId: string, position: number) {
    return this.#run(() => this.#tables.successor(marketId, fixtureId, position));
  }

  triggers(slot: number, after: number, limit: number) {
    return this.#run(() => this.#tables.triggers(slot, after, limit));
  }

  bets(marketId: string, slot: number, range: { readonly after: number; readonly before: number; readonly limit: number }) {
    return this.#run(() => this.#tables.bets(marketId, slot, range));
  }

  betCount(marketId: string, slot: number, range: { readonly after: number; readonly before: number }) {
    return this.#run(() => this.#tables.betCount(marketId, slot, range));
  }

  openBetCount() {
    return this.#run(() => this.#tables.openBets());
  }

  heldMarkets(limit: number) {
    return this.#run(() => this.#tables.heldMarkets(limit));
  }

  stakes(marketId: string) {
    return this.#run(() => this.#tables.stakes.of(marketId));
  }

  decision(marketId: string) {
    return this.#run(() => this.#tables.stakes.decision(marketId));
  }

  decisions(limit: number) {
    return this.#run(() => this.#tables.stakes.decisions(limit));
  }

  betAt(position: number) {
    return this.#run(() => this.#tables.betAt(position));
  }

  unreadable() {
    return this.#run(() => this.#tables.unreadable());
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    try {
      this.commit();
    } finally {
      this.#isClosed = true;
      if (this.#db.isOpen) this.#db.close();
    }
  }

  /** After a failure nothing uncommitted is left, in the file or in memory. A damaged file is deleted, so that the next start makes a new one. */
  #run<Result>(work: () => Result): Result {
    if (this.#isClosed) throw new StoreUnavailableError('the settlement index is closed');
    try {
      return work();
    } catch (error) {
      if (isUnreadableFile(error)) {
        this.#isClosed = true;
        this.#db.close();
        deleteFile(this.#file);
        throw error;
      }
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      this.#uncommittedBets = 0;
      this.#tables.forget();
      this.#position = this.#tables.position();
      if (errorCode(error) === sqliteFull) throw new StoreUnavailableError('no room for the settlement index', { cause: error });
      throw error;
    }
  }
}

function errorCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

function isUnreadableFile(error: unknown): boolean {
  const code = errorCode(error);
  return code === sqliteCorrupt || code === sqliteNotADatabase;
}

function deleteFile(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
}
