// Which bets a season's bettors try to place: drawn from a seed, so the same seed, file and numbers give the same bets. Pure.
// Some name odds that are no longer offered, or a market that is closed by then: what becomes of those is for the server to say.

import type { OddsChangePolicy } from '@wagerline/shared-kernel/events/account-events';
import { formatOdds, parseDecimalOdds } from '@wagerline/shared-kernel/values/odds';
import { compare, multiply, rational, roundToInteger } from '@wagerline/shared-kernel/values/rational';
import { isOpeningQuarterLine, type PlannedMarket, type Prices, type SeasonPlan, type Window } from './plan.ts';
import { seededRandom, type Random } from './random.ts';

/** `opening`, `closing`: at these prices of the window. `crossing`: legs of this window at closing and of the next at opening prices. */
export const phases = ['opening', 'closing', 'crossing'] as const;
export type Phase = (typeof phases)[number];

export type PlannedLeg = { readonly marketId: string; readonly selectionId: string; readonly odds: string };

export type PlannedBet = {
  /** Place among all bets of the season, in the order of placing. */
  readonly index: number;
  readonly window: number;
  readonly phase: Phase;
  readonly bettor: number;
  readonly stakeMinor: number;
  readonly policy: OddsChangePolicy;
  readonly legs: readonly PlannedLeg[];
};

export type BetOptions = { readonly seed: number; readonly bets: number; readonly bettors: number };

type Size = 'single' | 'few' | 'many';
type Offer = { readonly marketId: string; readonly prices: Prices };
/** One entry per fixture: a slip takes at most one leg from each. */
type Pool = readonly (readonly Offer[])[];

const policies: readonly OddsChangePolicy[] = ['none', 'better', 'any'];

/** In the order of placing: by window, then phase. */
export function planBets(plan: SeasonPlan, options: BetOptions): readonly PlannedBet[] {
  const random = seededRandom(options.seed);
  const sizes = shuffledSizes(options.bets, random);
  const required = requiredLegs(plan);
  const drawn = sizes.map((size, index): Omit<PlannedBet, 'index'> => {
    const bettor = random.below(options.bettors);
    const policy = random.pick(policies);
    const stakeMinor = stakeOf(size, random);
    const must = size === 'single' ? required.shift() : undefined;
    if (must !== undefined) return { window: must.window, phase: 'opening', bettor, stakeMinor, policy, legs: [must.leg] };
    const window = index % plan.windows.length;
    const phase = phaseOf(size, window + 1 < plan.windows.length, random);
    const legs = drawLegs(size, poolOf(plan.windows, window, phase, random), random);
    return { window, phase, bettor, stakeMinor, policy, legs };
  });
  const order = (bet: Omit<PlannedBet, 'index'>): number => bet.window * phases.length + phases.indexOf(bet.phase);
  return drawn.sort((a, b) => order(a) - order(b)).map((bet, index) => ({ index, ...bet }));
}

/** More than 60 % singles, 28 % of 2 to 5 legs, 6 % of 6 to 20. */
function shuffledSizes(bets: number, random: Random): Size[] {
  const many = Math.ceil(bets * 0.06);
  const few = Math.min(bets - many, Math.ceil(bets * 0.28));
  return random.shuffled(Array.from({ length: bets }, (_, index): Size => (index < many ? 'many' : index < many + few ? 'few' : 'single')));
}

/** Both sides of every opening quarter line: the singles that are placed whatever the seed draws. */
function requiredLegs(plan: SeasonPlan): { readonly window: number; readonly leg: PlannedLeg }[] {
  return plan.windows.flatMap(({ index, fixtures }) =>
    fixtures
      .flatMap((fixture) => fixture.markets)
      .filter(isOpeningQuarterLine)
      .flatMap(({ marketId, opening = [] }) => opening.map((price) => ({ window: index, leg: { marketId, ...price } }))),
  );
}

function phaseOf(size: Size, hasNext: boolean, random: Random): Phase {
  const draw = random.below(10);
  if (draw < 5) return 'opening';
  return size !== 'single' && hasNext && draw >= 8 ? 'crossing' : 'closing';
}

/** What a bettor looks at. After the prices have moved, one in eight still looks at the old ones. */
function poolOf(windows: readonly Window[], window: number, phase: Phase, random: Random): Pool {
  const here = offersOf(windows[window], phase === 'opening' || random.below(8) === 0 ? 'opening' : 'closing');
  return phase === 'crossing' ? [...here, ...offersOf(windows[window + 1], 'opening')] : here;
}

function offersOf(window: Window | undefined, prices: 'opening' | 'closing'): Pool {
  const offers = (market: PlannedMarket): Offer[] => {
    const offered = market[prices];
    return offered === undefined ? [] : [{ marketId: market.marketId, prices: offered }];
  };
  return (window?.fixtures ?? []).map((fixture) => fixture.markets.flatMap(offers));
}

function drawLegs(size: Size, pool: Pool, random: Random): readonly PlannedLeg[] {
  const wanted = size === 'single' ? 1 : size === 'few' ? 2 + Math.min(random.below(4), random.below(4)) : 6 + random.below(15);
  const chosen = random.shuffled(pool).slice(0, wanted);
  const legs = chosen.map((offers) => drawLeg(random.pick(offers), size, random));
  // One slip in twelve names odds that nobody offered.
  if (random.below(12) !== 0) return legs;
  return legs.map((leg, index) => (index === 0 ? { ...leg, odds: shifted(leg.odds, random.chance(50)) } : leg));
}

/** Who puts many legs on a slip mostly takes favourites. */
function drawLeg({ marketId, prices }: Offer, size: Size, random: Random): PlannedLeg {
  const drawn = random.pick(prices);
  if (size !== 'many' || random.chance(30)) return { marketId, ...drawn };
  return { marketId, ...prices.reduce((best, price) => (isShorter(price.odds, best.odds) ? price : best)) };
}

function stakeOf(size: Size, random: Random): number {
  return size === 'many' ? 10 + random.below(91) : 100 + random.below(4_901);
}

function isShorter(a: string, b: string): boolean {
  return compare(oddsOf(a), oddsOf(b)) < 0;
}

/** A twentieth more or less, in hundredths. */
function shifted(odds: string, up: boolean): string {
  const hundredths = roundToInteger(multiply(oddsOf(odds), rational(up ? 105n : 95n, 1n)), 'half-even');
  return formatOdds(rational(hundredths > 101n ? hundredths : 101n, 100n));
}

function oddsOf(text: string) {
  const odds = parseDecimalOdds(text);
  if (odds === undefined) throw new Error(`planned odds are decimal odds: ${text}`);
  return odds;
}
