// Toxiproxy, built once from its pinned Go module: it stands in front of the engines and does to connections what networks do. Started by
// faults.ts. Nothing goes through it but traffic of this machine with itself.

import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { freePorts } from '@wagerline/infra/testing/engines-ports';
import { ToolError } from '../cli.ts';
import { engineEnvironment } from '../engines/config.ts';
import { isAlive, recordName, signalGroup, spawnEngine, stopProcess, writeRecord } from '../engines/engine-process.ts';
import type { Say } from '../engines/engine.ts';
import { ensureProgram } from '../engines/packages.ts';
import { runCommand } from '../engines/run-command.ts';

const module = 'github.com/Shopify/toxiproxy/v2';
const version = 'v2.12.0';
/** Of the module, as Go's checksum database has it and as the built program says of itself. */
const checksum = 'h1:d1x++lYZg/zijXPPcv7PH0MvHMzEI5aX/YuUi/Sw+yg=';
/** From where Go 1.21 on fetches the Go that a module asks for by itself; older ones do not know the form in which toxiproxy asks. */
const toolchain = `golang.org/toolchain@v0.0.1-go1.23.12.linux-${process.arch === 'x64' ? 'amd64' : process.arch}`;
const goMinorFetching = 21;
const readyMsMax = 20_000;
const pollMs = 50;

/**
 * `black-hole`: what is sent is swallowed, in both directions, and connections stay. `reset`: whoever sends is reset. `latency`: answers
 * come 2 s late. `trickle`: 1 kB/s in each direction. `refused`: nobody listens.
 */
export const toxics = ['black-hole', 'reset', 'latency', 'trickle', 'refused'] as const;
export type Toxic = (typeof toxics)[number];

type Setting = { readonly type: string; readonly streams: readonly ('upstream' | 'downstream')[]; readonly attributes: Readonly<Record<string, number>> };
const settings: Readonly<Record<Exclude<Toxic, 'refused'>, Setting>> = {
  'black-hole': { type: 'timeout', streams: ['upstream', 'downstream'], attributes: { timeout: 0 } },
  reset: { type: 'reset_peer', streams: ['upstream'], attributes: { timeout: 0 } },
  latency: { type: 'latency', streams: ['downstream'], attributes: { latency: 2_000, jitter: 0 } },
  trickle: { type: 'bandwidth', streams: ['upstream', 'downstream'], attributes: { rate: 1 } },
};

export type Toxiproxy = {
  /** `host:port` each. A proxy of that name, if there is one, leads elsewhere from now on. */
  put(name: string, listen: string, upstream: string): Promise<void>;
  afflict(name: string, toxic: Toxic): Promise<void>;
  /** Takes away all that was done to all of them. */
  healAll(): Promise<void>;
  stop(): Promise<void>;
  /** SIGKILL, without waiting: for a process that is about to end. */
  killNow(): void;
};

/** Answers the program. @throws ToolError when it cannot be built, or is another one */
export async function installToxiproxy(cacheDir: string, say: Say): Promise<string> {
  const program = join(cacheDir, `toxiproxy-${version}`);
  if (existsSync(program)) return program;
  const go = await ensureProgram('go', 'golang-go', say);
  say('toxiproxy: building it');
  const work = `${program}.${process.pid}`;
  const folder = (name: string): string => join(work, name);
  mkdirSync(work, { recursive: true });
  try {
    // Its module cache is far larger than the program, so both caches go with the folder.
    const own = { GOPATH: folder('path'), GOCACHE: folder('cache'), GOBIN: folder('bin'), GOFLAGS: '-modcacherw', CGO_ENABLED: '0' };
    const env = { ...engineEnvironment(), ...own };
    const compiler = await newGo(go, env);
    await runCommand(compiler, ['install', `${module}/cmd/server@${version}`], env);
    const built = join(folder('bin'), 'server');
    const said = await runCommand(compiler, ['version', '-m', built], env);
    if (!said.includes(`${module}\t${version}\t${checksum}`)) throw new ToolError(`toxiproxy: what was built is not ${version} with ${checksum}`);
    renameSync(built, program);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return program;
}

/** The Go of a Debian may be too old to build toxiproxy; it can fetch a newer one, which its checksum database knows like any module. */
async function newGo(go: string, env: Readonly<Record<string, string>>): Promise<string> {
  const [, minor] = /go1\.(\d+)/.exec(await runCommand(go, ['version'], env)) ?? [];
  if (Number(minor) >= goMinorFetching) return go;
  const { Dir: dir } = z.object({ Dir: z.string() }).parse(JSON.parse(await runCommand(go, ['mod', 'download', '-json', toolchain], env)));
  // Modules hold no programs, so nothing in them is executable.
  for (const programs of [join(dir, 'bin'), ...readdirSync(join(dir, 'pkg', 'tool')).map((platform) => join(dir, 'pkg', 'tool', platform))]) {
    for (const name of readdirSync(programs)) chmodSync(join(programs, name), 0o755);
  }
  return join(dir, 'bin', 'go');
}

/** Its folder is one of a run of the engine tests: what is left there, a later run ends. */
export async function startToxiproxy(program: string, dir: string): Promise<Toxiproxy> {
  const [port = 0] = await freePorts(1);
  const logFile = join(dir, 'engine.log');
  mkdirSync(dir, { recursive: true });
  const started = await spawnEngine({ file: program, args: ['-host', '127.0.0.1', '-port', String(port)], env: { LOG_LEVEL: 'info' } }, dir, logFile);
  const record = { ...started, version, ports: { client: port } };
  writeRecord(join(dir, recordName), record);
  const call = (method: string, path: string, body?: object): Promise<Response> => {
    return fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  };
  const done = async (method: string, path: string, body?: object): Promise<void> => {
    const response = await call(method, path, body);
    if (!response.ok) throw new Error(`toxiproxy: ${method} ${path}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  };
  for (const untilMs = performance.now() + readyMsMax; ; await delay(pollMs)) {
    const isReady = await call('GET', '/version').then(({ ok }) => ok, () => false);
    if (isReady) break;
    if (performance.now() > untilMs || !isAlive(record)) throw new ToolError(`toxiproxy did not start; its log is ${logFile}`);
  }
  return {
    put: (name, listen, upstream) => done('POST', '/populate', [{ name, listen, upstream, enabled: true }]),
    async afflict(name, toxic) {
      if (toxic === 'refused') return done('POST', `/proxies/${name}`, { enabled: false });
      const { type, streams, attributes } = settings[toxic];
      for (const stream of streams) await done('POST', `/proxies/${name}/toxics`, { name: `${toxic}-${stream}`, type, stream, toxicity: 1, attributes });
    },
    healAll: () => done('POST', '/reset'),
    stop: () => stopProcess(record),
    killNow: () => signalGroup(record, 'SIGKILL'),
  };
}
