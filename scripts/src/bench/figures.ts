// The bench's result for people: each figure beside its target. A figure of a part that did not run is left out.

import { provedLine, type ProvedLedger } from './ledger-proof.ts';
import type { PartFigures } from './parts.ts';

export type Figures = Partial<PartFigures> & {
  readonly rssMiB: number;
  readonly cores: number;
  readonly node: string;
  readonly seconds: Readonly<Record<string, number>>;
  /** Of each store that was measured, behind the load. */
  readonly ledgers: Readonly<Record<string, ProvedLedger>>;
  readonly defects: readonly string[];
};

type Target = { readonly sign: '>=' | '<='; readonly bound: number };
type Row = { readonly name: string; readonly value: number | undefined; readonly unit: string; readonly target?: Target };

const atLeast = (bound: number): Target => ({ sign: '>=', bound });
const atMost = (bound: number): Target => ({ sign: '<=', bound });

function rowsOf(figures: Figures): readonly Row[] {
  const { atHalfLoad, projectionLagMs: lag, oldAccount, preloaded } = figures;
  const slowestFirstBetMs = oldAccount && Math.max(...oldAccount.firstBetAfterRestartMs);
  return [
    { name: 'bets accepted', value: figures.acceptedPerSecond, unit: '/s' },
    { name: 'bare express answers', value: figures.bareExpressPerSecond, unit: '/s' },
    { name: 'ratio (the aim is 0.45)', value: figures.ratio, unit: '', target: atLeast(0.3) },
    { name: 'offered at half load', value: atHalfLoad?.offeredPerSecond, unit: '/s' },
    { name: 'p50 at half load', value: atHalfLoad?.p50Ms, unit: 'ms' },
    { name: 'p95 at half load', value: atHalfLoad?.p95Ms, unit: 'ms', target: atMost(15) },
    { name: 'p99 at half load', value: atHalfLoad?.p99Ms, unit: 'ms' },
    { name: 'read models behind, p50', value: lag?.p50, unit: 'ms' },
    { name: 'read models behind, p99', value: lag?.p99, unit: 'ms', target: atMost(2_000) },
    { name: 'nothing behind after the load', value: lag?.atEnd, unit: 'ms', target: atMost(5_000) },
    { name: 'on a million events / on none', value: figures.preloadedRatio, unit: '', target: atLeast(0.7) },
    { name: 'old accounts, warm p95', value: oldAccount?.warmP95Old, unit: 'ms' },
    { name: 'new accounts, warm p95', value: oldAccount?.warmP95New, unit: 'ms' },
    { name: 'old / new, warm p95', value: oldAccount?.warmP95Ratio, unit: '', target: atMost(1.5) },
    { name: 'slowest first bet of an old account', value: slowestFirstBetMs, unit: 'ms', target: atMost(50) },
    { name: 'losing bets settled', value: figures.settledLosingPerSecond, unit: '/s', target: atLeast(10_000) },
    { name: 'winning bets settled', value: figures.settledWinningPerSecond, unit: '/s', target: atLeast(5_000) },
    { name: 'multiples and systems settled', value: figures.settledMixedPerSecond, unit: '/s', target: atLeast(3_000) },
    { name: 'settled at last after a worker was killed', value: figures.killedWorker?.restMs, unit: 'ms' },
    { name: 'last of the Saturday, after its result', value: figures.lastResultToSettledMs, unit: 'ms', target: atMost(60_000) },
    { name: '184,756 lines quoted', value: figures.tenFoldsQuoteMs, unit: 'ms', target: atMost(5) },
    { name: '184,756 lines settled', value: figures.tenFoldsSettleMs, unit: 'ms', target: atMost(5) },
    { name: 'result to last balance visible', value: figures.resultToVisibleMs, unit: 'ms', target: atMost(20_000) },
    { name: 'slowest rebuild', value: figures.rebuildEventsPerSecond, unit: 'events/s', target: atLeast(5_556) },
    { name: 'ready on an empty store', value: figures.startReadyMs, unit: 'ms', target: atMost(5_000) },
    { name: 'ready on the preloaded store', value: preloaded?.startReadyMs, unit: 'ms' },
    { name: 'most memory of any server', value: figures.rssMiB, unit: 'MiB', target: atMost(700) },
  ];
}

export function figureLines(figures: Figures): readonly string[] {
  const rows = rowsOf(figures).flatMap(({ name, value, unit, target }) => {
    if (value === undefined) return [];
    const isMet = target === undefined || (target.sign === '>=' ? value >= target.bound : value <= target.bound);
    const verdict = target === undefined ? '' : `  ${target.sign} ${target.bound}  ${isMet ? 'ok' : 'MISSED'}`;
    return [`${name.padEnd(38)}${`${value} ${unit}`.padStart(18)}${verdict}`];
  });
  const cost = Object.entries(figures.cpuMicrosPerBet ?? {}).map(([thread, micros]) => `${thread} ${micros}`);
  const took = Object.entries(figures.seconds).map(([part, seconds]) => `${part} ${seconds} s`);
  return [
    ...rows,
    ...(cost.length > 0 ? ['', `processor microseconds per bet: ${cost.join(', ')}`] : []),
    '',
    `${figures.cores} cores, node ${figures.node}; ${took.join(', ')}`,
    ...(figures.eventLogFirst === false ? ["the system does not let the log's writer run before other threads: about a seventh fewer bets per second"] : []),
    `slips of 1 to 3 legs, ${figures.slipBytes ?? 300} bytes, from all bettors in turn; tokens had been verified once and were remembered`,
    ...Object.entries(figures.ledgers).map(([name, ledger]) => provedLine(name, ledger)),
    ...figures.defects.map((defect) => `WRONG: ${defect}`),
  ];
}
