// The feed's three fields of an outcome under the names that the rules have for them. Called by the register and by readers of slips.

import { rational } from '../../values/rational.ts';
import { exactNumber } from '../fractions.ts';
import type { LegOutcomeTerms } from '../legs.ts';

/** 1 won, 0 lost, -1 not decided. */
export type FeedFields = { readonly result: 0 | 1 | -1; readonly voidFactor?: string; readonly deadHeatFactor?: string };

/** void + (1 - void) x result x price x dead heat; the dead heat is one for the win. */
export function feedOutcome({ result, voidFactor = '0', deadHeatFactor }: FeedFields): LegOutcomeTerms {
  const share = exactNumber(voidFactor) ?? rational(0n);
  const deadHeat = deadHeatFactor === undefined ? {} : { winDeadHeat: deadHeatFactor };
  if (share.n === share.d) return { result: 'void' };
  if (result === -1) return { result: 'open' };
  if (share.n === 0n) return { result: result === 1 ? 'won' : 'lost', ...deadHeat };
  return { result: result === 1 ? 'half_won' : 'half_lost', voidFactor, ...deadHeat };
}
