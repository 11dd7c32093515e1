// How an `*.engine.test.ts` gets at its engine: the URLs are provided by the global setup of `npm run test:engines`.
// An engine that was asked for and is not there fails its tests; one that nobody asked for is skipped by name, and the run's table says so.

import { describe, inject } from 'vitest';
import { engineNames, type EngineName, type EngineRun, type EngineRuns } from './engines-names.ts';

export { engineNames, type EngineName };

/** As clients take it: `127.0.0.1:9092` for Kafka, a URL with its scheme for the others. @throws Error saying why there is none */
export function engineUrl(name: EngineName): string {
  const run = engineRun(name);
  if (run.state !== 'running') throw new Error(`${name} does not run (${run.state}): ${run.reason}`);
  return run.url;
}

export function engineRun(name: EngineName): EngineRun {
  const runs: EngineRuns = inject('engines' as never);
  return runs[name];
}

/** A suite on one engine. `suite` gets the URL inside the tests, by `engineUrl(name)`. */
export function describeEngine(name: EngineName, suite: () => void): void {
  const run = engineRun(name);
  const leftOut = run.state === 'not asked' || run.state === 'absent';
  describe.skipIf(leftOut)(leftOut ? `${name} (${run.state}: ${run.reason})` : name, suite);
}
