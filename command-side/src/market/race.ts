// What a race has that other markets have not: ante-post bets, place terms, runners that do not run, and starting prices. Called by decide.ts. Pure; what it
// makes of bets is settlement's.

import { rule4Percent, tattersalls } from '@wagerline/shared-kernel/betting/rule4';
import { accept, refuse, type Decision } from '@wagerline/shared-kernel/decider';
import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import { parseStoredOdds } from '@wagerline/shared-kernel/values/odds';
import { decidedByHand } from './by-hand.ts';
import type { MarketCommand, SetStartingPrices, WithdrawSelection } from './commands.ts';
import type { PresentMarket as Present } from './state.ts';

export function setPlaceTerms(command: Extract<MarketCommand, { type: 'SetPlaceTerms' }>, state: Present): Decision<MarketEvent> {
  const { places, fraction, at } = command;
  const { marketId, fixtureId, placeTerms } = state;
  if (placeTerms?.places === places && placeTerms.fraction === fraction) return accept();
  if (state.status === 'voided') return refuse('MARKET_VOIDED', {});
  if (state.status === 'resulted') return refuse('MARKET_RESULTED', {});
  return accept({ type: 'PlaceTermsSet', at, marketId, fixtureId, places, fraction });
}

/** Before the field is final: bets struck then lose on who does not run. */
export function setAntePost({ antePost, at }: Extract<MarketCommand, { type: 'SetAntePost' }>, state: Present): Decision<MarketEvent> {
  const { marketId, fixtureId } = state;
  if (state.antePost === antePost) return accept();
  if (state.status === 'voided') return refuse('MARKET_VOIDED', {});
  if (state.status === 'resulted') return refuse('MARKET_RESULTED', {});
  return accept({ type: 'AntePostSet', at, marketId, fixtureId, antePost });
}

/** Said again with other numbers it is a correction, and bets that were settled by the first are settled anew. */
export function withdraw(command: WithdrawSelection, state: Present): Decision<MarketEvent> {
  const { selectionId, result, reason } = command;
  if (state.status === 'voided') return refuse('MARKET_VOIDED', {});
  const offered = state.selections.find((selection) => selection.selectionId === selectionId);
  if (offered === undefined) return refuse('SELECTION_NOT_FOUND', { pointer: '/selectionId' });
  const waiting = state.waiting?.decision;
  const asked = waiting?.type === 'withdrawal' && waiting.selectionId === selectionId ? waiting : undefined;
  const known = asked ?? state.withdrawn.get(selectionId);
  const odds = command.odds ?? known?.odds ?? offered.odds;
  const byTable = command.rule4Percent === undefined && result === 'void';
  const percent = byTable ? rule4Percent(tattersalls, parseStoredOdds(odds)) : (command.rule4Percent ?? 0);
  if (known !== undefined && known.odds === odds && known.result === result && known.rule4Percent === percent) return accept();
  const table = byTable ? tattersalls.id : null;
  return decidedByHand({ type: 'withdrawal', selectionId, odds, result, rule4Percent: percent, table, reason }, command, state);
}

/** A first one needs a closed market: until then the price moves. */
export function setStartingPrices(command: SetStartingPrices, state: Present): Decision<MarketEvent> {
  const { starting, waiting } = state;
  if (state.status === 'open' || state.status === 'suspended') return refuse('MARKET_NOT_CLOSED', {});
  if (state.status === 'voided') return refuse('MARKET_VOIDED', {});
  const unknown = command.prices.findIndex(({ selectionId }) => !isOffered(state, selectionId));
  if (unknown >= 0) return refuse('SELECTION_NOT_FOUND', { pointer: `/prices/${unknown}/selectionId` });
  const prices = command.prices.filter(({ selectionId, odds, rule4Percent: percent }) => {
    const known = starting.get(selectionId);
    return known?.odds !== odds || known.rule4Percent !== percent;
  });
  if (prices.length === 0 && waiting?.decision.type !== 'starting-prices') return accept();
  return decidedByHand({ type: 'starting-prices', prices: prices.map((price) => ({ ...price })) }, command, state);
}

export function isOffered(state: Present, selectionId: string): boolean {
  return state.selections.some((selection) => selection.selectionId === selectionId);
}
