// Adds up vitest's reports and ends with `N passed, N failed`. Called by .ci/run with the files of the reports.
// A report that is missing or empty counts as a failure: a suite that did not run has not passed.

import { brokenFiles, readTestReport } from './tests.ts';

let passed = 0;
let failed = 0;
let skipped = 0;

for (const file of process.argv.slice(2)) {
  const report = readTestReport(file);
  if (report === undefined || report.testResults.length === 0) {
    console.log(`${file}: no test ran`);
    failed += 1;
    continue;
  }
  passed += report.numPassedTests;
  failed += report.numFailedTests + brokenFiles(report).length;
  skipped += report.numPendingTests;
  for (const broken of brokenFiles(report)) console.log(`${broken}: failed outside any test`);
}

if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
