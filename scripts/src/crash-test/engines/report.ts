// What the crash test on the engines prints: each victim with its recovery times, takeover times, and what came of it all.
// Called by engines-run.ts and crash-test.ts.

import { outcomeLines, outcomeOf, row, spreadOf, type Outcome, type OutcomeInput, type Spread } from '../report.ts';
import { partNames, victimNames, type VictimName } from './cluster.ts';
import type { Recovery } from './probe.ts';
import type { Takeover } from './takeover.ts';

export type Kill = Recovery & {
  readonly victim: VictimName;
  /** The last of these and the victim itself was there again. */
  readonly wholeMs: number;
};

export type VictimReport = {
  readonly victim: VictimName;
  readonly kind: 'part' | 'engine';
  readonly kills: number;
  /** From the kill until a new bet of every account was placed and seen in the query API. */
  readonly seenMs: Spread;
  /** Until search and prices, settlement and the victim itself were there, too. */
  readonly wholeMs: Spread;
};

export type EnginesCrashReport = Outcome & {
  readonly kills: number;
  readonly seed: number;
  readonly recoveryMs: Spread;
  readonly wholeMs: Spread;
  readonly victims: readonly VictimReport[];
  readonly takeovers: readonly Takeover[];
};

export type EnginesReportInput = OutcomeInput & { readonly seed: number; readonly kills: readonly Kill[]; readonly takeovers: readonly Takeover[] };

const isPart = (victim: VictimName): boolean => partNames.some((name) => name === victim);

export function enginesReportOf({ seed, kills, takeovers, ...input }: EnginesReportInput): EnginesCrashReport {
  const spreads = (of: readonly Kill[]) => ({ seenMs: spreadOf(of.map(({ seenMs }) => seenMs)), wholeMs: spreadOf(of.map(({ wholeMs }) => wholeMs)) });
  const { seenMs, wholeMs } = spreads(kills);
  const victims = victimNames.flatMap((victim): VictimReport[] => {
    const own = kills.filter((kill) => kill.victim === victim);
    return own.length === 0 ? [] : [{ victim, kind: isPart(victim) ? 'part' : 'engine', kills: own.length, ...spreads(own) }];
  });
  return { kills: kills.length, seed, ...outcomeOf(input), recoveryMs: seenMs, wholeMs, victims, takeovers };
}

export function enginesReportLines(report: EnginesCrashReport): readonly string[] {
  const { kills, seed, seconds, recoveryMs, wholeMs, victims, takeovers } = report;
  const cells = (...texts: readonly (string | number)[]): string => texts.map((text) => String(text).padStart(10)).join('');
  return [
    row('kills', `${kills} in ${seconds} s, seed ${seed}`),
    row('recovery', `a new bet placed and seen: p50 ${recoveryMs.p50} ms, max ${recoveryMs.max} ms`),
    row('whole', `search, prices, settlement and the victim too: p50 ${wholeMs.p50} ms, max ${wholeMs.max} ms`),
    row('', cells('kills', 'seen p50', 'max ms', 'whole p50', 'max ms')),
    ...victims.map(({ victim, kills: own, seenMs, wholeMs: whole }) => row(`  ${victim}`, cells(own, seenMs.p50, seenMs.max, whole.p50, whole.max))),
    ...takeovers.map(takeoverLine),
    ...outcomeLines(report),
  ];
}

function takeoverLine({ part, ms, had, otherHas }: Takeover): string {
  return row('taken over', `${part} in ${ms} ms: the dead one had ${had} ${unitOf[part]}, the other one has ${otherHas}`);
}

const unitOf = { relay: 'leases', projector: 'partitions', settlement: 'slots' } as const;
