// However placements, results and restarts fall together, settling a copy of the log from zero ends in the same settlements and money.

import { openTemporarySettlement, type TemporarySettlement } from '@wagerline/infra/testing/temporary-settlement';
import type { FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import type { LegResult } from '@wagerline/shared-kernel/betting/slip';
import { isAccountEvent, placeOf } from '@wagerline/shared-kernel/events/account-events';
import { decode } from '@wagerline/shared-kernel/events/codec';
import { postings } from '@wagerline/shared-kernel/events/postings';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, type Leg, type RunningWorker, type World } from './testing-world.ts';

const bettors = ['ann', 'bob'];
const markets = [0, 1, 2];
const writtenBySettlement = new Set(['BetRepriced', 'BetMoved', 'BetSettled', 'BetSettlementReversed', 'BetResultConfirmed']);

type PlacedOn = { readonly terms: Partial<Leg>; readonly moves: boolean };
type Step =
  | ({ readonly do: 'place'; readonly bettor: number; readonly markets: readonly number[]; readonly selection: string } & PlacedOn)
  | { readonly do: 'withdraw'; readonly market: number; readonly selection: string }
  | { readonly do: 'unplayed'; readonly market: number; readonly until: string }
  | { readonly do: 'result' | 'correct'; readonly market: number; readonly home: LegResult; readonly away: LegResult }
  | { readonly do: 'suspend' | 'resume' | 'close' | 'voidMarket' | 'startFixture' | 'hold' | 'resumeSettlement'; readonly market: number }
  | { readonly do: 'feed'; readonly market: number; readonly type: FeedMessage['type']; readonly timestampMs: number; readonly by: number | undefined }
  | { readonly do: 'declare'; readonly market: number; readonly selection: string; readonly odds: string | null }
  | { readonly do: 'payEarly'; readonly market: number; readonly selection: string }
  | { readonly do: 'voidBet'; readonly bettor: number; readonly bet: number }
  | { readonly do: 'wait' | 'restart' | 'restart without index' };

const market = fc.constantFrom(...markets);
const legResult = fc.constantFrom<LegResult>('won', 'lost', 'push', 'void', 'half_won', 'half_lost');
const bettor = fc.nat(bettors.length - 1);
const selection = fc.constantFrom('home', 'away');
const terms = fc.constantFrom<Partial<Leg>>({}, { antePost: true }, { startsAt: '2019-08-20T19:00:00.000Z' });
const until = fc.constantFrom('2019-08-11T19:00:00.000Z', '2019-08-22T19:00:00.000Z');
const slip = { bettor, markets: fc.shuffledSubarray(markets, { minLength: 1 }), selection, terms, moves: fc.boolean() };
const results = { market, home: legResult, away: legResult };
/** Seasons replace each other, also in circles, and one of them has no market. */
const message = {
  market,
  type: fc.constantFrom<FeedMessage['type']>('cancel', 'cancel', 'rollback-cancel', 'settlement', 'rollback-settlement'),
  timestampMs: fc.integer({ min: 1, max: 5 }),
  by: fc.constantFrom(...markets, ...markets, 9, undefined),
};
const weighted = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary });
const step: fc.Arbitrary<Step> = fc.oneof(
  weighted(6, fc.record({ do: fc.constant('place' as const), ...slip })),
  weighted(6, fc.record({ do: fc.constantFrom('result' as const, 'correct' as const), ...results })),
  weighted(4, fc.record({ do: fc.constant('close' as const), market })),
  weighted(3, fc.record({ do: fc.constantFrom('suspend' as const, 'resume' as const, 'voidMarket' as const, 'startFixture' as const), market })),
  weighted(8, fc.record({ do: fc.constant('feed' as const), ...message })),
  weighted(2, fc.record({ do: fc.constantFrom('hold' as const, 'resumeSettlement' as const), market })),
  weighted(2, fc.record({ do: fc.constant('declare' as const), market, selection, odds: fc.constantFrom('3/2', '5/2', null) })),
  weighted(1, fc.record({ do: fc.constant('payEarly' as const), market, selection })),
  weighted(1, fc.record({ do: fc.constant('withdraw' as const), market, selection })),
  weighted(2, fc.record({ do: fc.constant('unplayed' as const), market, until })),
  weighted(1, fc.record({ do: fc.constant('voidBet' as const), bettor, bet: fc.nat(10) })),
  weighted(4, fc.record({ do: fc.constantFrom('wait' as const, 'restart' as const, 'restart without index' as const) })),
);

let ground: TemporarySettlement;
let copyGround: TemporarySettlement;
let world: World;
let copy: World;
let runs = 0;
beforeAll(async () => {
  ground = await openTemporarySettlement();
  copyGround = await openTemporarySettlement();
  world = await openWorld(ground);
  copy = await openWorld(copyGround);
});
afterAll(async () => {
  await world.end();
  await copy.end();
  await ground.close();
  await copyGround.close();
});

/** Plays the steps with names of this run alone; answers when everything is settled. */
async function play(steps: readonly Step[], run: string): Promise<void> {
  const id = (index: number): string => `m${index}-${run}`;
  for (const name of bettors) await world.fund(name + run);
  for (const index of markets) await world.open(id(index));
  let worker: RunningWorker = world.startWorker();
  for (const [number, item] of steps.entries()) {
    switch (item.do) {
      case 'place': {
        const legs = item.markets.map((index): Leg => ({ ...item.terms, market: id(index), selection: item.selection }));
        const rules = item.moves ? 'season-moves@1' : 'standard@1';
        await world.place(`${bettors[item.bettor]}${run}`, `bet ${number}`, legs, 1000, { type: 'folds', folds: [legs.length] }, rules);
        break;
      }
      case 'result':
      case 'correct':
        await world[item.do](id(item.market), { home: item.home, away: item.away });
        break;
      case 'suspend':
      case 'resume':
      case 'close':
      case 'voidMarket':
      case 'startFixture':
      case 'hold':
      case 'resumeSettlement':
        await world[item.do](id(item.market));
        break;
      case 'feed': {
        const { type, timestampMs, by } = item;
        const outcomes = [{ selection: 'home', result: 1 }, { selection: 'away', result: 0 }] as const;
        const said = type === 'settlement' ? { certainty: 2 as const, outcomes } : {};
        const named = type === 'cancel' && by !== undefined ? { supercededBy: `fixture-of-${id(by)}` } : {};
        await world.feed(id(item.market), type, timestampMs, { ...said, ...named });
        break;
      }
      case 'declare': {
        const { selection: selectionId, odds } = item;
        await world.declare(id(item.market), selectionId, odds === null ? null : { selectionId, odds });
        break;
      }
      case 'payEarly':
        await world.payEarly(id(item.market), item.selection);
        break;
      case 'withdraw':
        await world.withdraw(id(item.market), item.selection);
        break;
      case 'unplayed':
        await world.unplayed(id(item.market), item.until);
        break;
      case 'voidBet':
        await world.voidBet(`${bettors[item.bettor]}${run}`, `bet ${item.bet}`);
        break;
      case 'wait':
        await world.settled(worker);
        break;
      case 'restart':
      case 'restart without index':
        await worker.stop();
        if (item.do === 'restart without index') await ground.deleteIndex();
        worker = world.startWorker();
        break;
      default:
        item satisfies never;
    }
  }
  await world.settled(worker);
  await worker.stop();
}

async function eventsAfter(of: World, position: number): Promise<readonly RecordedEvent[]> {
  const { events, caughtUp } = await of.eventStore.readAll(position, { prefixes: domainPrefixes }, 5000);
  expect(caughtUp).toBe(true);
  return events;
}

/** Everything but what settlement wrote, in log order, to the other log; then one worker settles it from zero. */
async function settleFromZero(events: readonly RecordedEvent[]): Promise<void> {
  for (const { id, type, data, metadata, stream } of events) {
    if (!writtenBySettlement.has(type)) await copy.eventStore.append(stream, 'any', [{ id, type, data, metadata }]);
  }
  const worker = copy.startWorker();
  await copy.settled(worker);
  await worker.stop();
}

/** What is in force for each bet, and what each account of the ledger holds. Settlements must alternate with reversals. */
function standing(events: readonly RecordedEvent[]) {
  const bets: Record<string, string> = {};
  const places: Record<string, readonly string[]> = {};
  const ledger: Record<string, number> = {};
  for (const recorded of events) {
    const event = decode(recorded);
    for (const { account, amountMinor } of postings(event)) ledger[account] = (ledger[account] ?? 0) + amountMinor;
    if (!isAccountEvent(event) || !('betId' in event)) continue;
    const before = bets[event.betId];
    if (event.type === 'BetPlaced' || event.type === 'BetSettlementReversed') bets[event.betId] = 'open';
    if (event.type !== 'BetRefused' && 'legs' in event) places[event.betId] = event.legs.map((leg) => placeOf(leg).marketId);
    if (event.type === 'BetVoided') bets[event.betId] = 'voided by hand';
    if (event.type === 'BetSettled') {
      expect(before).toBe('open');
      bets[event.betId] = `${event.state} ${event.returnExact}`;
    }
  }
  return { bets, places, ledger };
}

test('settling from zero converges', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
      const from = [await world.eventStore.head(), await copy.eventStore.head()] as const;
      await play(steps, `-${(runs += 1)}`);
      const lived = await eventsAfter(world, from[0]);
      await settleFromZero(lived);
      const again = standing(await eventsAfter(copy, from[1]));
      expect(standing(lived)).toEqual(again);
      expect(Object.values(again.ledger).reduce((sum, amount) => sum + amount, 0)).toBe(0);
    }),
    { seed: 20_190_809, numRuns: 15, endOnFailure: true },
  );
});
