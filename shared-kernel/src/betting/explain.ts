// How the return of a bet of the server came about: the terms that it was struck on in front of explanation.ts. Called by the query side
// and by tools.

import { parseStoredOdds } from '../values/odds.ts';
import { formatDecimal, rational } from '../values/rational.ts';
import { explainPrepared, type ExplanationStep } from './explanation.ts';
import { legToSettle, preparedBet, type BetToSettle } from './settle.ts';
import { settlePrepared } from './settlement.ts';

export type { ExplanationStep };

export function explainBet(bet: BetToSettle): readonly ExplanationStep[] {
  const prepared = preparedBet(bet);
  const legs = bet.legs.map(legToSettle);
  return [...amendsOf(bet), ...explainPrepared(prepared, bet.unitStakeMinor, legs, settlePrepared(prepared, bet.unitStakeMinor, legs))];
}

/** What was decided of single legs after they were struck. */
function amendsOf({ legs, eachWay }: BetToSettle): readonly ExplanationStep[] {
  const told = { part: eachWay === true ? 'both' : 'win', amount: rational(0n) } as const;
  return legs.flatMap(({ odds, corrected, result, paidEarly }, index): readonly ExplanationStep[] => {
    const [of, leg] = [{ ...told, legs: [index] }, `leg ${index + 1}`];
    const price = (text: string): string => formatDecimal(parseStoredOdds(text));
    const repriced = corrected && `${leg} at ${price(corrected.odds)}, because ${price(odds)} was a palpable error (${corrected.reason})`;
    const early = result === 'won' && paidEarly !== undefined ? `${leg} is won for good, paid early (${paidEarly})` : undefined;
    return [
      ...(repriced === undefined ? [] : [{ ...of, step: 'price' as const, text: repriced }]),
      ...(early === undefined ? [] : [{ ...of, step: 'early-payout' as const, text: early }]),
    ];
  });
}
