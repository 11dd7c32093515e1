// Adds up vitest's reports and ends with `N passed, N failed`, after the failures themselves. Called by .ci/run with the files of the reports
// and a `--failed-step` for each step that failed: a step can fail with every test passed, as by an error outside all of them.
// A report that is missing or empty counts as a failure: a suite that did not run has not passed.

import { parseArgs } from 'node:util';
import { failureLines } from './failed-tests.ts';
import { brokenFiles, readTestReport } from './tests.ts';

const { values, positionals } = parseArgs({ options: { 'failed-step': { type: 'string', multiple: true, default: [] } }, allowPositionals: true });
const failedSteps = values['failed-step'];

let passed = 0;
let failed = 0;
let skipped = 0;

for (const file of positionals) {
  const report = readTestReport(file);
  if (report === undefined || report.testResults.length === 0) {
    console.log(`${file}: no test ran`);
    failed += 1;
    continue;
  }
  passed += report.numPassedTests;
  failed += report.numFailedTests + brokenFiles(report).length;
  skipped += report.numPendingTests;
  for (const line of failureLines(report, process.cwd())) console.log(line);
}

for (const step of failedSteps) console.log(`ci: FAILED: ${step}`);
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 && failedSteps.length === 0 ? 0 : 1;
