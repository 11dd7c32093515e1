// The free bets that an account holds, folded from its events: granted, used by a bet, given back by one that is void. Called by the
// account's evolve and by the statement's projector. Pure.

import type { AccountEvent, AccountEventOf } from './account-events.ts';

export type UsedFreeBet = NonNullable<AccountEventOf<'BetPlaced'>['freeBet']>;
export type FreeBetToken = UsedFreeBet & { readonly amountMinor: number };

/** The list itself where the event touches none. */
export function tokensAfter(tokens: readonly FreeBetToken[], event: AccountEvent): readonly FreeBetToken[] {
  if (event.type === 'FreeBetGranted') {
    const { freeBetId, kind, amountMinor, expiresAt } = event;
    return [...tokens, { freeBetId, kind, amountMinor, expiresAt }];
  }
  if (!isOfFreeBet(event)) return tokens;
  const { freeBetId } = event.freeBet;
  const others = tokens.filter((token) => token.freeBetId !== freeBetId);
  return isGivenBack(event) ? [...others, { ...event.freeBet, amountMinor: event.stakeMinor }] : others;
}

type BetEvent = AccountEventOf<'BetPlaced' | 'BetSettled' | 'BetSettlementReversed' | 'BetResultConfirmed' | 'BetVoided'>;

export function isOfFreeBet<Event extends { readonly type: string }>(event: Event): event is Extract<Event, BetEvent> & { readonly freeBet: UsedFreeBet } {
  return 'freeBet' in event && event.freeBet !== undefined;
}

/** A bet that is void all over; a token whose stake is returned has been paid out instead. */
function isGivenBack(event: BetEvent & { readonly freeBet: UsedFreeBet }): boolean {
  if (event.freeBet.kind !== 'stake-not-returned') return false;
  return event.type === 'BetVoided' || ((event.type === 'BetSettled' || event.type === 'BetResultConfirmed') && event.state === 'void');
}
