// Checker "boundaries": `turbo boundaries` over what each package declares, and over imports that leave a package by a path.
// Called by check.ts.

import { runTool, unexplained } from './run-tool.ts';
import type { Verdict } from './checker.ts';

export async function checkBoundaries(root: string): Promise<Verdict> {
  const run = await runTool(root, 'turbo', ['boundaries', '--skip-infer', '--no-color']);
  const summary = /Checked (\d+) files? in (\d+) packages?/.exec(run.stdout + run.stderr);
  const filesSeen = Number(summary?.[1] ?? 0);
  return { findings: run.exitCode === 0 ? [] : unexplained('turbo boundaries', run), filesSeen };
}
