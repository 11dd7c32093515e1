// What a market event says of its selections, for the settlement index: results, cancelled windows, why and by whom. Called by index-log.ts.

import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { MarketResult, ToldResult } from '@wagerline/shared-kernel/ports/settlement-index';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { actorIn } from '../cause.ts';

export type ResultEvent = Extract<
  MarketEvent,
  {
    type:
      | 'MarketResulted'
      | 'MarketResultCorrected'
      | 'MarketVoided'
      | 'MarketFeedReceived'
      | 'MarketReleased'
      | 'MarketUnplayed'
      | 'SelectionWithdrawn'
      | 'StartingPricesSet'
      | 'PriceErrorDeclared'
      | 'OutcomePaidEarly';
  }
>;
export type Said = Omit<MarketResult, 'position' | 'revision'>;
type Standing = NonNullable<Extract<ResultEvent, { type: 'MarketFeedReceived' }>['standing']>;

/** Undefined: a message that changes nothing. Where `results` are empty, what is known of them stays. */
export function saidIn(event: ResultEvent, { metadata }: Pick<RecordedEvent, 'metadata'>): Said | undefined {
  switch (event.type) {
    case 'MarketResulted':
      return { results: bySelection(event.results), reason: 'result', decidedBy: event.approval?.requestedBy ?? actorIn(metadata) };
    case 'MarketResultCorrected':
      return { results: bySelection(event.results), reason: event.reason, decidedBy: event.approval?.requestedBy ?? actorIn(metadata) };
    case 'MarketVoided':
      return { results: null, reason: event.reason, decidedBy: event.approval?.requestedBy ?? actorIn(metadata) };
    case 'MarketUnplayed':
      return { results: {}, reason: 'fixture-not-played', decidedBy: actorIn(metadata) };
    case 'SelectionWithdrawn':
    case 'PriceErrorDeclared':
      return { results: {}, reason: event.reason, decidedBy: event.approval?.requestedBy ?? actorIn(metadata) };
    case 'OutcomePaidEarly':
      return { results: {}, reason: 'early-payout', decidedBy: event.approval?.requestedBy ?? actorIn(metadata) };
    case 'StartingPricesSet':
      return { results: {}, reason: 'starting-prices', decidedBy: event.approval?.requestedBy ?? actorIn(metadata) };
    case 'MarketFeedReceived': {
      if (event.standing === null) return undefined;
      const decidedBy = { role: 'feed', id: `producer-${event.message.product}:${event.messageId}` } as const;
      return { ...saidBy(event.standing), reason: `feed-${event.message.type}`, decidedBy };
    }
    case 'MarketReleased':
      return { ...saidBy(event.standing), reason: event.reason, decidedBy: actorIn(metadata) };
    default:
      return unreachable(event);
  }
}

function bySelection(results: readonly { readonly selectionId: string; readonly result: ToldResult }[]): Readonly<Record<string, ToldResult>> {
  return Object.fromEntries(results.map((item) => [item.selectionId, item.result]));
}

function saidBy({ results, cancelled }: Standing): Pick<Said, 'results' | 'cancelled'> {
  const told = results.map(({ selectionId, ...outcome }) => [selectionId, outcome] as const);
  return { results: Object.fromEntries(told), ...(cancelled.length > 0 && { cancelled }) };
}
