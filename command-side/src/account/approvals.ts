// What a second person approves or declines: a return above a configured sum, and a void by hand of what is known already or large. Called by decide
// alone. Whoever decided is never the one who approves.

import { accept, refuse, type Decision } from '@wagerline/shared-kernel/decider';
import type { AccountEvent, AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import type { Approve, Decline, VoidBet, Why } from './commands.ts';
import { isBetEvent, judgedLeg, reversal, settlementsOf, termsOf, unknown, type BetEvent } from './settle-bet.ts';

/** `request`: the newest one of this bet, or its void. */
export function voidBet(command: VoidBet, last: AccountEvent | undefined, request: AccountEvent | undefined): Decision<AccountEvent> {
  if (last === undefined || !isBetEvent(last)) return refuse('BET_NOT_FOUND', {});
  if (last.type === 'BetVoided' || request?.type === 'BetVoidRequested') return accept();
  const { reason, decidedBy, at, betId } = command;
  if (!needsSecondPerson(command, last)) return accept(...voidedBy(last, { reason, decidedBy, at }));
  return accept({ type: 'BetVoidRequested', accountId: last.accountId, betId, reason, decidedBy, at });
}

export function approveVoid({ approvedBy, at }: Approve, last: AccountEvent | undefined, request: AccountEvent | undefined): Decision<AccountEvent> {
  if (last === undefined || !isBetEvent(last)) return refuse('BET_NOT_FOUND', {});
  if (last.type === 'BetVoided') return accept();
  if (request?.type !== 'BetVoidRequested') return refuse('APPROVAL_NOT_PENDING', {});
  const { reason, decidedBy } = request;
  if (decidedBy.id === approvedBy.id) return refuse('APPROVAL_SAME_PERSON', {});
  return accept(...voidedBy(last, { reason, decidedBy, approvedBy, at }));
}

export function approveReturn({ approvedBy, at }: Approve, last: AccountEvent | undefined): Decision<AccountEvent> {
  if (last === undefined || !isBetEvent(last)) return refuse('BET_NOT_FOUND', {});
  if (last.type === 'BetSettled' && last.approvedBy !== undefined) return accept();
  if (last.type !== 'BetReturnHeld' || last.state === 'open') return refuse('APPROVAL_NOT_PENDING', {});
  if (last.decidedBy.id === approvedBy.id) return refuse('APPROVAL_SAME_PERSON', {});
  const { type: _, state, ...held } = last;
  return accept({ ...held, type: 'BetSettled', state, approvedBy, at });
}

export function declineVoid(command: Decline, last: AccountEvent | undefined, request: AccountEvent | undefined): Decision<AccountEvent> {
  const { reason, declinedBy, at } = command;
  if (last === undefined || !isBetEvent(last)) return refuse('BET_NOT_FOUND', {});
  if (request?.type === 'BetVoidDeclined') return accept();
  if (request?.type !== 'BetVoidRequested') return refuse('APPROVAL_NOT_PENDING', {});
  const { accountId, betId, decidedBy: requestedBy } = request;
  if (requestedBy.id === declinedBy.id) return refuse('APPROVAL_SAME_PERSON', {});
  return accept({ type: 'BetVoidDeclined', accountId, betId, reason, requestedBy, declinedBy, at });
}

/** Nothing waits any more: the same result does not bring it back, a newer one decides anew. */
export function declineReturn({ reason, declinedBy, at }: Decline, last: AccountEvent | undefined): Decision<AccountEvent> {
  if (last === undefined || !isBetEvent(last)) return refuse('BET_NOT_FOUND', {});
  if (last.type === 'BetReturnDeclined') return accept();
  if (last.type !== 'BetReturnHeld' || last.state === 'open') return refuse('APPROVAL_NOT_PENDING', {});
  if (last.decidedBy.id === declinedBy.id) return refuse('APPROVAL_SAME_PERSON', {});
  const { legs, settlement } = last;
  return accept({ type: 'BetReturnDeclined', ...termsOf(last), legs, reason, decidedBy: declinedBy, settlement, at });
}

/** Nobody voids alone after the outcome is known, nor a large sum. */
function needsSecondPerson({ isOutcomeKnown, voidApprovalMinor }: VoidBet, last: BetEvent): boolean {
  const isDecided = ['BetSettled', 'BetResultConfirmed', 'BetReturnDeclined'].includes(last.type) || (last.type === 'BetReturnHeld' && last.state !== 'open');
  return isOutcomeKnown || isDecided || last.stakeMinor > voidApprovalMinor;
}

/** The stake goes back, after the settlement in force is taken back. */
function voidedBy(last: BetEvent, by: Why & { readonly approvedBy?: Why['decidedBy']; readonly at: string }): readonly AccountEvent[] {
  const legs = last.legs.map((leg) => ('result' in leg ? leg : judgedLeg(last, leg, unknown)));
  const voided: AccountEventOf<'BetVoided'> = { type: 'BetVoided', ...termsOf(last), legs, settlement: settlementsOf(last), ...by };
  return last.type === 'BetSettled' || last.type === 'BetResultConfirmed' ? [reversal(last, legs, by), voided] : [voided];
}
