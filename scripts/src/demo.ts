// What `npm start` adds to a bare server: the season's first ten fixtures open for betting, a bettor with money, a trader, and
// curl commands with working tokens. Everything it does goes over HTTP and is safe to repeat at the next start.

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueToken, makeDemoKeys } from '@wagerline/infra/auth';
import type { Config } from '@wagerline/infra/config';
import { uuidV5 } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { z } from 'zod';
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
  const deposit = { body: { amountMinor: demoDepositMinor, currency: 'GBP' }, idempotencyKey: uuidV5(accountId, 'demo deposit') };
  const { revision } = (await bettor.call('POST', `/v1/accounts/${accountId}/deposits`, deposit)).body;
  const minRevision = `account-${accountId}@${String(revision)}`;
  const account = await bettor.call('GET', `/v1/accounts/${accountId}`, { minRevision });
  const { fixtures } = planSeason((await readSamples(premierLeague, 'stop')).matches);
  const open: Offer[] = [];
  for (const fixture of fixtures.slice(0, demoFixtures)) open.push(...(await offerAgain(trader, fixture)));
  const says = `
Wagerline is running with ${open.length} fixtures open for betting and a bettor who has ${money(account.body)}.

  export BETTOR='${bettorToken}'
  export TRADER='${traderToken}'
`;
  const [offer] = open;
  if (offer === undefined) return `${says}\nEvery fixture of the demo was played: another WAGERLINE_DATA_DIR starts anew.\n\n`;
  return says + commands(url, account.body, offer);
}

/** The fixture's first market, the one to bet on, as its page shows it. */
type Offer = { readonly fixture: PlannedFixture; readonly marketId: string; readonly version: number; readonly odds: string };

const marketPage = z.object({ status: z.string(), version: z.int(), selections: z.array(z.object({ selectionId: z.string(), odds: z.string() })) });

/** None for a fixture that was started, ended or abandoned since, or whose market was closed: it is left as it is. */
async function offerAgain(trader: ApiClient, fixture: PlannedFixture): Promise<readonly Offer[]> {
  const marketId = fixture.markets[0]?.marketId ?? '';
  try {
    const version = (await offerFixture(trader, fixture)).get(marketId) ?? 0;
    const market = marketPage.parse((await trader.call('GET', `/v1/markets/${marketId}`, { minRevision: `market-${marketId}@${version}` })).body);
    const home = market.selections.find(({ selectionId }) => selectionId === 'home');
    return market.status === 'open' && home !== undefined ? [{ fixture, marketId, version: market.version, odds: home.odds }] : [];
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    return [];
  }
}

/** One demo account for the life of a data folder. */
function demoAccount(dataDir: string): string {
  const file = join(dataDir, 'demo-account');
  if (!existsSync(file)) writeFileSync(file, randomUUID());
  return readFileSync(file, 'utf8');
}

function money({ balanceMinor, currency }: JsonObject): string {
  return `${(Number(balanceMinor) / 100).toFixed(2)} ${String(currency)}`;
}

/** Reads name the revision that they wait for, so that they show what was just done also when all lines are pasted at once. */
function commands(url: string, account: JsonObject, { fixture, marketId, version, odds }: Offer): string {
  const slip = JSON.stringify({ type: 'single', currency: 'GBP', stakeMinor: 500, legs: [{ marketId, selectionId: 'home', odds }] });
  const results = JSON.stringify(['home', 'draw', 'away'].map((selectionId) => ({ selectionId, result: selectionId === 'home' ? 'won' : 'lost' })));
  const accountId = String(account['accountId']);
  const next = Number(account['revision']) + 1;
  const json = `-H 'content-type: application/json'`;
  const bettor = `-H "authorization: Bearer $BETTOR"`;
  const trader = `-H "authorization: Bearer $TRADER"`;
  const fresh = (stream: string, revision: number): string => `-H 'wagerline-min-revision: ${stream}@${revision}'`;
  const search = encodeURIComponent(fixture.home.slice(0, 6).toLowerCase());
  return `
# what is there to bet on
  curl -s '${url}/v1/fixtures?q=${search}'
  curl -s ${url}/v1/markets/${marketId}

# place a bet of 5.00 on ${fixture.home}, and see it
  curl -s ${url}/v1/bets ${bettor} ${json} -H 'idempotency-key: demo-bet-${next}' -d '${slip}'
  curl -s ${url}/v1/bets ${bettor} ${fresh(`account-${accountId}`, next)}
  curl -s ${url}/v1/accounts/${accountId}/statement ${bettor} ${fresh(`account-${accountId}`, next)}

# as the trader: what the market could cost, the start that closes it, its result; then the bettor's money
  curl -s ${url}/v1/markets/${marketId}/liability ${trader}
  curl -s ${url}/v1/fixtures/${fixture.fixtureId}/start ${trader} ${json} -d '{}'
  curl -s ${url}/v1/markets/${marketId} ${fresh(`market-${marketId}`, version + 1)}
  curl -s ${url}/v1/markets/${marketId}/result ${trader} ${json} -d '{"results":${results}}'
  curl -s ${url}/v1/accounts/${accountId} ${bettor} ${fresh(`account-${accountId}`, next + 1)}

`;
}
