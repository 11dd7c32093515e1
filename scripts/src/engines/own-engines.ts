// The five engines for one run of a tool: those that the environment names, else containers, else native ones that are gone afterwards.
// Called by the tools that take --engines.

import { engineNames } from '@wagerline/infra/testing/engines-names';
import { ToolError } from '../cli.ts';
import { enginesConfig, urlVariables, type EnginesConfig } from './config.ts';
import type { Say } from './engine.ts';
import { findEngines } from './find-engines.ts';
import type { Fleet } from './fleet.ts';

export type OwnEngines = {
  /** Where they are, as settings of a server. */
  readonly settings: Readonly<Record<string, string>>;
  stop(): Promise<void>;
};

/** @throws ToolError when one of them is not there */
export async function ownEngines(say: Say): Promise<OwnEngines> {
  return enginesOf(enginesConfig(), say);
}

/** Native ones that nobody else uses: a tool may kill them. @throws ToolError when one of them is not there */
export async function nativeEngines(say: Say): Promise<OwnEngines & { readonly fleet: Fleet }> {
  return enginesOf({ ...enginesConfig(), urls: {}, docker: false }, say);
}

async function enginesOf(config: EnginesConfig, say: Say): Promise<OwnEngines & { readonly fleet: Fleet }> {
  const { runs, fleet, stop } = await findEngines({ ...config, asked: engineNames }, say);
  const settings: Record<string, string> = {};
  for (const name of engineNames) {
    const run = runs[name];
    if (run.state !== 'running') {
      await stop();
      throw new ToolError(`${name} does not run: ${run.reason}`);
    }
    settings[urlVariables[name]] = run.url;
  }
  return { settings, fleet, stop };
}
