// By any path of commands, whoever sends them: no money above the sum moves by one person alone.

import { fold } from '@wagerline/shared-kernel/decider';
import type { MarketEvent, Stakes } from '@wagerline/shared-kernel/events/market-events';
import type { Actor } from '@wagerline/shared-kernel/events/metadata';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ByHand, MarketCommand } from './commands.ts';
import { marketDecider } from './decide.ts';
import { at, closed, ids, opened, trader, wonBy } from './testing-by-hand.ts';

const told = [{ selectionId: 'over', result: 'lost' as const }, { selectionId: 'under', result: 'won' as const }];
const standing = { status: 'resulted' as const, results: told, cancelled: [], held: false };
const resulted: MarketEvent = { type: 'MarketReleased', at, ...ids, reason: 'feed', standing };
const gbp = (stakeMinor: number): Stakes => [{ currency: 'GBP', stakeMinor }];
const second: Actor = { role: 'trader', id: 'trader-2' };

/** What people and the settlement job may send, in any order. The same person approves under another role. */
const people: readonly Actor[] = [trader, second, { role: 'settler', id: trader.id }, { role: 'admin', id: 'admin-1' }];
const seed = 20_190_809;

test(`no path moves the money of bets above the sum by one person alone (seed ${seed})`, () => {
  const stakedMinor = 5_000;
  const person = fc.constantFrom(...people);
  const idOf = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;
  const id = fc.integer({ min: 0, max: 1 }).map(idOf);
  const winner = fc.constantFrom('over', 'under');
  const asked = fc.tuple(id, person).map(([of, by]): ByHand => ({ decisionId: of, by, approvalAboveMinor: 1_000 }));
  const command: fc.Arbitrary<MarketCommand> = fc.oneof(
    fc.tuple(asked, winner).map(([by, won]): MarketCommand => ({ type: 'ResultMarket', results: wonBy(won), byHand: by, at })),
    fc.tuple(asked, winner).map(([by, won]): MarketCommand => ({ type: 'CorrectResult', results: wonBy(won), reason: 'var', byHand: by, at })),
    asked.map((by): MarketCommand => ({ type: 'VoidUndecidedMarket', reason: 'fixture-abandoned', byHand: by, at })),
    asked.map((by): MarketCommand => ({ type: 'VoidMarket', reason: 'waterlogged', byHand: by, at })),
    fc.tuple(asked, winner).map(([by, selectionId]): MarketCommand => ({ type: 'PayEarly', selectionId, reason: 'early', byHand: by, at })),
    fc.tuple(asked, winner, fc.constantFrom('void', 'lost')).map(([by, selectionId, of]): MarketCommand => {
      return { type: 'WithdrawSelection', selectionId, result: of, reason: 'lame', byHand: by, at };
    }),
    fc.tuple(asked, winner, fc.boolean()).map(([by, selectionId, isWrong]): MarketCommand => {
      return { type: 'DeclarePriceError', errorId: 'e', correction: isWrong ? { selectionId, odds: '3/2' } : null, reason: 'typing', byHand: by, at };
    }),
    fc.tuple(asked, winner).map(([by, selectionId]): MarketCommand => {
      return { type: 'SetStartingPrices', prices: [{ selectionId, odds: '7/2', rule4Percent: 0 }], byHand: by, at };
    }),
    fc.tuple(id, person).map(([of, by]): MarketCommand => ({ type: 'ApproveDecision', decisionId: of, by, at })),
    fc.tuple(id, person).map(([of, by]): MarketCommand => ({ type: 'DeclineDecision', decisionId: of, reason: 'no', by, at })),
    person.map((by): MarketCommand => ({ type: 'ApproveMarketVoid', by, at })),
    person.map((by): MarketCommand => ({ type: 'DeclineMarketVoid', reason: 'no', by, at })),
    id.map((of): MarketCommand => ({ type: 'TellStakes', decisionId: of, stakes: gbp(stakedMinor), at })),
    fc.constantFrom<MarketCommand>({ type: 'CloseMarket', reason: 'kick-off', at }, { type: 'ResumeMarket', at }),
    fc.constant<MarketCommand>({ type: 'ReleaseMarket', reason: 'feed', at }),
  );
  const amends = ['OutcomePaidEarly', 'SelectionWithdrawn', 'PriceErrorDeclared', 'StartingPricesSet'];
  const moving = ['MarketResulted', 'MarketResultCorrected', 'MarketVoided', ...amends];
  const seen = new Map<string, number>();
  const run = (history: readonly MarketEvent[], commands: readonly MarketCommand[]): void => {
    const log: MarketEvent[] = [...history];
    for (const each of commands) {
      const decision = marketDecider.decide(each, fold(marketDecider, log), () => undefined);
      log.push(...decision.events);
      for (const event of decision.events) {
        if (!moving.includes(event.type)) continue;
        seen.set(event.type, (seen.get(event.type) ?? 0) + 1);
        const approval = 'approval' in event ? event.approval : undefined;
        expect(approval?.approvedBy).toBeDefined();
        expect(approval?.approvedBy?.id).not.toBe(approval?.requestedBy.id);
      }
    }
  };
  const history = fc.constantFrom([opened], [opened, closed], [opened, closed, resulted]);
  fc.assert(fc.property(history, fc.array(command, { minLength: 5, maxLength: 60, size: 'max' }), run), { seed, numRuns: 1_000 });
  for (const type of moving) expect([type, (seen.get(type) ?? 0) > 20]).toEqual([type, true]);
});
