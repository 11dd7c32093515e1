// A served log with something of everything in it: a settled bet, a corrected result, an open bet. Used by the tests of compare.ts.

import { apiClient, type ApiClient } from '../server/api-client.ts';
import { closeAndResult, openBettor, openMarket, openWorld, resultsWonBy, succeeded, until, type World } from '../server/testing-world.ts';

export type ServedWorld = { readonly world: World; readonly admin: ApiClient };

export async function openServedWorld(): Promise<ServedWorld> {
  const world = await openWorld();
  await world.start();
  const trader = await world.as('trader', 'trader');
  const [first, second] = [await openMarket(trader, 'f1'), await openMarket(trader, 'f2')];
  const ann = await openBettor(world, 10_000);
  const bob = await openBettor(world, 5_000);
  for (let bet = 0; bet < 3; bet += 1) succeeded(await ann.place(`bet-${bet}`, 100 + bet, first.leg('home')));
  succeeded(await bob.place('both', 250, first.leg('away'), second.leg('draw')));
  await closeAndResult(trader, first, 'home');
  succeeded(await trader('POST', `/v1/markets/${first.marketId}/correction`, { body: { results: resultsWonBy('away'), reason: 'feed-error' } }));
  const admin = apiClient(world.server.url, await world.server.token('tool', ['admin']));
  // Opened and funded, three bets, each of them settled, reversed and settled again.
  await until('the corrected result is settled', async () => {
    return (await ann.send('GET', `/v1/accounts/${ann.accountId}`)).body['revision'] === 13 ? true : undefined;
  });
  return { world, admin };
}
