// The result of the bench on the engines, for people and for programs: the rate that was held, and what stands in the way of a higher one,
// told from what was measured. Pure. Called by part-engines.ts and bench.ts.

import type { ProcessCost } from './engine-processes.ts';
import { provedLine, type ProvedLedger } from './ledger-proof.ts';

/** The log's positions are bytes on EventStoreDB; records are counted on the bus. */
export type QueueSample = { readonly relayBehindBytes: number; readonly projectorsBehindRecords: number; readonly settlementBehindBytes: number };
type Latency = { readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number };

export type EngineFigures = {
  readonly offeredPerSecond: number;
  readonly acceptedPerSecond: number;
  readonly heldMs: number;
  readonly atOfferedLoad: Latency;
  readonly atHalfLoad: Latency & { readonly offeredPerSecond: number };
  /** As in the embedded bench, of the slowest read model but search. `atEnd`: how long after the load until nothing was left. */
  readonly projectionLagMs: { readonly p50: number; readonly p99: number; readonly atEnd: number };
  readonly searchLagMs: { readonly p50: number; readonly p99: number };
  /** The costliest first. */
  readonly costs: readonly ProcessCost[];
  readonly loadMicrosPerBet: number;
  readonly queues: readonly QueueSample[];
  readonly bottleneck: string;
  readonly processes: string;
  readonly cores: number;
  readonly readyMs: number;
  readonly ledger: ProvedLedger;
  readonly defects: readonly string[];
};

/** A thread that works so much of its time has no more to give. */
const busyShare = 0.9;
/** More than that, and the figures are not those of a quiet machine. */
const othersCoresMax = 0.1;
const shownMax = 3;

/** `coresAtWork`: of the whole machine, by whomever. */
type Round = { readonly cpuMicrosPerBetOfLoad: number; readonly acceptedPerSecond: number; readonly cores: number; readonly coresAtWork: number };

/** Nothing where others take from the machine; the machine where all of it is used; else a process that fills a core, as one of JavaScript does. */
export function bottleneckOf(costs: readonly ProcessCost[], queues: readonly QueueSample[], round: Round): string {
  const loadCores = (round.cpuMicrosPerBetOfLoad * round.acceptedPerSecond) / 1_000_000;
  const used = costs.reduce((sum, { cores }) => sum + cores, loadCores);
  const costliest = costs.slice(0, shownMax).map(({ name, cpuMicrosPerBet }) => `${name} ${cpuMicrosPerBet} us`);
  const evidence = `${used.toFixed(2)} of ${round.cores} cores used; per bet ${costliest.join(', ')}; ${waiting(queues)}`;
  const others = Math.max(0, round.coresAtWork - used);
  if (others > othersCoresMax) return `not told on a busy machine, where others use ${others.toFixed(2)} cores: ${evidence}`;
  if (used >= round.cores * busyShare) return `processor time of the machine, ${costs[0]?.name ?? 'nothing'} first: ${evidence}`;
  const full = costs.find(({ cores }) => cores >= busyShare);
  if (full !== undefined) return `${full.name}, which uses a core of its own: ${evidence}`;
  return `none reached: ${evidence}`;
}

function waiting(queues: readonly QueueSample[]): string {
  const most = (of: (sample: QueueSample) => number): number => Math.max(0, ...queues.map(of));
  const [bytes, records] = [most(({ relayBehindBytes }) => relayBehindBytes), most(({ projectorsBehindRecords }) => projectorsBehindRecords)];
  return `at most ${bytes} bytes before the relay, ${records} records before a projector`;
}

export function engineFigureLines(figures: EngineFigures): readonly string[] {
  const { acceptedPerSecond: accepted, atOfferedLoad: full, atHalfLoad: half, projectionLagMs: lag, searchLagMs: search, costs, defects } = figures;
  const row = (name: string, value: number, unit: string, target = ''): string => `${name.padEnd(38)}${`${value} ${unit}`.padStart(18)}${target}`;
  const verdict = (isMet: boolean, text: string): string => `  ${text}  ${isMet ? 'ok' : 'MISSED'}`;
  return [
    row('bets offered', figures.offeredPerSecond, '/s'),
    row(`bets accepted, over ${figures.heldMs / 1_000} s`, accepted, '/s', verdict(accepted >= 500, '>= 500 (the aim is 1000)')),
    row('p50 at that load', full.p50Ms, 'ms'),
    row('p95 at that load', full.p95Ms, 'ms'),
    row('p99 at that load', full.p99Ms, 'ms'),
    row(`p95 at ${half.offeredPerSecond} bets/s`, half.p95Ms, 'ms'),
    row('read models behind, p99', lag.p99, 'ms', verdict(lag.p99 <= 3_000, '<= 3000')),
    row('search behind, p99', search.p99, 'ms', verdict(search.p99 <= 5_000, '<= 5000')),
    row('nothing behind after the load', lag.atEnd, 'ms'),
    '',
    `${'process'.padEnd(16)}${'us per bet'.padStart(12)}${'cores'.padStart(8)}${'MiB'.padStart(8)}${'at most'.padStart(9)}`,
    ...costs.map(({ name, cpuMicrosPerBet, cores, rssMiB, rssPeakMiB }) => {
      const figure = (value: number, width: number): string => String(value).padStart(width);
      return `${name.padEnd(16)}${figure(cpuMicrosPerBet, 12)}${figure(cores, 8)}${figure(rssMiB, 8)}${figure(rssPeakMiB, 9)}`;
    }),
    `${'load generator'.padEnd(16)}${String(figures.loadMicrosPerBet).padStart(12)}`,
    '',
    `bottleneck: ${figures.bottleneck}`,
    `${figures.cores} cores for all of it; ${figures.processes}`,
    provedLine('the log', figures.ledger),
    ...defects.map((defect) => `WRONG: ${defect}`),
  ];
}
