// Which generations of which read models there are in the database, and which one is live. Used by mongodb.ts.
// Each collection of a generation is a collection of its own, so dropping one costs no more than its name.

import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { StoreReplacedError, type CollectionDeclaration, type ModelGeneration } from '@wagerline/shared-kernel/ports/read-model-store';
import { canonicalJson } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { checkDeclaration } from './index-keys.ts';
import { checkName, collectionName, indexSpecifications, ownParts, shardKey } from './mongodb-layout.ts';
import { isNoSuchCollection, unlessThere } from './mongodb-writes.ts';

/** `declarations` is the JSON text of all of them. `isDropping`: nobody sees it any more; what it leaves is being removed. */
type GenerationRow = {
  readonly _id: string;
  readonly model: string;
  readonly generation: number;
  readonly storeId: string;
  readonly declarations: string;
  readonly isDropping: boolean;
};
type LiveRow = { readonly _id: string; readonly generation: number };
type StoreRow = { readonly _id: string; readonly storeId: string };

/** The server gives up at this time, and so does the client when the server says nothing, its retry included. */
export type ReadLimits = { readonly maxTimeMS: number; readonly signal: AbortSignal };

export type KnownGeneration = ReadonlyMap<string, CollectionDeclaration>;

export class MongoGenerations {
  readonly #db: Db;
  readonly #rows: Collection<GenerationRow>;
  readonly #live: Collection<LiveRow>;
  readonly #stores: Collection<StoreRow>;
  readonly #readTimeoutMs: number;
  /** For queries only: what a generation declares never changes. */
  readonly #known = new Map<string, KnownGeneration>();

  #swept: Promise<unknown> = Promise.resolve();

  constructor(db: Db, readTimeoutMs: number) {
    this.#db = db;
    this.#readTimeoutMs = readTimeoutMs;
    this.#rows = db.collection('generations');
    this.#live = db.collection('live');
    this.#stores = db.collection('store');
  }

  /** The id of this very store; a writer gives one to a store that has none. Of two that start at once, one wins and both see it. */
  async storeId(mayMake: boolean): Promise<string> {
    if (mayMake) await unlessThere(() => this.#stores.updateOne({ _id: 'store' }, { $setOnInsert: { storeId: randomUUID() } }, { upsert: true }));
    const row = await this.#stores.findOne({ _id: 'store' }, readLimits(this.#readTimeoutMs));
    return row?.storeId ?? '';
  }

  /** What was remembered is of a store that is gone. */
  forget(): void {
    this.#known.clear();
  }

  async forReading(target: ModelGeneration): Promise<KnownGeneration | undefined> {
    const known = this.#known.get(keyOf(target));
    if (known !== undefined) return known;
    const row = await this.#row(target);
    if (row === undefined) return undefined;
    const found = declarationsOf(row);
    this.#known.set(keyOf(target), found);
    return found;
  }

  /** Read with every batch: a writer that was left behind must not write into a dropped generation or into an emptied store. */
  async forWriting(target: ModelGeneration, storeId: string): Promise<KnownGeneration> {
    const row = await this.#row(target);
    assertStore(row === undefined ? await this.storeId(false) : row.storeId, storeId);
    assert(row !== undefined, `generation ${target.generation} of ${target.model} is prepared before it is written`);
    return declarationsOf(row);
  }

  async prepare(target: ModelGeneration, collections: readonly CollectionDeclaration[], storeId: string): Promise<void> {
    assert(Number.isSafeInteger(target.generation) && target.generation > 0, 'generations count from 1');
    collections.forEach(checkDeclaration);
    collections.forEach(checkName);
    assertStore(await this.storeId(false), storeId);
    await this.#sweep();
    const declarations = canonicalJson(
      collections.map(({ name, shardKey: owner, indexes }) => {
        return { name, shardKey: owner, indexes: indexes.map((index) => ({ name: index.name, fields: index.fields })) };
      }),
    );
    const { model, generation } = target;
    const made = { model, generation, storeId, declarations, isDropping: false };
    await unlessThere(() => this.#rows.updateOne({ _id: keyOf(target) }, { $setOnInsert: made }, { upsert: true }));
    const row = await this.#row(target);
    assert(row?.declarations === declarations, `a collection of ${model} is declared otherwise: a new declaration needs a new generation`);
    await this.#prepareCollections(target, collections);
  }

  /** Repeated at every start, so it does not matter where an earlier one was cut off. */
  async #prepareCollections(target: ModelGeneration, collections: readonly CollectionDeclaration[]): Promise<void> {
    const hello = await this.#db.command({ hello: 1 });
    const isSharded = hello['msg'] === 'isdbgrid';
    for (const declaration of collections) {
      const name = collectionName(target, declaration.name);
      for (const index of indexSpecifications(declaration)) await this.#db.collection(name).createIndex(index.key, { name: index.name });
      if (isSharded) await this.#shard(name);
    }
    if (isSharded) await this.#shard(collectionName(target, '_watermarks'));
  }

  async #shard(name: string): Promise<void> {
    await this.#db.collection(name).createIndex(shardKey, { name: 'shard-key' });
    await this.#db.admin().command({ shardCollection: `${this.#db.databaseName}.${name}`, key: shardKey });
  }

  async live(model: string): Promise<number> {
    const row = await this.#live.findOne({ _id: model }, readLimits(this.#readTimeoutMs));
    return row?.generation ?? 0;
  }

  async activate(target: ModelGeneration): Promise<void> {
    const { model, generation } = target;
    assert((await this.#row(target)) !== undefined, `generation ${generation} of ${model} is prepared before it goes live`);
    await this.#live.updateOne({ _id: model }, { $set: { generation } }, { upsert: true });
  }

  async all(model: string): Promise<readonly number[]> {
    const rows = await this.#rows.find({ model, isDropping: false }, readLimits(this.#readTimeoutMs)).toArray();
    return rows.map(({ generation }) => generation).sort((left, right) => left - right);
  }

  /** The generation vanishes at once; then goes what it leaves, and what an earlier drop left when it was killed. */
  async drop(target: ModelGeneration): Promise<void> {
    assert((await this.live(target.model)) !== target.generation, 'the live generation is not dropped');
    await this.#rows.updateOne({ _id: keyOf(target) }, { $set: { isDropping: true } });
    await this.#sweep();
  }

  /** One at a time: two would drop the same collections at the same moment. */
  async #sweep(): Promise<void> {
    const mine = this.#swept.then(() => this.#sweepNow());
    this.#swept = mine.catch(() => {});
    return mine;
  }

  async #sweepNow(): Promise<void> {
    for (const row of await this.#rows.find({ isDropping: true }, readLimits(this.#readTimeoutMs)).toArray()) {
      this.#known.delete(row._id);
      for (const part of [...declarationsOf(row).keys(), ...ownParts]) await this.#dropCollection(collectionName(row, part));
      await this.#rows.deleteOne({ _id: row._id, isDropping: true });
    }
  }

  async #dropCollection(name: string): Promise<void> {
    try {
      await this.#db.dropCollection(name);
    } catch (error) {
      if (!isNoSuchCollection(error)) throw error;
    }
  }

  async #row(target: ModelGeneration): Promise<GenerationRow | undefined> {
    const row = await this.#rows.findOne({ _id: keyOf(target), isDropping: false }, readLimits(this.#readTimeoutMs));
    return row ?? undefined;
  }
}

function assertStore(current: string | undefined, known: string): void {
  if (current !== known) throw new StoreReplacedError(`the read-model store ${known} was emptied: now there is ${current || 'none'}`);
}

/** For one read: the time starts now. */
export function readLimits(timeoutMs: number): ReadLimits {
  return { maxTimeMS: timeoutMs, signal: AbortSignal.timeout(timeoutMs) };
}

function keyOf({ model, generation }: ModelGeneration): string {
  return `${model}.${generation}`;
}

function declarationsOf(row: GenerationRow): KnownGeneration {
  const declarations: readonly CollectionDeclaration[] = JSON.parse(row.declarations);
  return new Map(declarations.map((declaration) => [declaration.name, declaration]));
}
