// What a crash test prints: how much was killed and acknowledged, and everything that is not as it was acknowledged. Called by crash-run.ts,
// crash-test.ts and the crash test on the engines, which has more to say of its victims.

import type { FaultName } from '../planted-faults/faults.ts';
import type { Bettors } from './bettors.ts';
import type { FindingKind, Findings } from './facts.ts';
import type { Line } from './line.ts';
import type { Trader } from './trader.ts';
import type { Victim } from './victim.ts';

/** What came of it, whatever was killed. */
export type Outcome = {
  readonly ok: boolean;
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
  readonly findings: Partial<Record<FindingKind, number>>;
  readonly details: Findings['details'];
  readonly seconds: number;
};

export type OutcomeInput = {
  readonly line: Line;
  readonly bettors: Bettors;
  readonly trader: Trader;
  readonly findings: Findings;
  readonly events: number;
  readonly documents: Readonly<Record<string, number>>;
  readonly seconds: number;
};

export type Spread = { readonly p50: number; readonly max: number };

export type CrashReport = Outcome & {
  readonly kills: number;
  readonly seed: number;
  readonly lossy: boolean;
  readonly plant: FaultName | null;
  readonly recoveryMs: Spread;
  readonly powerCut: { readonly walsCut: number; readonly bytesCut: number } | null;
};

export type ReportInput = OutcomeInput & {
  readonly kills: number;
  readonly seed: number;
  readonly lossy: boolean;
  readonly plant: FaultName | undefined;
  readonly victim: Victim;
};

export function reportOf({ kills, seed, lossy, plant, victim, ...input }: ReportInput): CrashReport {
  const { walsCut, bytesCut } = victim.powerCuts;
  return {
    kills,
    seed,
    lossy,
    plant: plant ?? null,
    ...outcomeOf(input),
    // The first start is no recovery.
    recoveryMs: spreadOf(victim.startsMs.slice(1)),
    powerCut: lossy ? { walsCut, bytesCut } : null,
  };
}

export function outcomeOf({ line, bettors, trader, findings, events, documents, seconds }: OutcomeInput): Outcome {
  const accepted = bettors.facts.filter((fact) => fact.accepted);
  const count = (kind: string): number => accepted.filter(({ intent }) => intent.kind === kind).length;
  const isClean = findings.count('ledger') === 0 && findings.count('not-audited') === 0;
  return {
    ok: findings.none,
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
    findings: findings.counts,
    details: findings.details,
    seconds: Math.round(seconds * 10) / 10,
  };
}

/** Whole numbers; 0 where there are none. */
export function spreadOf(measured: readonly number[]): Spread {
  const sorted = measured.toSorted((left, right) => left - right);
  return { p50: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0), max: Math.round(sorted.at(-1) ?? 0) };
}

export function reportLines(report: CrashReport): readonly string[] {
  const { recoveryMs, powerCut } = report;
  const cutMiB = ((powerCut?.bytesCut ?? 0) / 1_024 / 1_024).toFixed(1);
  return [
    ...(report.plant === null ? [] : [row('planted fault', report.plant)]),
    row('kills', `${report.kills} in ${report.seconds} s, seed ${report.seed}`),
    ...(powerCut === null ? [] : [row('power cut', `${powerCut.walsCut} WALs by ${cutMiB} MiB in all`)]),
    row('recovery', `p50 ${recoveryMs.p50} ms, max ${recoveryMs.max} ms`),
    ...outcomeLines(report),
  ];
}

export function outcomeLines(outcome: Outcome): readonly string[] {
  const { bets, deposits, withdrawals, refusals } = outcome.acknowledged;
  const differing = outcome.findings['read-model-differs'] ?? 0;
  const found = Object.entries(outcome.findings).map(([kind, count]) => `${count} ${kind}`);
  return [
    row('acknowledged', `${bets} bets, ${deposits} deposits, ${withdrawals} withdrawals, ${refusals} refusals`),
    row('repeated', `${outcome.repeated} requests without an answer`),
    row('markets', `${outcome.markets}, ${outcome.corrections} results corrected`),
    row('lost', outcome.lost),
    row('duplicates', outcome.duplicates),
    row('not asked for', outcome.unasked),
    row('other answers', outcome.changedAnswers),
    row('ledger', outcome.ledger),
    row('read models', `${Object.keys(outcome.documents).length} compared with a rebuild, ${differing} differ`),
    row('verdict', outcome.ok ? 'everything acknowledged is there, once' : `NOT RIGHT: ${found.join(', ')}`),
    ...detailLines(outcome),
  ];
}

export function row(name: string, value: string | number): string {
  return `${name.padEnd(16)} ${value}`;
}

export function detailLines(outcome: Outcome): readonly string[] {
  return outcome.details.map(({ kind, detail }) => `  ${kind}: ${detail.slice(0, detailCharactersMax)}`);
}

const detailCharactersMax = 600;
