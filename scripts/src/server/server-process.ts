// A server as a child process: for tools that start their own, kill it, and start it again. Never used by the server itself.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { issueToken, makeDemoKeys, type Role } from '@wagerline/infra/auth';
import { loadConfig } from '@wagerline/infra/config';
import { findServer } from '@wagerline/infra/data-folder';
import { inheritedEnvironment } from '../config.ts';

export type ServerProcess = {
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  token(sub: string, roles: readonly Role[]): Promise<string>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
};

export type ServerProcessOptions = {
  readonly dataDir: string;
  /** Variables of config.ts, and for fault tools LD_PRELOAD and the like. */
  readonly env?: Readonly<Record<string, string>>;
  /** On the engines, which `env` names, with so many processes of each part: as `--processes` takes them. */
  readonly processes?: string;
  /** Entry file; a tool that runs a changed copy of the sources names that copy's. */
  readonly entry?: string;
  /** Kills it when this aborts, also while it is starting. */
  readonly signal?: AbortSignal;
};

/** As in `npm start`: without them the heaps of the four threads grow to twice as much before they are cleared. */
const heapFlags = ['--max-semi-space-size=16', '--heap-growing-percent=70', '--max-old-space-size=700'];
const tokenTtlSeconds = 24 * 3_600;
const readyWaitMs = 30_000;
const enginesReadyWaitMs = 120_000;
const pollMs = 20;

export async function startServerProcess({ dataDir, env = {}, processes, entry, signal }: ServerProcessOptions): Promise<ServerProcess> {
  const file = entry ?? new URL('../start.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [...heapFlags, file, '--bare', ...(processes === undefined ? [] : ['--engines', '--processes', processes])], {
    env: { ...inheritedEnvironment(), WAGERLINE_PORT: '0', WAGERLINE_LOG_LEVEL: 'warn', ...env, WAGERLINE_DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  const { url, pid } = await ready(child, dataDir, processes === undefined ? readyWaitMs : enginesReadyWaitMs);
  const keys = await makeDemoKeys(dataDir);
  const { issuer, audience } = loadConfig({}).jwt;
  return {
    url,
    pid,
    dataDir,
    token: (sub, roles) => issueToken(keys, { sub, roles, ttlSeconds: tokenTtlSeconds, issuer, audience }),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      return child.exitCode ?? -1;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Ready = the data folder names this very process as its server, which it does when it listens. */
async function ready(child: ChildProcess, dataDir: string, waitMsMax: number): Promise<{ url: string; pid: number }> {
  for (let waitedMs = 0; waitedMs < waitMsMax; waitedMs += pollMs) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended with code ${child.exitCode} before it was ready`);
    const server = findServer(dataDir);
    if (server?.pid === child.pid && server !== undefined && (await isReady(server.url))) return server;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  child.kill('SIGKILL');
  throw new Error(`the server was not ready within ${waitMsMax} ms`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}
