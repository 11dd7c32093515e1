// Settlement with people and a feed in it, on the engines: every part a process of its own and two settlement workers. A leg moves to the season that
// replaces its own, a result above the sum waits for a second person, and the ledger and the replay agree.

import { randomBytes } from 'node:crypto';
import { engineNames, describeEngine, engineUrl } from '@wagerline/infra/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { urlVariables } from '../engines/config.ts';
import { settings } from '../engines/two-cores.ts';
import { job, openBettor, openMarket, openWorld, resultsWonBy, succeeded, until, type Bettor, type Send, type World } from './testing-world.ts';

const sumMinor = 1_000;
const processes = 'command=1,query=1,relay=1,projector=1,settlement=2';
const startMsMax = 300_000;
const testMsMax = 120_000;

engineNames.reduceRight((inner, name) => () => describeEngine(name, inner), tests)();

function tests(): void {
  let world: World;
  let trader: Send;
  let other: Send;
  let admin: Send;
  let feed: Send;

  beforeAll(async () => {
    world = await openWorld();
    const engines = Object.fromEntries(engineNames.map((name) => [urlVariables[name], engineUrl(name)]));
    const env = { WAGERLINE_RULE_SET: 'season-moves@1', WAGERLINE_MARKET_APPROVAL_MINOR: String(sumMinor) };
    // Two workers for the whole of it: nobody is killed here.
    const leases = { WAGERLINE_SETTLEMENT_LEASE_RENEW_MS: '1000', WAGERLINE_SETTLEMENT_LEASE_TAKEOVER_MS: '10000' };
    const namespace = `settlement-${randomBytes(4).toString('hex')}`;
    await world.start({ env: { ...engines, ...settings, ...env, ...leases, WAGERLINE_NAMESPACE: namespace }, processes });
    [trader, other] = [await world.as('trader-1', 'trader'), await world.as('trader-2', 'trader')];
    [admin, feed] = [await world.as('operator', 'admin'), await world.as('producer-1', 'feed')];
  }, startMsMax);
  afterAll(() => world.close());

  const ended = (bettor: Bettor, placed: { readonly body: { readonly betId?: unknown } }) => {
    return until('the bet is settled', async () => {
      const { status, body } = await bettor.send('GET', `/v1/bets/${String(placed.body.betId)}`);
      return status === 200 && body['status'] !== 'open' ? body : undefined;
    });
  };

  test('a leg of a replaced season moves, and is settled by the result there', { timeout: testMsMax }, async () => {
    const [before, after] = [await openMarket(trader, 'season-1'), await openMarket(trader, 'season-2')];
    const bettor = await openBettor(world, 10_000);
    const placed = succeeded(await bettor.place('moves', 500, before.leg('home')));
    const cancel = { type: 'cancel', product: 1, fixture: before.fixtureId, market: before.marketId, timestamp: 1, supercededBy: after.fixtureId };
    succeeded(await feed('POST', '/v1/feed', { body: { messages: [cancel] } }));
    const outcomes = resultsWonBy('home').map(({ selectionId, result }) => ({ selection: selectionId, result: result === 'won' ? 1 : 0 }));
    const settlement = { type: 'settlement', product: 1, fixture: after.fixtureId, market: after.marketId, timestamp: 2, certainty: 2, outcomes };
    succeeded(await feed('POST', '/v1/feed', { body: { messages: [settlement] } }));
    const bet = await ended(bettor, placed);
    expect(bet).toMatchObject({ status: 'settled', returnMinor: 1_000 });
    expect(JSON.stringify(bet)).toContain(after.marketId);
  });

  test('a result above the sum settles nothing until another person approves it', { timeout: testMsMax }, async () => {
    const market = await openMarket(trader, 'large');
    const path = `/v1/markets/${market.marketId}`;
    const bettor = await openBettor(world, 10_000);
    const placed = succeeded(await bettor.place('large', sumMinor + 1, market.leg('home')));
    succeeded(await trader('POST', `${path}/close`, { body: { reason: 'test' } }));
    const asked = await trader('POST', `${path}/result`, { body: { results: resultsWonBy('home') } });
    const stakes = [{ currency: 'GBP', stakeMinor: sumMinor + 1 }];
    expect(asked).toMatchObject({ status: 202, body: { waitsFor: 'approval', approvalAboveMinor: sumMinor } });
    const waiting = await until('the decision is held', async () => {
      const [first] = succeeded(await admin('GET', '/admin/settlement/decisions')).body['decisions'] as { isHeld?: boolean }[];
      return first;
    });
    expect(waiting).toMatchObject({ marketId: market.marketId, stakes });
    const { decisionId = '' } = asked.body;
    expect(await trader('POST', `${path}/decision/approve`, { body: { decisionId } })).toMatchObject({ status: 403, body: { code: 'APPROVAL_SAME_PERSON' } });
    succeeded(await other('POST', `${path}/decision/approve`, { body: { decisionId } }));
    expect(await ended(bettor, placed)).toMatchObject({ status: 'settled', returnMinor: 2 * (sumMinor + 1) });
  });

  test('the ledger is right, and a replay finds no difference', { timeout: testMsMax }, async () => {
    expect(await job(admin, { kind: 'ledger-verify' })).toMatchObject({ ok: true, findings: [] });
    const replayed = await job(admin, { kind: 'settlement-replay', fresh: false, repair: false });
    expect(replayed).toMatchObject({ ok: true, differences: [], balancesDiffering: 0 });
  });
}
