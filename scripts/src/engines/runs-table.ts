// What a run of the engine tests says of the engines: a line each. Called by testing-setup.ts.

import { engineNames, type EngineName, type EngineRun, type EngineRuns } from '@wagerline/infra/testing/engines-names';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';

export function runsTable(runs: EngineRuns): readonly string[] {
  return [line('engine', 'kind', 'version', 'found', ''), ...engineNames.map((name) => described(name, runs[name]))];
}

/** In CI nobody reads a warning, so what was not asked for is missing there, too. */
export function isComplete(runs: EngineRuns, ci: boolean): boolean {
  const states = engineNames.map((name) => runs[name].state);
  return !states.includes('failed') && !(ci && states.includes('not asked'));
}

function described(name: EngineName, run: EngineRun): string {
  switch (run.state) {
    case 'running':
      return line(name, run.standIn === undefined ? 'real' : 'stand-in', run.version, run.found, run.standIn ?? '');
    case 'failed':
    case 'absent':
    case 'not asked':
      return line(name, 'NOT RUN', '', '', run.reason.split('\n')[0] ?? '');
    default:
      return unreachable(run);
  }
}

function line(name: string, kind: string, version: string, found: string, says: string): string {
  return [name.padEnd(13), kind.padEnd(8), version.padEnd(24), found.padEnd(11), says].join('  ').trimEnd();
}
