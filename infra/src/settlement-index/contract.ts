// What every settlement index promises, as tests: each adapter's test file calls this with a way to open an empty index.
// Whatever is written is read again after the index was closed and opened, so that nothing can pass from memory alone.

import { afterEach, describe, expect, test } from 'vitest';
import type { Cause, IndexedBet, IndexEntries, MarketResult, SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';

export type OpenedIndex = { readonly index: SettlementIndex; reopen(): Promise<SettlementIndex>; close(): Promise<void> };

const cause = (name: string): Cause => ({ causationId: name, correlationId: 'c', traceparent: '00-0-0-01' });
const everything = { after: 0, before: Number.MAX_SAFE_INTEGER, limit: 1000 };

function indexedBet(position: number, marketIds: readonly string[] = ['m1'], late = false): IndexedBet {
  const legs = marketIds.map((marketId) => ({ marketId, selectionId: 'home', marketVersion: 3, late }));
  return { position, placedAtMs: 1_565_352_000_000 + position, betId: `bet-${position}`, accountId: 'ann', legs };
}

const why = { reason: 'result', decidedBy: { role: 'trader', id: 'trader-1' } } as const;
const won = (position: number, revision = 3): MarketResult => ({ position, revision, results: { home: 'won', away: 'lost' }, ...why });
const voided = (position: number, revision = 4): MarketResult => ({ position, revision, results: null, ...why });

export function settlementIndexContract(adapter: string, open: () => Promise<OpenedIndex>): void {
  let opened: OpenedIndex | undefined;
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  /** Adds each step at its position, and answers the index, opened again. */
  async function filled(steps: Readonly<Record<number, (entries: IndexEntries, index: SettlementIndex) => void>>): Promise<SettlementIndex> {
    opened = await open();
    const { index, reopen } = opened;
    for (const [position, write] of Object.entries(steps)) index.add(Number(position), (entries) => write(entries, index));
    return reopen();
  }
  const both = (steps: Parameters<typeof filled>[0], check: (index: SettlementIndex) => void) => async () => {
    const reopened = await filled(steps);
    check(reopened);
  };

  describe(`${adapter}: bets`, () => {
    test('a bet is found by each of its markets and its slot, as it was', async () => {
      const legs = [
        { marketId: 'm1', selectionId: 'home', marketVersion: 0, late: true },
        { marketId: 'm2', selectionId: 'x-1', marketVersion: 12, late: false },
      ];
      const bet = { ...indexedBet(5), legs };
      const index = await filled({ 5: (entries) => entries.bet(bet, 7, undefined) });
      expect(index.bets('m1', 7, everything)).toEqual([bet]);
      expect(index.bets('m2', 7, everything)).toEqual([bet]);
      expect(index.bets('m2', 8, everything)).toEqual([]);
      expect(index.bets('m3', 7, everything)).toEqual([]);
      expect(index.betAt(5)).toEqual(bet);
      expect(index.betAt(6)).toBeUndefined();
    });

    test('bets come in log order, between two positions that are left out, up to a limit', async () => {
      const index = await filled({ 9: (entries) => { for (const at of [2, 3, 5, 8, 9]) entries.bet(indexedBet(at), 1, undefined); } });
      const at = (after: number, before: number, limit: number): number[] => index.bets('m1', 1, { after, before, limit }).map((bet) => bet.position);
      expect(at(0, 100, 100)).toEqual([2, 3, 5, 8, 9]);
      expect(at(2, 9, 100)).toEqual([3, 5, 8]);
      expect(at(2, 9, 2)).toEqual([3, 5]);
    });

    test('bets of many transactions and slots in one market are told apart, whenever they are asked for', async () => {
      opened = await open();
      const { index } = opened;
      const placed = (slot: number) => index.bets('m1', slot, everything).map((bet) => bet.position);
      for (let at = 1; at <= 9; at += 1) {
        index.add(at, (entries) => entries.bet(indexedBet(at, ['m0', 'm1']), at % 3, undefined));
        if (at % 2 === 0) index.commit();
        if (at === 5) expect([placed(1), placed(2)]).toEqual([[1, 4], [2, 5]]);
      }
      expect([0, 1, 2, 3].map(placed)).toEqual([[3, 6, 9], [1, 4, 7], [2, 5, 8], []]);
    });

    test('two legs in one market are one bet', both({ 4: (entries) => entries.bet(indexedBet(4, ['m1', 'm1']), 1, undefined) }, (index) =>
      expect(index.bets('m1', 1, everything)).toHaveLength(1)));
  });

  describe(`${adapter}: markets and fixtures`, () => {
    test('a market is open from its opening to its close, and seen so at once', async () => {
      const index = await filled({
        1: (entries, now) => {
          expect(now.isMarketOpen('m1')).toBe(false);
          entries.marketStatus('m1', true);
          expect(now.isMarketOpen('m1')).toBe(true);
          entries.marketStatus('m2', true);
          entries.marketStatus('m2', false);
          expect(now.isMarketOpen('m2')).toBe(false);
        },
      });
      expect(['m1', 'm2', 'm3'].map((id) => index.isMarketOpen(id))).toEqual([true, false, false]);
    });

    test('a fixture that has started stays so, and hearing it twice is no harm', async () => {
      const index = await filled({
        1: (entries, now) => {
          expect(now.hasFixtureStarted('f1')).toBe(false);
          entries.fixtureStarted('f1');
          expect(now.hasFixtureStarted('f1')).toBe(true);
        },
        2: (entries) => entries.fixtureStarted('f1'),
      });
      expect(['f1', 'f2'].map((id) => index.hasFixtureStarted(id))).toEqual([true, false]);
    });

    test('what a feed says of a market is kept as it came', async () => {
      const results = { home: { result: 'half_won', voidFactor: '1/4', confirmed: { result: 'open' } }, away: { result: 'open' } } as const;
      const said: MarketResult = { position: 3, revision: 2, results, cancelled: [{ startMs: 1, endMs: 2 }, {}], ...why };
      const index = await filled({ 3: (entries) => entries.result('m1', said, cause('e3')) });
      expect(index.results('m1')).toEqual([said]);
    });
    test('results are kept, oldest first, and the first one closes the market', async () => {
      const index = await filled({
        1: (entries) => entries.marketStatus('m1', true),
        6: (entries) => entries.result('m1', won(6), cause('e6')),
        7: (entries) => entries.result('m1', voided(7), cause('e7')),
        9: (entries, now) => {
          entries.result('m1', won(9, 5), cause('e9'));
          expect(now.results('m1').map((result) => result.position)).toEqual([6, 7, 9]);
        },
      });
      expect(index.results('m1')).toEqual([won(6), voided(7), won(9, 5)]);
      expect(index.isMarketOpen('m1')).toBe(false);
      expect(index.results('m2')).toEqual([]);
    });

    test('the newest result is also one that waits for the market to be resumed', async () => {
      const index = await filled({
        6: (entries) => entries.result('m1', won(6), cause('e6')),
        7: (entries) => entries.hold('m1'),
        8: (entries, now) => {
          expect(now.newestResult('m1')).toEqual(won(6));
          entries.result('m1', voided(8), cause('e8'));
          expect([now.results('m1'), now.newestResult('m1')]).toEqual([[won(6)], voided(8)]);
        },
      });
      expect(index.newestResult('m2')).toBeUndefined();
    });

    test('what goes with a result is kept with it', async () => {
      const details = {
        selections: { home: { position: 1, tied: 2, winDeadHeat: '1/2' } },
        withdrawn: [{ selectionId: 'away', result: 'void' as const, rule4Percent: 25, position: 5 }],
        starting: { home: { odds: '7/1', rule4Percent: 0 } },
      };
      const index = await filled({ 6: (entries) => entries.result('m1', { ...won(6), details }, cause('e6')) });
      index.commit();
      expect(index.results('m1')).toEqual([{ ...won(6), details }]);
    });
  });

  describe(`${adapter}: held markets and counts`, () => {
    test('of a held market the newest result waits, and counts from its resumption', async () => {
      const index = await filled({
        1: (entries) => entries.marketStatus('m1', true),
        2: (entries) => entries.hold('m1'),
        6: (entries) => entries.result('m1', won(6), cause('e6')),
        7: (entries, now) => {
          entries.result('m1', voided(7), cause('e7'));
          expect([now.results('m1'), now.isMarketOpen('m1')]).toEqual([[], false]);
          entries.hold('m2');
        },
        9: (entries) => expect(entries.resume('m1', 9, cause('e9'))).toBe(true),
        10: (entries) => expect(entries.resume('m1', 10, cause('e10'))).toBe(false),
      });
      expect(index.results('m1')).toEqual([{ ...voided(7), position: 9 }]);
      expect(index.triggers(1, 0, 10)).toEqual([{ position: 9, marketId: 'm1', cause: cause('e9') }]);
      expect(index.heldMarkets(10)).toEqual([{ marketId: 'm2', hasResult: false }]);
    });

    test('bets of one slot in a market are counted between two positions', async () => {
      const index = await filled({ 9: (entries) => { for (const at of [2, 3, 5, 8]) entries.bet(indexedBet(at), at % 2, undefined); } });
      const count = (slot: number, after: number, before: number): number => index.betCount('m1', slot, { after, before });
      expect([count(0, 0, 100), count(0, 2, 8), count(1, 0, 5), count(1, 5, 9), count(7, 0, 100)]).toEqual([2, 0, 1, 0, 0]);
      expect(index.betCount('m3', 1, { after: 0, before: 100 })).toBe(0);
    });

    test('stakes of a market add up by currency, and what waits there is kept until it does not', async () => {
      const said = { decision: { type: 'void', reason: 'wet' }, requestedBy: why.decidedBy, requestedAt: '2019-08-09T12:00:00.000Z' } as const;
      const waits = { ...said, decisionId: null, marketId: 'm1', approvalAboveMinor: null, isHeld: true, stakes: null, staked: [], position: 2 };
      const index = await filled({
        1: (entries, now) => {
          for (const currency of ['GBP', 'EUR', 'GBP']) entries.stake('m1', currency, 20);
          expect(now.stakes('m1')).toEqual([{ currency: 'EUR', stakeMinor: 20 }, { currency: 'GBP', stakeMinor: 40 }]);
        },
        2: (entries) => { for (const marketId of ['m2', 'm1']) entries.decision(marketId, { ...waits, marketId, position: marketId === 'm1' ? 2 : 1 }); },
        3: (entries) => [entries.decision('m2', undefined), entries.stake('m1', 'GBP', 1)],
      });
      expect([index.stakes('m1').at(-1), index.stakes('m3')]).toEqual([{ currency: 'GBP', stakeMinor: 41 }, []]);
      expect([index.decision('m1'), index.decision('m2'), index.decisions(9)]).toEqual([waits, undefined, [waits]]);
    });

    test('how many bets are open is kept with the position', async () => {
      const index = await filled({ 1: (entries) => entries.openBets(3), 2: (entries) => entries.openBets(-1) });
      expect(index.openBetCount()).toBe(2);
    });
  });

  describe(`${adapter}: replaced seasons`, () => {
    const asked = { kind: 'asian-handicap', line: '-0.75', selectionIds: ['home', 'away'] };
    const market = (marketId: string, position: number, fixtureId = `f-${marketId}`) => ({ marketId, fixtureId, position, ...asked });
    const replacedBy = (fixtureId: string): MarketResult['cancelled'] => [{ supercededBy: fixtureId }];

    test('the successor is the first market opened there that asks the same, from its opening on', async () => {
      const index = await filled({
        1: (entries) => expect(entries.opened(market('m1', 1), cause('e1'))).toBe(false),
        2: (entries) => entries.opened({ ...market('m2', 2, 'f2'), line: '-1' }, cause('e2')),
        3: (entries) => entries.opened(market('m3', 3, 'f2'), cause('e3')),
        4: (entries) => entries.opened(market('m4', 4, 'f2'), cause('e4')),
      });
      expect(index.isMarketOpen('m1')).toBe(true);
      expect(index.successor('m1', 'f2', 2)).toBeUndefined();
      expect(index.successor('m1', 'f2', 9)).toEqual({ marketId: 'm3', fixtureId: 'f2', position: 3, selectionIds: ['home', 'away'] });
      expect([index.successor('m1', 'f9', 9), index.successor('m9', 'f2', 9)]).toEqual([undefined, undefined]);
    });

    test('bets of a replaced market are found under its successor too, and of those before it, once each, in log order', async () => {
      const moving: IndexedBet = { ...indexedBet(5), moves: true };
      const index = await filled({
        3: (entries) => { for (const [at, id] of ['m1', 'm2', 'm3'].entries()) entries.opened(market(id, at + 1), cause('e')); },
        9: (entries) => {
          entries.bet(indexedBet(6, ['m3']), 1, undefined);
          entries.bet(indexedBet(4, ['m2']), 1, undefined);
          entries.bet(moving, 1, undefined);
          entries.bet(indexedBet(8, ['m1', 'm3']), 1, undefined);
        },
        10: (entries) => entries.result('m2', { ...won(10), cancelled: replacedBy('f-m3') ?? [] }, cause('e10')),
        11: (entries) => entries.result('m1', { ...won(11), cancelled: replacedBy('f-m2') ?? [] }, cause('e11')),
      });
      const placed = (id: string, range = everything) => index.bets(id, 1, range).map((bet) => bet.position);
      expect([placed('m1'), placed('m2'), placed('m3')]).toEqual([[5, 8], [4, 5, 8], [4, 5, 6, 8]]);
      expect([placed('m3', { after: 4, before: 8, limit: 1 }), index.betCount('m3', 1, { after: 4, before: 9 })]).toEqual([[5], 3]);
      expect(index.betAt(5)).toEqual(moving);
    });

    test('the opening of a market that was waited for triggers, that of any other does not', async () => {
      const index = await filled({
        1: (entries) => entries.opened(market('m1', 1), cause('e1')),
        2: (entries) => entries.result('m1', { ...won(2), cancelled: replacedBy('f-m2') ?? [] }, cause('e2')),
        3: (entries) => expect(entries.opened(market('m3', 3), cause('e3'))).toBe(false),
        4: (entries) => expect(entries.opened(market('m2', 4), cause('e4'))).toBe(true),
        5: (entries) => expect(entries.opened(market('m5', 5, 'f-m2'), cause('e5'))).toBe(false),
      });
      expect(index.triggers(1, 2, 10)).toEqual([{ position: 4, marketId: 'm2', cause: cause('e4') }]);
    });
  });

  describe(`${adapter}: triggers`, () => {
    test('results of all slots and late bets of this one, in log order, after a position, up to a limit', async () => {
      const index = await filled({
        9: (entries) => {
          entries.bet(indexedBet(2, ['m1'], true), 1, cause('e2'));
          entries.bet(indexedBet(3), 1, undefined);
          entries.result('m2', won(4), cause('e4'));
          entries.bet(indexedBet(5, ['m1'], true), 2, cause('e5'));
          entries.result('m1', won(6), cause('e6'));
          entries.bet(indexedBet(8, ['m1'], true), 1, cause('e8'));
        },
      });
      const of = (slot: number, after: number, limit = 100) => index.triggers(slot, after, limit).map((trigger) => [trigger.position, trigger.marketId]);
      expect(of(1, 0)).toEqual([[2, null], [4, 'm2'], [6, 'm1'], [8, null]]);
      expect(of(1, 2, 2)).toEqual([[4, 'm2'], [6, 'm1']]);
      expect(of(2, 0)).toEqual([[4, 'm2'], [5, null], [6, 'm1']]);
      expect(of(3, 6)).toEqual([]);
      expect(index.triggers(2, 4, 1)[0]?.cause).toEqual(cause('e5'));
    });

    test('an unreadable event is noted', both({ 3: (entries) => entries.unreadable({ stream: 'market-m1', position: 3, reason: 'new' }) }, (index) =>
      expect(index.unreadable()).toEqual([{ stream: 'market-m1', position: 3, reason: 'new' }])));
  });

  describe(`${adapter}: positions`, () => {
    test('a new index stands at 0, then where the last add said', async () => {
      const index = await filled({ 12: () => undefined });
      expect(index.position()).toBe(12);
      expect(index.results('m1')).toEqual([]);
    });

    test('an add that fails leaves nothing behind, and the index goes on from its position', async () => {
      opened = await open();
      const { index, reopen } = opened;
      index.add(3, (entries) => entries.marketStatus('m1', true));
      index.commit();
      const fail = (): void =>
        index.add(9, (entries) => {
          entries.marketStatus('m1', false);
          entries.fixtureStarted('f1');
          entries.bet(indexedBet(8), 1, undefined);
          throw new Error('halfway');
        });
      expect(fail).toThrow('halfway');
      expect(index.position()).toBe(3);
      expect([index.isMarketOpen('m1'), index.hasFixtureStarted('f1'), index.betAt(8)]).toEqual([true, false, undefined]);
      index.add(9, (entries) => entries.bet(indexedBet(8), 1, undefined));
      const reopened = await reopen();
      expect([reopened.position(), reopened.isMarketOpen('m1'), reopened.bets('m1', 1, everything)]).toEqual([9, true, [indexedBet(8)]]);
    });
  });
}
