// The read-model store: documents by shard key and id, watermarks beside them, declared indexes, keyset queries.
// Collections are declared once (shared-kernel/read-models); a filter without the shard key is refused.

import type { Json, JsonObject } from '../values/json.ts';

export type IndexDeclaration = {
  readonly name: string;
  /** Top-level document fields after the shard key, in order. An array field is indexed per element and may stand only first. */
  readonly fields: readonly string[];
};

export type CollectionDeclaration = {
  readonly name: string;
  /** The owner's field: account id, market id ... It stands in every document, write and query. */
  readonly shardKey: string;
  readonly indexes: readonly IndexDeclaration[];
};

/** Generations of one read model live side by side; `name` and `generation` together are the unit of rebuild. */
export type ModelGeneration = { readonly model: string; readonly generation: number };

/** A document as stored: `id` is unique within its shard value, `version` grows with every write. */
export type StoredDocument = { readonly shard: string; readonly id: string; readonly version: number; readonly document: JsonObject };

export type Watermark = {
  readonly stream: string;
  readonly revision: number;
  /** Running values of the stream, for example the balance. */
  readonly values: JsonObject;
};

export type ParkedKey = { readonly stream: string; readonly revision: number; readonly position: number; readonly reason: string };

export type DocumentKey = { readonly collection: string; readonly shard: string; readonly id: string };

/** Someone emptied the store while it was in use: what was written before is gone, and whoever fills it must begin anew. */
export class StoreReplacedError extends Error {
  override name = 'StoreReplacedError';
}

/** Another writer has changed a document since it was read: read it again, then decide again. Nothing behind it in the batch is written. */
export class VersionConflictError extends Error {
  override name = 'VersionConflictError';
}

/** Written in this order, in one transaction where the store has it: documents, watermarks, parked keys, checkpoint. */
export type WriteBatch = {
  /**
   * Conditional: applied only where the stored version is lower (absent = -1). With `replaces`, only where it is exactly that, and
   * else the write ends with VersionConflictError before its watermarks: for documents that more than one writer may change.
   */
  readonly puts: readonly (DocumentKey & { readonly version: number; readonly document: JsonObject; readonly replaces?: number })[];
  readonly deletes?: readonly DocumentKey[];
  /** Conditional too: the stored revision never goes back. */
  readonly watermarks: readonly Watermark[];
  readonly park?: readonly ParkedKey[];
  readonly checkpoint?: { readonly partition: number; readonly offset: number };
};

export type FindQuery = {
  readonly collection: string;
  readonly shard: string;
  /** Name of a declared index; its leading fields take `equals`, the field after them is the sort and takes the range. */
  readonly index: string;
  readonly equals: readonly Json[];
  readonly range?: { readonly from?: string | number; readonly before?: string | number };
  readonly order: 'ascending' | 'descending';
  /** Keyset: go on behind this document (its value of the sort field, and its id as tie-break). */
  readonly after?: { readonly value: string | number; readonly id: string };
  readonly limit: number;
};

export type ReadModelStore = {
  /** Random id of the store that we write to. */
  readonly storeId: string;
  /** Of the store that is there now, empty for none. Another one than `storeId`: ours was emptied, and our writes fail with StoreReplacedError. */
  currentStoreId(): Promise<string>;
  /** Takes the store that is there now for ours. Before that, everything that wrote to the one before must have stopped. */
  adopt(): Promise<void>;
  /** Makes the collections of a generation if they are not there. Idempotent. */
  prepare(target: ModelGeneration, collections: readonly CollectionDeclaration[]): Promise<void>;
  write(target: ModelGeneration, batch: WriteBatch): Promise<void>;
  get(target: ModelGeneration, collection: string, shard: string, id: string): Promise<StoredDocument | undefined>;
  getMany(
    target: ModelGeneration,
    collection: string,
    keys: readonly { readonly shard: string; readonly id: string }[],
  ): Promise<readonly (StoredDocument | undefined)[]>;
  find(target: ModelGeneration, query: FindQuery): Promise<readonly StoredDocument[]>;
  watermarks(target: ModelGeneration, streams: readonly string[]): Promise<readonly (Watermark | undefined)[]>;
  checkpoints(target: ModelGeneration): Promise<ReadonlyMap<number, number>>;
  /** Parked keys of a generation; read before a partition is consumed. */
  parked(target: ModelGeneration): Promise<readonly ParkedKey[]>;
  unpark(target: ModelGeneration, stream: string): Promise<void>;
  /** Every document of a collection, ordered by shard and id: for hashes, comparison and export. */
  scan(target: ModelGeneration, collection: string): AsyncIterable<StoredDocument>;
  /** The generation that queries read; 0 when none was ever activated. One pointer, swapped in one write. */
  liveGeneration(model: string): Promise<number>;
  activate(target: ModelGeneration): Promise<void>;
  generations(model: string): Promise<readonly number[]>;
  drop(target: ModelGeneration): Promise<void>;
  close(): Promise<void>;
};
