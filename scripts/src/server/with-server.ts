// A tool works through the server that runs on the data folder; where none runs, it starts one for as long as it works.

import { randomUUID } from 'node:crypto';
import { issueToken, makeDemoKeys, type Role } from '@wagerline/infra/auth';
import { loadConfig } from '@wagerline/infra/config';
import { findServer } from '@wagerline/infra/data-folder';
import type { Json, JsonObject } from '@wagerline/shared-kernel/values/json';
import type { Option, Output } from '../cli.ts';
import { apiClient, type ApiClient } from './api-client.ts';
import { startServer } from './server.ts';

export const dataDirOption: Option = { kind: 'text', value: 'DIR', says: 'data folder (default: WAGERLINE_DATA_DIR or .wagerline/data)' };

export type ReachedServer = { readonly url: string; clientOf(sub: string, roles: readonly Role[]): Promise<ApiClient>; readonly admin: ApiClient };

const tokenTtlSeconds = 3_600;
const jobPollMs = 200;

export async function withServer<Result>(dataDir: string | undefined, work: (server: ReachedServer) => Promise<Result>): Promise<Result> {
  const config = loadConfig(undefined, { logLevel: 'warn', http: { port: 0 }, ...(dataDir !== undefined && { dataDir }) });
  const running = findServer(config.dataDir);
  const own = running === undefined ? await startServer(config) : undefined;
  const url = running?.url ?? own?.url ?? '';
  const keys = await makeDemoKeys(config.dataDir);
  const { issuer, audience } = config.jwt;
  const clientOf = async (sub: string, roles: readonly Role[]): Promise<ApiClient> =>
    apiClient(url, await issueToken(keys, { sub, roles, ttlSeconds: tokenTtlSeconds, issuer, audience }));
  try {
    return await work({ url, clientOf, admin: await clientOf(`tool-${randomUUID()}`, ['admin']) });
  } finally {
    await own?.stop();
  }
}

const unseen = { progress: () => undefined };

/** Starts a job on the server, shows its progress where somebody looks, answers its result. @throws Error when the job failed */
export async function runJob(
  admin: ApiClient,
  job: JsonObject,
  output: Pick<Output, 'progress'> = unseen,
  show: (progress: Json) => string = () => '',
): Promise<JsonObject> {
  const { body } = await admin.call('POST', '/admin/jobs', { body: job });
  for (;;) {
    const { body: state } = await admin.call('GET', `/admin/jobs/${String(body['jobId'])}`);
    if (state['state'] === 'done') return state['result'] as JsonObject;
    if (state['state'] === 'failed') throw new Error(String(state['error']));
    output.progress(show(state['progress'] ?? null));
    await new Promise((resolve) => setTimeout(resolve, jobPollMs));
  }
}
