// The feed's three fields of an outcome under the names that the rules have for them. Called by the register and by readers of slips.

import { equals, formatRational, rational, type Rational } from '../../values/rational.ts';
import { exactNumber } from '../fractions.ts';
import type { LegOutcome } from '../slip.ts';

/** Shares are "a/b", and there only where they are not what the result implies. */
export type SelectionOutcome = { readonly result: LegOutcome; readonly voidFactor?: string; readonly winDeadHeat?: string };

/** 1 won, 0 lost, -1 not decided. */
export type FeedFields = { readonly result: 0 | 1 | -1; readonly voidFactor?: string; readonly deadHeatFactor?: string };

const half = rational(1n, 2n);
const one = rational(1n);

/**
 * void + (1 - void) x result x price x dead heat; the dead heat is one for the win. Two spellings of one outcome come out the same, and
 * what the result implies is left out.
 */
export function feedOutcome({ result, voidFactor, deadHeatFactor }: FeedFields): SelectionOutcome {
  const share = numberOf(voidFactor) ?? rational(0n);
  const tied = numberOf(deadHeatFactor) ?? one;
  if (equals(share, one)) return { result: 'void' };
  if (result === -1) return { result: 'open' };
  const deadHeat = equals(tied, one) ? {} : { winDeadHeat: formatRational(tied) };
  if (share.n === 0n) return { result: result === 1 ? 'won' : 'lost', ...deadHeat };
  return { result: result === 1 ? 'half_won' : 'half_lost', ...(equals(share, half) ? {} : { voidFactor: formatRational(share) }), ...deadHeat };
}

function numberOf(text: string | undefined): Rational | undefined {
  return text === undefined ? undefined : exactNumber(text);
}
