// A data folder with a server of its own, for tests of the whole: started, stopped, killed and started again on the same folder.
// Waits are for conditions, bounded; nothing sleeps for a fixed time.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Role } from '@wagerline/infra/auth';
import { loadConfig } from '@wagerline/infra/config';
import { openInfraRoot, openProjectionInfra, type ProjectionInfra } from '@wagerline/infra/open-infra';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { inheritedEnvironment } from '../config.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';

export type Answer = { readonly status: number; readonly body: JsonObject; readonly headers: Headers };
export type SendOptions = { readonly body?: JsonObject; readonly key?: string; readonly minRevision?: string };
/** Any answer is a value; only a connection that fails rejects. */
export type Send = (method: 'GET' | 'POST' | 'PUT', path: string, options?: SendOptions) => Promise<Answer>;

export type World = {
  readonly dataDir: string;
  readonly server: ServerProcess;
  /** Of whatever server runs at the time of the request. */
  as(sub: string, ...roles: readonly Role[]): Promise<Send>;
  /** `entry`: of another program, which starts on this folder. `processes`: on the engines, which `env` names. */
  start(options?: { readonly env?: Environment; readonly entry?: string; readonly processes?: string }): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number>;
  kill(): Promise<void>;
  close(): Promise<void>;
};

type Environment = Readonly<Record<string, string>>;

/** A machine that is busy with other tests is no reason for a red one. Slots of a killed server are taken over at once. */
export const testEnvironment: Environment = {
  // Node's own place for compiled sources: a second start takes two thirds of the first.
  NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
  WAGERLINE_LOG_LEVEL: 'silent',
  // Test files run side by side.
  WAGERLINE_FOLLOWERS_NICE: '0',
  WAGERLINE_FRESH_READ_WAIT_MS_MAX: '15000',
  WAGERLINE_MARKET_VIEW_STALE_MS_MAX: '15000',
  WAGERLINE_DECISION_WAIT_MS_MAX: '10000',
  WAGERLINE_APPEND_TIMEOUT_MS: '15000',
  WAGERLINE_SHUTDOWN_TIMEOUT_MS: '60000',
  WAGERLINE_SETTLEMENT_LEASE_RENEW_MS: '50',
  WAGERLINE_SETTLEMENT_LEASE_TAKEOVER_MS: '200',
};

/** Without `start`, nothing runs yet. */
export async function openWorld(dataDir?: string): Promise<World> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'wagerline-test-')));
  let server: ServerProcess | undefined;
  const running = (): ServerProcess => {
    if (server === undefined) throw new Error('no server runs');
    return server;
  };
  const gone = (): ServerProcess => {
    const was = running();
    server = undefined;
    return was;
  };
  return {
    dataDir: folder,
    get server() {
      return running();
    },
    async as(sub, ...roles) {
      const token = await running().token(sub, roles);
      return (method, path, options) => send(running().url, token, method, path, options);
    },
    async start({ env = {}, ...others } = {}) {
      server = await startServerProcess({ dataDir: folder, env: { ...testEnvironment, ...env }, ...others });
    },
    stop: async () => gone().stop(),
    kill: async () => gone().kill(),
    async close() {
      await server?.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function send(url: string, token: string, method: string, path: string, { body, key, minRevision }: SendOptions = {}): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(minRevision !== undefined && { 'wagerline-min-revision': minRevision }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as JsonObject, headers: response.headers };
}

/** Works on the stores themselves while no server runs: for what no server would do. */
export async function offline<Result>(dataDir: string, work: (infra: ProjectionInfra) => Promise<Result>): Promise<Result> {
  const root = await openInfraRoot(loadConfig({}, { dataDir }));
  const infra = await openProjectionInfra(root.connect());
  try {
    return await work(infra);
  } finally {
    await infra.close();
    await root.close();
  }
}

export type ToolRun = { readonly exitCode: number | null; readonly out: string; readonly error: string };

/** `npm run NAME -- ARGS` on a data folder, through its server if one runs. */
export async function runTool(dataDir: string, name: string, ...args: readonly string[]): Promise<ToolRun> {
  const file = fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
  const env = { ...inheritedEnvironment(), ...testEnvironment, WAGERLINE_DATA_DIR: dataDir };
  const child = spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { out: '', error: '' };
  child.stdout.on('data', (text: Buffer) => (written.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (written.error += text.toString()));
  await once(child, 'close');
  return { exitCode: child.exitCode, ...written };
}

/** The result of a job on the running server. */
export async function job(admin: Send, asked: JsonObject): Promise<JsonObject> {
  const { body } = succeeded(await admin('POST', '/admin/jobs', { body: asked }));
  return until(`job ${JSON.stringify(asked)} is done`, async () => {
    const { state, result, error } = succeeded(await admin('GET', `/admin/jobs/${String(body['jobId'])}`)).body;
    if (state === 'failed') throw new Error(String(error));
    return state === 'done' ? (result as JsonObject) : undefined;
  });
}

const pollMs = 10;
const waitMsMax = 60_000;

/** The first value that is not undefined. @throws Error that says what was waited for */
export async function until<Value>(what: string, probe: () => Promise<Value | undefined> | Value | undefined): Promise<Value> {
  for (const endMs = performance.now() + waitMsMax; performance.now() < endMs; ) {
    const value = await probe();
    if (value !== undefined) return value;
    await delay(pollMs);
  }
  throw new Error(`waited ${waitMsMax} ms until ${what}`);
}

export type Bettor = {
  readonly accountId: string;
  readonly stream: string;
  readonly send: Send;
  place(key: string, stakeMinor: number, ...legs: readonly JsonObject[]): Promise<Answer>;
  /** As shown when the account has reached that revision. */
  bet(betId: unknown, revision: number): Promise<JsonObject>;
  balance(revision: number): Promise<unknown>;
};

/** An open account with this much money: revisions 0 and 1. */
export async function openBettor(world: World, depositMinor: number): Promise<Bettor> {
  const accountId = randomUUID();
  const stream = `account-${accountId}`;
  const ask = await world.as(accountId, 'bettor');
  succeeded(await ask('PUT', `/v1/accounts/${accountId}`, { body: { currency: 'GBP', brand: 'test', jurisdiction: 'GB' } }));
  succeeded(await ask('POST', `/v1/accounts/${accountId}/deposits`, { body: { amountMinor: depositMinor, currency: 'GBP' }, key: 'deposit' }));
  return {
    accountId,
    stream,
    send: ask,
    place(key, stakeMinor, ...legs) {
      const type = legs.length === 1 ? 'single' : 'accumulator';
      return ask('POST', '/v1/bets', { body: { type, currency: 'GBP', stakeMinor, legs: [...legs] }, key });
    },
    bet: async (betId, revision) => succeeded(await ask('GET', `/v1/bets/${String(betId)}`, { minRevision: `${stream}@${revision}` })).body,
    balance: async (revision) => succeeded(await ask('GET', `/v1/accounts/${accountId}`, { minRevision: `${stream}@${revision}` })).body['balanceMinor'],
  };
}

export type Market = { readonly fixtureId: string; readonly marketId: string; leg(selectionId: string): JsonObject };

export const prices: Readonly<Record<string, string>> = { home: '2', draw: '3.5', away: '4' };

/** A fixture with one match-result market, open at `prices`. */
export async function openMarket(trader: Send, name: string): Promise<Market> {
  const fixtureId = name;
  const marketId = `${name}.1x2`;
  const startsAt = '2030-01-01T15:00:00.000Z';
  const fixture = { sport: 'football', competition: 'E0', home: `${name} home`, away: `${name} away`, startsAt };
  succeeded(await trader('PUT', `/v1/fixtures/${fixtureId}`, { body: fixture }));
  const selections = Object.entries(prices).map(([selectionId, odds]) => ({ selectionId, name: selectionId, odds }));
  const { body } = succeeded(await trader('PUT', `/v1/markets/${marketId}`, { body: { fixtureId, kind: 'match-result', selections } }));
  // With the version that the answer gave, the slip is judged against a view that has this market.
  const leg = (selectionId: string): JsonObject => ({ marketId, selectionId, odds: prices[selectionId] ?? '', marketVersion: body['version'] ?? 0 });
  return { fixtureId, marketId, leg };
}

export function resultsWonBy(winner: string): { selectionId: string; result: string }[] {
  return Object.keys(prices).map((selectionId) => ({ selectionId, result: selectionId === winner ? 'won' : 'lost' }));
}

export async function closeAndResult(trader: Send, { marketId }: Market, winner: string): Promise<void> {
  succeeded(await trader('POST', `/v1/markets/${marketId}/close`, { body: { reason: 'test' } }));
  succeeded(await trader('POST', `/v1/markets/${marketId}/result`, { body: { results: resultsWonBy(winner) } }));
}

/** @throws Error with the whole answer where it is a problem */
export function succeeded(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}
