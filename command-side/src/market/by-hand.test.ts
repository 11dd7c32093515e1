// Examples of decisions by hand: what takes effect by one person, what waits for a second one, and what becomes of it.

import type { MarketDecision, MarketEvent, Stakes } from '@wagerline/shared-kernel/events/market-events';
import type { Actor } from '@wagerline/shared-kernel/events/metadata';
import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { ByHand, MarketCommand } from './commands.ts';
import { marketDecider } from './decide.ts';
import { at, closed, decisionId, ids, opened, trader, wonBy } from './testing-by-hand.ts';

const given = scenarioOf(marketDecider);
const byHand: ByHand = { decisionId, by: trader, approvalAboveMinor: 1_000 };
const second: Actor = { role: 'trader', id: 'trader-2' };
const requestedBy = trader;
const requested = (decision: MarketDecision, by = requestedBy): MarketEvent =>
  ({ type: 'MarketDecisionRequested', at, ...ids, decisionId, decision, requestedBy: by, approvalAboveMinor: 1_000 });
const gbp = (stakeMinor: number): Stakes => [{ currency: 'GBP', stakeMinor }];
const tell = (stakes: Stakes): MarketCommand => ({ type: 'TellStakes', decisionId, stakes, at });
const held = (stakeMinor: number): MarketEvent => ({ type: 'MarketDecisionHeld', at, ...ids, decisionId, stakes: [...gbp(stakeMinor)] });
const approve = { type: 'ApproveDecision', decisionId, by: second, at } as const;
const decline = { type: 'DeclineDecision', decisionId, reason: 'no-grounds', by: second, at } as const;
const declined: MarketEvent = { type: 'MarketDecisionDeclined', at, ...ids, decisionId, reason: 'no-grounds', requestedBy, declinedBy: second };
const result: MarketCommand = { type: 'ResultMarket', results: wonBy('over'), byHand, at };
const voidIt: MarketCommand = { type: 'VoidMarket', reason: 'waterlogged', byHand, at };
const wantsResult = requested({ type: 'result', results: wonBy('over') });
const wantsVoid = requested({ type: 'void', reason: 'waterlogged' });
const voidWaits: MarketEvent = { type: 'MarketSuspended', at, ...ids, reason: 'void-waits' };
const standing = { results: [{ selectionId: 'over', result: 'lost' as const }, { selectionId: 'under', result: 'won' as const }], cancelled: [], held: false };
const fedResult: MarketEvent = { type: 'MarketReleased', at, ...ids, reason: 'feed', standing: { status: 'resulted', ...standing } };

describe('what is bet is not above the sum', () => {
  const approval = { decisionId, requestedBy, stakes: [...gbp(1_000)] };
  test('a result takes effect when the market is told, by who decided it', () => {
    given(opened, closed).when(result).then(wantsResult);
    given(opened, closed, wantsResult).when(tell(gbp(1_000))).then({ type: 'MarketResulted', at, ...ids, results: wonBy('over'), approval });
  });
  test('a correction, an early payout and a void do so, too', () => {
    const correction = requested({ type: 'correction', results: wonBy('under'), reason: 'var' });
    given(opened, fedResult, correction)
      .when(tell(gbp(1_000)))
      .then({ type: 'MarketResultCorrected', at, ...ids, results: wonBy('under'), reason: 'var', approval });
    given(opened, requested({ type: 'early-payout', selectionId: 'over', reason: 'three-goals' }))
      .when(tell(gbp(1_000)))
      .then({ type: 'OutcomePaidEarly', at, ...ids, selectionId: 'over', reason: 'three-goals', approval });
    given(opened, voidWaits, wantsVoid).when(tell(gbp(1_000))).then({ type: 'MarketVoided', at, ...ids, reason: 'waterlogged', approval });
  });
  test('a market that no bet was struck on', () => {
    const { decision } = given(opened, closed, wantsResult).when(tell([]));
    expect(decision).toMatchObject({ events: [{ type: 'MarketResulted', approval: { stakes: [] } }] });
  });
  test('told of another decision, or late, it does nothing', () => {
    given(opened, closed, wantsResult).when({ ...tell(gbp(1)), decisionId: '00000000-0000-4000-8000-000000000000' } as MarketCommand).thenNothing();
    given(opened, closed, wantsResult, held(1_001)).when(tell(gbp(1))).thenNothing();
    given(opened, closed).when(tell(gbp(1))).thenNothing();
  });
});

describe('what is bet is above the sum', () => {
  test('of one currency is enough; a sum that nobody knows is', () => {
    given(opened, closed, wantsResult).when(tell(gbp(1_001))).then(held(1_001));
    const both: Stakes = [{ currency: 'EUR', stakeMinor: 1_001 }, ...gbp(1)];
    given(opened, closed, wantsResult).when(tell(both)).then({ type: 'MarketDecisionHeld', at, ...ids, decisionId, stakes: [...both] });
  });
  test('a second person approves, before or after the sum is known; whoever decided does not', () => {
    const approval = { decisionId, requestedBy, approvedBy: second };
    const effect = { type: 'MarketResulted', at, ...ids, results: wonBy('over') } as const;
    given(opened, closed, wantsResult, held(5_000)).when(approve).then({ ...effect, approval: { ...approval, stakes: [...gbp(5_000)] } });
    given(opened, closed, wantsResult).when(approve).then({ ...effect, approval });
    given(opened, closed, wantsResult, held(5_000)).when({ ...approve, by: { role: 'admin', id: trader.id } }).thenRefused('APPROVAL_SAME_PERSON', {});
  });
  test('approved twice is approved once', () => {
    const effect: MarketEvent = { type: 'MarketVoided', at, ...ids, reason: 'waterlogged', approval: { decisionId, requestedBy, approvedBy: second } };
    given(opened, voidWaits, wantsVoid, held(5_000), effect).when(approve).thenNothing();
    given(opened, voidWaits, wantsVoid, held(5_000), effect).when(decline).thenRefused('APPROVAL_NOT_PENDING', {});
    given(opened, closed).when(approve).thenRefused('APPROVAL_NOT_PENDING', {});
  });
  test('a second person declines, once: the market is as it was, and may be asked for again', () => {
    given(opened, closed, wantsResult, held(5_000)).when(decline).then(declined);
    given(opened, closed, wantsResult, held(5_000)).when({ ...decline, by: trader }).thenRefused('APPROVAL_SAME_PERSON', {});
    given(opened, closed, wantsResult, held(5_000), declined).when(decline).thenNothing();
    given(opened, closed, wantsResult, held(5_000), declined).when(approve).thenRefused('APPROVAL_NOT_PENDING', {});
    given(opened, closed, wantsResult, held(5_000), declined)
      .when({ ...result, byHand: { ...byHand, by: second } })
      .then(requested({ type: 'result', results: wonBy('over') }, second));
  });
});

describe('while a decision waits', () => {
  test('the same one is asked for already, another one is refused', () => {
    given(opened, closed, wantsResult).when({ ...result, byHand: { ...byHand, by: second } }).thenNothing();
    given(opened, closed, wantsResult, held(5_000)).when({ ...result, results: wonBy('under') }).thenRefused('DECISION_WAITS', { decisionId, requestedBy });
    given(opened, closed, wantsResult, held(5_000)).when(voidIt).thenRefused('DECISION_WAITS', { decisionId, requestedBy });
  });
  test('a void suspends an open market, which is not resumed before it is declined', () => {
    const resume: MarketCommand = { type: 'ResumeMarket', at };
    given(opened).when(voidIt).then(voidWaits, wantsVoid);
    given(opened, voidWaits, wantsVoid).when(resume).thenRefused('DECISION_WAITS', { decisionId });
    given(opened, voidWaits, wantsVoid, held(5_000), declined).when(resume).then({ type: 'MarketResumed', at, ...ids });
  });
  test('the feed goes on: a result that it gave meanwhile is corrected when the decision takes effect', () => {
    const approval = { decisionId, requestedBy, approvedBy: second };
    given(opened, closed, wantsResult, fedResult)
      .when(approve)
      .then({ type: 'MarketResultCorrected', at, ...ids, results: wonBy('over'), reason: 'result', approval });
  });
  test('a void whose outcome the feed has told meanwhile needs two people, whatever the sum', () => {
    given(opened, closed, wantsVoid, fedResult).when(tell(gbp(1))).then(held(1));
  });
});

describe('an abandoned fixture', () => {
  const fate: ByHand = { ...byHand, decisionId: '0a1b2c3d-4e5f-5a6b-8c7d-8e9fa0b1c2d3' };
  const reason = 'fixture-abandoned';
  const abandon: MarketCommand = { type: 'VoidUndecidedMarket', reason, byHand: fate, at };
  const { decisionId: fateId } = fate;
  const wanted: MarketEvent = { ...wantsVoid, decisionId: fateId, decision: { type: 'void', reason } } as MarketEvent;
  const fateHeld: MarketEvent = { type: 'MarketDecisionHeld', at, ...ids, decisionId: fateId, stakes: [...gbp(5_000)] };
  const fateDeclined = { ...declined, decisionId: fateId } as MarketEvent;
  const voided: MarketEvent = { type: 'MarketVoided', at, ...ids, reason, approval: { decisionId: fateId, requestedBy, stakes: [...gbp(1_000)] } };
  test('is asked to void what has no result, in the name of who abandoned it', () => {
    given(opened).when(abandon).then(voidWaits, wanted);
    given(opened, closed).when(abandon).then(wanted);
    given(opened, closed, fedResult).when(abandon).thenNothing();
  });
  test('voids up to the sum; above it whoever abandoned does not approve', () => {
    given(opened, closed, wanted).when({ ...tell(gbp(1_000)), decisionId: fateId } as MarketCommand).then(voided);
    given(opened, closed, wanted).when({ ...tell(gbp(1_001)), decisionId: fateId } as MarketCommand).then({ ...fateHeld, stakes: [...gbp(1_001)] });
    given(opened, closed, wanted, fateHeld).when({ ...approve, decisionId: fateId, by: trader }).thenRefused('APPROVAL_SAME_PERSON', {});
  });
  test('asks once, whatever has become of it and of later ones', () => {
    const again = [wantsVoid, held(5_000), declined];
    for (const since of [[fateHeld], [fateHeld, fateDeclined], [fateHeld, fateDeclined, ...again], [voided]]) {
      given(opened, closed, wanted, ...since).when(abandon).thenNothing();
    }
  });
  test('comes behind a decision that waits there already, and nobody bets meanwhile', () => {
    const wrong = requested({ type: 'price-error', errorId: 'e', correction: null, reason: 'typing' });
    given(opened, wrong).when(abandon).then({ type: 'MarketSuspended', at, ...ids, reason });
    given(opened, closed, wantsResult, held(5_000)).when(abandon).thenNothing();
    given(opened, closed, wantsResult, held(5_000), declined).when(abandon).then(wanted);
  });
  test('whose market somebody wants void already asks for it when that was declined', () => {
    given(opened, voidWaits, wantsVoid).when(abandon).thenNothing();
    given(opened, voidWaits, wantsVoid, held(5_000), declined).when(abandon).then(wanted);
  });
});

describe('a non-runner', () => {
  const lame = { selectionId: 'over', odds: '2/1', result: 'void', rule4Percent: 45, table: 'rule4-tattersalls@1', reason: 'lame' } as const;
  const withdraw: MarketCommand = { type: 'WithdrawSelection', selectionId: 'over', result: 'void', reason: 'lame', byHand, at };
  const suspended: MarketEvent = { type: 'MarketSuspended', at, ...ids, reason: 'lame' };
  const wanted = requested({ type: 'withdrawal', ...lame });
  const resume: MarketCommand = { type: 'ResumeMarket', at };
  test('suspends an open market while it waits, which is not resumed before it is declined', () => {
    given(opened).when(withdraw).then(suspended, wanted);
    given(opened, closed).when(withdraw).then(wanted);
    given(opened, suspended, wanted).when(resume).thenRefused('DECISION_WAITS', { decisionId });
    given(opened, suspended, wanted, held(5_000), declined).when(resume).then({ type: 'MarketResumed', at, ...ids });
  });
  test('takes effect up to the sum, and above it by a second person', () => {
    const approval = { decisionId, requestedBy, stakes: [...gbp(1_000)] };
    const effect = { type: 'SelectionWithdrawn', at, ...ids, ...lame } as const;
    given(opened, suspended, wanted).when(tell(gbp(1_000))).then({ ...effect, approval });
    given(opened, suspended, wanted).when(tell(gbp(1_001))).then(held(1_001));
    given(opened, suspended, wanted, held(5_000)).when({ ...approve, by: trader }).thenRefused('APPROVAL_SAME_PERSON', {});
    given(opened, suspended, wanted).when(approve).then({ ...effect, approval: { decisionId, requestedBy, approvedBy: second } });
  });
  test('has the price of the moment at which it was asked for, whatever the prices do since', () => {
    const moved: MarketEvent = { type: 'PricesChanged', at, ...ids, prices: [{ selectionId: 'over', odds: '9/1' }] };
    given(opened, suspended, wanted, moved).when(withdraw).thenNothing();
    given(opened, suspended, wanted, moved).when({ ...withdraw, odds: '9/1' }).thenRefused('DECISION_WAITS', { decisionId, requestedBy });
    expect(given(opened, suspended, wanted, moved).when(approve).decision).toMatchObject({ events: [{ odds: '2/1', rule4Percent: 45 }] });
  });
});

describe('a corrected price', () => {
  const correction = { selectionId: 'over', odds: '3/2', untilVersion: 1 };
  const wrong = { errorId: 'e1', correction, reason: 'typing' };
  const declare = { type: 'DeclarePriceError', ...wrong, byHand, at } as const;
  const wanted = requested({ type: 'price-error', ...wrong });
  const effect: MarketEvent = { type: 'PriceErrorDeclared', at, ...ids, ...wrong };
  const approval = { decisionId, requestedBy, approvedBy: second };
  test('waits, and leaves the market open', () => {
    given(opened).when(declare).then(wanted);
    given(opened, wanted).when(tell(gbp(1_001))).then(held(1_001));
    given(opened, wanted).when(approve).then({ ...effect, approval });
    given(opened, wanted).when(tell(gbp(1_000))).then({ ...effect, approval: { decisionId, requestedBy, stakes: [...gbp(1_000)] } });
  });
  test('is taken back by two as well', () => {
    const back = requested({ type: 'price-error', ...wrong, correction: null });
    given(opened, effect).when({ ...declare, correction: null }).then(back);
    given(opened, effect, back).when(tell(gbp(1_001))).then(held(1_001));
    given(opened, effect, back).when(approve).then({ ...effect, correction: null, approval });
  });
  test('that is in force is another one while it waits to be taken back; one of another id is not touched', () => {
    const back = requested({ type: 'price-error', ...wrong, correction: null });
    given(opened, effect, back).when(declare).thenRefused('DECISION_WAITS', { decisionId, requestedBy });
    given(opened, effect, requested({ type: 'price-error', ...wrong, errorId: 'e2' })).when(declare).thenNothing();
  });
});

describe('starting prices', () => {
  const prices = [{ selectionId: 'over', odds: '7/2', rule4Percent: 0 }];
  const set = { type: 'SetStartingPrices', prices, byHand, at } as const;
  const wanted = requested({ type: 'starting-prices', prices });
  const effect: MarketEvent = { type: 'StartingPricesSet', at, ...ids, prices };
  test('wait, and take effect up to the sum or by a second person', () => {
    given(opened, closed).when(set).then(wanted);
    given(opened, closed, wanted).when(tell(gbp(1_001))).then(held(1_001));
    given(opened, closed, wanted).when(tell(gbp(1_000))).then({ ...effect, approval: { decisionId, requestedBy, stakes: [...gbp(1_000)] } });
    given(opened, closed, wanted).when(approve).then({ ...effect, approval: { decisionId, requestedBy, approvedBy: second } });
  });
  test('that are known are others while new ones wait', () => {
    const other = requested({ type: 'starting-prices', prices: [{ selectionId: 'over', odds: '4/1', rule4Percent: 0 }] });
    given(opened, closed, effect, other).when(set).thenRefused('DECISION_WAITS', { decisionId, requestedBy });
  });
});
