// What every read model declares of itself: named once here, written by projections/, read by query-side/.

import type { Topic } from '../ports/event-bus.ts';
import type { CollectionDeclaration } from '../ports/read-model-store.ts';
import type { SearchIndexDeclaration } from '../ports/search-index.ts';

export type ReadModel = {
  readonly name: string;
  readonly topic: Topic;
  readonly collections: readonly CollectionDeclaration[];
  /** Streams whose revision a query can wait for: the model keeps a watermark of each stream with one of these prefixes. */
  readonly watermarkPrefixes: readonly string[];
  readonly search?: SearchIndexDeclaration;
};
