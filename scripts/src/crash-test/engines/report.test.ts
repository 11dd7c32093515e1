import { expect, test } from 'vitest';
import { Bettors } from '../bettors.ts';
import { Findings } from '../facts.ts';
import { Line } from '../line.ts';
import { seededRandom } from '../../season/random.ts';
import { Trader } from '../trader.ts';
import { enginesReportLines, enginesReportOf, type Kill } from './report.ts';

function kill(victim: Kill['victim'], seenMs: number, wholeMs: number): Kill {
  return { victim, seenMs, readMs: seenMs, settledMs: wholeMs, wholeMs };
}

function reportWith(kills: readonly Kill[], findings: Findings) {
  const line = new Line(1);
  const bettors = new Bettors({ line, accounts: [], offered: new Map(), findings });
  const trader = new Trader(line, '', seededRandom(1), findings);
  const outcome = { line, bettors, trader, findings, events: 3, documents: { 'bet-history': 2 }, seconds: 1.25 };
  const takeovers = [{ part: 'relay', ms: 5_400, had: 1, otherHas: 1 }] as const;
  return enginesReportOf({ seed: 9, kills, takeovers, ...outcome });
}

test('each victim has its own times, parts before engines; the first line counts all kills', () => {
  const report = reportWith([kill('redis', 90, 300), kill('relay', 5_000, 6_000), kill('redis', 110, 100), kill('redis', 100, 200)], new Findings());
  expect(report.victims).toEqual([
    { victim: 'relay', kind: 'part', kills: 1, seenMs: { p50: 5_000, max: 5_000 }, wholeMs: { p50: 6_000, max: 6_000 } },
    { victim: 'redis', kind: 'engine', kills: 3, seenMs: { p50: 100, max: 110 }, wholeMs: { p50: 200, max: 300 } },
  ]);
  const lines = enginesReportLines(report);
  expect(lines[0]).toBe('kills            4 in 1.3 s, seed 9');
  expect(lines).toContain('  redis                   3       100       110       200       300');
  expect(lines).toContain('taken over       relay in 5400 ms: the dead one had 1 leases, the other one has 1');
  expect(lines).toContain('verdict          everything acknowledged is there, once');
});

test('a finding turns it red', () => {
  const findings = new Findings();
  findings.add('not-recovered', 'kill 1 of 1, kafka: not within 45000 ms');
  const report = reportWith([kill('kafka', 46_000, 47_000)], findings);
  expect(report.ok).toBe(false);
  expect(enginesReportLines(report)).toContain('verdict          NOT RIGHT: 1 not-recovered');
});
