// Examples of what a market makes of the messages of a feed.

import type { FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import { identityOf } from '@wagerline/shared-kernel/betting/results/feed-message';
import type { StoredStanding } from '@wagerline/shared-kernel/events/feed-payload';
import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import { sha256Hex } from '@wagerline/shared-kernel/values/ids';
import { describe, test } from 'vitest';
import type { MarketCommand } from './commands.ts';
import { marketDecider } from './decide.ts';
import { alone } from './testing-by-hand.ts';

const given = scenarioOf(marketDecider);
const at = '2019-08-01T12:00:00.000Z';
const ids = { marketId: 'm1', fixtureId: 'liv-nor' };
const opened: MarketEvent = {
  type: 'MarketOpened', at, ...ids, kind: 'asian-handicap', line: '-0.75', inPlay: false, stakeMaxPerBetMinor: null, stakeMaxPerAccountMinor: null,
  selections: ['home', 'away'].map((selectionId) => ({ selectionId, name: selectionId, odds: '2/1' })),
};
const closed: MarketEvent = { type: 'MarketClosed', at, ...ids, reason: 'full-time' };
const byHand: MarketEvent = { type: 'MarketResulted', at, ...ids, results: results('lost', 'won') };

function results(home: 'won' | 'lost', away: 'won' | 'lost') {
  return [{ selectionId: 'home', result: home }, { selectionId: 'away', result: away }];
}

function message(type: FeedMessage['type'], timestampMs: number, more: Partial<FeedMessage> = {}): FeedMessage {
  return { type, product: 1, fixture: ids.fixtureId, market: ids.marketId, specifiers: '', timestampMs, outcomes: [], ...more };
}
function settlement(timestampMs: number, home: 0 | 1, more: Partial<FeedMessage> = {}): FeedMessage {
  const outcomes = [{ selection: 'home', result: home }, { selection: 'away', result: home === 1 ? 0 : 1 }] as const;
  return message('settlement', timestampMs, { certainty: 2, outcomes, ...more });
}
function receive(said: FeedMessage, messagesMax = 10): MarketCommand {
  return { type: 'ReceiveFeed', messageId: sha256Hex(identityOf(said)), message: said, messagesMax, at };
}
function received(said: FeedMessage, standing: StoredStanding | null): MarketEvent {
  const { market: _, fixture: _fixture, ...rest } = said;
  return { type: 'MarketFeedReceived', at, ...ids, messageId: sha256Hex(identityOf(said)), message: rest, standing };
}
const open = [{ selectionId: 'home', result: 'open' as const }, { selectionId: 'away', result: 'open' as const }];
const standing = (status: StoredStanding['status'], more: Partial<StoredStanding> = {}): StoredStanding => {
  return { status, results: open, cancelled: [], held: false, ...more };
};
const homeWon = standing('resulted', { results: results('won', 'lost') });
const won = received(settlement(2, 1), homeWon);

describe('settlements', () => {
  test('one closes an open market: nobody bets on a known outcome', () => given(opened).when(receive(settlement(2, 1))).then(won));
  test('the same message again changes nothing', () => given(opened, won).when(receive(settlement(2, 1))).thenNothing());
  test('an older one is kept, and says nothing new', () => given(opened, won).when(receive(settlement(1, 0))).then(received(settlement(1, 0), null)));
  test('a newer one outweighs it', () => {
    given(opened, won).when(receive(settlement(3, 0))).then(received(settlement(3, 0), standing('resulted', { results: results('lost', 'won') })));
  });
  test('live first, then confirmed: the confirmation is news for who waits for it', () => {
    const live = settlement(2, 1, { certainty: 1 });
    const unconfirmed = results('won', 'lost').map((result) => ({ ...result, confirmed: { result: 'open' as const } }));
    given(opened).when(receive(live)).then(received(live, standing('resulted', { results: unconfirmed })));
    given(opened, received(live, standing('resulted', { results: unconfirmed }))).when(receive(settlement(2, 1))).then(received(settlement(2, 1), homeWon));
  });
  test('a contradiction holds the market', () => {
    const other = settlement(2, 0, { product: 3 });
    given(opened, won).when(receive(other)).then(received(other, standing('closed', { held: true })));
  });
  test('more of them than are kept', () => given(opened, won).when(receive(settlement(3, 0), 1)).thenRefused('FEED_MESSAGES_OVER_LIMIT', { messagesMax: 1 }));
  test('of another fixture', () => {
    given(opened).when(receive(settlement(2, 1, { fixture: 'other' }))).thenRefused('FIXTURE_OTHER', { pointer: '/fixture', fixtureId: ids.fixtureId });
  });
  test('of a market that nobody opened', () => given().when(receive(settlement(2, 1))).thenRefused('MARKET_NOT_FOUND', {}));
});

describe('rollbacks and cancels', () => {
  const rollback = message('rollback-settlement', 5);
  test('of what was never settled: kept, and an open market stays open', () => given(opened).when(receive(rollback)).then(received(rollback, null)));
  test('a settlement that it undid before it came', () => {
    given(opened, received(rollback, null)).when(receive(settlement(2, 1))).then(received(settlement(2, 1), null));
  });
  test('a rollback leaves the market closed', () => given(opened, won).when(receive(rollback)).then(received(rollback, standing('closed'))));
  test('a cancelled window leaves an open market open, a cancel without bounds voids it', () => {
    const window = message('cancel', 3, { startMs: 1, endMs: 2 });
    given(opened).when(receive(window)).then(received(window, standing('open', { cancelled: [{ startMs: 1, endMs: 2 }] })));
    const all = message('cancel', 3);
    given(opened).when(receive(all)).then(received(all, standing('voided', { cancelled: [{}] })));
    const back = message('rollback-cancel', 4);
    given(opened, received(all, standing('voided', { cancelled: [{}] }))).when(receive(back)).then(received(back, standing('closed')));
  });
  test('a cancel until further notice closes the market', () => {
    const cancel = message('cancel', 3, { startMs: 1 });
    given(opened).when(receive(cancel)).then(received(cancel, standing('closed', { cancelled: [{ startMs: 1 }] })));
  });
});

describe('decisions by hand', () => {
  test('outrank the feed: its messages are kept', () => given(opened, closed, byHand).when(receive(settlement(2, 1))).then(received(settlement(2, 1), null)));
  test('until they are released', () => {
    given(opened, closed, byHand, received(settlement(2, 1), null))
      .when({ type: 'ReleaseMarket', reason: 'feed-is-right', at })
      .then({ type: 'MarketReleased', at, ...ids, reason: 'feed-is-right', standing: homeWon });
  });
  test('released without a feed: the result is gone', () => {
    given(opened, closed, byHand)
      .when({ type: 'ReleaseMarket', reason: 'wrong-match', at })
      .then({ type: 'MarketReleased', at, ...ids, reason: 'wrong-match', standing: standing('closed') });
  });
  test('nothing to release', () => given(opened, won).when({ type: 'ReleaseMarket', reason: 'x', at }).thenNothing());
  test('a correction of what the feed said, and one that makes it a decision by hand', () => {
    const correct = (home: 'won' | 'lost', away: 'won' | 'lost'): MarketCommand => {
      return { type: 'CorrectResult', results: results(home, away), reason: 'late-goal', byHand: alone, at };
    };
    given(opened, won).when(correct('lost', 'won')).then({ type: 'MarketResultCorrected', at, ...ids, results: results('lost', 'won'), reason: 'late-goal' });
    given(opened, won).when(correct('won', 'lost')).then({ type: 'MarketResultCorrected', at, ...ids, results: results('won', 'lost'), reason: 'late-goal' });
  });
  test('the reactor voids nothing that the feed has cancelled', () => {
    const all = received(message('cancel', 3), standing('voided', { cancelled: [{}] }));
    given(opened, all).when({ type: 'VoidUndecidedMarket', reason: 'abandoned', byHand: alone, at }).thenNothing();
    const voided: MarketEvent = { type: 'MarketVoided', at, ...ids, reason: 'by-hand' };
    given(opened, all).when({ type: 'VoidMarket', reason: 'by-hand', byHand: alone, at }).then(voided);
  });
});
