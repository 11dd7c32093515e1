// One hash over everything that a generation says: equal for two generations that were built to the same position of the log,
// however they were built. Called by rebuild.ts and by tools.

import { createHash } from 'node:crypto';
import type { ModelGeneration, ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import { canonicalJson } from '@wagerline/shared-kernel/values/json';
import type { Projection } from './projection.ts';

export type GenerationHash = { readonly sha256: string; readonly documentCount: number };

/** Documents in the order of their keys as canonical JSON; generation, positions, versions and write times are left out. */
export async function hashGeneration(store: ReadModelStore, projection: Projection, target: ModelGeneration): Promise<GenerationHash> {
  const hash = createHash('sha256');
  const unhashed = new Set(projection.unhashedFields);
  let documentCount = 0;
  for (const { name } of [...projection.model.collections].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for await (const { shard, id, document } of store.scan(target, name)) {
      const said = Object.fromEntries(Object.entries(document).filter(([field]) => !unhashed.has(field)));
      hash.update(`${canonicalJson([name, shard, id, said])}\n`);
      documentCount += 1;
    }
  }
  return { sha256: hash.digest('hex'), documentCount };
}
