// `npm run walk`: places one bet on a server of its own and prints every station that it passes, with the file that did it and
// the data there. The README's drawing, live.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { runTool } from './cli.ts';
import { ApiError, type ApiClient, type Reply } from './server/api-client.ts';
import { withServer, type ReachedServer } from './server/with-server.ts';

type Station = { readonly station: string; readonly file: string; readonly data: JsonObject };

await runTool({
  name: 'walk',
  says: 'Places one bet, results its market, and prints each station on the way: what it is, which file did it, the data there.',
  options: {},
  async run(given, output) {
    const dataDir = await mkdtemp(join(tmpdir(), 'wagerline-walk-'));
    try {
      const stations = await withServer(dataDir, walk);
      if (given.json) output.json(stations);
      else {
        for (const [index, { station, file, data }] of stations.entries()) {
          output.line(`${index + 1}. ${station}  (${file})\n   ${JSON.stringify(data)}`);
        }
      }
      return true;
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  },
});

async function walk(server: ReachedServer): Promise<readonly Station[]> {
  const accountId = randomUUID();
  const bettor = await server.clientOf(accountId, ['bettor']);
  const trader = await server.clientOf('walk-trader', ['trader']);
  const version = await offer(trader);
  await bettor.call('PUT', `/v1/accounts/${accountId}`, { body: { currency: 'GBP', brand: 'demo', jurisdiction: 'GB' } });
  await bettor.call('POST', `/v1/accounts/${accountId}/deposits`, { body: { amountMinor: 1_000, currency: 'GBP' }, idempotencyKey: 'walk-deposit' });

  const leg = { marketId: 'walk.1x2', selectionId: 'home', odds: '1.95', marketVersion: version };
  const slip = { type: 'single', currency: 'GBP', stakeMinor: 500, legs: [leg] };
  const placed = await bettor.call('POST', '/v1/bets', { body: slip, idempotencyKey: 'walk-bet' });
  const stream = `account-${accountId}`;
  const minRevision = `${stream}@${String(placed.body['revision'])}`;
  const betPath = `/v1/bets/${String(placed.body['betId'])}`;
  const bet = await patiently(() => bettor.call('GET', betPath, { minRevision }));
  const statement = await patiently(() => bettor.call('GET', `/v1/accounts/${accountId}/statement?limit=1`, { minRevision }));
  const eventsNow = async (): Promise<readonly JsonObject[]> => (await server.admin.call('GET', `/admin/streams/${stream}`)).body['events'] as JsonObject[];
  const position = Number((await eventsNow())[2]?.['position']);
  const liability = await patiently(
    () => trader.call('GET', '/v1/markets/walk.1x2/liability'),
    ({ body }) => Number(body['position']) >= position,
  );
  const { body: relayed } = await server.admin.call('GET', '/admin/status');

  await trader.call('POST', '/v1/fixtures/walk/start', { body: {} });
  await trader.call('POST', '/v1/markets/walk.1x2/close', { body: { reason: 'fixture-started' } });
  const results = ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, result: selectionId === 'home' ? 'won' : 'lost' }));
  await trader.call('POST', '/v1/markets/walk.1x2/result', { body: { results } });
  const settledRevision = `${stream}@${Number(placed.body['revision']) + 1}`;
  const settled = await patiently(() => bettor.call('GET', betPath, { minRevision: settledRevision }));
  const [betPlaced = {}, betSettled = {}] = (await eventsNow()).slice(2);
  return [
    { station: 'slip', file: 'command-side/src/account/bet-routes.ts', data: slip },
    { station: 'decision, as the event that it wrote', file: 'command-side/src/account/place-bet.ts', data: betPlaced },
    { station: 'answer', file: 'command-side/src/handle-command.ts', data: placed.body },
    { station: 'relay', file: 'command-side/src/relay/relay.ts', data: { position, ...part(relayed, 'projections', 'relay') } },
    { station: 'bet history', file: 'projections/src/bet-history/project.ts', data: bet.body },
    { station: 'account statement', file: 'projections/src/account-statement/project.ts', data: statement.body },
    { station: 'market liability', file: 'projections/src/market-liability/project.ts', data: liability.body },
    { station: 'settlement, as the event that it wrote', file: 'command-side/src/account/settle-bet.ts', data: betSettled },
    { station: 'bet history after settlement', file: 'query-side/src/bet-history/routes.ts', data: settled.body },
  ];
}

const triesMax = 200;
const retryDelayMs = 50;

/** Asks again while the answer is on its way: the whole walk goes through threads that nobody waits for otherwise. */
async function patiently(ask: () => Promise<Reply>, isThere: (reply: Reply) => boolean = () => true): Promise<Reply> {
  for (let tries = 1; ; tries += 1) {
    try {
      const reply = await ask();
      if (isThere(reply) || tries === triesMax) return reply;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 503 || tries === triesMax) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
  }
}

/** Answers the version of the opened market. */
async function offer(trader: ApiClient): Promise<number> {
  const startsAt = '2030-01-01T15:00:00.000Z';
  await trader.call('PUT', '/v1/fixtures/walk', { body: { sport: 'football', competition: 'E0', home: 'Liverpool', away: 'Norwich', startsAt } });
  const selections = [
    { selectionId: 'home', name: 'Liverpool', odds: '1.95' },
    { selectionId: 'draw', name: 'Draw', odds: '3.5' },
    { selectionId: 'away', name: 'Norwich', odds: '4' },
  ];
  const opened = await trader.call('PUT', '/v1/markets/walk.1x2', { body: { fixtureId: 'walk', kind: 'match-result', selections } });
  return Number(opened.body['version']);
}

function part(status: JsonObject, ...path: readonly string[]): JsonObject {
  let found = status;
  for (const name of path) found = (found[name] ?? {}) as JsonObject;
  return found;
}
