// How the return of a bet of the server came about: the terms that it was struck on in front of explanation.ts. Called by the query side
// and by tools.

import { explainPrepared, type ExplanationStep } from './explanation.ts';
import { legToSettle, preparedBet, type BetToSettle } from './settle.ts';
import { settlePrepared } from './settlement.ts';

export type { ExplanationStep };

export function explainBet(bet: BetToSettle): readonly ExplanationStep[] {
  const prepared = preparedBet(bet);
  const legs = bet.legs.map(legToSettle);
  return explainPrepared(prepared, bet.unitStakeMinor, legs, settlePrepared(prepared, bet.unitStakeMinor, legs));
}
