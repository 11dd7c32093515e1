// What is on offer in every benchmark: 60 markets on 20 real fixtures at their real opening odds. Pure but for reading the sample file.

import type { MarketKind } from '@wagerline/shared-kernel/betting/market-kinds';
import { planSeason, selectionName } from '../season/plan.ts';
import { readSamples } from '../season/samples.ts';
import { premierLeague } from '../season/season-files.ts';

/** `odds`: decimal, as on a slip. */
export type BookSelection = { readonly selectionId: string; readonly name: string; readonly odds: string };
export type BookMarket = {
  readonly marketId: string;
  readonly kind: MarketKind;
  readonly line: string | null;
  readonly selections: readonly BookSelection[];
};
export type BookFixture = {
  readonly fixtureId: string;
  readonly sport: string;
  readonly competition: string;
  readonly home: string;
  readonly away: string;
  readonly startsAt: string;
  readonly markets: readonly BookMarket[];
};

const fixtureCount = 20;

export async function seasonBook(): Promise<readonly BookFixture[]> {
  const { fixtures } = planSeason((await readSamples(premierLeague, 'stop')).matches);
  return fixtures.slice(0, fixtureCount).map((fixture) => {
    const { fixtureId, sport, competition, home, away, startsAt } = fixture;
    const markets = fixture.markets.flatMap((market): BookMarket[] => {
      const { marketId, kind, line, opening } = market;
      if (opening === undefined) return [];
      const selections = opening.map(({ selectionId, odds }) => ({ selectionId, name: selectionName(market, selectionId, fixture), odds }));
      return [{ marketId, kind, line, selections }];
    });
    return { fixtureId, sport, competition, home, away, startsAt, markets };
  });
}

/** A fixture with one market, every selection at evens: what histories and settlements are made of. */
export function plainFixture(fixtureId: string): BookFixture {
  const selections = ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, name: selectionId, odds: '2' }));
  const market: BookMarket = { marketId: `${fixtureId}.1x2`, kind: 'match-result', line: null, selections };
  const startsAt = '2019-08-09T19:00:00.000Z';
  return { fixtureId, sport: 'football', competition: 'bench', home: 'Home', away: 'Away', startsAt, markets: [market] };
}
