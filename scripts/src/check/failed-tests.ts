// The failures of a test report as lines to read: file, full name and the beginning of the message. Called by test-counts.ts.
// Bounded in every direction: the end of a CI log is all that some readers get, and one bad day must not fill it.

import { relative } from 'node:path';
import type { TestReport } from './tests.ts';

const failuresShownMax = 20;
const messageLinesMax = 5;
const lineCharsMax = 160;

/** Of a stack the lines of our own files are kept: those of the libraries are alike for every failure. */
function messageLines(message: string): string[] {
  const lines = message.split('\n').filter((line) => line.trim() !== '' && !/^\s+at .*(node_modules|node:internal|<anonymous>)/.test(line));
  return lines.slice(0, messageLinesMax).map((line) => `    ${line}`);
}

/** A file has a message of its own where an import or a hook failed: no test carries that one. */
export function failureLines(report: TestReport, root: string): string[] {
  const failures = report.testResults.flatMap((file) => {
    const name = relative(root, file.name);
    const outside = file.message ? [[`${name}: failed outside any test`, ...messageLines(file.message)]] : [];
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    return [...outside, ...failed.map((test) => [`${name}: ${test.fullName}`, ...messageLines((test.failureMessages ?? []).join('\n'))])];
  });
  const lines = failures.slice(0, failuresShownMax).flat();
  const left = failures.length - failuresShownMax;
  if (left > 0) lines.push(`and ${left} failures more`);
  return lines.map((line) => line.slice(0, lineCharsMax));
}
