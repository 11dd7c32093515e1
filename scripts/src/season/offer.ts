// The trader's side of a planned match over HTTP: schedule it and open its markets at opening prices. Safe to repeat.
// Called by the demo; the season has its own order of things.

import type { ApiClient } from '../server/api-client.ts';
import { selectionName, type PlannedFixture, type PlannedMarket } from './plan.ts';

/** Answers the versions of the markets. */
export async function offerFixture(trader: ApiClient, fixture: PlannedFixture): Promise<ReadonlyMap<string, number>> {
  const { fixtureId, sport, competition, home, away, startsAt } = fixture;
  await trader.call('PUT', `/v1/fixtures/${fixtureId}`, { body: { sport, competition, home, away, startsAt } });
  const versions = new Map<string, number>();
  for (const market of fixture.markets) if (market.opening !== undefined) versions.set(market.marketId, await openMarket(trader, market, fixture));
  return versions;
}

async function openMarket(trader: ApiClient, market: PlannedMarket, fixture: PlannedFixture): Promise<number> {
  const { marketId, fixtureId, kind, line, opening = [] } = market;
  const selections = opening.map(({ selectionId, odds }) => ({ selectionId, name: selectionName(market, selectionId, fixture), odds }));
  const opened = await trader.call('PUT', `/v1/markets/${marketId}`, { body: { fixtureId, kind, line, selections } });
  return Number(opened.body['version']);
}
