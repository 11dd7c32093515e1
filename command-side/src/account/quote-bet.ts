// What a slip would cost and could return, what would refuse it, and the most that may be staked on it now. Asks what place-bet.ts asks,
// in the same order and with the same codes, and places nothing. Called by quote-routes.ts. Pure.

import type { FreeBetToken } from '@wagerline/shared-kernel/events/free-bet-tokens';
import type { Slip } from './commands.ts';
import { tokenOf } from './free-bets.ts';
import { refusalOfBuilder } from './odds-change.ts';
import { judgeLeg, quoteSlip, refusalOfAccount, refusalOfSlip, refusalOfStake, type JudgedLeg, type Refusal } from './place-bet.ts';
import type { OpenAccountState } from './state.ts';

/** Null: not known, since a leg is not on offer or the legs make no such bet. */
export type SlipQuote = {
  readonly lines: number | null;
  readonly unitStakeMinor: number | null;
  readonly stakeMinor: number | null;
  readonly returnMaxMinor: number | null;
  /** The largest total stake, and its part on each line, that would be taken now; 0 where none would. */
  readonly stakeMaxMinor: number;
  readonly unitStakeMaxMinor: number;
  /** Everything that would refuse the slip; the first is what placing it would be answered with. */
  readonly refusals: readonly Refusal[];
};

export function quoteOf(slip: Slip, state: OpenAccountState): SlipQuote {
  const verdicts = slip.legs.map((leg, index) => judgeLeg(leg, slip, `/legs/${index}`));
  const judged = verdicts.filter((verdict) => 'selection' in verdict);
  const found = tokenOf(slip, state);
  const free = found !== undefined && 'token' in found ? found.token : undefined;
  const tokenRefusal = found !== undefined && 'code' in found ? found : undefined;
  const answers = [refusalOfAccount(slip, state), refusalOfSlip(slip), ...verdicts, refusalOfBuilder(slip, judged), tokenRefusal];
  const refusals = answers.filter((answer) => answer !== undefined && 'code' in answer);
  // Nothing is said of the lines in a currency that may be none.
  const isQuotable = judged.length === verdicts.length && slip.currency === state.currency;
  const perLine = isQuotable ? quoteSlip({ ...slip, unitStakeMinor: 1 }, judged, free) : undefined;
  if (perLine === undefined || 'code' in perLine) {
    const all = perLine === undefined ? refusals : [...refusals, perLine];
    return { lines: null, unitStakeMinor: null, stakeMinor: null, returnMaxMinor: null, stakeMaxMinor: 0, unitStakeMaxMinor: 0, refusals: all };
  }
  const lines = perLine.lineCount;
  const unitStakeMaxMinor = refusals.length > 0 ? 0 : mostPerLine(slip, state, judged, lines, free);
  const most = { stakeMaxMinor: unitStakeMaxMinor * lines, unitStakeMaxMinor };
  const quote = quoteSlip(slip, judged, free);
  if ('code' in quote) return { lines, unitStakeMinor: null, stakeMinor: null, returnMaxMinor: null, ...most, refusals: [...refusals, quote] };
  const { unitStakeMinor, stakeMinor, returnMaxMinor } = quote;
  const refusal = refusalOfStake(slip, state, judged, quote, free);
  return { lines, unitStakeMinor, stakeMinor, returnMaxMinor, ...most, refusals: refusal === undefined ? refusals : [...refusals, refusal] };
}

/** Whatever refuses a stake refuses every larger one, so halving finds the largest: at most 54 steps, as many as an amount has bits. */
function mostPerLine(slip: Slip, state: OpenAccountState, judged: readonly JudgedLeg[], lines: number, free: FreeBetToken | undefined): number {
  const isTaken = (unitStakeMinor: number): boolean => {
    const quote = quoteSlip({ ...slip, unitStakeMinor }, judged, free);
    return !('code' in quote) && refusalOfStake(slip, state, judged, quote, free) === undefined;
  };
  if (free !== undefined) return free.amountMinor % lines === 0 && isTaken(free.amountMinor / lines) ? free.amountMinor / lines : 0;
  const payable = Math.floor(Math.min(slip.limits.stakeMinorMax, Math.max(0, state.balanceMinor)) / lines);
  // Mostly the balance is the limit, and then this is all.
  if (payable === 0 || isTaken(payable)) return payable;
  let taken = 0;
  let refused = payable;
  while (refused - taken > 1) {
    const between = taken + Math.floor((refused - taken) / 2);
    if (isTaken(between)) taken = between;
    else refused = between;
  }
  return taken;
}
