// What is said of a market's selections as results, be it places or results themselves. Called by decide.ts, and by by-hand.ts when it takes effect. Pure.

import type { SelectionResult } from '@wagerline/shared-kernel/events/market-events';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { GivenResult } from './commands.ts';
import type { PresentMarket as Present } from './state.ts';

/** Places become results by the place terms; who does not run needs none, and keeps what its withdrawal said. */
export function resultsGiven(given: readonly GivenResult[], state: Present): readonly SelectionResult[] {
  const results = given.map((item) => ('result' in item ? item : placed(item, state)));
  const said = new Set(results.map(({ selectionId }) => selectionId));
  const silent = [...state.withdrawn.keys()].filter((selectionId) => !said.has(selectionId));
  return [...results, ...silent.map((selectionId): SelectionResult => ({ selectionId, result: 'void' }))].map((item) => {
    const withdrawn = state.withdrawn.get(item.selectionId);
    return withdrawn === undefined ? { ...item } : { selectionId: item.selectionId, result: withdrawn.result };
  });
}

function placed(item: Exclude<GivenResult, SelectionResult>, { placeTerms }: Present): SelectionResult {
  const { selectionId, position, tied } = item;
  assert(position >= 1 && tied >= 1, 'places are counted from 1');
  if (position === 1) return { selectionId, result: 'won', position, tied, ...(tied > 1 && { winDeadHeat: `1/${tied}` }) };
  return { selectionId, result: position <= (placeTerms?.places ?? 1) ? 'placed' : 'lost', position, tied };
}
