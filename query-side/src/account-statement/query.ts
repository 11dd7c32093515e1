// The summary of one account and its statement lines, newest first. Called by routes.ts alone.

import type { ModelGeneration } from '@wagerline/shared-kernel/ports/read-model-store';
import { ProblemException } from '@wagerline/shared-kernel/problems';
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

/** What one turn of the thread may take. */
const namesPerReadMax = 250;
const readsMax = 20;

export type StatementPage = Page<StatementLineDocument> & { readonly account: AccountSummary | undefined };

/** Money stands in the watermark, the rest in the document. The watermark is read first, so the document is at least as new as it. */
export async function findAccount(store: QueryStore, target: ModelGeneration, accountId: string): Promise<AccountSummary | undefined> {
  const [watermark] = await store.watermarks(target, [accountStream(accountId)]);
  const stored = await store.get(target, accountsCollection.name, accountId, accountId);
  return stored && watermark && accountSummary(accountOf(stored.document), watermark);
}

/**
 * Lines are named by the revisions of their account, so they are found by name, from the newest revision down. A revision that moved no money has
 * none: where there are very many of those together, a page may have fewer lines than asked for, and a next one.
 */
export async function findStatement(
  store: QueryStore,
  target: ModelGeneration,
  { accountId, after, limit }: { readonly accountId: string; readonly after: Place | undefined; readonly limit: number },
): Promise<StatementPage> {
  const account = await findAccount(store, target, accountId);
  const lines: StatementLineDocument[] = [];
  let next = after === undefined ? (account?.revision ?? -1) : revisionIn(after) - 1;
  for (let reads = 0, count = limit + 1; reads < readsMax && next >= 0 && lines.length <= limit; reads += 1, count = Math.min(count * 2, namesPerReadMax)) {
    const revisions = Array.from({ length: Math.min(count, next + 1) }, (_, back) => next - back);
    const keys = revisions.map((revision) => ({ shard: accountId, id: statementLineId(revision) }));
    for (const stored of await store.getMany(target, statementLinesCollection.name, keys)) {
      if (stored !== undefined) lines.push(statementLineOf(stored.document));
    }
    next -= revisions.length;
  }
  const page = pageOf(lines, limit, placeOfLine);
  return { account, ...page, ...(page.next === undefined && next >= 0 && { next: placeOf(next + 1, '') }) };
}

function placeOfLine({ revision, at }: StatementLineDocument): Place {
  return placeOf(revision, at);
}

/** `at` is for the reader of the place: an account has one event of each revision. */
function placeOf(revision: number, at: string): Place {
  return { value: at, id: statementLineId(revision) };
}

function revisionIn({ id }: Place): number {
  const revision = Number(id);
  if (!Number.isSafeInteger(revision) || revision < 0) throw new ProblemException('CURSOR_INVALID');
  return revision;
}
