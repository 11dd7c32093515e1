// The server that a season is played on: one that the tool starts itself, with a clock that it drives, or one that runs already.
// Called by season.ts and its tests.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueToken, makeDemoKeys, type Role } from '@wagerline/infra/auth';
import { loadConfig } from '@wagerline/infra/config';
import { toIso, toMs } from '@wagerline/shared-kernel/values/time';
import { ToolError } from '../cli.ts';
import { startServerProcess } from '../server/server-process.ts';
import { openApi, type Api, type Caller } from './api.ts';

export type SeasonServer = {
  readonly url: string;
  as(sub: string, ...roles: readonly Role[]): Promise<Caller>;
  token(sub: string, ...roles: readonly Role[]): Promise<string>;
  /** Moves the server's time to this instant, or a minute on when it is past that already. A real clock goes by itself. */
  advanceTo(at: string): Promise<void>;
  stop(): Promise<void>;
};

const tokenTtlSeconds = 24 * 3_600;
const minuteMs = 60_000;

export type OwnServerOptions = {
  /** Has to be empty and is kept; absent = a folder that is gone afterwards. */
  readonly dataDir?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** On the engines that `env` names; see ServerProcessOptions. */
  readonly processes?: string;
};

export async function ownServer({ dataDir, env = {}, processes }: OwnServerOptions = {}): Promise<SeasonServer> {
  if (dataDir !== undefined && (await isInUse(dataDir))) throw new ToolError(`${dataDir} is not empty: a season starts on an empty folder`);
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'wagerline-season-')));
  // A slow machine may take its time over the stop: what the season shows is what happened before.
  const settings = { WAGERLINE_SHUTDOWN_TIMEOUT_MS: '60000', ...env, WAGERLINE_CLOCK: 'driven' };
  const server = await startServerProcess({ dataDir: folder, env: settings, ...(processes !== undefined && { processes }) });
  const api = openApi(server.url);
  const token = (sub: string, ...roles: readonly Role[]) => server.token(sub, roles);
  const admin = api.as(await token('season', 'admin'));
  let nowMs = 0;
  return {
    url: server.url,
    token,
    as: callerFor(api, token),
    async advanceTo(at) {
      nowMs = Math.max(nowMs + minuteMs, toMs(at));
      await admin.do('POST', '/admin/clock', { body: { at: toIso(nowMs) } });
    },
    async stop() {
      api.close();
      const exitCode = await server.stop();
      if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
      if (exitCode !== 0) throw new Error(`the server stopped with exit code ${exitCode}`);
    },
  };
}

/** `dataDir` is that server's: its demo keys are there. */
export async function runningServer(url: string, dataDir: string): Promise<SeasonServer> {
  const keys = await makeDemoKeys(dataDir);
  const { issuer, audience } = loadConfig({}).jwt;
  const api = openApi(url);
  const token = (sub: string, ...roles: readonly Role[]) => issueToken(keys, { sub, roles, ttlSeconds: tokenTtlSeconds, issuer, audience });
  return {
    url,
    token,
    as: callerFor(api, token),
    async advanceTo() {},
    async stop() {
      api.close();
    },
  };
}

function callerFor(api: Api, token: SeasonServer['token']): SeasonServer['as'] {
  return async (sub, ...roles) => api.as(await token(sub, ...roles));
}

async function isInUse(dataDir: string): Promise<boolean> {
  try {
    return (await readdir(dataDir)).length > 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
