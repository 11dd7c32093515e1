// Tokens for free bets: granted by staff, used by one bet of their amount. Called by decide.ts, place-bet.ts and quote-bet.ts. Pure.
// A token is no money: the house stakes it, and the bettor's balance sees only what it returns.

import { accept, refuse, type Decision } from '@wagerline/shared-kernel/decider';
import type { AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import type { FreeBetToken, UsedFreeBet } from '@wagerline/shared-kernel/events/free-bet-tokens';
import type { GrantFreeBet, Slip } from './commands.ts';
import type { OpenAccountState } from './state.ts';

/** Tokens are in the hot state of the account. */
const freeBetsMax = 20;

/** The same grant again changes nothing, also when the token is used. */
export function grantFreeBet(command: GrantFreeBet, state: OpenAccountState, earlier: AccountEvent | undefined): Decision<AccountEvent> {
  const { type: _, at, ...terms } = command;
  if (earlier?.type === 'FreeBetGranted') {
    const isSame = earlier.kind === terms.kind && earlier.amountMinor === terms.amountMinor && earlier.expiresAt === terms.expiresAt;
    return isSame ? accept() : refuse('FREE_BET_EXISTS', {});
  }
  if (terms.currency !== state.currency) return refuse('CURRENCY_MISMATCH', { pointer: '/currency', currency: state.currency });
  if ((state.freeBets ?? []).length >= freeBetsMax) return refuse('FREE_BETS_OVER_LIMIT', { freeBetsMax });
  return accept({ type: 'FreeBetGranted', at, accountId: state.accountId, ...terms });
}

type Found = { readonly token: FreeBetToken } | { readonly code: 'FREE_BET_NOT_FOUND' | 'FREE_BET_EXPIRED'; readonly detail: { readonly pointer: string } };

/** The token that the slip names; undefined where it names none. */
export function tokenOf({ freeBetId, at }: Slip, state: OpenAccountState): Found | undefined {
  if (freeBetId === undefined) return undefined;
  const detail = { pointer: '/freeBetId' };
  const token = state.freeBets?.find((each) => each.freeBetId === freeBetId);
  if (token === undefined) return { code: 'FREE_BET_NOT_FOUND', detail };
  return token.expiresAt <= at ? { code: 'FREE_BET_EXPIRED', detail } : { token };
}

export function usedFreeBet({ freeBetId, kind, expiresAt }: FreeBetToken): UsedFreeBet {
  return { freeBetId, kind, expiresAt };
}
