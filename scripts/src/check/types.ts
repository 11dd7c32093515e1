// Checker "types": tsc over every package through turbo, which skips what has not changed. Called by check.ts.

import { runTool } from './run-tool.ts';
import { packages, verdictOver, type Verdict } from './checker.ts';

/** A line of `--listFiles`: an absolute path, of another checkout where turbo shares its cache between worktrees. */
const sourceFile = new RegExp(`^/(?!.*/node_modules/).*/((?:${packages.join('|')})/src/.*\\.ts)$`);

/** `--listFiles` makes tsc say what it read; turbo replays those lines too when the answer comes from its cache. */
export async function checkTypes(root: string): Promise<Verdict> {
  const run = await runTool(root, 'turbo', ['run', 'typecheck', '--skip-infer', '--continue', '--output-logs=full', '--', '--listFiles']);
  const lines = run.stdout.split('\n').map(withPackage);
  const files = lines.flatMap((line) => sourceFile.exec(line)?.[1] ?? []);
  if (run.exitCode === 0) return verdictOver(files, []);
  const errors = lines.filter((line) => /\berror TS\d+:|^ {2,}\S/.test(line));
  return verdictOver(files, errors.length > 0 ? errors : [run.stdout.slice(-2000), run.stderr.slice(-2000)]);
}

/** `@wagerline/infra:typecheck: src/x.ts(1,2): error` becomes `infra/src/x.ts(1,2): error`. */
function withPackage(line: string): string {
  const [, name = '', rest = ''] = /^@wagerline\/([^:]+):typecheck: (.*)$/.exec(line) ?? [];
  return rest.startsWith('src/') ? `${name}/${rest}` : rest;
}
