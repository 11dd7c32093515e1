// The embedded read-model store: one file, one thread that writes (the projections), any that read (queries, with `readOnly`).
// This is the reference for every other adapter of the port. It never holds a transaction open across an await.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  CollectionDeclaration,
  FindQuery,
  ModelGeneration,
  ParkedKey,
  ReadModelStore,
  StoredDocument,
  Watermark,
  WriteBatch,
} from '@wagerline/shared-kernel/ports/read-model-store';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { EmbeddedCollection } from './embedded-collection.ts';
import { openFileForReading, openFileForWriting, prepareSharedTables } from './embedded-file.ts';
import { EmbeddedGenerations, type KnownGeneration } from './embedded-generations.ts';
import { NameNumbers } from './name-numbers.ts';
import { inTransaction, integer, isNoSuchTable, jsonObject, Statements, text } from './sqlite.ts';

export type EmbeddedReadModelStoreOptions = {
  readonly dataDir: string;
  /** For queries in another thread or process. A file or generation that is not there yet looks empty. */
  readonly readOnly?: boolean;
};

const writerCacheKiB = 32 * 1024;
const upsertWatermark = `INSERT INTO watermarks VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET revision = excluded.revision, "values" = excluded."values" WHERE excluded.revision >= revision`;
const streamNumber = '(SELECT number FROM streams WHERE name = ?)';

type Open = {
  readonly statements: Statements;
  readonly generations: EmbeddedGenerations;
  readonly shards: NameNumbers;
  readonly streams: NameNumbers;
};

export function openEmbeddedReadModelStore(options: EmbeddedReadModelStoreOptions): ReadModelStore {
  return new EmbeddedReadModelStore(options);
}

class EmbeddedReadModelStore implements ReadModelStore {
  readonly #dataDir: string;
  readonly #isReader: boolean;
  #open: Open | undefined;
  #isClosed = false;

  constructor({ dataDir, readOnly = false }: EmbeddedReadModelStoreOptions) {
    this.#dataDir = dataDir;
    this.#isReader = readOnly;
    if (readOnly) return;
    const db = openFileForWriting(dataDir, writerCacheKiB);
    prepareSharedTables(db);
    this.#open = opened(new Statements(db), false);
  }

  /** Empty for a reader that is up before there is a store. */
  get storeId(): string {
    return this.#read((open) => text(open.statements.row('SELECT id FROM store')?.[0]), '');
  }

  async currentStoreId(): Promise<string> {
    return this.storeId;
  }

  /** Nobody empties the file while it is open. */
  async adopt(): Promise<void> {}

  async prepare(target: ModelGeneration, collections: readonly CollectionDeclaration[]): Promise<void> {
    this.#writer().generations.prepare(target, collections);
  }

  async write(target: ModelGeneration, batch: WriteBatch): Promise<void> {
    const open = this.#writer();
    const known = open.generations.find(target);
    assert(known !== undefined, `generation ${target.generation} of ${target.model} is prepared before it is written`);
    try {
      inTransaction(open.statements.db, () => this.#writeAll(open, known, batch));
    } catch (error) {
      open.shards.forget();
      open.streams.forget();
      for (const collection of known.collections.values()) collection.forget();
      throw error;
    }
  }

  #writeAll(open: Open, known: KnownGeneration, { puts, deletes = [], watermarks, park = [], checkpoint }: WriteBatch): void {
    const { statements, shards, streams } = open;
    const owner = known.number;
    for (const { collection, shard, id, version, document, replaces } of puts) {
      const into = collectionOf(known, collection);
      assert(document[into.declaration.shardKey] === shard, `a document of ${collection} carries its shard key`);
      into.put(shards.of(shard), id, version, document, replaces);
    }
    for (const { collection, shard, id } of deletes) collectionOf(known, collection).delete(shards.of(shard), id);
    const setWatermark = statements.get(upsertWatermark);
    for (const { stream, revision, values } of watermarks) setWatermark.run(owner, streams.of(stream), revision, JSON.stringify(values));
    // The first event that could not be applied is where the repair starts, so a key that is parked already stays as it is.
    const setParked = 'INSERT INTO parked VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    for (const { stream, revision, position, reason } of park) statements.run(setParked, owner, stream, revision, position, reason);
    if (checkpoint === undefined) return;
    statements.run('INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)', owner, checkpoint.partition, checkpoint.offset);
  }

  async get(target: ModelGeneration, collection: string, shard: string, id: string): Promise<StoredDocument | undefined> {
    return this.#readCollection(target, collection, (from) => from.get(shard, id), undefined);
  }

  async getMany(
    target: ModelGeneration,
    collection: string,
    keys: readonly { readonly shard: string; readonly id: string }[],
  ): Promise<readonly (StoredDocument | undefined)[]> {
    const empty: readonly (StoredDocument | undefined)[] = keys.map(() => undefined);
    return this.#readCollection(target, collection, (from) => keys.map(({ shard, id }) => from.get(shard, id)), empty);
  }

  async find(target: ModelGeneration, query: FindQuery): Promise<readonly StoredDocument[]> {
    return this.#readCollection(target, query.collection, (from) => from.find(query), []);
  }

  async watermarks(target: ModelGeneration, streams: readonly string[]): Promise<readonly (Watermark | undefined)[]> {
    const empty: readonly (Watermark | undefined)[] = streams.map(() => undefined);
    return this.#readGeneration(target, ({ statements }, { number }) => {
      const select = statements.get(`SELECT revision, "values" FROM watermarks WHERE owner = ? AND stream = ${streamNumber}`);
      return streams.map((stream) => {
        const row = select.get(number, stream);
        return row === undefined ? undefined : { stream, revision: integer(row[0]), values: jsonObject(row[1]) };
      });
    }, empty);
  }

  async checkpoints(target: ModelGeneration): Promise<ReadonlyMap<number, number>> {
    return this.#readGeneration(target, ({ statements }, { number }) => {
      const rows = statements.rows('SELECT partition, "offset" FROM checkpoints WHERE owner = ? ORDER BY partition', number);
      return new Map(rows.map((row) => [integer(row[0]), integer(row[1])]));
    }, new Map());
  }

  async parked(target: ModelGeneration): Promise<readonly ParkedKey[]> {
    return this.#readGeneration<readonly ParkedKey[]>(target, ({ statements }, { number }) => {
      const rows = statements.rows('SELECT stream, revision, position, reason FROM parked WHERE owner = ? ORDER BY stream', number);
      return rows.map((row) => ({ stream: text(row[0]), revision: integer(row[1]), position: integer(row[2]), reason: text(row[3]) }));
    }, []);
  }

  async unpark(target: ModelGeneration, stream: string): Promise<void> {
    const { statements, generations } = this.#writer();
    const known = generations.find(target);
    if (known !== undefined) statements.run('DELETE FROM parked WHERE owner = ? AND stream = ?', known.number, stream);
  }

  async *scan(target: ModelGeneration, collection: string): AsyncIterable<StoredDocument> {
    const pages = this.#readCollection(target, collection, (from) => from.scan(), undefined);
    for (const page of pages ?? []) {
      yield* page;
      await nextTurn();
    }
  }

  async liveGeneration(model: string): Promise<number> {
    return this.#read(({ generations }) => generations.live(model), 0);
  }

  async activate(target: ModelGeneration): Promise<void> {
    this.#writer().generations.activate(target);
  }

  async generations(model: string): Promise<readonly number[]> {
    return this.#read(({ generations }) => generations.all(model), []);
  }

  async drop(target: ModelGeneration): Promise<void> {
    await this.#writer().generations.drop(target);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#open?.statements.db.close();
  }

  #writer(): Open {
    assert(!this.#isReader, 'this read-model store was opened for reading');
    assert(!this.#isClosed && this.#open !== undefined, 'the read-model store is open');
    return this.#open;
  }

  #read<Result>(read: (open: Open) => Result, empty: Result): Result {
    assert(!this.#isClosed, 'the read-model store is open');
    if (this.#open === undefined) {
      const db = openFileForReading(this.#dataDir, 'store');
      if (db === undefined) return empty;
      this.#open = opened(new Statements(db), true);
    }
    return read(this.#open);
  }

  /** A reader may remember a generation that the writer has dropped meanwhile: it looks again, once. */
  #readGeneration<Result>(target: ModelGeneration, read: (open: Open, known: KnownGeneration) => Result, empty: Result): Result {
    const attempt = (open: Open): Result => {
      const known = open.generations.find(target);
      return known === undefined ? empty : read(open, known);
    };
    return this.#read((open) => {
      try {
        return attempt(open);
      } catch (error) {
        if (!this.#isReader || !isNoSuchTable(error)) throw error;
        open.generations.forget();
        return attempt(open);
      }
    }, empty);
  }

  #readCollection<Result>(target: ModelGeneration, collection: string, read: (from: EmbeddedCollection) => Result, empty: Result): Result {
    return this.#readGeneration(target, (_open, known) => read(collectionOf(known, collection)), empty);
  }
}

function opened(statements: Statements, isReader: boolean): Open {
  const generations = new EmbeddedGenerations(statements, isReader);
  return { statements, generations, shards: new NameNumbers(statements, 'shards'), streams: new NameNumbers(statements, 'streams') };
}

function collectionOf(known: KnownGeneration, name: string): EmbeddedCollection {
  const collection = known.collections.get(name);
  assert(collection !== undefined, `collection ${name} is declared by its read model`);
  return collection;
}
