// A season's report for people: a few lines and tables. Called by season.ts.

import type { SeasonReport } from './report.ts';
import { marginOf, type Money } from './tally.ts';

export function reportLines(report: SeasonReport): readonly string[] {
  const { bets, quarterLines, ledger, timing } = report;
  return [
    `seed ${report.seed}, ${report.bettors} bettors, ${report.fixtures} fixtures, ${report.markets} markets`,
    `quarter lines: ${quarterLines.opening} when opened, bets on both sides of ${quarterLines.betOnBothSides}`,
    ...report.badRows.map(({ line, problem }) => `left out: line ${line}: ${problem}`),
    `bets: ${bets.placed} placed, ${bets.accepted} accepted, ${bets.refused} refused`,
    `accepted ones: ${bets.settled} settled, ${bets.void} void, ${bets.open} open`,
    ...Object.entries(report.refusals).map(([code, count]) => `  refused ${code.padEnd(24)}${String(count).padStart(8)}`),
    '',
    row(['', 'placed', 'accepted', 'turnover', 'returns', 'margin %']),
    ...Object.entries(report.bySize).map(([size, money]) => row([size, money.placed, ...cells(money)])),
    row(['all', bets.placed, bets.accepted, amount(report.turnoverMinor), amount(report.returnsMinor), report.marginPercent]),
    '',
    row(['singles by market', 'legs', 'singles', 'turnover', 'returns', 'margin %']),
    ...Object.entries(report.byMarket).map(([kind, { legs, singles }]) => row([kind, legs, ...cells(singles)])),
    '',
    ...Object.entries(ledger.statements).map(([currency, sums]) => {
      const total = Object.values(sums).reduce((sum, minor) => sum + minor, 0);
      const parts = Object.entries(sums).map(([account, minor]) => `${account} ${amount(minor)}`);
      return `ledger ${currency}: ${parts.join(', ')}; sum ${amount(total)}`;
    }),
    ...report.incidents.map(({ incident, seen }) => `incident ${incident}: ${seen}`),
    `${timing.totalSeconds} s: ${timing.betsPerSecond} bets per second while placing, ${timing.settlingSeconds} s waiting for settlement`,
    ...report.findings.map((finding) => `WRONG: ${finding}`),
    report.findings.length === 0 ? 'everything adds up' : `${report.findings.length} things do not add up`,
  ];
}

function cells(money: Money): readonly (string | number)[] {
  return [money.accepted, amount(money.stakeMinor), amount(money.returnMinor), marginOf(money)];
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell, index) => (index === 0 ? String(cell).padEnd(18) : String(cell).padStart(14))).join('');
}

/** Pounds and pence, without a float: minor units are split as text. */
function amount(minor: number): string {
  const digits = String(Math.abs(minor)).padStart(3, '0');
  return `${minor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
