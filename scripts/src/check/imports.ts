// Checker "imports": dependency-cruiser with the rules of .dependency-cruiser.mjs. Called by check.ts.
// It counts the files itself: with a compiler it does not know, dependency-cruiser reads nothing and reports success.

import { z } from 'zod';
import { runTool, unexplained } from './run-tool.ts';
import { packages, verdictOver, type Verdict } from './checker.ts';

const Cruise = z.object({
  modules: z.array(z.object({ source: z.string() })),
  summary: z.object({
    violations: z.array(
      z.object({ from: z.string(), to: z.string(), comment: z.string().optional(), rule: z.object({ name: z.string() }) }),
    ),
  }),
});

export async function checkImports(root: string): Promise<Verdict> {
  const folders = packages.map((name) => `${name}/src`);
  const run = await runTool(root, 'depcruise', ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...folders]);
  if (!run.stdout.startsWith('{')) return { findings: unexplained('depcruise', run), filesSeen: 0 };
  const { modules, summary } = Cruise.parse(JSON.parse(run.stdout));
  const own = modules.map((module) => module.source).filter((source) => packages.some((name) => source.startsWith(`${name}/src/`)));
  const findings = summary.violations.map((violation) => `${violation.rule.name}: ${violation.from} -> ${violation.to}`);
  return verdictOver(own, findings);
}
