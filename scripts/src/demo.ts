// What `npm start` adds to a bare server: the season's first ten fixtures open for betting, a bettor with money, a trader, and
// curl commands with working tokens. Everything it does goes over HTTP and is safe to repeat at the next start.

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueToken, makeDemoKeys } from '@wagerline/infra/auth';
import type { Config } from '@wagerline/infra/config';
import { uuidV5 } from '@wagerline/shared-kernel/values/ids';
import { apiClient, ApiError, type ApiClient } from './server/api-client.ts';
import { offerFixture } from './season/offer.ts';
import { planSeason, type PlannedFixture } from './season/plan.ts';
import { readSamples } from './season/samples.ts';
import { premierLeague } from './season/season-files.ts';

const demoFixtures = 10;
const demoDepositMinor = 100_000;
const tokenTtlSeconds = 24 * 3_600;

/** Answers the text to print. */
export async function startDemo(url: string, config: Config): Promise<string> {
  const keys = await makeDemoKeys(config.dataDir);
  const { issuer, audience } = config.jwt;
  const accountId = demoAccount(config.dataDir);
  const token = (sub: string, role: 'bettor' | 'trader') => issueToken(keys, { sub, roles: [role], ttlSeconds: tokenTtlSeconds, issuer, audience });
  const [bettorToken, traderToken] = await Promise.all([token(accountId, 'bettor'), token('demo-trader', 'trader')]);
  const bettor = apiClient(url, bettorToken);
  const trader = apiClient(url, traderToken);
  await bettor.call('PUT', `/v1/accounts/${accountId}`, { body: { currency: 'GBP', brand: 'demo', jurisdiction: 'GB' } });
  await bettor.call('POST', `/v1/accounts/${accountId}/deposits`, {
    body: { amountMinor: demoDepositMinor, currency: 'GBP' },
    idempotencyKey: uuidV5(accountId, 'demo deposit'),
  });
  const { fixtures } = planSeason((await readSamples(premierLeague, 'stop')).matches);
  const offered = fixtures.slice(0, demoFixtures);
  for (const fixture of offered) await offerAgain(trader, fixture);
  return commands(url, accountId, bettorToken, traderToken, offered);
}

/** A fixture that was started, ended or voided since is left as it is. */
async function offerAgain(trader: ApiClient, fixture: PlannedFixture): Promise<void> {
  try {
    await offerFixture(trader, fixture);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
  }
}

/** One demo account for the life of a data folder. */
function demoAccount(dataDir: string): string {
  const file = join(dataDir, 'demo-account');
  if (!existsSync(file)) writeFileSync(file, randomUUID());
  return readFileSync(file, 'utf8');
}

function commands(url: string, accountId: string, bettorToken: string, traderToken: string, fixtures: readonly PlannedFixture[]): string {
  const [fixture] = fixtures;
  const market = fixture?.markets[0];
  const [selection] = market?.opening ?? [];
  const leg = { marketId: market?.marketId, selectionId: selection?.selectionId, odds: selection?.odds };
  const slip = JSON.stringify({ type: 'single', currency: 'GBP', stakeMinor: 500, legs: [leg] });
  const json = `-H 'content-type: application/json'`;
  const results = JSON.stringify(market?.opening?.map(({ selectionId }) => ({ selectionId, result: selectionId === 'home' ? 'won' : 'lost' })));
  return `
Wagerline is running with ${fixtures.length} fixtures open for betting and a bettor who has 1,000.00 GBP.

  export BETTOR='${bettorToken}'
  export TRADER='${traderToken}'

# what is there to bet on
  curl -s '${url}/v1/fixtures?q=liverp'
  curl -s ${url}/v1/markets/${market?.marketId}

# place a bet of 5.00 on ${fixture?.home}, and see it
  curl -s ${url}/v1/bets -H "authorization: Bearer $BETTOR" ${json} -H 'idempotency-key: my-first-bet' -d '${slip}'
  curl -s ${url}/v1/bets -H "authorization: Bearer $BETTOR"
  curl -s ${url}/v1/accounts/${accountId}/statement -H "authorization: Bearer $BETTOR"

# as the trader: what the market could cost, and the end of it
  curl -s ${url}/v1/markets/${market?.marketId}/liability -H "authorization: Bearer $TRADER"
  curl -s ${url}/v1/fixtures/${fixture?.fixtureId}/start -H "authorization: Bearer $TRADER" ${json} -d '{}'
  curl -s ${url}/v1/markets/${market?.marketId}/result -H "authorization: Bearer $TRADER" ${json} -d '{"results":${results}}'

`;
}
