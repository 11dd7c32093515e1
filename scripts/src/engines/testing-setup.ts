// The global setup of `npm run test:engines`: finds or starts every engine, hands their URLs to the test files, and at the end stops what it
// started and prints what ran against what. Called by vitest; the run is red when an engine that was asked for is not there.

import type { TestProject } from 'vitest/node';
import type { EngineRuns } from '@wagerline/infra/testing/engines-names';
import type {} from '@wagerline/infra/testing/engines';
import { enginesConfig } from './config.ts';
import { findEngines } from './find-engines.ts';
import { isComplete, runsTable } from './runs-table.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const config = enginesConfig();
  const found = await findEngines(config, (text) => console.log(`engines: ${text}`));
  project.provide('engines', found.runs);
  return async () => {
    await found.stop();
    conclude(found.runs, config.ci);
  };
}

function conclude(runs: EngineRuns, ci: boolean): void {
  console.log(`\n${runsTable(runs).join('\n')}\n`);
  if (isComplete(runs, ci)) return;
  console.log('engines: FAILED: not every engine that this run is for was there');
  process.exitCode = 1;
}
