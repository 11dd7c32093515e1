// What the outcomes of a market would pay if they were its result now: every open bet with a leg in it, settled by the arithmetic of the server.
// Called by the part that answers reports. Nothing is written; a bet that stays open under an outcome is counted as such.

import { outcomeClasses } from '@wagerline/shared-kernel/betting/outcome-classes';
import { settleBet } from '@wagerline/shared-kernel/betting/settle';
import type { OpenBet, Results, SettlementBook } from './settlement-book.ts';

/** Amounts in minor units; of the bets that would be settled. */
export type PreviewSum = { readonly settled: number; readonly stillOpen: number; readonly stakeMinor: number; readonly returnMinor: number };
export type PreviewOutcome = { readonly outcome: string; readonly results: Results; readonly byCurrency: Readonly<Record<string, PreviewSum>> };
export type Preview = {
  readonly marketId: string;
  readonly status: string;
  readonly isHeld: boolean;
  readonly openBets: number;
  readonly outcomes: readonly PreviewOutcome[];
};

/** Undefined: there is no such market. Without `given` every outcome that the market's bets can tell apart, and a void. */
export function previewMarket(book: SettlementBook, marketId: string, given?: Exclude<Results, null>): Preview | undefined {
  const market = book.markets.get(marketId);
  if (market === undefined) return undefined;
  const bets = [...book.openBets.values()].filter((bet) => bet.legs.some((leg) => book.marketOf(bet, leg) === marketId));
  const asked: readonly (readonly [string, Results])[] =
    given === undefined
      ? [...outcomeClasses(market.kind, market.line, market.selections).map(({ key, results }) => [key, results] as const), ['void', null] as const]
      : [['given', given]];
  const outcomes = asked.map(([outcome, results]) => ({ outcome, results, byCurrency: sums(book, bets, { marketId, results }) }));
  return { marketId, status: market.status, isHeld: market.isHeld, openBets: bets.length, outcomes };
}

function sums(book: SettlementBook, bets: readonly OpenBet[], otherwise: { marketId: string; results: Results }): Record<string, PreviewSum> {
  const found: Record<string, PreviewSum> = {};
  for (const bet of bets) {
    const sum = found[bet.currency] ?? { settled: 0, stillOpen: 0, stakeMinor: 0, returnMinor: 0 };
    const { decided, returnMinor } = settleBet({ ...bet, legs: book.legsAs(bet, otherwise) });
    found[bet.currency] = decided
      ? { ...sum, settled: sum.settled + 1, stakeMinor: sum.stakeMinor + bet.stakeMinor, returnMinor: sum.returnMinor + returnMinor }
      : { ...sum, stillOpen: sum.stillOpen + 1 };
  }
  return found;
}
