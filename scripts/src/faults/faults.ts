// The whole of Wagerline on native engines of its own, behind proxies: what the fault tests work on. For each engine, at the same port, the
// parts connect to 127.0.0.2 (requests are counted), that passes on to 127.0.0.3 (toxiproxy), and that to 127.0.0.1 (the engine).
// Everything is of this machine, started here and ended by `close`.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { issueToken, makeDemoKeys, type Role } from '@wagerline/infra/auth';
import { loadConfig, type Config } from '@wagerline/infra/config';
import { engineNames, type EngineName } from '@wagerline/infra/testing/engines-names';
import { freePorts } from '@wagerline/infra/testing/engines-ports';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { urlVariables } from '../engines/config.ts';
import type { Ports } from '../engines/engine.ts';
import { enginesDir, openFleet, type Fleet, type StartedEngine } from '../engines/fleet.ts';
import { proxyHost } from '../engines/kafka/kafka.ts';
import { partCountsOf, startEngineServer, type EngineServer, type ReachedAt } from '../server/engine-server.ts';
import type { FaultsConfig } from './config.ts';
import { openRelay, type CountingRelay } from './counting-relay.ts';
import { installToxiproxy, startToxiproxy, type Toxiproxy } from './toxiproxy.ts';
import { Traffic } from './traffic.ts';

export type FaultSystem = {
  readonly config: Config;
  readonly fleet: Fleet;
  readonly toxiproxy: Toxiproxy;
  readonly relays: Readonly<Record<EngineName, CountingRelay>>;
  readonly groups: EngineServer['groups'];
  readonly traffic: Traffic;
  readonly admin: string;
  /** Of the engine itself, past the proxies. */
  readonly engineUrls: Readonly<Record<EngineName, string>>;
  /** What `/admin/status` says. */
  status(): Promise<Status>;
  /** Everything acknowledged so far has had its effects, reads are answered, and nobody has trouble. @throws Error when that takes too long */
  caughtUp(): Promise<void>;
  /** The result of a job of an operator. */
  job(asked: JsonObject): Promise<JsonObject>;
  close(): Promise<void>;
};

type ModelStatus = { readonly model: string; readonly generation: number; readonly state: string; readonly lag: number; readonly parkedCount: number };
export type Status = {
  readonly head: number | null;
  readonly marketView: { readonly fresh: boolean };
  readonly projections: { readonly relay: { readonly publishedThrough: number }; readonly models: readonly (ModelStatus & { readonly gapsFilled: number })[] };
  readonly settlement: { readonly settlement: { readonly settledThrough: number } };
  readonly problems: readonly string[];
};

/** Several of every part that shares its work. */
const processes = 'command=2,query=1,relay=1,projector=2,settlement=2';
const bettorCount = 30;
const tokenTtlSeconds = 24 * 3_600;
const toxicHost = '127.0.0.3';
const pollMs = 300;
/** At least 45 s, and longer where a probe takes its time. */
const probesMax = 150;
export async function openFaultSystem(options: Pick<FaultsConfig, 'logLevel'>, say: (text: string) => void): Promise<FaultSystem> {
  const closing: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let next = closing.pop(); next !== undefined; next = closing.pop()) await next();
  };
  try {
    return { ...(await openAll(options, say, (next) => closing.push(next))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openAll(
  { logLevel }: Pick<FaultsConfig, 'logLevel'>,
  say: (text: string) => void,
  onOpened: (close: () => unknown) => void,
): Promise<Omit<FaultSystem, 'close'>> {
  // A later run of the engine tests removes what a run that was killed has left under this name.
  const dir = join(enginesDir, `tests-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  onOpened(() => rmSync(dir, { recursive: true, force: true }));
  const fleet = openFleet({ dir, freePorts: true, say });
  onOpened(() => Promise.all(engineNames.map((name) => fleet.wipe(name))));
  for (const name of engineNames) await fleet.install(name);
  const program = await installToxiproxy(join(enginesDir, 'cache'), say);
  const kills = [() => fleet.killAllNow()];
  onOpened(onInterrupt(() => {
    for (const kill of kills) kill();
  }));
  const toxiproxy = await startToxiproxy(program, join(dir, 'toxiproxy'));
  kills.push(() => toxiproxy.killNow());
  onOpened(() => toxiproxy.stop());
  const started = await Promise.all(engineNames.map((name) => fleet.start(name)));
  const behind = await Promise.all(started.map((engine) => openBehind(engine, fleet.ports(engine.name), toxiproxy)));
  onOpened(() => Promise.all(behind.map(({ relay }) => relay.close())));

  const dataDir = join(dir, 'data');
  const urls = Object.fromEntries(behind.map(({ name, url }) => [urlVariables[name], url]));
  const config = loadConfig(urls, { stores: 'engines', dataDir, logLevel, http: { port: 0 } });
  const server = await startEngineServer(config, partCountsOf(processes), await commandsBehind(toxiproxy));
  onOpened(() => server.stop());
  const keys = await makeDemoKeys(dataDir);
  const { issuer, audience } = config.jwt;
  const tokenOf = (sub: string, role: Role) => issueToken(keys, { sub, roles: [role], ttlSeconds: tokenTtlSeconds, issuer, audience });
  const traffic = new Traffic(server.url, tokenOf);
  const admin = await tokenOf('operator', 'admin');
  const relays = Object.fromEntries(behind.map(({ name, relay }) => [name, relay])) as Record<EngineName, CountingRelay>;
  const engineUrls = Object.fromEntries(started.map(({ name, url }) => [name, url])) as Record<EngineName, string>;
  const asking = asksOf(traffic, admin);
  await traffic.open(bettorCount);
  await asking.caughtUp();
  return { config, fleet, toxiproxy, relays, groups: server.groups, traffic, admin, engineUrls, ...asking };
}

/**
 * Engines are in groups of their own: what ends this process must not miss them. A test runner that was interrupted closes the channels of
 * its workers, which exit then; and it lets them exit in no other way. Answers what takes the listeners away.
 */
function onInterrupt(killAll: () => void): () => void {
  const interrupted = (): void => {
    killAll();
    process.kill(process.pid, 'SIGKILL');
  };
  const events = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const;
  for (const event of events) process.on(event, interrupted);
  process.on('exit', killAll);
  return () => {
    for (const event of events) process.off(event, interrupted);
    process.off('exit', killAll);
  };
}

type Behind = { readonly name: EngineName; readonly url: string; readonly relay: CountingRelay };

async function openBehind({ name, url }: StartedEngine, ports: Ports, toxiproxy: Toxiproxy): Promise<Behind> {
  const port = name === 'kafka' ? (ports['proxied'] ?? 0) : ports.client;
  await toxiproxy.put(name, `${toxicHost}:${port}`, `127.0.0.1:${port}`);
  const relay = await openRelay(name, { host: proxyHost, port }, { host: toxicHost, port });
  return { name, url: url.replace(`127.0.0.1:${ports.client}`, `${proxyHost}:${port}`), relay };
}

/** The gateway reaches command APIs through toxiproxy: `command-0` and so on. A process that is started again listens at another port. */
async function commandsBehind(toxiproxy: Toxiproxy): Promise<ReachedAt> {
  const ports = await freePorts(partCountsOf(processes).command);
  return async (part, index, url) => {
    if (part !== 'command') return url;
    const listen = `${toxicHost}:${ports[index] ?? 0}`;
    await toxiproxy.put(`command-${index}`, listen, new URL(url).host);
    return `http://${listen}`;
  };
}

function asksOf(traffic: Traffic, admin: string): Pick<FaultSystem, 'status' | 'caughtUp' | 'job'> {
  const get = async (path: string): Promise<JsonObject> => {
    const { status, body } = await traffic.send('GET', path, admin);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  };
  const status = async () => (await get('/admin/status')) as Status;
  return {
    status,
    async caughtUp() {
      const head = await until('the log tells its end', async () => (await status()).head ?? undefined);
      const describe = async (): Promise<string> => JSON.stringify(await status());
      await until('everything has caught up', async () => isCaughtUp(await status(), head) || undefined, describe);
      await until('every read is answered', async () => (await traffic.areReadsAnswered()) || undefined, describe);
    },
    async job(asked) {
      const { body } = await traffic.send('POST', '/admin/jobs', admin, asked);
      return until(`the job ${JSON.stringify(asked)} is done`, async () => {
        const { state, result, error } = await get(`/admin/jobs/${String(body['jobId'])}`);
        if (state === 'failed') throw new Error(String(error));
        return state === 'done' ? (result as JsonObject) : undefined;
      });
    },
  };
}

function isCaughtUp({ projections: { relay, models }, settlement, marketView, problems }: Status, head: number): boolean {
  const isIdle = models.every(({ lag, state }) => lag === 0 && ['running', 'waiting'].includes(state));
  return problems.length === 0 && marketView.fresh && isIdle && relay.publishedThrough >= head && settlement.settlement.settledThrough >= head;
}

/**
 * The first value that is not undefined; a probe that fails is repeated. Probes are counted, not time: a machine that stands still for a
 * while has not waited. @throws Error that says what was waited for, and how things are
 */
export async function until<Value>(
  what: string,
  probe: () => Promise<Value | undefined>,
  describe: () => Promise<string> = async () => '',
): Promise<Value> {
  let failure: unknown;
  for (let probes = 0; probes < probesMax; probes += 1) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      failure = error;
    }
    await delay(pollMs);
  }
  throw new Error(`asked ${probesMax} times whether ${what}: ${await describe().catch(String)}`, { cause: failure });
}
