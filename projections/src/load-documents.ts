// Reads the documents that a batch touches, each once: from what is kept in memory, or in one request per collection.
// Called by generation-writer.ts between planning and folding; it writes nothing.

import type { ModelGeneration, ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { BoundedMap } from './bounded-map.ts';
import type { Step, WorkingDocument } from './fold-batch.ts';
import type { DocumentKey } from './projection.ts';

export type Kept = { readonly version: number; readonly document: JsonObject };

/** Gives every step its working documents, and answers each of them once. `kept`: by collection and name. */
export async function loadDocuments(
  steps: readonly Step[],
  kept: ReadonlyMap<string, BoundedMap<Kept>>,
  readModels: Pick<ReadModelStore, 'getMany'>,
  generation: ModelGeneration,
): Promise<readonly WorkingDocument[]> {
  const all: WorkingDocument[] = [];
  const byCollection = new Map<string, Map<string, WorkingDocument>>();
  const toRead = new Map<string, WorkingDocument[]>();
  let unnamed: WorkingDocument[] = [];
  const named = (collection: string): Map<string, WorkingDocument> => getOrMake(byCollection, collection, () => new Map<string, WorkingDocument>());
  for (const { decoded, working } of steps) {
    if ('failure' in decoded) continue;
    for (const key of decoded.documents) {
      if (key.isNew && !kept.has(key.collection)) {
        // Mostly no other event of the batch asks for it, and its name would cost more than the document.
        const made: WorkingDocument = { key, version: -1, document: undefined, isChanged: false };
        for (const list of [unnamed, all, working]) list.push(made);
        continue;
      }
      for (const made of unnamed) named(made.key.collection).set(nameOf(made.key), made);
      unnamed = [];
      const documents = named(key.collection);
      const name = nameOf(key);
      let target = documents.get(name);
      if (target === undefined) {
        const known = kept.get(key.collection)?.get(name);
        target = { key, version: known?.version ?? -1, document: known?.document, isChanged: false };
        documents.set(name, target);
        all.push(target);
        if (known === undefined && !key.isNew) getOrMake(toRead, key.collection, () => []).push(target);
      }
      working.push(target);
    }
  }
  for (const [collection, wanted] of toRead) {
    const keys = wanted.map(({ key }) => key);
    const found = await readModels.getMany(generation, collection, keys);
    for (const [index, target] of wanted.entries()) {
      const stored = found[index];
      if (stored === undefined) continue;
      target.version = stored.version;
      target.document = stored.document;
    }
  }
  return all;
}

/** Within its collection. */
export function nameOf({ shard, id }: DocumentKey): string {
  return shard === id ? id : `${shard}\n${id}`;
}

function getOrMake<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
