// Checker "tests": the test suite, counted from vitest's own report. Called by check.ts and, for the counts alone, by .ci/run.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { runTool } from './run-tool.ts';
import { verdictOver, type Verdict } from './checker.ts';

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() })),
    }),
  ),
});

export type TestReport = z.infer<typeof Report>;

export function readTestReport(file: string): TestReport | undefined {
  return existsSync(file) ? Report.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/** Files that failed outside any test (an import, a hook): vitest counts no failed test for them, we do. */
export function brokenFiles(report: TestReport): string[] {
  const broken = report.testResults.filter(
    (file) => file.status !== 'passed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  return broken.map((file) => file.name);
}

export async function checkTests(root: string): Promise<Verdict> {
  const reportFile = join(root, 'reports', 'check-tests.json');
  rmSync(reportFile, { force: true });
  const run = await runTool(root, 'vitest', ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${reportFile}`]);
  const report = readTestReport(reportFile);
  if (report === undefined) return { findings: [run.stdout, run.stderr], filesSeen: 0 };
  const files = report.testResults.map((file) => relative(root, file.name));
  return verdictOver(files, run.exitCode === 0 ? [] : [run.stdout, run.stderr]);
}
