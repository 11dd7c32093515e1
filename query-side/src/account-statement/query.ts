// The summary of one account and its statement lines, newest first. Called by routes.ts alone.

import type { ModelGeneration } from '@wagerline/shared-kernel/ports/read-model-store';
import {
  accountOf,
  accountsCollection,
  accountSummary,
  statementLineId,
  statementLineOf,
  statementLinesCollection,
  type AccountSummary,
  type StatementLineDocument,
} from '@wagerline/shared-kernel/read-models/account-statement';
import { accountStream } from '@wagerline/shared-kernel/values/ids';

import { pageOf, type Page, type Place } from '../paging.ts';
import type { QueryStore } from '../query-deps.ts';

export type StatementPage = Page<StatementLineDocument> & { readonly account: AccountSummary | undefined };

/** Money stands in the watermark, the rest in the document. The watermark is read first, so the document is at least as new as it. */
export async function findAccount(store: QueryStore, target: ModelGeneration, accountId: string): Promise<AccountSummary | undefined> {
  const [watermark] = await store.watermarks(target, [accountStream(accountId)]);
  const stored = await store.get(target, accountsCollection.name, accountId, accountId);
  return stored && watermark && accountSummary(accountOf(stored.document), watermark);
}

export async function findStatement(
  store: QueryStore,
  target: ModelGeneration,
  ask: { readonly accountId: string; readonly after: Place | undefined; readonly limit: number },
): Promise<StatementPage> {
  const account = await findAccount(store, target, ask.accountId);
  const found = await store.find(target, {
    collection: statementLinesCollection.name,
    shard: ask.accountId,
    index: 'by-time',
    equals: [],
    order: 'descending',
    ...(ask.after !== undefined && { after: ask.after }),
    limit: ask.limit + 1,
  });
  return { account, ...pageOf(found.map((stored) => statementLineOf(stored.document)), ask.limit, placeOfLine) };
}

function placeOfLine(line: StatementLineDocument): Place {
  return { value: line.at, id: statementLineId(line.revision) };
}
