// What goes wrong in a season on purpose, one after another, and what was seen of it through the query API. Called by run-season.ts.

import { asRefused, refusals } from './incident-refusals.ts';
import { eachWayRace } from './incident-race.ts';
import type { Incident } from './incident.ts';
import { abandonedFixture, lateLeg, voidedMarket } from './incident-voids.ts';
import { correctedToLoss, correctedToWin, correctedQuarterLine } from './incident-corrections.ts';
import type { SeasonServer } from './season-server.ts';
import { Stage } from './stage.ts';

type Options = { readonly seed: number; readonly onProgress: (text: string) => void };

export async function playIncidents(server: SeasonServer, { seed, onProgress }: Options): Promise<readonly Incident[]> {
  const trading = await server.as('season-trader', 'trader');
  const stage = new Stage(server, seed, { trading, admin: await server.as('season', 'admin') });
  const incidents: Incident[] = [];
  for (const play of [lateLeg, voidedMarket, abandonedFixture, correctedToLoss, correctedToWin, correctedQuarterLine, eachWayRace]) {
    incidents.push(await play(stage));
    onProgress(`incident ${incidents.at(-1)?.incident} played`);
  }
  for (const refusal of refusals) incidents.push(await asRefused(stage, refusal));
  onProgress(`${refusals.length} refusals played`);
  await stage.clear();
  return incidents;
}
