// Bets of one account, newest first, by status, competition and time. Called by routes.ts alone.

import type { ModelGeneration, StoredDocument } from '@wagerline/shared-kernel/ports/read-model-store';
import { betOf, betsCollection, betStatuses, type BetDocument, type BetStatus } from '@wagerline/shared-kernel/read-models/bet-history';
import { accountStream } from '@wagerline/shared-kernel/values/ids';

import { pageOf, type Page, type Place } from '../paging.ts';
import type { QueryStore } from '../query-deps.ts';

export type BetFilters = {
  readonly status?: BetStatus | undefined;
  readonly competition?: string | undefined;
  readonly placedFrom?: string | undefined;
  readonly placedBefore?: string | undefined;
};

/** `revision`: of the account's stream, up to which the page is complete; undefined where nothing of the account is visible. */
export type BetPage = Page<BetDocument> & { readonly revision: number | undefined };

type Ask = { readonly accountId: string; readonly filters: BetFilters; readonly after: Place | undefined; readonly limit: number };

/** A bet that changes its status between two of the finds could be missed, so the page is read again when the account moved. */
const attemptsMax = 3;

export async function findBets(store: QueryStore, target: ModelGeneration, ask: Ask): Promise<BetPage> {
  const statuses = ask.filters.status === undefined ? betStatuses : [ask.filters.status];
  let revision = await revisionOf(store, target, ask.accountId);
  for (let attempt = 1; ; attempt += 1) {
    const lists = await Promise.all(statuses.map((status) => findByStatus(store, target, ask, status)));
    const after = await revisionOf(store, target, ask.accountId);
    if (after === revision || attempt === attemptsMax) return { ...pageOf(merged(lists), ask.limit, placeOfBet), revision };
    revision = after;
  }
}

export async function findBet(
  store: QueryStore,
  target: ModelGeneration,
  accountId: string,
  betId: string,
): Promise<BetDocument | undefined> {
  const stored = await store.get(target, betsCollection.name, accountId, betId);
  return stored && betOf(stored.document);
}

function findByStatus(store: QueryStore, target: ModelGeneration, ask: Ask, status: BetStatus): Promise<readonly StoredDocument[]> {
  const { competition, placedFrom, placedBefore } = ask.filters;
  return store.find(target, {
    collection: betsCollection.name,
    shard: ask.accountId,
    ...(competition === undefined ? { index: 'by-status', equals: [status] } : { index: 'by-competition', equals: [competition, status] }),
    range: { ...(placedFrom !== undefined && { from: placedFrom }), ...(placedBefore !== undefined && { before: placedBefore }) },
    order: 'descending',
    ...(ask.after !== undefined && { after: ask.after }),
    limit: ask.limit + 1,
  });
}

/** Each bet once, in its newest version, in the order that the store gives within one status. */
function merged(lists: readonly (readonly StoredDocument[])[]): readonly BetDocument[] {
  const newest = new Map<string, StoredDocument>();
  for (const stored of lists.flat()) {
    const known = newest.get(stored.id);
    if (known === undefined || known.version < stored.version) newest.set(stored.id, stored);
  }
  return [...newest.values()].map((stored) => betOf(stored.document)).sort(newestFirst);
}

function newestFirst(a: BetDocument, b: BetDocument): number {
  if (a.placedAt !== b.placedAt) return a.placedAt < b.placedAt ? 1 : -1;
  return a.betId < b.betId ? 1 : -1;
}

function placeOfBet(bet: BetDocument): Place {
  return { value: bet.placedAt, id: bet.betId };
}

async function revisionOf(store: QueryStore, target: ModelGeneration, accountId: string): Promise<number | undefined> {
  const [watermark] = await store.watermarks(target, [accountStream(accountId)]);
  return watermark?.revision;
}
