// Examples of every decision about a market.

import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import type { MarketEvent, SelectionResult } from '@wagerline/shared-kernel/events/market-events';
import { describe, expect, test } from 'vitest';
import type { MarketCommand } from './commands.ts';
import { marketDecider } from './decide.ts';
import { alone } from './testing-by-hand.ts';

const given = scenarioOf(marketDecider);
const at = '2019-08-01T12:00:00.000Z';
const ids = { marketId: 'm1', fixtureId: 'liv-nor' };
const terms = {
  ...ids,
  kind: 'match-result' as const,
  line: null,
  inPlay: false,
  selections: [
    { selectionId: 'home', name: 'Liverpool', odds: '57/50' },
    { selectionId: 'draw', name: 'Draw', odds: '10/1' },
    { selectionId: 'away', name: 'Norwich', odds: '19/1' },
  ],
  stakeMaxPerBetMinor: null,
  stakeMaxPerAccountMinor: null,
};
const resultsFor = (winner: string): SelectionResult[] =>
  terms.selections.map(({ selectionId }) => ({ selectionId, result: selectionId === winner ? 'won' : 'lost' }));

const opened: MarketEvent = { type: 'MarketOpened', at, ...terms };
const suspended: MarketEvent = { type: 'MarketSuspended', at, ...ids, reason: 'goal' };
const closed: MarketEvent = { type: 'MarketClosed', at, ...ids, reason: 'fixture-started' };
const resulted: MarketEvent = { type: 'MarketResulted', at, ...ids, results: resultsFor('home') };
const voided: Extract<MarketEvent, { type: 'MarketVoided' }> = { type: 'MarketVoided', at, ...ids, reason: 'abandoned' };
const open: MarketCommand = { type: 'OpenMarket', ...terms, at };

describe('opening', () => {
  test('a market is opened', () => given().when(open).then(opened));
  test('other terms under the same id are refused', () => given(opened).when({ ...open, inPlay: true }).thenRefused('MARKET_EXISTS', {}));
  test('nothing happens to an absent market', () => given().when({ type: 'ResumeMarket', at }).thenRefused('MARKET_NOT_FOUND', {}));
});

describe('prices', () => {
  const change = (selectionId: string, odds: string): MarketCommand => ({ type: 'ChangePrices', prices: [{ selectionId, odds }], at });
  test('only what changed is recorded', () =>
    given(opened)
      .when({ type: 'ChangePrices', prices: [{ selectionId: 'home', odds: '6/5' }, { selectionId: 'draw', odds: '10/1' }], at })
      .then({ type: 'PricesChanged', at, ...ids, prices: [{ selectionId: 'home', odds: '6/5' }] }));
  test('a suspended market takes new prices', () =>
    given(opened, suspended).when(change('home', '6/5')).then({ type: 'PricesChanged', at, ...ids, prices: [{ selectionId: 'home', odds: '6/5' }] }));
  test('an unknown selection is named', () =>
    given(opened).when(change('nobody', '6/5')).thenRefused('SELECTION_NOT_FOUND', { pointer: '/prices/0/selectionId' }));
  test('a closed market takes none', () => given(opened, closed).when(change('home', '6/5')).thenRefused('MARKET_CLOSED', {}));
});

describe('open, suspended, closed', () => {
  test('an open market is suspended', () => given(opened).when({ type: 'SuspendMarket', reason: 'goal', at }).then(suspended));
  test('a resulted market is not suspended', () =>
    given(opened, closed, resulted).when({ type: 'SuspendMarket', reason: 'goal', at }).thenRefused('MARKET_RESULTED', {}));
  test('a suspended market is resumed', () => given(opened, suspended).when({ type: 'ResumeMarket', at }).then({ type: 'MarketResumed', at, ...ids }));
  test('a closed market is not resumed', () => given(opened, closed).when({ type: 'ResumeMarket', at }).thenRefused('MARKET_CLOSED', {}));
  test('a voided market is not resumed', () => given(opened, voided).when({ type: 'ResumeMarket', at }).thenRefused('MARKET_VOIDED', {}));
  test('an open market is closed', () => given(opened).when({ type: 'CloseMarket', reason: 'fixture-started', at }).then(closed));
  test('a suspended market is closed', () => given(opened, suspended).when({ type: 'CloseMarket', reason: 'fixture-started', at }).then(closed));
  test('a voided market is closed already', () => given(opened, voided).when({ type: 'CloseMarket', reason: 'fixture-started', at }).thenNothing());
});

describe('results', () => {
  const result = (results: readonly SelectionResult[]): MarketCommand => ({ type: 'ResultMarket', results, byHand: alone, at });
  const correct = (results: readonly SelectionResult[]): MarketCommand => ({ type: 'CorrectResult', results, reason: 'late-goal', byHand: alone, at });
  test('a closed market gets its result', () => given(opened, closed).when(result(resultsFor('home'))).then(resulted));
  test('an open market gets none: nobody bets on a known outcome', () =>
    given(opened).when(result(resultsFor('home'))).thenRefused('MARKET_NOT_CLOSED', {}));
  test('another result needs a correction', () => given(opened, closed, resulted).when(result(resultsFor('away'))).thenRefused('MARKET_RESULTED', {}));
  test('every selection needs a result', () =>
    given(opened, closed).when(result(resultsFor('home').slice(1))).thenRefused('RESULT_INCOMPLETE', { missing: ['home'] }));
  test('a selection has one result', () =>
    given(opened, closed)
      .when(result([...resultsFor('home'), { selectionId: 'away', result: 'won' }]))
      .thenRefused('RESULT_INCOMPLETE', { pointer: '/results/3/selectionId' }));
  test('an unknown selection is named', () =>
    given(opened, closed).when(result([{ selectionId: 'nobody', result: 'won' }])).thenRefused('SELECTION_NOT_FOUND', { pointer: '/results/0/selectionId' }));
  test('a result is corrected', () =>
    given(opened, closed, resulted)
      .when(correct(resultsFor('draw')))
      .then({ type: 'MarketResultCorrected', at, ...ids, results: resultsFor('draw'), reason: 'late-goal' }));
  test('a market without a result has nothing to correct', () =>
    given(opened, closed).when(correct(resultsFor('draw'))).thenRefused('MARKET_NOT_RESULTED', {}));
  test('a correction brings back a voided market', () =>
    given(opened, voided)
      .when(correct(resultsFor('draw')))
      .then({ type: 'MarketResultCorrected', at, ...ids, results: resultsFor('draw'), reason: 'late-goal' }));
  const byHand = { type: 'VoidMarket', reason: 'abandoned', byHand: alone, at } as const;
  test('a market is voided alone before its result, by two people after it', () => {
    given(opened).when(byHand).then(voided);
    const requested: MarketEvent = { type: 'MarketVoidRequested', at, ...ids, reason: 'abandoned', requestedBy: alone.by };
    given(opened, closed, resulted).when(byHand).then(requested);
    const approve: MarketCommand = { type: 'ApproveMarketVoid', by: { role: 'settler', id: 'settler-1' }, at };
    const approval = { requestedBy: alone.by, approvedBy: approve.by };
    given(opened, closed, resulted, requested).when(approve).then({ ...voided, approval });
    given(opened, closed, resulted, requested).when({ ...approve, by: alone.by }).thenRefused('APPROVAL_SAME_PERSON', {});
    given(opened, closed, resulted).when(approve).thenRefused('APPROVAL_NOT_PENDING', {});
  });
  test('a second person declines: the market keeps its result, and may be asked for again', () => {
    const requested: MarketEvent = { type: 'MarketVoidRequested', at, ...ids, reason: 'abandoned', requestedBy: alone.by };
    const decline = { type: 'DeclineMarketVoid', reason: 'no-grounds', by: { role: 'settler', id: 'settler-1' }, at } as const;
    const declined: MarketEvent = { type: 'MarketVoidDeclined', at, ...ids, reason: 'no-grounds', requestedBy: alone.by, declinedBy: decline.by };
    given(opened, closed, resulted, requested).when(decline).then(declined);
    given(opened, closed, resulted, requested).when({ ...decline, by: alone.by }).thenRefused('APPROVAL_SAME_PERSON', {});
    given(opened, closed, resulted, requested, declined).when({ ...byHand }).then(requested);
    given(opened, closed, resulted).when(decline).thenRefused('APPROVAL_NOT_PENDING', {});
  });
  test('an abandoned fixture voids what is undecided only', () => {
    given(opened, closed).when({ type: 'VoidUndecidedMarket', reason: 'abandoned', byHand: alone, at }).then(voided);
    given(opened, closed, resulted).when({ type: 'VoidUndecidedMarket', reason: 'abandoned', byHand: alone, at }).thenNothing();
  });
  test('a result for a voided market is refused', () => {
    expect(given(opened, voided).when(result(resultsFor('home'))).decision).toMatchObject({ outcome: 'refused', code: 'MARKET_VOIDED' });
  });
});

describe('settlement held', () => {
  const held: MarketEvent = { type: 'MarketSettlementHeld', at, ...ids, reason: 'disputed' };
  const released: MarketEvent = { type: 'MarketSettlementResumed', at, ...ids };
  test('a market is held at any time, once', () => {
    given(opened).when({ type: 'HoldSettlement', reason: 'disputed', at }).then(held);
    given(opened, closed, resulted).when({ type: 'HoldSettlement', reason: 'disputed', at }).then(held);
    given(opened, held).when({ type: 'HoldSettlement', reason: 'again', at }).thenNothing();
  });
  test('a held market takes its result, and is resumed once', () => {
    given(opened, held, closed).when({ type: 'ResultMarket', results: resultsFor('home'), byHand: alone, at }).then(resulted);
    given(opened, held).when({ type: 'ResumeSettlement', at }).then(released);
    given(opened, held, released).when({ type: 'ResumeSettlement', at }).thenNothing();
    given(opened).when({ type: 'ResumeSettlement', at }).thenNothing();
  });
});

describe('a fixture that is not played in time', () => {
  const until = '2019-08-11T19:00:00.000Z';
  const note: MarketCommand = { type: 'NoteUnplayed', until, at };
  const unplayed: MarketEvent = { type: 'MarketUnplayed', at, ...ids, until };
  test('is noted by its markets, open or not', () => {
    for (const history of [[opened], [opened, suspended], [opened, closed]]) given(...history).when(note).then(unplayed);
  });
  test('is noted again when more time is up, and not when less is', () => {
    const later = '2019-08-12T19:00:00.000Z';
    given(opened, unplayed).when({ ...note, until: later }).then({ ...unplayed, until: later });
    given(opened, unplayed).when({ ...note, until: '2019-08-10T19:00:00.000Z' }).thenNothing();
  });
  test('leaves what is decided', () => {
    given(opened, closed, resulted).when(note).thenNothing();
    given(opened, voided).when(note).thenNothing();
  });
  test('leaves the market open to bets on its new date', () => given(opened, unplayed).when({ type: 'ResumeMarket', at }).thenNothing());
});
