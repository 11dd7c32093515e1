// A small read model for the contract tests: bets of bettors, with every shape of index. Used by contract*.ts and the embedded tests alone.

import type { CollectionDeclaration, ReadModelStore, StoredDocument, WriteBatch } from '@wagerline/shared-kernel/ports/read-model-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

export type OpenedReadModels = {
  readonly store: ReadModelStore;
  /** Closes the store and opens it again on the same data. */
  reopen(): Promise<ReadModelStore>;
  close(): Promise<void>;
};

export const model = 'bet-list';
export const first = { model, generation: 1 };

export const bets: CollectionDeclaration = {
  name: 'bets',
  shardKey: 'accountId',
  indexes: [
    { name: 'by-time', fields: ['placedAt'] },
    { name: 'by-status', fields: ['status', 'placedAt'] },
    { name: 'by-competition', fields: ['competitions', 'status', 'placedAt'] },
    { name: 'by-stake', fields: ['stakeMinor'] },
    { name: 'by-settled', fields: ['settledAt'] },
  ],
};

export function bet(accountId: string, betId: string, changes: JsonObject = {}): JsonObject {
  const settled: JsonObject = { status: 'open', settledAt: null, competitions: ['premier-league'], stakeMinor: 500 };
  return { accountId, betId, placedAt: '2019-08-09T19:00:00.000Z', ...settled, ...changes };
}

export function betPut(shard: string, id: string, version: number, changes: JsonObject = {}): WriteBatch['puts'][number] {
  return { collection: 'bets', shard, id, version, document: bet(shard, id, changes) };
}

export async function collected(documents: AsyncIterable<StoredDocument>): Promise<readonly StoredDocument[]> {
  const all: StoredDocument[] = [];
  for await (const document of documents) all.push(document);
  return all;
}
