// The embedded read-model store in a temporary folder, for tests of other packages: written through one connection, read through another,
// as the query side does.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';

import { openEmbeddedReadModelStore } from '../read-model-store/embedded.ts';

export type TemporaryReadModels = {
  readonly writer: ReadModelStore;
  readonly reader: ReadModelStore;
  close(): Promise<void>;
};

export async function openTemporaryReadModels(): Promise<TemporaryReadModels> {
  const dataDir = await mkdtemp(join(tmpdir(), 'read-models-'));
  const writer = openEmbeddedReadModelStore({ dataDir });
  const reader = openEmbeddedReadModelStore({ dataDir, readOnly: true });
  return {
    writer,
    reader,
    async close() {
      await reader.close();
      await writer.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
