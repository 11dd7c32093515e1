// 184,756 ten-folds of twenty legs, quoted and settled in this process. Called by the bench and by slips.ts: the fastest of several, because
// the first ones warm the machine up.

import { quote, settle } from '@wagerline/shared-kernel/betting/settlement';
import type { BetTerms } from '@wagerline/shared-kernel/betting/terms';
import { assert } from '@wagerline/shared-kernel/values/unreachable';

const runCount = 20;
const lineCount = 184_756;

export type LargeSystemFigures = { readonly tenFoldsQuoteMs: number; readonly tenFoldsSettleMs: number };

export function measureLargeSystem(): LargeSystemFigures {
  const legs = Array.from({ length: 20 }, (_, index) => ({ odds: `${index + 2}.37` }));
  const terms: BetTerms = { currency: 'GBP', unitStakeMinor: 1, eachWay: false, shape: { type: 'folds', folds: [10] }, legs, ruleSet: 'standard@1', rules: {} };
  const outcomes = legs.map((_, index) => ({ result: index % 4 === 0 ? ('half_won' as const) : ('won' as const) }));
  const quoted = quote(terms);
  const settled = settle(terms, outcomes);
  assert('lines' in quoted && quoted.lines === lineCount && 'payout' in settled, 'the system is quoted and settled, not refused');
  return { tenFoldsQuoteMs: fastestMs(() => quote(terms)), tenFoldsSettleMs: fastestMs(() => settle(terms, outcomes)) };
}

function fastestMs(run: () => unknown): number {
  const timesMs = Array.from({ length: runCount }, () => {
    const startMs = performance.now();
    run();
    return performance.now() - startMs;
  });
  return Number(Math.min(...timesMs).toFixed(2));
}
