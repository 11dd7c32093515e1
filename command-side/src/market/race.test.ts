// Examples of every decision about a race: place terms, non-runners, starting prices, places instead of results.

import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { MarketCommand } from './commands.ts';
import { marketDecider } from './decide.ts';
import { alone } from './testing-by-hand.ts';

const given = scenarioOf(marketDecider);
const at = '2019-08-09T12:00:00.000Z';
const ids = { marketId: 'm1', fixtureId: 'f1' };
const runners = ['ajax', 'bran', 'cid'] as const;
const selections = runners.map((selectionId) => ({ selectionId, name: selectionId, odds: '9/2' }));
const limits = { stakeMaxPerBetMinor: null, stakeMaxPerAccountMinor: null };
const opened: MarketEvent = { type: 'MarketOpened', at, ...ids, kind: 'winner', line: null, inPlay: false, selections, ...limits };
const closed: MarketEvent = { type: 'MarketClosed', at, ...ids, reason: 'off' };
const terms: MarketEvent = { type: 'PlaceTermsSet', at, ...ids, places: 2, fraction: '1/5' };
const withdrawn: MarketEvent = {
  type: 'SelectionWithdrawn', at, ...ids, selectionId: 'cid', odds: '9/2', result: 'void', rule4Percent: 20, table: 'rule4-tattersalls@1', reason: 'lame',
};
const voided: MarketEvent = { type: 'MarketVoided', at, ...ids, reason: 'waterlogged' };
const withdraw: MarketCommand = { type: 'WithdrawSelection', selectionId: 'cid', result: 'void', reason: 'lame', byHand: alone, at };

describe('place terms', () => {
  const set: MarketCommand = { type: 'SetPlaceTerms', places: 2, fraction: '1/5', at };
  test('are set', () => given(opened).when(set).then(terms));
  test('are changed', () => given(opened, terms).when({ ...set, places: 3 }).then({ ...terms, places: 3 }));
  test('of a voided market are nothing', () => given(opened, voided).when(set).thenRefused('MARKET_VOIDED', {}));
  test('of an unknown market are nothing', () => given().when(set).thenRefused('MARKET_NOT_FOUND', {}));
});

describe('ante-post', () => {
  const set: MarketCommand = { type: 'SetAntePost', antePost: true, at };
  const antePost: MarketEvent = { type: 'AntePostSet', at, ...ids, antePost: true };
  test('a market is', () => given(opened).when(set).then(antePost));
  test('until the field is final', () => given(opened, antePost).when({ ...set, antePost: false }).then({ ...antePost, antePost: false }));
  test('is not what it is not', () => given(opened).when({ ...set, antePost: false }).thenNothing());
  test('is nothing that is over', () => given(opened, voided).when(set).thenRefused('MARKET_VOIDED', {}));
});

describe('a non-runner', () => {
  test('takes the percent of its current price', () => given(opened).when(withdraw).then(withdrawn));
  test('takes what the trader says', () => {
    given(opened).when({ ...withdraw, rule4Percent: 5 }).then({ ...withdrawn, rule4Percent: 5, table: null });
  });
  test('at another price', () => given(opened).when({ ...withdraw, odds: '2/1' }).then({ ...withdrawn, odds: '2/1', rule4Percent: 45 }));
  test('of ante-post bets is lost, and nothing is taken off the others', () => {
    given(opened).when({ ...withdraw, result: 'lost' }).then({ ...withdrawn, result: 'lost', rule4Percent: 0, table: null });
  });
  test('is corrected', () => given(opened, withdrawn).when({ ...withdraw, rule4Percent: 10 }).then({ ...withdrawn, rule4Percent: 10, table: null }));
  test('that never ran here', () => {
    given(opened).when({ ...withdraw, selectionId: 'eve' }).thenRefused('SELECTION_NOT_FOUND', { pointer: '/selectionId' });
  });
  test('suspends the market', () => {
    given(opened, withdrawn).when({ type: 'ResumeMarket', at }).then({ type: 'MarketResumed', at, ...ids });
    given(opened, withdrawn).when({ type: 'SuspendMarket', reason: 'x', at }).thenNothing();
  });
});

describe('starting prices', () => {
  const set: MarketCommand = { type: 'SetStartingPrices', prices: [{ selectionId: 'ajax', odds: '7/1', rule4Percent: 0 }], byHand: alone, at };
  const prices: MarketEvent = { type: 'StartingPricesSet', at, ...ids, prices: [{ selectionId: 'ajax', odds: '7/1', rule4Percent: 0 }] };
  test('come after the close', () => given(opened, closed).when(set).then(prices));
  test('not before', () => given(opened).when(set).thenRefused('MARKET_NOT_CLOSED', {}));
  test('are corrected', () => {
    const other = [{ selectionId: 'ajax', odds: '8/1', rule4Percent: 10 }];
    given(opened, closed, prices).when({ ...set, prices: other }).then({ ...prices, prices: other });
  });
  test('of nobody who runs here', () => {
    const refused = { ...set, prices: [{ selectionId: 'eve', odds: '7/1', rule4Percent: 0 }] };
    given(opened, closed).when(refused).thenRefused('SELECTION_NOT_FOUND', { pointer: '/prices/0/selectionId' });
  });
});

describe('places', () => {
  const places = [
    { selectionId: 'ajax', position: 1, tied: 2 },
    { selectionId: 'bran', position: 1, tied: 2 },
    { selectionId: 'cid', position: 3, tied: 1 },
  ];
  test('are results by the place terms, a shared win with its dead heat', () => {
    const results = [
      { selectionId: 'ajax', result: 'won' as const, position: 1, tied: 2, winDeadHeat: '1/2' },
      { selectionId: 'bran', result: 'won' as const, position: 1, tied: 2, winDeadHeat: '1/2' },
      { selectionId: 'cid', result: 'lost' as const, position: 3, tied: 1 },
    ];
    given(opened, terms, closed).when({ type: 'ResultMarket', results: places, byHand: alone, at }).then({ type: 'MarketResulted', at, ...ids, results });
  });
  test('are needed of everybody who runs', () => {
    const { decision } = given(opened, terms, withdrawn, closed).when({ type: 'ResultMarket', results: places.slice(0, 2), byHand: alone, at });
    expect(decision.events).toMatchObject([{ results: [{}, {}, { selectionId: 'cid', result: 'void' }] }]);
    given(opened, terms, closed)
      .when({ type: 'ResultMarket', results: places.slice(0, 2), byHand: alone, at })
      .thenRefused('RESULT_INCOMPLETE', { missing: ['cid'] });
  });
  test('that another dead heat changes are a correction', () => {
    const behind = runners.map((selectionId) => ({ selectionId, result: 'lost' as const, position: 3, tied: 3 }));
    const resulted: MarketEvent = { type: 'MarketResulted', at, ...ids, results: behind };
    const { decision } = given(opened, closed, resulted).when({ type: 'CorrectResult', results: places, reason: 'photo', byHand: alone, at });
    expect(decision.events).toMatchObject([{ type: 'MarketResultCorrected', results: [{ result: 'won' }, { result: 'won' }, { result: 'lost', tied: 1 }] }]);
  });
});
