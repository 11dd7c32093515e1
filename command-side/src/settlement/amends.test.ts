// What wrong prices and early payouts make of bets in the settlement job: told at once, settled again, and the same whatever came first.

import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { resultAfter, type ResultingEvent } from '@wagerline/shared-kernel/betting/result-after';
import type { PriceCorrection } from '@wagerline/shared-kernel/events/market-events';
import type { IndexedBet, MarketResult } from '@wagerline/shared-kernel/ports/settlement-index';
import { isAccountEvent } from '@wagerline/shared-kernel/events/account-events';
import { decode } from '@wagerline/shared-kernel/events/codec';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newsAt, verdictsAsOf } from './judge.ts';
import type { MarketFacts } from './successors.ts';
import { openWorld, type World } from './testing-world.ts';

const at = '2019-08-09T12:00:00.000Z';
const ids = { marketId: 'm1', fixtureId: 'f1' };
const decidedBy = { role: 'trader', id: 'trader-1' } as const;
const early: ResultingEvent = { type: 'OutcomePaidEarly', at, ...ids, selectionId: 'home', reason: 'two-goals-ahead' };
const wrong = (change: Partial<PriceCorrection> = {}, errorId = 'e'): ResultingEvent => {
  return { type: 'PriceErrorDeclared', at, ...ids, errorId, correction: { selectionId: 'home', odds: '5/2', ...change }, reason: 'wrong-decimal' };
};
const takenBack: ResultingEvent = { type: 'PriceErrorDeclared', at, ...ids, errorId: 'e', correction: null, reason: 'was-right' };

/** The entries of the index after these events, at positions 10, 20 ... */
function after(...events: readonly ResultingEvent[]): readonly MarketResult[] {
  const entries: MarketResult[] = [];
  for (const [revision, event] of events.entries()) {
    const position = 10 * (revision + 1);
    entries.push({ position, revision, reason: 'r', decidedBy, ...resultAfter(entries.at(-1), event, position) });
  }
  return entries;
}

const only = (results: readonly MarketResult[]): MarketFacts => ({ results: () => results, successor: () => undefined });

function bet(late = false): IndexedBet {
  return { position: 5, placedAtMs: Date.parse(at), betId: 'b', accountId: 'a', legs: [{ marketId: 'm1', selectionId: 'home', marketVersion: 3, late }] };
}

const verdict = (of: IndexedBet, ...events: readonly ResultingEvent[]) => verdictsAsOf(of, 1_000, only(after(...events)))[0];

test('a wrong price is news to an open bet at once, once, and when it is taken back', () => {
  const events = after(wrong(), wrong({ selectionId: 'away' }, 'other'), takenBack);
  expect([10, 20, 30].map((position) => newsAt(bet(), position, only(events)) !== undefined)).toEqual([true, false, true]);
});

test('neither touches a leg that was late', () => {
  for (const event of [wrong(), early]) expect(verdict(bet(true), event)).toEqual({ result: 'void', resultRevision: null, late: true });
});

test('an early payout is not undone by a cancelled window', () => {
  const cancelled = after(early).map((entry) => ({ ...entry, cancelled: [{}] }));
  const won = { result: 'won', paidEarly: 'two-goals-ahead', resultRevision: 0, late: false };
  expect(verdictsAsOf(bet(), 1_000, only(cancelled))).toEqual([won]);
});

describe('with a settlement worker', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.end());

  /** Two doubles and a single of one bettor, on two markets. */
  async function struck(): Promise<void> {
    for (const market of ['m1', 'm2']) await world.open(market);
    await world.fund('ann');
    await world.place('ann', 'single', [{ market: 'm1' }]);
    await world.place('ann', 'double', [{ market: 'm1' }, { market: 'm2' }]);
  }

  test('an open bet is re-priced at once, a settled one is taken back and settled again', async () => {
    await struck();
    const worker = world.startWorker();
    await world.close('m1');
    await world.result('m1', { home: 'won', away: 'lost' });
    await world.declare('m1', 'e', { selectionId: 'home', odds: '3/2' });
    await world.declare('m1', 'e', { selectionId: 'home', odds: '3/2' });
    await world.settled(worker);
    expect(await world.story('ann', 'single')).toEqual(['settled 1 returned 1950', 'reversed 1 1950', 'settled 2 returned 1500']);
    expect(await world.story('ann', 'double')).toEqual(['repriced 3/2 -']);
    await world.declare('m1', 'e', null);
    await world.settled(worker);
    expect((await world.story('ann', 'single')).slice(3)).toEqual(['reversed 2 1500', 'settled 3 returned 1950']);
    expect(await world.story('ann', 'double')).toEqual(['repriced 3/2 -', 'repriced - -']);
  });

  test('a market that is declared wrong or paid early stays open: later bets are in time, and are neither', async () => {
    await struck();
    const worker = world.startWorker();
    await world.declare('m1', 'e', { selectionId: 'home', odds: '3/2' });
    await world.payEarly('m1', 'home');
    await world.place('ann', 'later', [{ market: 'm1' }]);
    await world.settled(worker);
    expect(await world.story('ann', 'single')).toEqual(['repriced 3/2', 'settled 1 returned 1500']);
    expect(await world.story('ann', 'later')).toEqual([]);
    await world.close('m1');
    await world.result('m1', { home: 'lost', away: 'won' });
    await world.voidMarket('m1');
    await world.settled(worker);
    expect(await world.story('ann', 'single')).toEqual(['repriced 3/2', 'settled 1 returned 1500', 'confirmed 1', 'confirmed 1']);
    expect(await world.story('ann', 'later')).toEqual(['settled 1 lost 0', 'reversed 1 0', 'settled 2 void 1000']);
  });

  type Statement = 'wrong m1' | 'wrong m2' | 'early m1' | 'early m2' | 'result m1' | 'result m2' | 'wait';

  async function say(statement: Statement, run: string): Promise<void> {
    const market = `${statement.slice(-2)}${run}`;
    if (statement.startsWith('wrong')) await world.declare(market, 'e', { selectionId: 'home', odds: statement === 'wrong m1' ? '3/2' : '7/2' });
    if (statement.startsWith('early')) await world.payEarly(market, 'home');
    if (statement.startsWith('result')) await world.result(market, { home: statement === 'result m1' ? 'won' : 'lost', away: 'void' });
  }

  /** What is in force of each bet in the end. How often it was settled on the way is not part of it, nor is what an open bet was told of results. */
  function effective(events: readonly RecordedEvent[], run: string): Readonly<Record<string, string>> {
    const bets: Record<string, string> = {};
    for (const event of events.map(decode)) {
      if (!isAccountEvent(event) || event.type === 'BetPlaced' || !('legs' in event) || event.type === 'BetRefused') continue;
      const prices = event.legs.map(({ corrected: price, marketId }) => `${marketId.replace(run, '')} ${JSON.stringify(price)}`);
      const said = event.legs.map(({ result, paidEarly }) => `${result} ${paidEarly ?? ''}`);
      const isOpen = event.type === 'BetRepriced' || event.type === 'BetSettlementReversed';
      bets[event.betId] = isOpen ? `open ${String(prices)}` : `${'returnMinor' in event ? event.returnMinor : ''} ${String(prices)} ${String(said)}`;
    }
    return Object.fromEntries(Object.entries(bets).filter(([, told]) => !told.startsWith('open') || told.includes('odds')));
  }

  test('any order of wrong prices, early payouts and results ends in the same bets', { timeout: 120_000 }, async () => {
    const all: readonly Statement[] = ['wrong m1', 'wrong m2', 'early m1', 'early m2', 'result m1', 'result m2'];
    const orders = fc.tuple(fc.subarray([...all], { minLength: 2 }), fc.infiniteStream(fc.nat(99)));
    let runs = 0;
    const ended = async (statements: readonly Statement[]): Promise<readonly string[]> => {
      const run = `-${(runs += 1)}`;
      const from = await world.eventStore.head();
      await world.fund(`ann${run}`);
      for (const market of ['m1', 'm2']) await world.open(market + run);
      const legs = [{ market: `m1${run}` }, { market: `m2${run}` }];
      for (const [key, on] of Object.entries({ one: legs.slice(0, 1), two: legs.slice(1), both: legs })) await world.place(`ann${run}`, key, on);
      for (const market of ['m1', 'm2']) await world.close(market + run);
      const worker = world.startWorker();
      for (const statement of statements) await (statement === 'wait' ? world.settled(worker) : say(statement, run));
      await world.settled(worker);
      await worker.stop();
      const { events } = await world.eventStore.readAll(from, { prefixes: domainPrefixes }, 5_000);
      return [...Object.values(effective(events, run)).toSorted(), `balance ${await world.balance(`ann${run}`)}`];
    };
    await fc.assert(
      fc.asyncProperty(orders, async ([statements, numbers]) => {
        const draw = (): number => Number(numbers.next().value);
        const shuffled = statements.map((statement) => [draw(), statement] as const).toSorted(([a], [b]) => a - b).map(([, statement]) => statement);
        const waiting = shuffled.flatMap((statement): readonly Statement[] => (draw() < 50 ? [statement, 'wait'] : [statement]));
        expect(await ended(waiting)).toEqual(await ended(statements));
      }),
      { seed: 20_190_810, numRuns: 12, endOnFailure: true },
    );
  });
});
