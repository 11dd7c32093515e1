// What may happen to an account. One append per command: a bet and its stake are one fact.

import { accept, refuse, type Decider, type Decision, type Recall } from '@wagerline/shared-kernel/decider';
import type { AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import type { ProblemCode } from '@wagerline/shared-kernel/problems';
import { isCurrency } from '@wagerline/shared-kernel/values/money';
import { addHours } from '@wagerline/shared-kernel/values/time';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import type { AccountCommand, MoveFunds } from './commands.ts';
import { withDailyCap } from './capped-days.ts';
import { grantFreeBet } from './free-bets.ts';
import { placeBet } from './place-bet.ts';
import { approveReturn, approveVoid, declineReturn, declineVoid, voidBet } from './approvals.ts';
import { settleBet } from './settle-bet.ts';
import { countersAt, evolve, initial, isExcluded, limitAt, periods, type AccountState, type OpenAccountState } from './state.ts';

/** A looser limit takes effect after this many hours; a tighter one at once. */
const looserLimitDelayHours = 24;

export const accountDecider: Decider<AccountCommand, AccountState, AccountEvent> = { initial, decide, evolve, keysOf, recalls };

function decide(command: AccountCommand, state: AccountState, recall: Recall<AccountEvent>): Decision<AccountEvent> {
  if (command.type === 'OpenAccount') return openAccount(command, state);
  if (state.status === 'absent') return refuse('ACCOUNT_NOT_FOUND', {});
  switch (command.type) {
    case 'Deposit':
    case 'Withdraw':
      return recall(keyOf(command.keyHash)) === undefined ? moveFunds(command, state) : accept();
    case 'SetLimit':
      return setLimit(command, state);
    case 'SelfExclude':
      return selfExclude(command, state);
    case 'PlaceBet':
      return recall(keyOf(command.keyHash)) === undefined ? placeBet(command, state) : accept();
    case 'SettleBet':
      return withDailyCap(settleBet(command, recall(betKeyOf(command.betId))), state);
    case 'VoidBet':
      return withDailyCap(voidBet(command, recall(betKeyOf(command.betId)), recall(voidKeyOf(command.betId))), state);
    case 'GrantFreeBet':
      return grantFreeBet(command, state, recall(freeBetKeyOf(command.freeBetId)));
    case 'ApproveReturn':
      return withDailyCap(approveReturn(command, recall(betKeyOf(command.betId))), state);
    case 'DeclineReturn':
      return declineReturn(command, recall(betKeyOf(command.betId)));
    case 'DeclineVoid':
      return declineVoid(command, recall(betKeyOf(command.betId)), recall(voidKeyOf(command.betId)));
    case 'ApproveVoid':
      return withDailyCap(approveVoid(command, recall(betKeyOf(command.betId)), recall(voidKeyOf(command.betId))), state);
    default:
      return unreachable(command);
  }
}

function openAccount(command: Extract<AccountCommand, { type: 'OpenAccount' }>, state: AccountState): Decision<AccountEvent> {
  const { accountId, currency, brand, jurisdiction, at } = command;
  if (!isCurrency(currency)) return refuse('CURRENCY_UNKNOWN', { pointer: '/currency' });
  if (state.status === 'absent') return accept({ type: 'AccountOpened', at, accountId, currency, brand, jurisdiction });
  const same = state.currency === currency && state.brand === brand && state.jurisdiction === jurisdiction;
  return same ? accept() : refuse('ACCOUNT_ALREADY_OPEN', {});
}

function moveFunds(command: MoveFunds, state: OpenAccountState): Decision<AccountEvent> {
  const { at, amountMinor, currency, keyHash, requestHash } = command;
  const moved = { at, accountId: state.accountId, amountMinor, currency, keyHash, requestHash };
  const refusal = command.type === 'Deposit' ? depositRefusal(command, state) : withdrawalRefusal(command, state);
  if (refusal === undefined) return accept({ ...moved, type: command.type === 'Deposit' ? 'FundsDeposited' : 'FundsWithdrawn' });
  const { code, detail } = refusal;
  return refuse(code, detail, { ...moved, type: command.type === 'Deposit' ? 'DepositRefused' : 'WithdrawalRefused', code, detail });
}

type Refusal = { readonly code: ProblemCode; readonly detail: Record<string, string | number> };

function depositRefusal(command: MoveFunds, state: OpenAccountState): Refusal | undefined {
  const amount = amountRefusal(command, state);
  if (amount !== undefined) return amount;
  if (isExcluded(state, command.at)) return { code: 'SELF_EXCLUDED', detail: {} };
  const counters = countersAt(state.counters, command.at);
  for (const period of periods) {
    const limit = limitAt(state, 'deposit', period, command.at);
    if (limit !== null && counters[period].depositedMinor + command.amountMinor > limit) {
      return { code: 'DEPOSIT_LIMIT_EXCEEDED', detail: { period, limitMinor: limit } };
    }
  }
  return undefined;
}

function withdrawalRefusal(command: MoveFunds, state: OpenAccountState): Refusal | undefined {
  const amount = amountRefusal(command, state);
  if (amount !== undefined) return amount;
  if (state.balanceMinor < 0) return { code: 'ACCOUNT_BLOCKED', detail: {} };
  return state.balanceMinor < command.amountMinor ? { code: 'INSUFFICIENT_FUNDS', detail: {} } : undefined;
}

function amountRefusal(command: MoveFunds, state: OpenAccountState): Refusal | undefined {
  if (command.currency !== state.currency) return { code: 'CURRENCY_MISMATCH', detail: { pointer: '/currency', currency: state.currency } };
  if (command.amountMinor > command.amountMinorMax) {
    return { code: 'AMOUNT_INVALID', detail: { pointer: '/amountMinor', amountMinorMax: command.amountMinorMax } };
  }
  return undefined;
}

function setLimit(command: Extract<AccountCommand, { type: 'SetLimit' }>, state: OpenAccountState): Decision<AccountEvent> {
  const { kind, period, amountMinor, at } = command;
  const inForce = limitAt(state, kind, period, at);
  const pending = state.limits[`${kind}-${period}`]?.next;
  const waiting = pending !== undefined && pending !== null && pending.effectiveAt > at ? pending : undefined;
  if (waiting === undefined ? amountMinor === inForce : amountMinor === waiting.amountMinor) return accept();
  const looser = inForce !== null && (amountMinor === null || amountMinor > inForce);
  const effectiveAt = looser ? addHours(at, looserLimitDelayHours) : at;
  return accept({ type: 'LimitSet', at, accountId: state.accountId, kind, period, amountMinor, effectiveAt });
}

function selfExclude(command: Extract<AccountCommand, { type: 'SelfExclude' }>, state: OpenAccountState): Decision<AccountEvent> {
  const { until, at } = command;
  if (state.excludedUntil === until) return accept();
  const shorter = state.excludedUntil === null || (until !== null && (until <= at || (state.excludedUntil !== undefined && until < state.excludedUntil)));
  if (shorter) return refuse('SELF_EXCLUSION_SHORTER', { pointer: '/until' });
  return accept({ type: 'SelfExcluded', at, accountId: state.accountId, until });
}

export const keyOf = (keyHash: string): string => `key:${keyHash}`;
export const freeBetKeyOf = (freeBetId: string): string => `free-bet:${freeBetId}`;
export const betKeyOf = (betId: string): string => `bet:${betId}`;
/** The newest request to void a bet, or its void. A prefix is as long as every other. */
const voidKeyOf = (betId: string): string => `ask:${betId}`;

function recalls(command: AccountCommand): readonly string[] {
  switch (command.type) {
    case 'Deposit':
    case 'Withdraw':
    case 'PlaceBet':
      return [keyOf(command.keyHash)];
    case 'SettleBet':
    case 'ApproveReturn':
    case 'DeclineReturn':
      return [betKeyOf(command.betId)];
    case 'GrantFreeBet':
      return [freeBetKeyOf(command.freeBetId)];
    case 'VoidBet':
    case 'ApproveVoid':
    case 'DeclineVoid':
      return [betKeyOf(command.betId), voidKeyOf(command.betId)];
    case 'OpenAccount':
    case 'SetLimit':
    case 'SelfExclude':
      return [];
    default:
      return unreachable(command);
  }
}

function keysOf(event: AccountEvent): readonly string[] {
  switch (event.type) {
    case 'FundsDeposited':
    case 'DepositRefused':
    case 'FundsWithdrawn':
    case 'WithdrawalRefused':
    case 'BetRefused':
      return [keyOf(event.keyHash)];
    case 'BetPlaced':
      return [keyOf(event.keyHash), betKeyOf(event.betId)];
    case 'BetSettled':
    case 'BetSettlementReversed':
    case 'BetResultConfirmed':
    case 'BetReturnHeld':
    case 'BetRepriced':
    case 'BetMoved':
    case 'BetReturnDeclined':
      return [betKeyOf(event.betId)];
    case 'FreeBetGranted':
      return [freeBetKeyOf(event.freeBetId)];
    case 'BetVoidRequested':
    case 'BetVoidDeclined':
      return [voidKeyOf(event.betId)];
    case 'BetVoided':
      return [betKeyOf(event.betId), voidKeyOf(event.betId)];
    case 'AccountOpened':
    case 'LimitSet':
    case 'SelfExcluded':
    case 'DailyCapApplied':
      return [];
    default:
      return unreachable(event);
  }
}
