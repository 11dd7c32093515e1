// Where documents go besides the read-model store: the search index, and a shared cache. Both take the newest version only, so a
// document may be handed over again at any time. A cache may be away: its readers compare it with the store. Called by
// generation-writer.ts after the store has the document.

import { fixtureOf, fixtureSearch } from '@wagerline/shared-kernel/read-models/fixture-search';
import { oddsBoard, oddsCacheKey } from '@wagerline/shared-kernel/read-models/odds-board';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { ModelGeneration } from '@wagerline/shared-kernel/ports/read-model-store';
import type { ReadModel } from '@wagerline/shared-kernel/read-models/read-model';
import type { ProjectionsInfra } from './projector.ts';

export type Published = { readonly id: string; readonly version: number; readonly document: JsonObject };
export type Sink = {
  prepare(): Promise<void>;
  /** False where what was published is lost. */
  exists(): Promise<boolean>;
  publish(documents: readonly Published[]): Promise<void>;
  drop(): Promise<void>;
};

export function sinkOf(model: ReadModel, target: ModelGeneration, infra: ProjectionsInfra): Sink | undefined {
  const { search, cache } = infra;
  const index = model.search;
  if (index !== undefined) {
    return {
      prepare: () => search.prepare(target.generation, index),
      exists: () => search.exists(index.name, target.generation),
      publish: (documents) => search.index(index.name, target.generation, documents.filter(isShown(model))),
      drop: () => search.drop(index.name, target.generation),
    };
  }
  if (model.name !== oddsBoard.name || cache === undefined) return undefined;
  return {
    prepare: async () => {},
    exists: async () => true,
    publish: async (documents) => {
      const set = documents.map(({ id, version, document }) => cache.setIfNewer(oddsCacheKey(id), { version, value: document }));
      const failed = (await Promise.allSettled(set)).filter((result) => result.status === 'rejected');
      const [first] = failed;
      if (first !== undefined) infra.logger.warn({ ...target, err: first.reason, count: failed.length }, 'the odds cache missed markets');
    },
    // All generations say the same of a market, and its newest version stands.
    drop: async () => {},
  };
}

/** A fixture that only its markets have told of has no name to be found by. */
function isShown(model: ReadModel): (published: Published) => boolean {
  return ({ document }) => model.name !== fixtureSearch.name || fixtureOf(document).status !== 'unknown';
}
