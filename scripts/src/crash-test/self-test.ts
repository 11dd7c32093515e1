// Is the crash test able to fail? Runs it on the server as it is, which must be green, and on each planted fault, which must be red for
// the right reason. Called by `npm run crash-test -- --self-test`.

import type { FaultName } from '../planted-faults/faults.ts';
import { runCrashTest } from './crash-run.ts';
import type { FindingKind } from './facts.ts';
import { detailLines, type CrashReport } from './report.ts';

/** `finding` undefined: the run must be green. Otherwise at least one finding of this kind. */
type Planned = { readonly name: string; readonly lossy: boolean; readonly plant?: FaultName; readonly finding?: FindingKind };

const planned: readonly Planned[] = [
  { name: 'as it is', lossy: false },
  { name: 'as it is, power cut', lossy: true },
  { name: 'acknowledged before COMMIT', lossy: false, plant: 'ack-before-commit', finding: 'lost' },
  { name: 'no duplicate check', lossy: false, plant: 'no-duplicate-check', finding: 'duplicate' },
  { name: 'synchronous=NORMAL, power cut', lossy: true, plant: 'normal-sync', finding: 'lost' },
];

export type SelfTestRow = {
  readonly name: string;
  readonly expected: 'green' | 'red';
  readonly seen: 'green' | 'red';
  readonly right: boolean;
  readonly report: CrashReport;
};

export type SelfTestOptions = { readonly kills: number; readonly seed: number };

/** @throws CannotRunHereError where power cuts cannot be rehearsed: then this self-test proves nothing */
export async function runSelfTest(options: SelfTestOptions, progress: (text: string) => void): Promise<readonly SelfTestRow[]> {
  const rows: SelfTestRow[] = [];
  for (const { name, lossy, plant, finding } of planned) {
    const report = await runCrashTest({ ...options, lossy, plant, keep: false }, (text) => progress(`${name}: ${text}`));
    const right = finding === undefined ? report.ok : !report.ok && (report.findings[finding] ?? 0) > 0;
    rows.push({ name, expected: finding === undefined ? 'green' : 'red', seen: report.ok ? 'green' : 'red', right, report });
  }
  return rows;
}

export function selfTestLines(rows: readonly SelfTestRow[]): readonly string[] {
  const columns = ['run', 'must be', 'is', 'kills', 'acknowledged', 'lost', 'duplicates', 'other answers', 'seconds', ''];
  const cells = rows.map(({ name, expected, seen, right, report }) => {
    const acknowledged = Object.values(report.acknowledged).reduce((sum, count) => sum + count, 0);
    const { kills, lost, duplicates, changedAnswers, seconds } = report;
    const numbers = [kills, acknowledged, lost, duplicates, changedAnswers, seconds];
    return [name, expected, seen, ...numbers.map(String), right ? 'right' : 'WRONG'];
  });
  const widths = columns.map((column, index) => Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)));
  const table = [columns, ...cells].map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ').trimEnd());
  const wrong = rows.filter(({ right }) => !right);
  return [...table, ...wrong.flatMap(({ name, report }) => [`${name}: ${JSON.stringify(report.findings)}`, ...detailLines(report)])];
}
