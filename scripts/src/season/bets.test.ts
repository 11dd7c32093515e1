import { expect, test } from 'vitest';
import { planBets, phases, type PlannedBet } from './bets.ts';
import { isOpeningQuarterLine, planSeason } from './plan.ts';
import { readSamples } from './samples.ts';
import { premierLeague } from './season-files.ts';

const plan = planSeason((await readSamples(premierLeague, 'stop')).matches);
const bets = planBets(plan, { seed: 7, bets: 5_000, bettors: 50 });
const markets = new Map(plan.markets.map((market) => [market.marketId, market]));
const windowOf = new Map(plan.windows.flatMap((window) => window.fixtures.map((fixture) => [fixture.fixtureId, window.index])));

const share = (is: (bet: PlannedBet) => boolean): number => (bets.filter(is).length * 100) / bets.length;

test('the same seed gives the same bets, another seed others', () => {
  expect(planBets(plan, { seed: 7, bets: 5_000, bettors: 50 })).toEqual(bets);
  expect(planBets(plan, { seed: 8, bets: 5_000, bettors: 50 })).not.toEqual(bets);
});

test('at least 60 % singles, 25 % of 2 to 5 legs and 5 % of 6 to 20, whatever the number of bets', () => {
  for (const count of [100, 333, 1_000]) {
    const sizes = planBets(plan, { seed: 1, bets: count, bettors: 5 }).map((bet) => bet.legs.length);
    expect(sizes).toHaveLength(count);
    expect(sizes.filter((size) => size === 1).length).toBeGreaterThanOrEqual(count * 0.6);
    expect(sizes.filter((size) => size >= 2 && size <= 5).length).toBeGreaterThanOrEqual(count * 0.25);
    expect(sizes.filter((size) => size >= 6 && size <= 20).length).toBeGreaterThanOrEqual(count * 0.05);
  }
  expect(Math.max(...bets.map((bet) => bet.legs.length))).toBe(20);
});

test('all odds policies, phases, kinds of market and selections', () => {
  for (const policy of ['none', 'better', 'any']) expect(share((bet) => bet.policy === policy)).toBeGreaterThan(25);
  for (const phase of phases) expect(share((bet) => bet.phase === phase)).toBeGreaterThan(5);
  const chosen = bets.flatMap((bet) => bet.legs.map((leg) => `${markets.get(leg.marketId)?.kind} ${leg.selectionId}`));
  expect([...new Set(chosen)].sort()).toEqual([
    'asian-handicap away',
    'asian-handicap home',
    'match-result away',
    'match-result draw',
    'match-result home',
    'total-goals over',
    'total-goals under',
  ]);
});

test('both sides of all 197 opening quarter lines, as singles at the opening price', () => {
  const covered = (count: number): number => {
    const singles = planBets(plan, { seed: 1, bets: count, bettors: 5 }).filter((bet) => bet.legs.length === 1 && bet.phase === 'opening');
    const sides = new Set(singles.map(({ legs: [leg] }) => `${leg?.marketId} ${leg?.selectionId} ${leg?.odds}`));
    const both = plan.markets.filter(isOpeningQuarterLine).filter(({ marketId, opening }) => {
      return opening?.every(({ selectionId, odds }) => sides.has(`${marketId} ${selectionId} ${odds}`)) === true;
    });
    return both.length;
  };
  expect(covered(600)).toBe(197);
});

test('legs are of different fixtures of the windows that are open at that time', () => {
  for (const bet of bets) {
    const legs = bet.legs.map((leg) => markets.get(leg.marketId));
    const fixtures = legs.map((market) => market?.fixtureId ?? '');
    expect(new Set(fixtures).size).toBe(bet.legs.length);
    const open = bet.phase === 'crossing' ? [bet.window, bet.window + 1] : [bet.window];
    expect(fixtures.every((fixture) => open.includes(windowOf.get(fixture) ?? -1))).toBe(true);
  }
});

test('bets come in the order of windows and phases, numbered', () => {
  const order = bets.map((bet) => bet.window * phases.length + phases.indexOf(bet.phase));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(bets.map((bet) => bet.index)).toEqual(bets.map((_, index) => index));
});

test('some slips name odds that are not offered, or a market that has closed', () => {
  const offered = (bet: PlannedBet): boolean =>
    bet.legs.every((leg) => {
      const market = markets.get(leg.marketId);
      const early = bet.phase === 'opening' || (bet.phase === 'crossing' && windowOf.get(market?.fixtureId ?? '') === bet.window + 1);
      const prices = (early ? market?.opening : market?.closing) ?? [];
      return prices.some((price) => price.selectionId === leg.selectionId && price.odds === leg.odds);
    });
  expect(share((bet) => !offered(bet))).toBeGreaterThan(5);
  expect(share(offered)).toBeGreaterThan(75);
});
