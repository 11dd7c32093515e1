// Examples of decisions by hand: what takes effect by one person, what waits for a second one, and what becomes of it. At the end, by any path: no money
// above the sum moves by one person alone.

import type { MarketDecision, MarketEvent, SelectionResult, Stakes } from '@wagerline/shared-kernel/events/market-events';
import type { Actor } from '@wagerline/shared-kernel/events/metadata';
import { fold } from '@wagerline/shared-kernel/decider';
import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ByHand, MarketCommand } from './commands.ts';
import { marketDecider } from './decide.ts';
import { decisionId, trader } from './testing-by-hand.ts';

const given = scenarioOf(marketDecider);
const at = '2019-08-09T12:00:00.000Z';
const ids = { marketId: 'm1', fixtureId: 'f1' };
const selections = ['over', 'under'].map((selectionId) => ({ selectionId, name: selectionId, odds: '2/1' }));
const limits = { stakeMaxPerBetMinor: null, stakeMaxPerAccountMinor: null };
const opened: MarketEvent = { type: 'MarketOpened', at, ...ids, kind: 'total-goals', line: '2.5', inPlay: false, selections, ...limits };
const closed: MarketEvent = { type: 'MarketClosed', at, ...ids, reason: 'fixture-started' };
const wonBy = (winner: string): SelectionResult[] =>
  ['over', 'under'].map((selectionId) => ({ selectionId, result: selectionId === winner ? 'won' : 'lost' }));
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
  test("the fixture's fate voids at once, and leaves nothing to void", () => {
    const abandoned: MarketEvent = { type: 'MarketVoided', at, ...ids, reason: 'fixture-abandoned' };
    given(opened, closed, wantsVoid, held(5_000)).when({ type: 'VoidUndecidedMarket', reason: 'fixture-abandoned', at }).then(abandoned);
    given(opened, closed, wantsVoid, held(5_000), abandoned).when(tell(gbp(1))).thenNothing();
    given(opened, closed, wantsVoid, held(5_000), abandoned).when(voidIt).thenNothing();
  });
});

/** What people and the settlement job may send, in any order. The same person approves under another role. */
const people: readonly Actor[] = [trader, second, { role: 'settler', id: trader.id }, { role: 'admin', id: 'admin-1' }];
const seed = 20_190_809;

test(`no path moves the money of bets above the sum by one person alone (seed ${seed})`, () => {
  const stakedMinor = 5_000;
  const person = fc.constantFrom(...people);
  const idOf = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;
  const id = fc.integer({ min: 0, max: 4 }).map(idOf);
  const winner = fc.constantFrom('over', 'under');
  const asked = fc.tuple(id, person).map(([of, by]): ByHand => ({ decisionId: of, by, approvalAboveMinor: 1_000 }));
  const command: fc.Arbitrary<MarketCommand> = fc.oneof(
    fc.tuple(asked, winner).map(([by, won]): MarketCommand => ({ type: 'ResultMarket', results: wonBy(won), byHand: by, at })),
    fc.tuple(asked, winner).map(([by, won]): MarketCommand => ({ type: 'CorrectResult', results: wonBy(won), reason: 'var', byHand: by, at })),
    asked.map((by): MarketCommand => ({ type: 'VoidMarket', reason: 'waterlogged', byHand: by, at })),
    fc.tuple(asked, winner).map(([by, selectionId]): MarketCommand => ({ type: 'PayEarly', selectionId, reason: 'early', byHand: by, at })),
    fc.tuple(id, person).map(([of, by]): MarketCommand => ({ type: 'ApproveDecision', decisionId: of, by, at })),
    fc.tuple(id, person).map(([of, by]): MarketCommand => ({ type: 'DeclineDecision', decisionId: of, reason: 'no', by, at })),
    person.map((by): MarketCommand => ({ type: 'ApproveMarketVoid', by, at })),
    person.map((by): MarketCommand => ({ type: 'DeclineMarketVoid', reason: 'no', by, at })),
    id.map((of): MarketCommand => ({ type: 'TellStakes', decisionId: of, stakes: gbp(stakedMinor), at })),
    fc.constantFrom<MarketCommand>({ type: 'CloseMarket', reason: 'kick-off', at }, { type: 'ResumeMarket', at }),
    fc.constant<MarketCommand>({ type: 'ReleaseMarket', reason: 'feed', at }),
  );
  let effective = 0;
  const run = (commands: readonly MarketCommand[]): void => {
    const log: MarketEvent[] = [opened];
    for (const each of commands) {
      const decision = marketDecider.decide(each, fold(marketDecider, log), () => undefined);
      log.push(...decision.events);
      for (const event of decision.events) {
        if (!['MarketResulted', 'MarketResultCorrected', 'MarketVoided', 'OutcomePaidEarly'].includes(event.type)) continue;
        effective += 1;
        const approval = 'approval' in event ? event.approval : undefined;
        expect(approval?.approvedBy).toBeDefined();
        expect(approval?.approvedBy?.id).not.toBe(approval?.requestedBy.id);
      }
    }
  };
  fc.assert(fc.property(fc.array(command, { minLength: 5, maxLength: 40 }), run), { seed, numRuns: 1_000 });
  expect(effective).toBeGreaterThan(100);
});
