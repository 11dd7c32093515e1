// Checker "types": tsc over every package through turbo, which skips what has not changed. Called by check.ts.

import { relative } from 'node:path';
import { runTool } from './run-tool.ts';
import { verdictOver, type Verdict } from './checker.ts';

/** `--listFiles` makes tsc say what it read; turbo replays those lines too when the answer comes from its cache. */
export async function checkTypes(root: string): Promise<Verdict> {
  const run = await runTool(root, 'turbo', ['run', 'typecheck', '--skip-infer', '--continue', '--output-logs=full', '--', '--listFiles']);
  const lines = run.stdout.split('\n').map(withPackage);
  const read = lines.filter((line) => line.startsWith('/')).map((line) => relative(root, line));
  const files = read.filter((file) => /^[^.][^/]*\/src\//.test(file));
  if (run.exitCode === 0) return verdictOver(files, []);
  const errors = lines.filter((line) => /\berror TS\d+:|^ {2,}\S/.test(line));
  return verdictOver(files, errors.length > 0 ? errors : [run.stdout.slice(-2000), run.stderr.slice(-2000)]);
}

/** `@wagerline/infra:typecheck: src/x.ts(1,2): error` becomes `infra/src/x.ts(1,2): error`. */
function withPackage(line: string): string {
  const [, name = '', rest = ''] = /^@wagerline\/([^:]+):typecheck: (.*)$/.exec(line) ?? [];
  return rest.startsWith('src/') ? `${name}/${rest}` : rest;
}
