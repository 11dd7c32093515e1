// Double-entry lines of every event that moves money. The ledger, the statement and `ledger verify` are all read from here.

import { unreachable } from '../values/unreachable.ts';
import type { DomainEvent } from './catalogue.ts';

export type Posting = { readonly account: `bettor:${string}` | 'open-stakes' | 'house' | 'payments'; readonly currency: string; readonly amountMinor: number };

/** Lines sum to zero per currency; an event that moves no money has none. Plus = the account holds more. */
export function postings(event: DomainEvent): readonly Posting[] {
  switch (event.type) {
    case 'FundsDeposited':
      return lines(event.currency, event.accountId, { bettor: event.amountMinor, payments: -event.amountMinor });
    case 'FundsWithdrawn':
      return lines(event.currency, event.accountId, { bettor: -event.amountMinor, payments: event.amountMinor });
    case 'BetPlaced':
      if (event.freeBet !== undefined) return lines(event.currency, event.accountId, { bettor: 0, 'open-stakes': event.stakeMinor, house: -event.stakeMinor });
      return lines(event.currency, event.accountId, { bettor: -event.stakeMinor, 'open-stakes': event.stakeMinor });
    case 'BetSettled':
      return lines(event.currency, event.accountId, {
        bettor: event.returnMinor, 'open-stakes': -event.stakeMinor, house: event.stakeMinor - event.returnMinor });
    case 'BetSettlementReversed':
      return lines(event.currency, event.accountId, {
        bettor: -event.returnMinor, 'open-stakes': event.stakeMinor, house: event.returnMinor - event.stakeMinor });
    case 'BetVoided':
      return voidedLines(event);
    case 'DailyCapApplied':
      return lines(event.currency, event.accountId, { bettor: -event.changeMinor, house: event.changeMinor });
    case 'FreeBetGranted':
    case 'AccountOpened':
    case 'DepositRefused':
    case 'WithdrawalRefused':
    case 'LimitSet':
    case 'SelfExcluded':
    case 'BetRefused':
    case 'BetResultConfirmed':
    case 'BetReturnHeld':
    case 'BetRepriced':
    case 'BetMoved':
    case 'BetVoidRequested':
    case 'BetVoidDeclined':
    case 'BetReturnDeclined':
    case 'MarketOpened':
    case 'PricesChanged':
    case 'MarketSuspended':
    case 'MarketResumed':
    case 'MarketClosed':
    case 'MarketResulted':
    case 'MarketResultCorrected':
    case 'MarketVoided':
    case 'MarketUnplayed':
    case 'AntePostSet':
    case 'PlaceTermsSet':
    case 'SelectionWithdrawn':
    case 'StartingPricesSet':
    case 'PriceErrorDeclared':
    case 'OutcomePaidEarly':
    case 'MarketVoidRequested':
    case 'MarketVoidDeclined':
    case 'MarketDecisionRequested':
    case 'MarketDecisionHeld':
    case 'MarketDecisionDeclined':
    case 'MarketSettlementHeld':
    case 'MarketSettlementResumed':
    case 'MarketFeedReceived':
    case 'MarketReleased':
    case 'FixtureScheduled':
    case 'FixtureRescheduled':
    case 'FixturePostponed':
    case 'FixtureUnplayed':
    case 'FixtureStarted':
    case 'FixtureEnded':
    case 'FixtureAbandoned':
    case 'BuilderPriced':
      return [];
    default:
      return unreachable(event);
  }
}

function voidedLines(event: Extract<DomainEvent, { type: 'BetVoided' }>): readonly Posting[] {
  const backMinor = voidedReturnMinor(event);
  return lines(event.currency, event.accountId, { bettor: backMinor, 'open-stakes': -event.stakeMinor, house: event.stakeMinor - backMinor });
}

/** A free bet whose stake is not returned gives its token back instead. */
export function voidedReturnMinor({ stakeMinor, freeBet }: Extract<DomainEvent, { type: 'BetVoided' }>): number {
  return freeBet?.kind === 'stake-not-returned' ? 0 : stakeMinor;
}

type Amounts = { readonly bettor: number; readonly 'open-stakes'?: number; readonly house?: number; readonly payments?: number };

function lines(currency: string, accountId: string, amounts: Amounts): readonly Posting[] {
  const all: Posting[] = [{ account: `bettor:${accountId}`, currency, amountMinor: amounts.bettor }];
  for (const account of ['open-stakes', 'house', 'payments'] as const) {
    const amountMinor = amounts[account];
    if (amountMinor !== undefined) all.push({ account, currency, amountMinor });
  }
  return all.filter((posting) => posting.amountMinor !== 0);
}
