// What the end of a CI log says of the tests: each failure with its beginning, the failed steps, the counts. The reports are vitest's own, of planted tests.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureLines } from './failed-tests.ts';
import { runTool } from './run-tool.ts';
import { readTestReport, type TestReport } from './tests.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'wagerline-counts-')));
const right = join(folder, 'right.json');
const wrong = join(folder, 'wrong.json');

const planted = {
  'right.test.ts': "test('is right', () => expect(1).toBe(1));\n",
  'sum.test.ts': "describe('a sum', () => { test('adds up', () => expect(1 + 1).toBe(3)); test('is there', () => expect(1).toBe(1)); });\n",
  'import.test.ts': "import './absent.ts';\n\ntest('is never reached', () => undefined);\n",
  'hook.test.ts': "afterAll(() => { throw new Error('the server was not closed'); });\n\ntest('is right', () => expect(1).toBe(1));\n",
};

function counts(...args: string[]): { lines: string[]; exitCode: number | null } {
  const run = spawnSync(process.execPath, [join(import.meta.dirname, 'test-counts.ts'), ...args], { cwd: folder, encoding: 'utf8' });
  return { lines: run.stdout.trimEnd().split('\n'), exitCode: run.status };
}

beforeAll(async () => {
  for (const [name, text] of Object.entries(planted)) writeFileSync(join(folder, name), text);
  const oneWorker = ['--pool=threads', '--maxWorkers=1', '--no-isolate'];
  await runTool(root, 'vitest', ['run', `--root=${folder}`, '--globals', ...oneWorker, '--reporter=json', `--outputFile.json=${wrong}`]);
  const testResults = readTestReport(wrong)?.testResults.filter((file) => file.name === join(folder, 'right.test.ts'));
  writeFileSync(right, JSON.stringify({ numPassedTests: 1, numFailedTests: 0, numPendingTests: 0, testResults }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('failed tests, hooks and imports are named with the beginning of their messages, before the counts', () => {
  const { lines, exitCode } = counts(wrong);
  expect(exitCode).toBe(1);
  expect(lines.at(-1)).toBe('3 passed, 3 failed');
  const after = (line: string): string => lines[lines.indexOf(line) + 1] ?? '';
  expect(after('sum.test.ts: a sum adds up')).toContain('AssertionError: expected 2 to be 3');
  expect(after('hook.test.ts: failed outside any test')).toContain('the server was not closed');
  expect(after('import.test.ts: failed outside any test')).toContain("Cannot find module './absent.ts'");
  expect(lines.filter((line) => line.includes('.test.ts: '))).toHaveLength(3);
});

test('reports without a failure are counts alone', () => expect(counts(right, right)).toEqual({ lines: ['2 passed, 0 failed'], exitCode: 0 }));

test('a failed step is named directly before the counts, and fails the whole though every test passed', () =>
  expect(counts(right, '--failed-step=npm test', '--failed-step=npm run check')).toEqual({
    lines: ['ci: FAILED: npm test', 'ci: FAILED: npm run check', '1 passed, 0 failed'],
    exitCode: 1,
  }));

test('a report that is missing is a failure', () =>
  expect(counts(right, 'absent.json')).toEqual({ lines: ['absent.json: no test ran', '1 passed, 1 failed'], exitCode: 1 }));

test('what is printed has a bound: failures, lines of each, characters of a line', () => {
  const message = `${'x'.repeat(500)}\n`.repeat(30);
  const failed = (index: number): TestReport['testResults'][number]['assertionResults'][number] => ({
    fullName: `test ${index}`,
    status: 'failed',
    failureMessages: [message],
  });
  const assertionResults = Array.from({ length: 23 }, (_each, index) => failed(index));
  const testResults = [{ name: '/x/many.test.ts', status: 'failed', message: '', assertionResults }];
  const lines = failureLines({ numPassedTests: 0, numFailedTests: 23, numPendingTests: 0, testResults }, '/x');
  expect(lines).toHaveLength(20 * (1 + 5) + 1);
  expect(lines.slice(-7, -5)).toEqual(['many.test.ts: test 19', `    ${'x'.repeat(156)}`]);
  expect(lines.at(-1)).toBe('and 3 failures more');
});
