// What a crash test prints: how much was killed and acknowledged, and everything that is not as it was acknowledged. Called by crash-run.ts
// and crash-test.ts.

import type { FaultName } from '../planted-faults/faults.ts';
import type { Bettors } from './bettors.ts';
import type { FindingKind, Findings } from './facts.ts';
import type { Line } from './line.ts';
import type { Trader } from './trader.ts';
import type { Victim } from './victim.ts';

export type CrashReport = {
  readonly ok: boolean;
  readonly kills: number;
  readonly seed: number;
  readonly lossy: boolean;
  readonly plant: FaultName | null;
  readonly acknowledged: { readonly bets: number; readonly deposits: number; readonly withdrawals: number; readonly refusals: number };
  readonly repeated: number;
  readonly markets: number;
  readonly corrections: number;
  readonly events: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly unasked: number;
  readonly changedAnswers: number;
  readonly ledger: 'clean' | 'not clean';
  /** Documents of each read model, which were compared with a rebuild from zero. */
  readonly documents: Readonly<Record<string, number>>;
  readonly recoveryMs: { readonly p50: number; readonly max: number };
  readonly powerCut: { readonly walsCut: number; readonly bytesCut: number } | null;
  readonly findings: Partial<Record<FindingKind, number>>;
  readonly details: Findings['details'];
  readonly seconds: number;
};

export type ReportInput = {
  readonly kills: number;
  readonly seed: number;
  readonly lossy: boolean;
  readonly plant: FaultName | undefined;
  readonly victim: Victim;
  readonly line: Line;
  readonly bettors: Bettors;
  readonly trader: Trader;
  readonly findings: Findings;
  readonly events: number;
  readonly documents: Readonly<Record<string, number>>;
  readonly seconds: number;
};

export function reportOf({ victim, line, bettors, trader, findings, ...input }: ReportInput): CrashReport {
  const { kills, seed, lossy, plant, events, documents, seconds } = input;
  const accepted = bettors.facts.filter((fact) => fact.accepted);
  const count = (kind: string): number => accepted.filter(({ intent }) => intent.kind === kind).length;
  // The first start is no recovery.
  const recoveries = victim.startsMs.slice(1).sort((a, b) => a - b);
  const isClean = findings.count('ledger') === 0 && findings.count('not-audited') === 0;
  return {
    ok: findings.none,
    kills,
    seed,
    lossy,
    plant: plant ?? null,
    acknowledged: {
      bets: count('bet'),
      deposits: count('deposit'),
      withdrawals: count('withdrawal'),
      refusals: bettors.facts.length - accepted.length,
    },
    repeated: line.retried,
    markets: trader.endings.size,
    corrections: trader.corrections,
    events,
    lost: findings.count('lost'),
    duplicates: findings.count('duplicate'),
    unasked: findings.count('unasked'),
    changedAnswers: findings.count('changed-answer'),
    ledger: isClean ? 'clean' : 'not clean',
    documents,
    recoveryMs: { p50: Math.round(recoveries[Math.floor(recoveries.length / 2)] ?? 0), max: Math.round(recoveries.at(-1) ?? 0) },
    powerCut: lossy ? { walsCut: victim.powerCuts.walsCut, bytesCut: victim.powerCuts.bytesCut } : null,
    findings: findings.counts,
    details: findings.details,
    seconds: Math.round(seconds * 10) / 10,
  };
}

export function reportLines(report: CrashReport): readonly string[] {
  const { acknowledged, recoveryMs, powerCut } = report;
  const row = (name: string, value: string | number): string => `${name.padEnd(16)} ${value}`;
  const { bets, deposits, withdrawals, refusals } = acknowledged;
  const cutMiB = ((powerCut?.bytesCut ?? 0) / 1_024 / 1_024).toFixed(1);
  const cut = powerCut === null ? [] : [row('power cut', `${powerCut.walsCut} WALs by ${cutMiB} MiB in all`)];
  const planted = report.plant === null ? [] : [row('planted fault', report.plant)];
  const differing = report.findings['read-model-differs'] ?? 0;
  const found = Object.entries(report.findings).map(([kind, count]) => `${count} ${kind}`);
  return [
    ...planted,
    row('kills', `${report.kills} in ${report.seconds} s, seed ${report.seed}`),
    ...cut,
    row('acknowledged', `${bets} bets, ${deposits} deposits, ${withdrawals} withdrawals, ${refusals} refusals`),
    row('repeated', `${report.repeated} requests without an answer`),
    row('markets', `${report.markets}, ${report.corrections} results corrected`),
    row('recovery', `p50 ${recoveryMs.p50} ms, max ${recoveryMs.max} ms`),
    row('lost', report.lost),
    row('duplicates', report.duplicates),
    row('not asked for', report.unasked),
    row('other answers', report.changedAnswers),
    row('ledger', report.ledger),
    row('read models', `${Object.keys(report.documents).length} compared with a rebuild, ${differing} differ`),
    row('verdict', report.ok ? 'everything acknowledged is there, once' : `NOT RIGHT: ${found.join(', ')}`),
    ...detailLines(report),
  ];
}

export function detailLines(report: CrashReport): readonly string[] {
  return report.details.map(({ kind, detail }) => `  ${kind}: ${detail.slice(0, detailCharactersMax)}`);
}

const detailCharactersMax = 600;
