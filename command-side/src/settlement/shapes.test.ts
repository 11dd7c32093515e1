// Systems through real results: a lucky15, a yankee with a banker, a heinz and stakes about are placed, settled, corrected and settled
// again, and every time return what the arithmetic of the slip tool says.

import { settle } from '@wagerline/shared-kernel/betting/settlement';
import type { LegOutcome, LegResult } from '@wagerline/shared-kernel/betting/slip';
import { accepted } from '@wagerline/shared-kernel/betting/testing-terms';
import type { BetShape } from '@wagerline/shared-kernel/events/bet-shape';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorld, type World } from './testing-world.ts';

const markets = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5'];
const odds = ['39/20', '7/2', '57/50', '9/4', '2/1', '8/5'];
const unitStakeMinor = 100;
const bets = {
  lucky15: { shape: { type: 'folds', folds: [1, 2, 3, 4] }, legs: 4, lines: 15 },
  'yankee with a banker': { shape: { type: 'folds', folds: [2, 3, 4], bankers: [0] }, legs: 5, lines: 11 },
  heinz: { shape: { type: 'folds', folds: [2, 3, 4, 5, 6] }, legs: 6, lines: 57 },
  'stakes about': { shape: { type: 'stakes-about', stakes: 1 }, legs: 2, lines: 2 },
} as const satisfies Record<string, { shape: BetShape; legs: number; lines: number }>;
const names = Object.keys(bets) as readonly (keyof typeof bets)[];
const stakeMinor = unitStakeMinor * names.reduce((sum, name) => sum + bets[name].lines, 0);

let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.fund('ann');
  for (const market of markets) await world.open(market);
});
afterEach(() => world.end());

function legsOf(count: number) {
  return markets.slice(0, count).map((market, index) => ({ market, odds: odds[index] ?? '2/1' }));
}

/** What the slip tool says of the same terms: the state, and the return once it is decided. */
function said(name: keyof typeof bets, results: readonly LegOutcome[]): { readonly state: string; readonly returnMinor: number } {
  const { shape, legs: count } = bets[name];
  const legs = odds.slice(0, count).map((price, index) => ({ odds: price, fixture: `f${index}` }));
  const terms = { currency: 'GBP', unitStakeMinor, eachWay: false, shape, legs, ruleSet: 'standard@1', rules: {} } as const;
  const outcomes = legs.map((_, index) => ({ result: results[index] ?? 'open' }));
  const { state, payout } = accepted(settle(terms, outcomes));
  return { state, returnMinor: Number(payout.rounded.n) };
}

test('placed, settled as results come, corrected and settled again', async () => {
  for (const name of names) await world.place('ann', name, legsOf(bets[name].legs), unitStakeMinor, bets[name].shape);
  expect(await world.balance('ann')).toBe(100_000 - stakeMinor);
  for (const market of markets) await world.close(market);
  const worker = world.startWorker();
  const known: LegOutcome[] = markets.map(() => 'open');
  const stories = new Map<string, string[]>(names.map((name) => [name, []]));
  const paid = new Map<string, number>();

  /** What has been said of each bet is what the arithmetic says at each step: settled once decided, reversed and settled when it changes. */
  const expectSettled = async (): Promise<void> => {
    await world.settled(worker);
    for (const name of names) {
      const now = said(name, known);
      const story = stories.get(name) ?? [];
      const number = story.filter((line) => line.startsWith('settled')).length;
      const before = paid.get(name);
      if (now.state !== 'open' && now.returnMinor !== before) {
        if (before !== undefined) story.push(`reversed ${number} ${before}`);
        story.push(`settled ${number + 1} ${now.state} ${now.returnMinor}`);
        paid.set(name, now.returnMinor);
      }
      const written = await world.story('ann', name);
      expect([name, written.filter((line) => !line.startsWith('confirmed'))]).toEqual([name, story]);
    }
    const returned = [...paid.values()].reduce((sum, amount) => sum + amount, 0);
    expect(await world.balance('ann')).toBe(100_000 - stakeMinor + returned);
  };
  const result = async (index: number, home: LegResult): Promise<void> => {
    known[index] = home;
    await world.result(markets[index] ?? '', { home, away: 'lost' });
    await expectSettled();
  };

  await expectSettled();
  await result(0, 'won');
  await result(1, 'lost');
  expect(stories.get('stakes about')).toEqual(['settled 1 returned 95']);
  await result(2, 'won');
  await result(3, 'half_won');
  expect(stories.get('lucky15')).toHaveLength(1);
  await result(4, 'push');
  await result(5, 'half_lost');
  expect([...stories.values()].every((story) => story.length === 1)).toBe(true);

  // The banker has lost after all: the yankee with it, and less of everything else.
  known[0] = 'lost';
  await world.correct('m0', { home: 'lost', away: 'won' });
  await expectSettled();
  expect(stories.get('yankee with a banker')?.at(-1)).toBe('settled 2 lost 0');
  known[1] = 'won';
  await world.correct('m1', { home: 'won', away: 'lost' });
  await expectSettled();
  known[0] = 'won';
  await world.correct('m0', { home: 'won', away: 'lost' });
  await expectSettled();
  expect(stories.get('heinz')).toHaveLength(7);
  expect(stories.get('yankee with a banker')).toHaveLength(5);
});

test('a lost banker settles the bet at once; its stake about lives on what was not carried', async () => {
  for (const name of names) await world.place('ann', name, legsOf(bets[name].legs), unitStakeMinor, bets[name].shape);
  const worker = world.startWorker();
  await world.close('m0');
  await world.result('m0', { home: 'lost', away: 'won' });
  await world.settled(worker);
  expect(await world.story('ann', 'yankee with a banker')).toEqual(['settled 1 lost 0']);
  for (const name of ['lucky15', 'heinz', 'stakes about']) expect(await world.story('ann', name)).toEqual([]);
});
