// What one person decides of a market by hand, and what a second one approves or declines: everything after a void of a known outcome, and whatever moves
// the money of bets above a sum. Called by decide.ts. Whoever decided never approves.

import { isAbove, type WaitingDecision } from '@wagerline/shared-kernel/betting/results/waiting-decision';
import { accept, refuse, type Decision } from '@wagerline/shared-kernel/decider';
import type { Approval, MarketDecision, MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import type { Actor } from '@wagerline/shared-kernel/events/metadata';
import { canonicalJson } from '@wagerline/shared-kernel/values/json';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import type { ByHand, MarketCommand } from './commands.ts';
import { resultsGiven } from './results-given.ts';
import type { PresentMarket as Present } from './state.ts';

type Asked = { readonly byHand: ByHand; readonly at: string };
type CommandOf<Type extends MarketCommand['type']> = Extract<MarketCommand, { type: Type }>;

/** The market can take the decision now; whether one person is enough depends on what was bet, which the settlement job tells. */
export function decidedByHand(decision: MarketDecision, { byHand, at }: Asked, state: Present): Decision<MarketEvent> {
  const { marketId, fixtureId, waiting, status } = state;
  const { decisionId, by, approvalAboveMinor } = byHand;
  if (waiting !== undefined) return isSame(waiting.decision, decision) ? accept() : otherWaits(waiting);
  if (approvalAboveMinor >= Number.MAX_SAFE_INTEGER) return accept(effectOf(decision, state, at));
  const requested = { type: 'MarketDecisionRequested', at, marketId, fixtureId, decisionId, decision, requestedBy: by, approvalAboveMinor } as const;
  if (status !== 'open' || !suspends(decision)) return accept(requested);
  const reason = decision.type === 'withdrawal' ? decision.reason : 'void-waits';
  return accept<MarketEvent>({ type: 'MarketSuspended', at, marketId, fixtureId, reason }, requested);
}

/** Bets that come while a void waits would be void too, those on a field that is about to change be struck at its old prices, and nobody has added them up. */
export function suspends(decision: MarketDecision): boolean {
  return decision.type === 'void' || decision.type === 'withdrawal';
}

/** A trader's void outranks one that the feed gave. Nobody voids alone after the outcome is known. */
export function voidByHand(command: CommandOf<'VoidMarket'>, state: Present): Decision<MarketEvent> {
  const { marketId, fixtureId, status, isDecidedByHand, waiting } = state;
  const { reason, byHand, at } = command;
  if (status === 'voided' && isDecidedByHand) return accept();
  if (status !== 'resulted') return decidedByHand({ type: 'void', reason }, command, state);
  if (waiting !== undefined) return waiting.decision.type === 'void' ? accept() : otherWaits(waiting);
  return accept({ type: 'MarketVoidRequested', at, marketId, fixtureId, reason, requestedBy: byHand.by });
}

/**
 * A fixture's abandonment leaves alone what has a result, and comes behind what waits there already: whoever sends this sends it again when that has
 * ended. Until then nobody bets on it. What became of it once stands, whoever asks for a void by hand.
 */
export function voidUndecided(command: CommandOf<'VoidUndecidedMarket'>, state: Present): Decision<MarketEvent> {
  const { marketId, fixtureId, status, waiting, ended } = state;
  const { reason, byHand, at } = command;
  if (status === 'voided' || status === 'resulted' || ended.has(byHand.decisionId)) return accept();
  if (waiting === undefined || waiting.decision.type === 'void') return decidedByHand({ type: 'void', reason }, command, state);
  return status === 'open' ? accept({ type: 'MarketSuspended', at, marketId, fixtureId, reason }) : accept();
}

/** Told twice, or of a decision that waits no more: nothing. A void whose outcome the feed has told meanwhile needs two people whatever the sum. */
export function tellStakes({ decisionId, stakes, at }: CommandOf<'TellStakes'>, state: Present): Decision<MarketEvent> {
  const { marketId, fixtureId, waiting } = state;
  if (waiting?.decisionId !== decisionId || waiting.isHeld) return accept();
  const { decision, requestedBy, approvalAboveMinor } = waiting;
  const isOutcomeKnown = decision.type === 'void' && state.status === 'resulted';
  if (isOutcomeKnown || approvalAboveMinor === null || isAbove(stakes, approvalAboveMinor)) {
    return accept({ type: 'MarketDecisionHeld', at, marketId, fixtureId, decisionId, stakes: [...stakes] });
  }
  return accept(effectOf(decision, state, at, { decisionId, requestedBy, stakes: [...stakes] }));
}

export function approveDecision({ decisionId, by, at }: CommandOf<'ApproveDecision'>, state: Present): Decision<MarketEvent> {
  const { waiting, ended } = state;
  if (waiting?.decisionId === decisionId) return approved(waiting, by, at, state);
  return ended.get(decisionId) === 'effective' ? accept() : refuse('APPROVAL_NOT_PENDING', {});
}

export function approveVoid({ by, at }: CommandOf<'ApproveMarketVoid'>, state: Present): Decision<MarketEvent> {
  const { status, isDecidedByHand, waiting } = state;
  if (waiting?.decision.type === 'void') return approved(waiting, by, at, state);
  return status === 'voided' && isDecidedByHand ? accept() : refuse('APPROVAL_NOT_PENDING', {});
}

export function declineDecision({ decisionId, reason, by, at }: CommandOf<'DeclineDecision'>, state: Present): Decision<MarketEvent> {
  const { waiting, ended } = state;
  if (waiting?.decisionId === decisionId) return declined(waiting, reason, by, at, state);
  return ended.get(decisionId) === 'declined' ? accept() : refuse('APPROVAL_NOT_PENDING', {});
}

export function declineVoid({ reason, by, at }: CommandOf<'DeclineMarketVoid'>, { waiting, ...state }: Present): Decision<MarketEvent> {
  return waiting?.decision.type === 'void' ? declined(waiting, reason, by, at, state) : refuse('APPROVAL_NOT_PENDING', {});
}

function approved({ decisionId, decision, requestedBy, stakes }: WaitingDecision, by: Actor, at: string, state: Present): Decision<MarketEvent> {
  if (requestedBy.id === by.id) return refuse('APPROVAL_SAME_PERSON', {});
  const counted = { ...(decisionId !== null && { decisionId }), ...(stakes !== null && { stakes: [...stakes] }) };
  return accept(effectOf(decision, state, at, { requestedBy, approvedBy: by, ...counted }));
}

type OfMarket = Pick<Present, 'marketId' | 'fixtureId'>;

/** The market is as it was, and may be asked for again. */
function declined(waiting: WaitingDecision, reason: string, by: Actor, at: string, { marketId, fixtureId }: OfMarket): Decision<MarketEvent> {
  const { decisionId, requestedBy } = waiting;
  if (requestedBy.id === by.id) return refuse('APPROVAL_SAME_PERSON', {});
  const said = { at, marketId, fixtureId, reason, requestedBy, declinedBy: by };
  return accept(decisionId === null ? { type: 'MarketVoidDeclined', ...said } : { type: 'MarketDecisionDeclined', ...said, decisionId });
}

/** On the market as it is now: what the feed has said meanwhile is corrected, and who does not run since then has no other result. */
function effectOf(decision: MarketDecision, state: Present, at: string, approval?: Approval): MarketEvent {
  const said = { at, marketId: state.marketId, fixtureId: state.fixtureId, ...(approval !== undefined && { approval }) };
  switch (decision.type) {
    case 'result':
    case 'correction': {
      const results = [...resultsGiven(decision.results, state)];
      if (decision.type === 'result' && state.status === 'closed') return { type: 'MarketResulted', ...said, results };
      return { type: 'MarketResultCorrected', ...said, results, reason: decision.type === 'result' ? 'result' : decision.reason };
    }
    case 'void':
      return { type: 'MarketVoided', ...said, reason: decision.reason };
    case 'early-payout':
      return { type: 'OutcomePaidEarly', ...said, selectionId: decision.selectionId, reason: decision.reason };
    case 'withdrawal':
      return { ...decision, type: 'SelectionWithdrawn', ...said };
    case 'price-error':
      return { ...decision, type: 'PriceErrorDeclared', ...said };
    case 'starting-prices':
      return { ...decision, type: 'StartingPricesSet', ...said };
    default:
      return unreachable(decision);
  }
}

function otherWaits({ decisionId, requestedBy }: WaitingDecision): Decision<MarketEvent> {
  return refuse('DECISION_WAITS', { decisionId, requestedBy });
}

/** The reason makes no other decision. */
function isSame(waiting: MarketDecision, decision: MarketDecision): boolean {
  return canonicalJson(content(waiting)) === canonicalJson(content(decision));
}

function content(decision: MarketDecision) {
  switch (decision.type) {
    case 'result':
    case 'correction':
      return { results: decision.results };
    case 'void':
      return { type: 'void' };
    case 'early-payout':
      return { selectionId: decision.selectionId };
    case 'withdrawal': {
      const { selectionId, odds, result, rule4Percent } = decision;
      return { selectionId, odds, result, rule4Percent };
    }
    case 'price-error':
      return { errorId: decision.errorId, correction: decision.correction };
    case 'starting-prices':
      return { prices: decision.prices };
    default:
      return unreachable(decision);
  }
}
