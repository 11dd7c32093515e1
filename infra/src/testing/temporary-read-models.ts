// The embedded read-model store, search index and cache in a temporary folder, for tests of other packages: written through one
// connection, read through another, as the query side does.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Cache } from '@wagerline/shared-kernel/ports/cache';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import type { SearchIndex } from '@wagerline/shared-kernel/ports/search-index';

import { openEmbeddedCache } from '../cache/embedded.ts';
import { openEmbeddedReadModelStore } from '../read-model-store/embedded.ts';
import { openEmbeddedSearchIndex } from '../search-index/embedded.ts';

export type TemporaryReadModels = {
  readonly writer: ReadModelStore;
  readonly reader: ReadModelStore;
  readonly searchWriter: SearchIndex;
  readonly search: SearchIndex;
  readonly cache: Cache;
  close(): Promise<void>;
};

export async function openTemporaryReadModels(): Promise<TemporaryReadModels> {
  const dataDir = await mkdtemp(join(tmpdir(), 'read-models-'));
  const writer = openEmbeddedReadModelStore({ dataDir });
  const reader = openEmbeddedReadModelStore({ dataDir, readOnly: true });
  const searchWriter = openEmbeddedSearchIndex({ dataDir });
  const search = openEmbeddedSearchIndex({ dataDir, readOnly: true });
  const cache = openEmbeddedCache({ entriesMax: 100 });
  return {
    writer,
    reader,
    searchWriter,
    search,
    cache,
    async close() {
      for (const part of [cache, search, searchWriter, reader, writer]) await part.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
