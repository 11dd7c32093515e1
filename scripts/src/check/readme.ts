// `npm run check:long`: runs every command that the documents show, as it stands there, at full size. Exit code 1 when one fails.
// It never installs, starts no server, and says which commands it leaves to `.ci/run` and to the tests.

import { spawnSync } from 'node:child_process';
import { basename, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { commandsOf, isRunnable } from './readme-commands.ts';
import { readTree } from './source-tree.ts';

const commandMsMax = 3_600_000;
const root = resolve(import.meta.dirname, '..', '..', '..');

const documents = readTree(root).filter((file) => basename(file.path) === 'README.md');
const shown = documents.flatMap((file) => commandsOf(file.text).map(({ line, command }) => ({ place: `${file.path}:${line}`, command })));
const runnable = new Map(shown.filter(({ command }) => isRunnable(command)).map(({ place, command }) => [command, place]));

for (const { place, command } of shown) if (!isRunnable(command)) console.log(`left    ${place} $ ${command}`);

let failed = runnable.size === 0 ? 1 : 0;
for (const [command, place] of runnable) {
  console.log(`run     ${place} $ ${command}`);
  const startedMs = performance.now();
  const run = spawnSync(command, { cwd: root, shell: true, stdio: ['ignore', 'inherit', 'inherit'], timeout: commandMsMax });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (run.status !== 0) failed += 1;
  console.log(`${run.status === 0 ? 'ok     ' : 'FAILED '} ${place} $ ${command} (${seconds} s)`);
}

console.log(`${runnable.size} commands of ${documents.length} documents run, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
