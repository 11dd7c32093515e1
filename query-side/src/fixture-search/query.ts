// Fixtures by id and as full text. Called by routes.ts alone. A stub that only a market has made so far is not shown.

import type { ModelGeneration } from '@wagerline/shared-kernel/ports/read-model-store';
import { fixtureOf, fixtureSearchIndex, fixturesCollection } from '@wagerline/shared-kernel/read-models/fixture-search';
import type { FixtureDocument } from '@wagerline/shared-kernel/read-models/fixture-search';

import type { QuerySearch, QueryStore } from '../query-deps.ts';

export type FixtureAsk = {
  readonly text: string;
  readonly filters: Readonly<Record<string, string>>;
  readonly limit: number;
  readonly cursor: string | undefined;
};
export type FixtureHits = { readonly fixtures: readonly FixtureDocument[]; readonly cursor: string | undefined };

export async function findFixture(store: QueryStore, target: ModelGeneration, fixtureId: string): Promise<FixtureDocument | undefined> {
  const stored = await store.get(target, fixturesCollection.name, fixtureId, fixtureId);
  const fixture = stored && fixtureOf(stored.document);
  return fixture?.status === 'unknown' ? undefined : fixture;
}

export async function searchFixtures(search: QuerySearch, target: ModelGeneration, ask: FixtureAsk): Promise<FixtureHits> {
  const { cursor, ...query } = ask;
  const from = cursor === undefined ? query : { ...query, cursor };
  const answer = await search.search(fixtureSearchIndex.name, target.generation, from);
  return { fixtures: answer.hits.map((hit) => fixtureOf(hit.document)), cursor: answer.cursor };
}
