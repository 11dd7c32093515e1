// Starts, stops, kills and restarts engines in one folder. Called by `npm run engines`, by the setup of the engine tests, and by tests that
// kill an engine under load: `const fleet = openFleet({ dir, freePorts: true }); const { url } = await fleet.start('kafka');`.
// What runs is recorded in the folder alone, so that any later process can stop it.

import { closeSync, existsSync, mkdirSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { engineNames, type EngineName } from '@wagerline/infra/testing/engines-names';
import { freePorts, isTaken } from '@wagerline/infra/testing/engines-ports';
import { probeEngine } from '@wagerline/infra/testing/engines-probe';
import { ToolError } from '../cli.ts';
import { allEngines } from './all-engines.ts';
import type { Engine, Ports, Say } from './engine.ts';
import {
  isAlive, killProcess, readRecord, recordName, removeRecord, signalGroup, spawnEngine, stopProcess, writeRecord, type EngineRecord,
} from './engine-process.ts';
import { waitUntilReady } from './ready.ts';

export type FleetOptions = {
  /** Data, settings and logs of this fleet's engines. */
  readonly dir?: string;
  /** Downloads, for every fleet. */
  readonly cacheDir?: string;
  /** Else the engines' usual ports. */
  readonly freePorts: boolean;
  readonly say?: Say;
};

/** `died`: its record is there and its process is not. `silent`: it runs and does not answer. */
export type EngineState = 'running' | 'silent' | 'died' | 'stopped' | 'absent';

export type EngineStatus = {
  readonly name: EngineName;
  readonly state: EngineState;
  readonly version: string;
  readonly standIn: string | undefined;
  readonly url: string | undefined;
  readonly pid: number | undefined;
  readonly log: string;
};

export type Fleet = {
  /** Fetches and compiles what is missing. One at a time: Maven's repository is shared. */
  install(name: EngineName): Promise<void>;
  /** Fetches what is missing, starts what does not run, and resolves when the engine has answered. After `kill` or `stop`: on the same data and ports. */
  start(name: EngineName): Promise<StartedEngine>;
  /** Resolves when the process is gone; its data stay. */
  stop(name: EngineName): Promise<void>;
  /** SIGKILL. The record stays, as after a crash. */
  kill(name: EngineName): Promise<void>;
  /** SIGKILL to all of them, without waiting: for a process that is about to end. */
  killAllNow(): void;
  /** Stops it and deletes its data, settings and log. */
  wipe(name: EngineName): Promise<void>;
  status(name: EngineName): Promise<EngineStatus>;
  /** Of an engine that was started. */
  ports(name: EngineName): Ports;
};

export type StartedEngine = { readonly name: EngineName; readonly url: string; readonly version: string; readonly startedMs: number };

const readyMsMax = 120_000;
const logTailBytes = 4_096;
const root = resolve(import.meta.dirname, '..', '..', '..');

export const enginesDir: string = join(root, '.wagerline', 'engines');

export function openFleet(options: FleetOptions): Fleet {
  const dir = resolve(options.dir ?? join(enginesDir, 'run'));
  const cacheDir = resolve(options.cacheDir ?? join(enginesDir, 'cache'));
  const say: Say = options.say ?? (() => undefined);
  /** So that a restart has the ports of the first start, also after a stop, which leaves no record. */
  const ports = new Map<EngineName, Ports>();
  const folderOf = (name: EngineName): string => join(dir, name);
  const recordFile = (name: EngineName): string => join(folderOf(name), recordName);
  const logFile = (name: EngineName): string => join(folderOf(name), 'engine.log');

  const install = (engine: Engine): Promise<string> => engine.install(cacheDir, (text) => say(`${engine.name}: ${text}`));

  async function launch(engine: Engine): Promise<EngineRecord> {
    const { name } = engine;
    const installed = await install(engine);
    const chosen = ports.get(name) ?? readRecord(recordFile(name))?.ports ?? (await newPorts(engine, options.freePorts));
    await refuseTaken(engine, chosen);
    const place = { installed, dir: folderOf(name), ports: chosen };
    mkdirSync(join(place.dir, 'data'), { recursive: true });
    say(`${name}: starting`);
    await engine.prepare(place);
    const started = await spawnEngine(await engine.command(place), place.dir, logFile(name));
    const record = { ...started, version: engine.version, ports: chosen };
    writeRecord(recordFile(name), record);
    ports.set(name, chosen);
    return record;
  }

  async function ready(engine: Engine, record: EngineRecord): Promise<string> {
    const checkAlive = (): void => {
      if (!isAlive(record)) throw new ToolError(`${engine.name} ended while it started; the end of its log:\n${tail(logFile(engine.name))}`);
    };
    return versionOf(engine, await waitUntilReady(engine.name, engine.url(record.ports.client), readyMsMax, checkAlive));
  }

  /** What of this engine runs, as far as its record is true. */
  const living = (name: EngineName): EngineRecord | undefined => {
    const record = readRecord(recordFile(name));
    return record !== undefined && isAlive(record) ? record : undefined;
  };

  return {
    async install(name) {
      await install(presentEngine(name));
    },
    async start(name) {
      const engine = presentEngine(name);
      const startedMs = performance.now();
      const record = living(name) ?? (await launch(engine));
      const version = await ready(engine, record);
      return { name, url: engine.url(record.ports.client), version, startedMs: Math.round(performance.now() - startedMs) };
    },
    async stop(name) {
      const record = living(name);
      if (record !== undefined) {
        ports.set(name, record.ports);
        await stopProcess(record);
      }
      removeRecord(recordFile(name));
    },
    async kill(name) {
      const record = living(name);
      if (record === undefined) throw new ToolError(`${name} does not run`);
      await killProcess(record);
    },
    killAllNow() {
      for (const name of engineNames) {
        const record = living(name);
        if (record !== undefined) signalGroup(record, 'SIGKILL');
      }
    },
    async wipe(name) {
      const record = living(name);
      if (record !== undefined) await killProcess(record);
      rmSync(folderOf(name), { recursive: true, force: true });
    },
    ports(name) {
      const known = ports.get(name) ?? readRecord(recordFile(name))?.ports;
      if (known === undefined) throw new ToolError(`${name} was not started`);
      return known;
    },
    async status(name) {
      const engine = allEngines[name];
      const base = { name, version: engine.version, standIn: engine.standIn, url: undefined, pid: undefined, log: logFile(name) };
      const record = readRecord(recordFile(name));
      if (engine.absent() !== undefined) return { ...base, state: 'absent' };
      if (record === undefined) return { ...base, state: 'stopped' };
      if (!isAlive(record)) return { ...base, state: 'died' };
      const url = engine.url(record.ports.client);
      const known = { ...base, url, pid: record.pid };
      return probeEngine(name, url).then(
        (version) => ({ ...known, state: 'running' as const, version: versionOf(engine, version) }),
        () => ({ ...known, state: 'silent' as const }),
      );
    },
  };
}

/** What a stand-in says of itself is what it pretends to be. */
function versionOf(engine: Engine, answered: string | undefined): string {
  return engine.standIn === undefined ? (answered ?? engine.version) : engine.version;
}

function presentEngine(name: EngineName): Engine {
  const absent = allEngines[name].absent();
  if (absent !== undefined) throw new ToolError(`${name}: ${absent}`);
  return allEngines[name];
}

async function newPorts(engine: Engine, free: boolean): Promise<Ports> {
  if (!free) return engine.defaultPorts;
  const purposes = Object.keys(engine.defaultPorts);
  const [client = 0, ...others] = await freePorts(purposes.length);
  return { client, ...Object.fromEntries(purposes.filter((purpose) => purpose !== 'client').map((purpose, index) => [purpose, others[index] ?? 0])) };
}

async function refuseTaken(engine: Engine, ports: Ports): Promise<void> {
  for (const port of Object.values(ports)) {
    if (await isTaken(port)) throw new ToolError(`${engine.name}: port ${port} is taken by another process; --free-ports takes others`);
  }
}

function tail(file: string): string {
  if (!existsSync(file)) return '(no log)';
  const { size } = statSync(file);
  const bytes = Buffer.alloc(Math.min(size, logTailBytes));
  const handle = openSync(file, 'r');
  try {
    readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8');
  } finally {
    closeSync(handle);
  }
}
