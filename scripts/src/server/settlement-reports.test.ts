// What people ask of settlement on a running server: how far it is, a market held and resumed, what a result would pay, what is overdue, and the
// whole log settled again.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeAndResult, job, openBettor, openMarket, openWorld, resultsWonBy, runTool, succeeded, until } from './testing-world.ts';
import type { Send, World } from './testing-world.ts';

let world: World;
let trader: Send;
let admin: Send;

beforeAll(async () => {
  world = await openWorld();
  await world.start();
  trader = await world.as('trader-1', 'trader');
  admin = await world.as('admin-1', 'admin');
});
afterAll(() => world.close());

const progress = async () => succeeded(await trader('GET', '/admin/settlement')).body;

test('held, previewed, overdue, resumed, corrected, replayed without a difference', async () => {
  const market = await openMarket(trader, 'disputed');
  const { marketId, fixtureId } = market;
  const bettor = await openBettor(world, 10_000);
  const bets = [await bettor.place('home', 500, market.leg('home')), await bettor.place('away', 300, market.leg('away'))];
  const [homeBet] = bets.map((answer) => String(succeeded(answer).body['betId']));
  await until('both bets are known to settlement', async () => ((await progress())['openBets'] === 2 ? true : undefined));
  expect(await progress()).toMatchObject({ openBets: 2, judged: 0, waiting: 0, etaSeconds: 0, heldMarkets: [] });

  const preview = await job(admin, { kind: 'settlement-preview', marketId, results: null });
  expect(preview).toMatchObject({ marketId, openBets: 2, isHeld: false });
  const paid = (returnMinor: number) => ({ byCurrency: { GBP: { settled: 2, stillOpen: 0, stakeMinor: 800, returnMinor } } });
  expect(preview['outcomes']).toMatchObject([
    { outcome: 'home', ...paid(1_000) },
    { outcome: 'draw', ...paid(0) },
    { outcome: 'away', ...paid(1_200) },
    { outcome: 'void', ...paid(800) },
  ]);
  const half = { home: 'half_won', draw: 'lost', away: 'lost' };
  expect((await job(admin, { kind: 'settlement-preview', marketId, results: half }))['outcomes']).toMatchObject([{ outcome: 'given', ...paid(750) }]);

  succeeded(await trader('POST', `/v1/markets/${marketId}/settlement/hold`, { body: { reason: 'disputed' } }));
  await closeAndResult(trader, market, 'home');
  await until('the result waits', async () => (JSON.stringify((await progress())['heldMarkets']).includes('"hasResult":true') ? true : undefined));
  succeeded(await trader('POST', `/v1/fixtures/${fixtureId}/start`, { body: {} }));
  succeeded(await trader('POST', `/v1/fixtures/${fixtureId}/end`, { body: { score: { home: 1, away: 0 } } }));
  const unsettled = await job(admin, { kind: 'settlement-unsettled', hours: 0 });
  expect(unsettled).toMatchObject({ bets: 2, unjudged: 0, markets: [{ marketId, isHeld: true, hasEnded: true, bets: 2 }] });
  expect(await job(admin, { kind: 'settlement-unsettled', hours: 1 })).toMatchObject({ bets: 0, markets: [] });

  succeeded(await trader('POST', `/v1/markets/${marketId}/settlement/resume`, { body: {} }));
  await until('both bets are settled', async () => ((await progress())['openBets'] === 0 ? true : undefined));
  expect(await bettor.bet(homeBet, 5)).toMatchObject({ status: 'settled', returnMinor: 1_000 });
  succeeded(await trader('POST', `/v1/markets/${marketId}/correction`, { body: { results: resultsWonBy('away'), reason: 'protest' } }));
  const replayed = await job(admin, { kind: 'settlement-replay', fresh: false, repair: false });
  expect(replayed).toMatchObject({ ok: true, bets: 2, newer: 0, repaired: 0, differences: [], balancesDiffering: 0 });
});

test('the tool says the same for people, through the running server', async () => {
  const status = await runTool(world.dataDir, 'settlement', 'status');
  expect([status.exitCode, status.out]).toEqual([0, expect.stringMatching(/^open +0\njudged +\d+ since the start\nwaiting +0, 0 s to go/)]);
  expect((await runTool(world.dataDir, 'settlement', 'preview', 'nowhere')).error).toContain('there is no market nowhere');
  expect((await runTool(world.dataDir, 'settlement', 'hold')).exitCode).toBe(2);
});

test('the progress is for traders and operators alone', async () => {
  const bettor = await openBettor(world, 100);
  expect((await bettor.send('GET', '/admin/settlement')).status).toBe(403);
});
