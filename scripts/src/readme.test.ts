// The README's commands run as they stand there, at small sizes; `npm run check:long` runs them at the sizes printed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { commandsOf, isRunnable } from './check/readme-commands.ts';
import { inheritedEnvironment } from './config.ts';

const root = resolve(import.meta.dirname, '..', '..');
const dataDir = mkdtempSync(join(tmpdir(), 'wagerline-readme-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** What a test can wait for; every other part of a command stays as the reader would type it. */
const smallSizes: readonly (readonly [RegExp, string])[] = [
  [/--bets \d+/, '--bets 60'],
  [/--kills \d+/, '--kills 1'],
  [/^npm run mutants$/, 'npm run mutants -- --only rule4-after-dead-heat'],
  [/^npm run bench -- /, 'npm run bench -- --quick --only start '],
];

const commands = commandsOf(readFileSync(join(root, 'README.md'), 'utf8')).map(({ command }) => command);
const runnable = [...new Set(commands.filter(isRunnable))];

test('the README shows the two commands and runs tools', () => {
  expect(commands).toContain('npm ci && npm start');
  expect(commands).toContain('npm ci && npm test');
  expect(runnable.length).toBeGreaterThan(4);
});

test.each(runnable)('%s', { timeout: 300_000 }, async (command) => {
  const small = smallSizes.reduce((text, [size, smaller]) => text.replace(size, smaller), command);
  const child = spawn(small, { cwd: root, shell: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...inheritedEnvironment(), WAGERLINE_DATA_DIR: dataDir } });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  expect(child.exitCode, `${small}\n${output}`).toBe(0);
});
