// Who decides of a market by hand in tests, and the market.

import type { MarketEvent, SelectionResult } from '@wagerline/shared-kernel/events/market-events';
import type { Actor } from '@wagerline/shared-kernel/events/metadata';
import type { ByHand } from './commands.ts';

export const decisionId = '6f1c2d3e-4a5b-5c6d-8e7f-901a2b3c4d5e';
export const trader: Actor = { role: 'trader', id: 'trader-1' };
/** No sum needs a second person. */
export const alone: ByHand = { decisionId, by: trader, approvalAboveMinor: Number.MAX_SAFE_INTEGER };

export const at = '2019-08-09T12:00:00.000Z';
export const ids = { marketId: 'm1', fixtureId: 'f1' };
const selections = ['over', 'under'].map((selectionId) => ({ selectionId, name: selectionId, odds: '2/1' }));
const limits = { stakeMaxPerBetMinor: null, stakeMaxPerAccountMinor: null };
export const opened: MarketEvent = { type: 'MarketOpened', at, ...ids, kind: 'total-goals', line: '2.5', inPlay: false, selections, ...limits };
export const closed: MarketEvent = { type: 'MarketClosed', at, ...ids, reason: 'fixture-started' };
export const wonBy = (winner: string): SelectionResult[] =>
  ['over', 'under'].map((selectionId) => ({ selectionId, result: selectionId === winner ? 'won' : 'lost' }));
