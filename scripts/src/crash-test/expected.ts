// What every account must hold in the end, worked out from acknowledged answers alone: deposits - withdrawals - stakes + returns.
// Of the log it takes only which legs came too late. It shares no arithmetic with the server. Pure: called by api-audit.ts.

import type { Ending, Fact, Leg } from './facts.ts';
import type { LoggedBet } from './log-audit.ts';

export type ExpectedBet = { readonly fact: Fact; readonly returnMinor: number; readonly isVoid: boolean };
export type ExpectedAccount = { balanceMinor: number; readonly bets: Map<string, ExpectedBet> };

/** In halves and wholes: odds of 2.5, 4 and 1.5, doubled. */
const doubledOdds = { home: 5, draw: 8, away: 3 } as const;

export function expectedAccounts(
  facts: readonly Fact[],
  endings: ReadonlyMap<string, Ending>,
  logged: ReadonlyMap<string, LoggedBet>,
): ReadonlyMap<string, ExpectedAccount> {
  const accounts = new Map<string, ExpectedAccount>();
  for (const fact of facts) {
    const account = accounts.get(fact.accountId) ?? { balanceMinor: 0, bets: new Map<string, ExpectedBet>() };
    accounts.set(fact.accountId, account);
    if (!fact.accepted) continue;
    const { intent } = fact;
    if (intent.kind === 'deposit') account.balanceMinor += intent.amountMinor;
    if (intent.kind === 'withdrawal') account.balanceMinor -= intent.amountMinor;
    if (intent.kind !== 'bet') continue;
    const betId = String(fact.body['betId']);
    const standing = intent.legs.filter((leg) => endings.get(leg.marketId) !== 'void' && !logged.get(betId)?.lateMarkets.has(leg.marketId));
    const returnMinor = returnOf(intent.stakeMinor, standing, endings);
    account.balanceMinor += returnMinor - intent.stakeMinor;
    account.bets.set(betId, { fact, returnMinor, isVoid: standing.length === 0 });
  }
  return accounts;
}

/** Stakes are whole multiples of 4.00, so that dividing by 2 per leg leaves nothing over. */
function returnOf(stakeMinor: number, standing: readonly Leg[], endings: ReadonlyMap<string, Ending>): number {
  let returnMinor = stakeMinor;
  for (const { marketId, selectionId } of standing) {
    returnMinor = endings.get(marketId) === selectionId ? (returnMinor / 2) * doubledOdds[selectionId] : 0;
  }
  return returnMinor;
}
