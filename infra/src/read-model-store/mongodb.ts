// The read-model store on MongoDB, plain, replicated or sharded: any number of processes read, and any number write.
// Writes are acknowledged by a majority's journal, reads come from the primary. It needs no transactions: documents carry their
// version and are written before the watermark that covers them, so what a crash cuts off is repeated harmlessly.

import { MongoClient, type Collection, type CommandStartedEvent, type Db } from 'mongodb';
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
import { within } from '../within.ts';
import { MongoGenerations, readLimits, type KnownGeneration, type ReadLimits } from './mongodb-generations.ts';
import { watchHeartbeats } from './mongodb-heartbeats.ts';
import { checkDocument, collectionName, findCommand, findLimitMax, keysFilter, rowId, storedDocument, type Row } from './mongodb-layout.ts';
import { replaceOlder, unlessThere, writeRows, type RowChange } from './mongodb-writes.ts';

export type MongoReadModelStoreOptions = {
  readonly url: string;
  readonly database?: string;
  /** For queries: never gives an empty store its id. */
  readonly readOnly?: boolean;
  /** A read that takes longer fails: by default at once for queries, whose readers are told so, and later for the projections. */
  readonly readTimeoutMs?: number;
  readonly writeTimeoutMs?: number;
  readonly connectionsMax?: number;
  /** Sees every command before it is sent, for tests. */
  readonly onCommand?: (command: CommandStartedEvent) => void;
};

/** `storeId` is known once `ready` resolved; it rejects while the database is away, and may be called again. */
export type MongoReadModelStore = ReadModelStore & { ready(): Promise<void> };

type CheckpointRow = { readonly _id: number; readonly offset: number };
type ParkedRow = { readonly _id: string; readonly revision: number; readonly position: number; readonly reason: string };

const queryTimeoutMs = 2_000;
const noServerTimeoutMs = 5_000;
/** A write is several commands, and each of them is tried twice. */
const writeEndTimes = 4;
const keysPerReadMax = 1000;
const scanPageSize = 500;

export function openMongoReadModelStore(options: MongoReadModelStoreOptions): MongoReadModelStore {
  return new MongoStore(options);
}

type Connected = { readonly client: MongoClient; readonly db: Db; readonly generations: MongoGenerations };

class MongoStore implements MongoReadModelStore {
  readonly #options: MongoReadModelStoreOptions;
  readonly #isReader: boolean;
  readonly #readTimeoutMs: number;
  readonly #writeTimeoutMs: number;
  #connected: Connected;
  #storeId = '';
  #isClosed = false;

  constructor(options: MongoReadModelStoreOptions) {
    const { readOnly = false, writeTimeoutMs = 30_000 } = options;
    this.#options = options;
    this.#isReader = readOnly;
    this.#writeTimeoutMs = writeTimeoutMs;
    this.#readTimeoutMs = options.readTimeoutMs ?? (readOnly ? queryTimeoutMs : writeTimeoutMs);
    this.#connected = this.#connect();
  }

  #connect(): Connected {
    const { url, database = 'wagerline', connectionsMax = 50, onCommand } = this.#options;
    const [writeTimeoutMs, readTimeoutMs] = [this.#writeTimeoutMs, this.#readTimeoutMs];
    const client = new MongoClient(url, {
      appName: 'wagerline',
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: writeTimeoutMs },
      readConcern: { level: 'majority' },
      readPreference: 'primary',
      retryReads: true,
      retryWrites: true,
      // As JSON text does it: what is undefined is not there.
      ignoreUndefined: true,
      serverSelectionTimeoutMS: Math.min(readTimeoutMs, noServerTimeoutMs),
      // Heartbeats have this time too: a server that is only busy must not lose its connections.
      connectTimeoutMS: writeTimeoutMs,
      waitQueueTimeoutMS: Math.min(readTimeoutMs, noServerTimeoutMs),
      socketTimeoutMS: writeTimeoutMs,
      maxPoolSize: connectionsMax,
      monitorCommands: onCommand !== undefined,
    });
    if (onCommand !== undefined) client.on('commandStarted', onCommand);
    watchHeartbeats(client, noServerTimeoutMs, () => this.#connectAnew(client));
    const db = client.db(database);
    return { client, db, generations: new MongoGenerations(db, readTimeoutMs) };
  }

  /** Nothing of the old client is worth keeping: it has known no server for a while. */
  #connectAnew(stuck: MongoClient): void {
    if (this.#isClosed || this.#connected.client !== stuck) return;
    this.#connected = this.#connect();
    stuck.close().catch(() => {});
  }

  get storeId(): string {
    return this.#storeId;
  }

  async ready(): Promise<void> {
    this.#open();
    if (this.#storeId === '') this.#storeId = await this.#connected.generations.storeId(!this.#isReader);
  }

  async currentStoreId(): Promise<string> {
    this.#open();
    return this.#connected.generations.storeId(false);
  }

  async adopt(): Promise<void> {
    this.#open();
    this.#connected.generations.forget();
    this.#storeId = await this.#connected.generations.storeId(!this.#isReader);
  }

  async prepare(target: ModelGeneration, collections: readonly CollectionDeclaration[]): Promise<void> {
    await this.#writer();
    await this.#connected.generations.prepare(target, collections, this.#storeId);
  }

  /** The driver has no limit of its own where a connection closes meanwhile. What goes on behind the caller's back is what its next try would do. */
  async write(target: ModelGeneration, batch: WriteBatch): Promise<void> {
    const limitMs = writeEndTimes * this.#writeTimeoutMs;
    await within(this.#writeAll(target, batch), limitMs, () => new Error(`MongoDB has not answered a write for ${limitMs} ms`));
  }

  async #writeAll(target: ModelGeneration, batch: WriteBatch): Promise<void> {
    await this.#writer();
    const known = await this.#connected.generations.forWriting(target, this.#storeId);
    const { puts, deletes = [], watermarks, park = [], checkpoint } = batch;
    const rows = rowsByCollection(known, puts);
    for (const { collection } of deletes) declarationOf(known, collection);
    await Promise.all([...rows].map(([collection, changes]) => writeRows(this.#rows(target, collection), changes)));
    for (const { collection, shard, id } of deletes) await this.#rows(target, collection).deleteOne({ _id: rowId(shard, id), shard });
    await replaceOlder(
      this.#rows(target, '_watermarks'),
      watermarks.map(({ stream, revision, values }) => ({ _id: stream, shard: stream, version: revision, document: values })),
    );
    // The first event that could not be applied is where the repair starts, so a key that is parked already stays as it is.
    for (const { stream, ...rest } of park) await unlessThere(() => this.#parked(target).insertOne({ _id: stream, ...rest }));
    if (checkpoint === undefined) return;
    const { partition, offset } = checkpoint;
    await this.#checkpoints(target).updateOne({ _id: partition }, { $set: { offset } }, { upsert: true });
  }

  async get(target: ModelGeneration, collection: string, shard: string, id: string): Promise<StoredDocument | undefined> {
    const row = await this.#rows(target, collection).findOne(keysFilter([{ _id: rowId(shard, id), shard }]), this.#reading());
    return row === null ? undefined : storedDocument(row);
  }

  async getMany(
    target: ModelGeneration,
    collection: string,
    keys: readonly { readonly shard: string; readonly id: string }[],
  ): Promise<readonly (StoredDocument | undefined)[]> {
    const rows = await this.#byKeys(target, collection, keys.map(({ shard, id }) => ({ shard, _id: rowId(shard, id) })));
    return rows.map((row) => row && storedDocument(row));
  }

  async find(target: ModelGeneration, query: FindQuery): Promise<readonly StoredDocument[]> {
    const { limit, collection } = query;
    assert(Number.isSafeInteger(limit) && limit > 0 && limit <= findLimitMax, `find takes a limit of 1 to ${findLimitMax}`);
    this.#open();
    const known = await this.#connected.generations.forReading(target);
    if (known === undefined) return [];
    const { filter, sort } = findCommand(declarationOf(known, collection), query);
    // A batch takes them all: one round trip.
    const rows = await this.#rows(target, collection).find(filter, { ...this.#reading(), sort, limit, batchSize: limit + 1 }).toArray();
    return rows.map(storedDocument);
  }

  async watermarks(target: ModelGeneration, streams: readonly string[]): Promise<readonly (Watermark | undefined)[]> {
    const rows = await this.#byKeys(target, '_watermarks', streams.map((stream) => ({ shard: stream, _id: stream })));
    return rows.map((row) => row && { stream: row.shard, revision: row.version, values: row.document });
  }

  async checkpoints(target: ModelGeneration): Promise<ReadonlyMap<number, number>> {
    const rows = await this.#checkpoints(target).find({}, this.#reading()).toArray();
    return new Map(rows.map(({ _id, offset }) => [_id, offset]));
  }

  async parked(target: ModelGeneration): Promise<readonly ParkedKey[]> {
    const rows = await this.#parked(target).find({}, { ...this.#reading(), sort: { _id: 1 } }).toArray();
    return rows.map(({ _id, revision, position, reason }) => ({ stream: _id, revision, position, reason }));
  }

  async unpark(target: ModelGeneration, stream: string): Promise<void> {
    await this.#writer();
    await this.#parked(target).deleteOne({ _id: stream });
  }

  /** The one read that asks every shard: for tools, never for a request. */
  async *scan(target: ModelGeneration, collection: string): AsyncIterable<StoredDocument> {
    const rows = this.#rows(target, collection);
    const page = { sort: { _id: 1 }, limit: scanPageSize, batchSize: scanPageSize + 1, comment: 'scan' } as const;
    for (let last = ''; ; ) {
      const found = await rows.find({ _id: { $gt: last } }, { ...this.#reading(), ...page }).toArray();
      yield* found.map(storedDocument);
      const end = found.at(-1);
      if (end === undefined || found.length < scanPageSize) return;
      last = end._id;
    }
  }

  async liveGeneration(model: string): Promise<number> {
    this.#open();
    return this.#connected.generations.live(model);
  }

  async activate(target: ModelGeneration): Promise<void> {
    await this.#writer();
    await this.#connected.generations.activate(target);
  }

  async generations(model: string): Promise<readonly number[]> {
    this.#open();
    return this.#connected.generations.all(model);
  }

  async drop(target: ModelGeneration): Promise<void> {
    await this.#writer();
    await this.#connected.generations.drop(target);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#connected.client.close();
  }

  /** In the order of the keys. */
  async #byKeys(target: ModelGeneration, part: string, keys: readonly Pick<Row, 'shard' | '_id'>[]): Promise<readonly (Row | undefined)[]> {
    const found = new Map<string, Row>();
    for (let start = 0; start < keys.length; start += keysPerReadMax) {
      const some = keys.slice(start, start + keysPerReadMax);
      const rows = this.#rows(target, part).find(keysFilter(some), { ...this.#reading(), batchSize: some.length + 1 });
      for await (const row of rows) found.set(row._id, row);
    }
    return keys.map(({ _id }) => found.get(_id));
  }

  async #writer(): Promise<void> {
    assert(!this.#isReader, 'this read-model store was opened for reading');
    await this.ready();
  }

  #open(): void {
    assert(!this.#isClosed, 'the read-model store is open');
  }

  #reading(): ReadLimits {
    return readLimits(this.#readTimeoutMs);
  }

  #rows(target: ModelGeneration, part: string): Collection<Row> {
    return this.#part(target, part);
  }

  #checkpoints(target: ModelGeneration): Collection<CheckpointRow> {
    return this.#part(target, '_checkpoints');
  }

  #parked(target: ModelGeneration): Collection<ParkedRow> {
    return this.#part(target, '_parked');
  }

  /** The driver would connect again after a close. */
  #part<Stored extends CheckpointRow | ParkedRow | Row>(target: ModelGeneration, part: string): Collection<Stored> {
    this.#open();
    return this.#connected.db.collection<Stored>(collectionName(target, part));
  }
}

/** Everything is checked before anything is written. */
function rowsByCollection(known: KnownGeneration, puts: WriteBatch['puts']): ReadonlyMap<string, readonly RowChange[]> {
  const rows = new Map<string, RowChange[]>();
  for (const { collection, shard, id, version, document, replaces } of puts) {
    checkDocument(declarationOf(known, collection), shard, document);
    const change = { row: { _id: rowId(shard, id), shard, version, document }, replaces };
    const others = rows.get(collection);
    if (others === undefined) rows.set(collection, [change]);
    else others.push(change);
  }
  return rows;
}

function declarationOf(known: KnownGeneration, name: string): CollectionDeclaration {
  const declaration = known.get(name);
  assert(declaration !== undefined, `collection ${name} is declared by its read model`);
  return declaration;
}
