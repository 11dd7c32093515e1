// What may happen to a market. Bets follow through the settlement job, never from here.

import { accept, refuse, type Decider, type Decision } from '@wagerline/shared-kernel/decider';
import type { MarketEvent, SelectionResult } from '@wagerline/shared-kernel/events/market-events';
import { canonicalJson } from '@wagerline/shared-kernel/values/json';
import { assert, unreachable } from '@wagerline/shared-kernel/values/unreachable';
import type { MarketCommand } from './commands.ts';
import { receiveFeed, standingAfter } from './feed.ts';
import { declarePriceError, payEarly } from './amends.ts';
import { approveDecision, approveVoid, decidedByHand, declineDecision, declineVoid, suspends, tellStakes, voidByHand, voidUndecided } from './by-hand.ts';
import { setAntePost, setPlaceTerms, setStartingPrices, withdraw } from './race.ts';
import { resultsGiven } from './results-given.ts';
import { evolve, initial, type MarketState, type PresentMarket } from './state.ts';

export const marketDecider: Decider<MarketCommand, MarketState, MarketEvent> = {
  initial,
  decide,
  evolve,
  keysOf: () => [],
  recalls: () => [],
};

type Present = PresentMarket;

function decide(command: MarketCommand, state: MarketState): Decision<MarketEvent> {
  if (command.type === 'OpenMarket') return open(command, state);
  if (state.status === 'absent') return refuse('MARKET_NOT_FOUND', {});
  const { marketId, fixtureId } = state;
  const { at } = command;
  switch (command.type) {
    case 'ChangePrices':
      return changePrices(command, state);
    case 'SuspendMarket':
      if (state.status === 'suspended') return accept();
      if (state.status !== 'open') return refuse(over(state.status), {});
      return accept({ type: 'MarketSuspended', at, marketId, fixtureId, reason: command.reason });
    case 'ResumeMarket':
      if (state.status === 'open') return accept();
      if (state.status !== 'suspended') return refuse(over(state.status), {});
      if (state.waiting !== undefined && suspends(state.waiting.decision)) return refuse('DECISION_WAITS', { decisionId: state.waiting.decisionId });
      return accept({ type: 'MarketResumed', at, marketId, fixtureId });
    case 'CloseMarket':
      if (state.status !== 'open' && state.status !== 'suspended') return accept();
      return accept({ type: 'MarketClosed', at, marketId, fixtureId, reason: command.reason });
    case 'ResultMarket':
    case 'CorrectResult':
      return result(command, state);
    case 'SetPlaceTerms':
      return setPlaceTerms(command, state);
    case 'SetAntePost':
      return setAntePost(command, state);
    case 'WithdrawSelection':
      return withdraw(command, state);
    case 'SetStartingPrices':
      return setStartingPrices(command, state);
    case 'DeclarePriceError':
      return declarePriceError(command, state);
    case 'PayEarly':
      return payEarly(command, state);
    case 'VoidMarket':
      return voidByHand(command, state);
    case 'ApproveMarketVoid':
      return approveVoid(command, state);
    case 'DeclineMarketVoid':
      return declineVoid(command, state);
    case 'TellStakes':
      return tellStakes(command, state);
    case 'ApproveDecision':
      return approveDecision(command, state);
    case 'DeclineDecision':
      return declineDecision(command, state);
    case 'VoidUndecidedMarket':
      return voidUndecided(command, state);
    case 'NoteUnplayed':
      // What is decided by then stands.
      if (state.status === 'voided' || state.status === 'resulted' || (state.unplayedUntil ?? '') >= command.until) return accept();
      return accept({ type: 'MarketUnplayed', at, marketId, fixtureId, until: command.until });
    case 'HoldSettlement':
      return state.isHeld ? accept() : accept({ type: 'MarketSettlementHeld', at, marketId, fixtureId, reason: command.reason });
    case 'ResumeSettlement':
      return state.isHeld ? accept({ type: 'MarketSettlementResumed', at, marketId, fixtureId }) : accept();
    case 'ReceiveFeed':
      return receiveFeed(command, state);
    case 'ReleaseMarket':
      if (!state.isDecidedByHand) return accept();
      return accept({ type: 'MarketReleased', at, marketId, fixtureId, reason: command.reason, standing: standingAfter(state, state.feed) });
    default:
      return unreachable(command);
  }
}

function open(command: Extract<MarketCommand, { type: 'OpenMarket' }>, state: MarketState): Decision<MarketEvent> {
  const { type: _, at, ...terms } = command;
  if (state.status === 'absent') return accept({ type: 'MarketOpened', at, ...terms, selections: terms.selections.map((selection) => ({ ...selection })) });
  const offered = (list: readonly { selectionId: string; name: string }[]): string => JSON.stringify(list.map((item) => [item.selectionId, item.name]));
  const same =
    state.fixtureId === terms.fixtureId &&
    state.kind === terms.kind &&
    state.line === terms.line &&
    state.inPlay === terms.inPlay &&
    offered(state.selections) === offered(terms.selections);
  return same ? accept() : refuse('MARKET_EXISTS', {});
}

function changePrices(command: Extract<MarketCommand, { type: 'ChangePrices' }>, state: Present): Decision<MarketEvent> {
  if (state.status !== 'open' && state.status !== 'suspended') return refuse(over(state.status), {});
  const current = new Map(state.selections.map((selection) => [selection.selectionId, selection.odds]));
  const unknown = command.prices.findIndex((price) => !current.has(price.selectionId));
  if (unknown >= 0) return refuse('SELECTION_NOT_FOUND', { pointer: `/prices/${unknown}/selectionId` });
  const prices = command.prices.filter((price) => current.get(price.selectionId) !== price.odds).map((price) => ({ ...price }));
  if (prices.length === 0) return accept();
  return accept({ type: 'PricesChanged', at: command.at, marketId: state.marketId, fixtureId: state.fixtureId, prices });
}

/** A first result needs a closed market: nobody bets on a known outcome. A correction may also bring back a voided market. */
function result(command: Extract<MarketCommand, { type: 'ResultMarket' | 'CorrectResult' }>, state: Present): Decision<MarketEvent> {
  const results = [...resultsGiven(command.results, state)];
  const incomplete = resultsProblem(results, state);
  if (incomplete !== undefined) return incomplete;
  const isSaid = results.every((item) => isSame(state.results.get(item.selectionId), item));
  if (state.isDecidedByHand && state.status === 'resulted' && isSaid) return accept();
  if (command.type === 'ResultMarket') {
    if (state.status === 'open' || state.status === 'suspended') return refuse('MARKET_NOT_CLOSED', {});
    if (state.status !== 'closed') return refuse(over(state.status), {});
    return decidedByHand({ type: 'result', results }, command, state);
  }
  if (state.status !== 'resulted' && state.status !== 'voided') return refuse('MARKET_NOT_RESULTED', {});
  return decidedByHand({ type: 'correction', results, reason: command.reason }, command, state);
}

function resultsProblem(results: readonly SelectionResult[], state: Present): Decision<MarketEvent> | undefined {
  const given = new Map<string, number>();
  for (const [index, item] of results.entries()) {
    if (!state.selections.some((selection) => selection.selectionId === item.selectionId)) {
      return refuse('SELECTION_NOT_FOUND', { pointer: `/results/${index}/selectionId` });
    }
    if (given.has(item.selectionId)) return refuse('RESULT_INCOMPLETE', { pointer: `/results/${index}/selectionId` });
    given.set(item.selectionId, index);
  }
  const missing = state.selections.filter((selection) => !given.has(selection.selectionId)).map((selection) => selection.selectionId);
  return missing.length === 0 ? undefined : refuse('RESULT_INCOMPLETE', { missing });
}

function isSame(known: SelectionResult | undefined, item: SelectionResult): boolean {
  return known !== undefined && canonicalJson(known) === canonicalJson(item);
}

function over(status: Present['status']): 'MARKET_CLOSED' | 'MARKET_RESULTED' | 'MARKET_VOIDED' {
  assert(status !== 'open' && status !== 'suspended', 'an open market is not over');
  return status === 'closed' ? 'MARKET_CLOSED' : status === 'resulted' ? 'MARKET_RESULTED' : 'MARKET_VOIDED';
}
