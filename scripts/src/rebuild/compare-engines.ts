// The log of a running server through the embedded adapters and through the engines, both in places of their own that are gone afterwards.
// Called by rebuild.ts.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type Config } from '@wagerline/infra/config';
import { removeEngineNamespace } from '@wagerline/infra/engine-namespace';
import { createLogger } from '@wagerline/infra/logger';
import { openProjectionStores } from '@wagerline/infra/open-infra';
import type { ApiClient } from '../server/api-client.ts';
import { compareSides, type Comparison } from './compare.ts';
import { ServedLog } from './served-log.ts';

/** `engines`: their addresses, as settings of a server. */
export async function compareWithEngines(
  admin: ApiClient,
  engines: Readonly<Record<string, string>>,
  onProgress: (text: string) => void,
): Promise<Comparison> {
  const dataDir = await mkdtemp(join(tmpdir(), 'wagerline-compare-'));
  const namespace = `compare-${randomUUID().slice(0, 13)}`;
  const common = { logLevel: 'error', dataDir } as const;
  const embedded = loadConfig({}, { ...common, stores: 'embedded' });
  const onEngines = loadConfig(engines, { ...common, stores: 'engines', engines: { namespace } });
  try {
    return await compareConfigs(admin, { embedded, engines: onEngines }, onProgress);
  } finally {
    await removeEngineNamespace(onEngines);
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function compareConfigs(admin: ApiClient, configs: Readonly<Record<string, Config>>, onProgress: (text: string) => void): Promise<Comparison> {
  const log = await ServedLog.at(admin);
  const opened: { readonly name: string; readonly stores: Awaited<ReturnType<typeof openProjectionStores>> }[] = [];
  try {
    for (const [name, config] of Object.entries(configs)) opened.push({ name, stores: await openProjectionStores(config, log) });
    return await compareSides(log, opened, createLogger({ logLevel: 'error' }), onProgress);
  } finally {
    for (const { stores } of opened) await stores.close();
  }
}
