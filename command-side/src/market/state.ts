// A market folded from its events. Its version is its stream's revision and is kept outside.

import type { LegResult } from '@wagerline/shared-kernel/betting/slip';
import type { MarketKind } from '@wagerline/shared-kernel/betting/market-kinds';
import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';

export type Selection = { readonly selectionId: string; readonly name: string; readonly odds: string };

export type MarketState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'open' | 'suspended' | 'closed' | 'resulted' | 'voided';
      readonly marketId: string;
      readonly fixtureId: string;
      readonly kind: MarketKind;
      readonly line: string | null;
      readonly inPlay: boolean;
      readonly selections: readonly Selection[];
      readonly stakeMaxPerBetMinor: number | null;
      readonly stakeMaxPerAccountMinor: number | null;
      readonly results: ReadonlyMap<string, LegResult>;
      /** No result settles a bet until it is resumed. */
      readonly isHeld: boolean;
    };

export const initial: MarketState = { status: 'absent' };

export function evolve(state: MarketState, event: MarketEvent): MarketState {
  if (event.type === 'MarketOpened') {
    const { marketId, fixtureId, kind, line, inPlay, selections, stakeMaxPerBetMinor, stakeMaxPerAccountMinor } = event;
    const limits = { stakeMaxPerBetMinor, stakeMaxPerAccountMinor };
    return { status: 'open', marketId, fixtureId, kind, line, inPlay, selections, ...limits, results: new Map(), isHeld: false };
  }
  if (state.status === 'absent') return state;
  switch (event.type) {
    case 'PricesChanged': {
      const odds = new Map(event.prices.map((price) => [price.selectionId, price.odds]));
      return { ...state, selections: state.selections.map((selection) => ({ ...selection, odds: odds.get(selection.selectionId) ?? selection.odds })) };
    }
    case 'MarketSuspended':
      return { ...state, status: 'suspended' };
    case 'MarketResumed':
      return { ...state, status: 'open' };
    case 'MarketClosed':
      return { ...state, status: 'closed' };
    case 'MarketResulted':
    case 'MarketResultCorrected':
      return { ...state, status: 'resulted', results: new Map(event.results.map((item) => [item.selectionId, item.result])) };
    case 'MarketVoided':
      return { ...state, status: 'voided', results: new Map() };
    case 'MarketSettlementHeld':
      return { ...state, isHeld: true };
    case 'MarketSettlementResumed':
      return { ...state, isHeld: false };
    default:
      return unreachable(event);
  }
}
