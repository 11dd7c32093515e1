// A message of the results feed about a market: kept once, and what all of them come to. Called by decide alone. Order of arrival decides
// nothing; a decision by hand outranks the feed until it is released.

import type { FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import { standingOf } from '@wagerline/shared-kernel/betting/results/market-standing';
import { accept, refuse, type Decision } from '@wagerline/shared-kernel/decider';
import type { StoredStanding } from '@wagerline/shared-kernel/events/feed-payload';
import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import { canonicalJson } from '@wagerline/shared-kernel/values/json';
import type { MarketCommand } from './commands.ts';
import type { PresentMarket } from './state.ts';

export function receiveFeed(command: Extract<MarketCommand, { type: 'ReceiveFeed' }>, state: PresentMarket): Decision<MarketEvent> {
  const { messageId, message, messagesMax, at } = command;
  const { marketId, fixtureId } = state;
  if (message.fixture !== fixtureId) return refuse('FIXTURE_OTHER', { pointer: '/fixture', fixtureId });
  if (state.feed.some((kept) => kept.messageId === messageId)) return accept();
  if (state.feed.length >= messagesMax) return refuse('FEED_MESSAGES_OVER_LIMIT', { messagesMax });
  const after = standingAfter(state, state.feed.concat({ messageId, message }));
  const isNews = !state.isDecidedByHand && (after.status !== state.status || said(after) !== said(state.standing ?? standingAfter(state, [])));
  const { market: _, fixture: _fixture, ...rest } = message;
  return accept({ type: 'MarketFeedReceived', at, marketId, fixtureId, messageId, message: rest, standing: isNews ? after : null });
}

function said({ status: _, ...standing }: StoredStanding): string {
  return canonicalJson(standing);
}

export function standingAfter(state: PresentMarket, feed: PresentMarket['feed']): StoredStanding {
  const messages: readonly FeedMessage[] = feed.map(({ message }) => message);
  const standing = standingOf(messages, state.selections.map(({ selectionId }) => selectionId));
  return { status: statusUnder(standing, state.status), ...standing };
}

/** Nobody bets on a known outcome, nor into a cancelled window that is still open. What was over once does not open again by itself. */
function statusUnder({ results, cancelled, held }: Omit<StoredStanding, 'status'>, before: PresentMarket['status']): PresentMarket['status'] {
  if (cancelled.some(({ startMs, endMs }) => startMs === undefined && endMs === undefined)) return 'voided';
  if (results.some(({ result }) => result !== 'open')) return 'resulted';
  if (held || cancelled.some(({ endMs }) => endMs === undefined)) return 'closed';
  return before === 'resulted' || before === 'voided' ? 'closed' : before;
}
