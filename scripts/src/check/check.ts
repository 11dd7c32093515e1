// `npm run check`: runs every checker and prints a line for each: name, ok or FAILED, files read, seconds. Exit code 1 on any failure.
// Called by people and by CI. `--without-tests` leaves the test suite out; names of checkers run just those.

import { performance } from 'node:perf_hooks';
import { resolve } from 'node:path';
import { checkBoundaries } from './boundaries.ts';
import { isGreen, type Checker } from './checker.ts';
import { checkDeployment } from './deployment.ts';
import { checkImports } from './imports.ts';
import { checkIndexes } from './indexes.ts';
import { checkLint } from './lint.ts';
import { checkTests } from './tests.ts';
import { checkTidy } from './tidy.ts';
import { checkTypes } from './types.ts';

const checkers: readonly Checker[] = [
  { name: 'types', run: checkTypes },
  { name: 'boundaries', run: checkBoundaries },
  { name: 'imports', run: checkImports },
  { name: 'lint', run: checkLint },
  { name: 'tidy', run: checkTidy },
  { name: 'deployment', run: checkDeployment },
  { name: 'indexes', run: checkIndexes },
  { name: 'tests', run: checkTests },
];

const usage = `usage: npm run check -- [--without-tests] [NAME ...]
Runs ${checkers.map((checker) => checker.name).join(', ')}, or only those named.`;

async function report(checker: Checker, root: string): Promise<boolean> {
  const startedMs = performance.now();
  const verdict = await checker.run(root);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const green = isGreen(verdict);
  const files = String(verdict.filesSeen).padStart(5);
  console.log(`${checker.name.padEnd(11)} ${green ? 'ok    ' : 'FAILED'} ${files} files ${seconds.padStart(6)} s`);
  if (!green && verdict.filesSeen === 0) console.log('  it read no file');
  for (const finding of verdict.findings) console.log(`  ${finding.replaceAll('\n', '\n  ')}`);
  return green;
}

async function main(args: readonly string[]): Promise<number> {
  const known = new Set(['--without-tests', ...checkers.map((checker) => checker.name)]);
  const unknown = args.filter((argument) => !known.has(argument));
  if (unknown.length > 0) {
    console.log(usage);
    return args.includes('--help') ? 0 : 2;
  }
  const named = args.filter((argument) => !argument.startsWith('--'));
  const chosen = checkers.filter(({ name }) => (named.length === 0 ? !(name === 'tests' && args.includes('--without-tests')) : named.includes(name)));
  const root = resolve(import.meta.dirname, '..', '..', '..');
  let failed = 0;
  for (const checker of chosen) if (!(await report(checker, root))) failed += 1;
  console.log(failed === 0 ? 'check: all green' : `check: ${failed} of ${chosen.length} FAILED`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
