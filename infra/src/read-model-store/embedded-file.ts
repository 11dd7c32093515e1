// The file {dataDir}/read-models.sqlite: how it is opened, and the tables that every read model shares.
// Used by embedded.ts and by the search index, which keeps its tables in the same file so that a lost tail comes back with the checkpoint.

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './sqlite.ts';

/**
 * Documents stand in a table in the order in which they came, so that a new one costs a third of a page. The young ones of a
 * shard hang on a chain that starts in `heads` (0 = its end), and are sorted in together (young-documents.ts). All that is sorted
 * stands in ONE tree per collection, `entries`, with the shard first: the primary key (index 0) and the entries of every
 * index of one owner are neighbours, so what is sorted in together changes a few pages. `equal` is the JSON text of the values
 * before the sort field; an array field has one entry per element. Shards are numbers there, and so are the streams of
 * watermarks (name-numbers.ts).
 */
export function collectionTables(collection: number): string {
  return `
    CREATE TABLE documents_${collection} (
      document INTEGER PRIMARY KEY, previous INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, keys TEXT NOT NULL, json TEXT NOT NULL
    );
    CREATE TABLE heads_${collection} (shard INTEGER PRIMARY KEY, newest INTEGER NOT NULL, has_sorted INTEGER NOT NULL);
    CREATE TABLE entries_${collection} (
      shard INTEGER NOT NULL, "index" INTEGER NOT NULL, equal TEXT NOT NULL, sort NOT NULL, id TEXT NOT NULL, document INTEGER NOT NULL,
      PRIMARY KEY (shard, "index", equal, sort, id)
    ) WITHOUT ROWID;
  `;
}

const sharedTables = `
  CREATE TABLE IF NOT EXISTS store (id TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS generations (
    number INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, generation INTEGER NOT NULL, UNIQUE (model, generation)
  );
  CREATE TABLE IF NOT EXISTS dropped (owner INTEGER PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS live (model TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS collections (
    number INTEGER PRIMARY KEY AUTOINCREMENT, owner INTEGER NOT NULL, name TEXT NOT NULL, declaration TEXT NOT NULL, UNIQUE (owner, name)
  );
  CREATE TABLE IF NOT EXISTS shards (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS streams (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS watermarks (
    owner INTEGER NOT NULL, stream INTEGER NOT NULL, revision INTEGER NOT NULL, "values" TEXT NOT NULL, PRIMARY KEY (owner, stream)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS checkpoints (
    owner INTEGER NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, PRIMARY KEY (owner, partition)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS parked (
    owner INTEGER NOT NULL, stream TEXT NOT NULL, revision INTEGER NOT NULL, position INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (owner, stream)
  ) WITHOUT ROWID;
`;

const fileName = 'read-models.sqlite';
/** Two thirds of what a commit writes are new documents: fewer, longer writes cost the kernel half of what pages of 4 KiB did, 16 KiB gained nothing more. */
const pageSizeBytes = 8192;
const busyTimeoutMs = 5000;
/** Commits write the same pages again and again; a long WAL lets a checkpoint write each of them once. At 64 MiB its flush held up the log's for 50 ms. */
const walBytesMax = 32 * 1024 * 1024;
/** Raised when the tables change: a file of another version is deleted, and everything in it is built from the log again. */
const layoutVersion = 2;
const readerCacheKiB = 16 * 1024;

/** NORMAL: a power loss may take the last transactions, checkpoint included, and they are applied again. */
export function openFileForWriting(dataDir: string, cacheKiB: number): DatabaseSync {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, fileName);
  const isNew = !existsSync(path);
  let db = new DatabaseSync(path, { timeout: busyTimeoutMs });
  if (!isNew && !hasThisLayout(db)) {
    db.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    db = new DatabaseSync(path, { timeout: busyTimeoutMs });
  }
  db.exec(`PRAGMA page_size = ${pageSizeBytes}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`);
  db.exec(`PRAGMA wal_autocheckpoint = ${walBytesMax / pageSizeBytes}; PRAGMA journal_size_limit = ${walBytesMax}`);
  db.exec(`PRAGMA cache_size = -${cacheKiB}; PRAGMA temp_store = MEMORY`);
  if (!hasThisLayout(db)) db.exec(`PRAGMA user_version = ${layoutVersion}`);
  return db;
}

export function prepareSharedTables(db: DatabaseSync): void {
  inTransaction(db, () => {
    db.exec(sharedTables);
    db.prepare('INSERT INTO store SELECT ? WHERE NOT EXISTS (SELECT 1 FROM store)').run(randomUUID());
  });
}

/** Undefined as long as the writer has not made `table`: a reader may be up first. */
export function openFileForReading(dataDir: string, table: string): DatabaseSync | undefined {
  const db = openIfThere(join(dataDir, fileName));
  if (db === undefined) return undefined;
  if (!hasThisLayout(db) || !hasTable(db, table)) {
    db.close();
    return undefined;
  }
  db.exec(`PRAGMA cache_size = -${readerCacheKiB}; PRAGMA temp_store = MEMORY`);
  return db;
}

/** A file of another layout may be deleted by its writer at this very moment. */
function openIfThere(path: string): DatabaseSync | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  } catch (error) {
    if (!existsSync(path)) return undefined;
    throw error;
  }
}

function hasThisLayout(db: DatabaseSync): boolean {
  return db.prepare('PRAGMA user_version').get()?.['user_version'] === layoutVersion;
}

function hasTable(db: DatabaseSync, table: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined;
}
