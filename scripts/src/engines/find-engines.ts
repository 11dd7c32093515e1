// Where each engine of a test run comes from: an address in the environment, else a container where a Docker engine answers, else a native
// start on free ports. Called by testing-setup.ts and own-engines.ts. What it started it stops, also what an earlier run that was killed has left.

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { dockerMissing, startContainer } from '@wagerline/infra/testing/engines-containers';
import { engineNames, type EngineName, type EngineRun, type EngineRunning, type EngineRuns } from '@wagerline/infra/testing/engines-names';
import { allEngines } from './all-engines.ts';
import type { EnginesConfig } from './config.ts';
import { killRecorded } from './engine-process.ts';
import type { Say } from './engine.ts';
import { enginesDir, openFleet, type Fleet } from './fleet.ts';
import { waitUntilReady } from './ready.ts';

const answerMsMax = 30_000;
const containerMsMax = 180_000;
const runPrefix = 'tests-';

/** `fleet` has those that were started natively. */
export type FoundEngines = { readonly runs: EngineRuns; readonly fleet: Fleet; stop(): Promise<void> };

export async function findEngines(config: EnginesConfig, say: Say): Promise<FoundEngines> {
  await removeLeftRuns(say);
  const dir = join(enginesDir, `${runPrefix}${process.pid}`);
  const fleet = openFleet({ dir, freePorts: true, say });
  const noDocker = config.docker ? await dockerMissing() : 'switched off by WAGERLINE_ENGINES_DOCKER';
  say(noDocker === undefined ? 'a Docker engine answers' : `no Docker engine: ${noDocker}`);
  const stops: (() => Promise<void>)[] = [];
  const stopListening = onInterrupt(() => {
    fleet.killAllNow();
    rmSync(dir, { recursive: true, force: true });
  });

  async function find(name: EngineName): Promise<EngineRun> {
    const reason = leftOut(name, config);
    if (reason !== undefined) return reason;
    try {
      const url = config.urls[name];
      if (url !== undefined) return await given(name, url);
      if (noDocker === undefined) return await contained(name, stops);
      return await native(name, fleet);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      say(`${name}: FAILED: ${why}`);
      return { state: 'failed', reason: why };
    }
  }

  for (const name of engineNames) {
    const isNative = noDocker !== undefined && config.urls[name] === undefined && leftOut(name, config) === undefined;
    // What fails here fails again below, where it is told.
    if (isNative) await fleet.install(name).catch(() => undefined);
  }
  const runs = Object.fromEntries(await Promise.all(engineNames.map(async (name) => [name, await find(name)] as const))) as EngineRuns;
  return {
    runs,
    fleet,
    async stop() {
      await Promise.all([...stops.map((stop) => stop()), ...engineNames.map((name) => fleet.wipe(name))]);
      rmSync(dir, { recursive: true, force: true });
      stopListening();
    },
  };
}

/** The engines are in groups of their own: what ends this process must not miss them. Answers what takes the listeners away. */
function onInterrupt(cleanUp: () => void): () => void {
  const interrupted = (signal: NodeJS.Signals): void => {
    cleanUp();
    process.exit(128 + constants.signals[signal]);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupted);
  return () => {
    for (const signal of signals) process.off(signal, interrupted);
  };
}

function leftOut(name: EngineName, { asked }: EnginesConfig): EngineRun | undefined {
  if (asked !== undefined && !asked.includes(name)) return { state: 'not asked', reason: 'not asked for by WAGERLINE_ENGINES' };
  const absent = allEngines[name].absent();
  return absent === undefined || asked !== undefined ? undefined : { state: 'absent', reason: absent };
}

async function given(name: EngineName, url: string): Promise<EngineRunning> {
  const version = await waitUntilReady(name, url, answerMsMax);
  return { state: 'running', url, version: version ?? 'unknown', found: 'environment', standIn: undefined };
}

async function contained(name: EngineName, stops: (() => Promise<void>)[]): Promise<EngineRunning> {
  const container = await startContainer(name);
  stops.push(() => container.stop());
  const version = await waitUntilReady(name, container.url, containerMsMax);
  return { state: 'running', url: container.url, version: version ?? container.version, found: 'docker', standIn: undefined };
}

async function native(name: EngineName, fleet: Fleet): Promise<EngineRunning> {
  const { url, version } = await fleet.start(name);
  return { state: 'running', url, version, found: 'native', standIn: allEngines[name].standIn };
}

/** Runs whose process is gone without having stopped its engines. */
async function removeLeftRuns(say: Say): Promise<void> {
  const left = existsSync(enginesDir) ? readdirSync(enginesDir).filter((name) => name.startsWith(runPrefix) && !isRunning(name)) : [];
  for (const name of left) {
    say(`removing what an interrupted run has left in ${name}`);
    await killRecorded(join(enginesDir, name));
    rmSync(join(enginesDir, name), { recursive: true, force: true });
  }
}

function isRunning(run: string): boolean {
  try {
    process.kill(Number(run.slice(runPrefix.length)), 0);
    return true;
  } catch {
    return false;
  }
}
