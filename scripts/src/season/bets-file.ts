// One line of the bets file: a bet as the query API shows it, in words that can be checked against the match file. Called by play.ts.

import { ukDateOf } from './kick-off.ts';
import type { BetRead } from './read-back.ts';

/** `date` is the one of the match file; for a handicap `line` is the home side's; `odds` are the accepted ones. */
export function betLine(bet: BetRead): string {
  const { betId, accountId, stakeMinor, currency, placedAt, status, returnMinor, settledAt } = bet;
  const legs = bet.legs.map(({ home, away, startsAt, marketKind: market, line, selectionId: selection, odds }) => {
    return { home, away, date: ukDateOf(startsAt), market, line, selection, odds };
  });
  return JSON.stringify({ betId, accountId, stakeMinor, currency, placedAt, legs, status, returnMinor, settledAt });
}
