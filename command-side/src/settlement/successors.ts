// Where a leg counts as of a position: in the market that it was struck on, or, where its season was replaced, in the one that asks the same there,
// and so on. Called by judge.ts. It follows bets whose rules say so and no others, and only so far: a circle ends where it closes.

import { movesMax, seasonAfter } from '@wagerline/shared-kernel/betting/results/market-results';
import type { IndexedBet, IndexedLeg, MarketResult, SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';
import type { LegVerdict } from '../account/commands.ts';

export type MarketFacts = Pick<SettlementIndex, 'results' | 'successor'>;

export type Way = {
  /** The newest result of each market on the way, the leg's own first: undefined where it has none. */
  readonly results: readonly (MarketResult | undefined)[];
  readonly markets: readonly string[];
  readonly movedTo?: NonNullable<LegVerdict['movedTo']>;
  /** `here`: by the last market's result. `nowhere`: the season that replaces it has no such market or outcome. `circle`: it leads back, or too far. */
  readonly end: 'here' | 'nowhere' | 'circle';
};

/** `isFinal`: what a result says of the leg is for good, cancelled or not. */
export function wayOf(bet: IndexedBet, leg: IndexedLeg, position: number, facts: MarketFacts, isFinal: (result: MarketResult) => boolean): Way {
  const markets = [leg.marketId];
  const results = [newestOf(facts.results(leg.marketId), position)];
  let way: Pick<Way, 'movedTo'> = {};
  for (;;) {
    const [marketId = leg.marketId, newest] = [markets.at(-1), results.at(-1)];
    const isFollowed = bet.moves === true && newest?.cancelled !== undefined && !isFinal(newest);
    const season = isFollowed ? seasonAfter(newest.cancelled, bet.placedAtMs) : undefined;
    if (typeof season !== 'string') return { results, markets, ...way, end: 'here' };
    const next = facts.successor(marketId, season, position);
    if (next === undefined || !next.selectionIds.includes(leg.selectionId)) return { results, markets, ...way, end: 'nowhere' };
    if (markets.includes(next.marketId) || markets.length > movesMax) return { results, markets, ...way, end: 'circle' };
    markets.push(next.marketId);
    results.push(newestOf(facts.results(next.marketId), position));
    const revisions = results.slice(1).map((result) => result?.revision ?? null);
    way = { movedTo: { fixtureId: next.fixtureId, marketId: next.marketId, revisions } };
  }
}

/** Every position at which something may have become known of the leg: results of all markets that it can ever have come to, and their openings. */
export function positionsOn(bet: IndexedBet, leg: IndexedLeg, facts: MarketFacts): readonly number[] {
  const markets = new Set([leg.marketId]);
  const positions: number[] = [];
  for (const marketId of markets) {
    for (const { position, cancelled = [] } of facts.results(marketId)) {
      positions.push(position);
      if (bet.moves !== true) continue;
      for (const { supercededBy } of cancelled) {
        const next = supercededBy === undefined ? undefined : facts.successor(marketId, supercededBy, Infinity);
        if (next === undefined) continue;
        positions.push(next.position);
        markets.add(next.marketId);
      }
    }
  }
  return positions;
}

function newestOf(results: readonly MarketResult[], position: number): MarketResult | undefined {
  for (let at = results.length - 1; at >= 0; at -= 1) {
    const result = results[at];
    if (result !== undefined && result.position <= position) return result;
  }
  return undefined;
}
