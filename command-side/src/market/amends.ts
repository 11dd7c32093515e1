// What a trader amends of bets that are struck already: a price that was a palpable error, an outcome that is paid before it is decided. Called by
// decide.ts. Pure; what it makes of bets is settlement's.

import { accept, refuse, type Decision } from '@wagerline/shared-kernel/decider';
import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import { canonicalJson } from '@wagerline/shared-kernel/values/json';
import { decidedByHand } from './by-hand.ts';
import type { DeclarePriceError, MarketCommand } from './commands.ts';
import { isOffered } from './race.ts';
import type { PresentMarket as Present } from './state.ts';

/** Each stands in every result of the market that the settlement index keeps. */
const priceErrorsMax = 100;

/** At any time, before the result or after it: bets that are settled already are settled again. */
export function declarePriceError(command: DeclarePriceError, state: Present): Decision<MarketEvent> {
  const { errorId, correction, reason } = command;
  const { priceErrors, waiting } = state;
  const known = priceErrors.get(errorId);
  const isAboutToChange = waiting?.decision.type === 'price-error' && waiting.decision.errorId === errorId;
  if (!isAboutToChange && canonicalJson(known ?? null) === canonicalJson(correction)) return accept();
  if (correction !== null && !isOffered(state, correction.selectionId)) return refuse('SELECTION_NOT_FOUND', { pointer: '/selectionId' });
  if (known === undefined && priceErrors.size >= priceErrorsMax) return refuse('PRICE_ERRORS_OVER_LIMIT', { priceErrorsMax });
  return decidedByHand({ type: 'price-error', errorId, correction, reason }, command, state);
}

/** Also after a result or a void: whichever of them was said first, bets end in the same. */
export function payEarly(command: Extract<MarketCommand, { type: 'PayEarly' }>, state: Present): Decision<MarketEvent> {
  const { selectionId, reason } = command;
  if (!isOffered(state, selectionId)) return refuse('SELECTION_NOT_FOUND', { pointer: '/selectionId' });
  if (state.paidEarly.has(selectionId)) return accept();
  return decidedByHand({ type: 'early-payout', selectionId, reason }, command, state);
}
