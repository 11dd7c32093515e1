// Examples of what is amended of bets that are struck: prices that were palpable errors, and outcomes that are paid early.

import type { MarketEvent, PriceCorrection } from '@wagerline/shared-kernel/events/market-events';
import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import { describe, expect, test } from 'vitest';
import { marketDecider } from './decide.ts';
import { alone } from './testing-by-hand.ts';

const given = scenarioOf(marketDecider);
const at = '2019-08-09T12:00:00.000Z';
const ids = { marketId: 'm1', fixtureId: 'f1' };
const selections = ['over', 'under'].map((selectionId) => ({ selectionId, name: selectionId, odds: '20/1' }));
const limits = { stakeMaxPerBetMinor: null, stakeMaxPerAccountMinor: null };
const opened: MarketEvent = { type: 'MarketOpened', at, ...ids, kind: 'total-goals', line: '2.5', inPlay: false, selections, ...limits };
const voided: MarketEvent = { type: 'MarketVoided', at, ...ids, reason: 'waterlogged' };
const resulted: MarketEvent = {
  type: 'MarketResulted', at, ...ids, results: [{ selectionId: 'over', result: 'won' }, { selectionId: 'under', result: 'lost' }],
};

describe('a wrong price', () => {
  const correction: PriceCorrection = { selectionId: 'over', odds: '2/1', fromVersion: 0, untilVersion: 3 };
  const declare = { type: 'DeclarePriceError', errorId: 'e1', correction, reason: 'wrong-decimal', byHand: alone, at } as const;
  const declared: MarketEvent = { type: 'PriceErrorDeclared', at, ...ids, errorId: 'e1', correction, reason: 'wrong-decimal' };
  test('is declared at any time', () => {
    for (const before of [[opened], [opened, resulted], [opened, voided]]) given(...before).when(declare).then(declared);
  });
  test('is declared again, with other odds', () => {
    const other = { ...correction, odds: '3/1' };
    given(opened, declared).when({ ...declare, correction: other }).then({ ...declared, correction: other });
  });
  test('is taken back, and declared once more', () => {
    const taken: MarketEvent = { ...declared, correction: null };
    given(opened, declared).when({ ...declare, correction: null }).then(taken);
    given(opened, declared, taken).when(declare).then(declared);
  });
  test('that nobody declared cannot be taken back', () => given(opened).when({ ...declare, correction: null }).thenNothing());
  test('of a selection that the market has not', () => {
    given(opened).when({ ...declare, correction: { ...correction, selectionId: 'exactly' } }).thenRefused('SELECTION_NOT_FOUND', { pointer: '/selectionId' });
  });
  test('is one of a hundred at most; a known one may change', () => {
    const many = Array.from({ length: 100 }, (_, index): MarketEvent => ({ ...declared, errorId: `e${index}` }));
    given(opened, ...many).when({ ...declare, errorId: 'one-more' }).thenRefused('PRICE_ERRORS_OVER_LIMIT', { priceErrorsMax: 100 });
    given(opened, ...many).when({ ...declare, correction: null }).then({ ...declared, correction: null });
  });
});

describe('an early payout', () => {
  const pay = { type: 'PayEarly', selectionId: 'over', reason: 'three-goals', byHand: alone, at } as const;
  const paid: MarketEvent = { type: 'OutcomePaidEarly', at, ...ids, selectionId: 'over', reason: 'three-goals' };
  test('is said at any time', () => {
    for (const before of [[opened], [opened, resulted], [opened, voided]]) given(...before).when(pay).then(paid);
  });
  test('is said once', () => given(opened, paid).when({ ...pay, reason: 'four-goals' }).thenNothing());
  test('leaves the market open', () => {
    expect(given(opened, paid).when({ type: 'SuspendMarket', reason: 'goal', at }).decision).toMatchObject({ events: [{ type: 'MarketSuspended' }] });
  });
  test('of a selection that the market has not', () => {
    given(opened).when({ ...pay, selectionId: 'exactly' }).thenRefused('SELECTION_NOT_FOUND', { pointer: '/selectionId' });
  });
});
