import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeAndResult, job, openBettor, openMarket, openWorld, resultsWonBy, succeeded } from './testing-world.ts';
import type { Answer, Bettor, Send, World } from './testing-world.ts';

// One server, whose clock is driven, for all of these: each has its own bettor, fixtures and markets.

let world: World;
let trader: Send;
let admin: Send;

beforeAll(async () => {
  world = await openWorld();
  await world.start({ env: { WAGERLINE_CLOCK: 'driven', WAGERLINE_RETURN_APPROVAL_MINOR: '500000' } });
  trader = await world.as('trader-1', 'trader');
  admin = await world.as('admin-1', 'admin');
});
afterAll(() => world.close());

type Line = { readonly revision: number; readonly type: string; readonly amountMinor: number; readonly balanceAfterMinor: number };

/** Oldest first. */
async function statement({ accountId, stream, send }: Bettor, revision: number): Promise<readonly Line[]> {
  const { body } = succeeded(await send('GET', `/v1/accounts/${accountId}/statement`, { minRevision: `${stream}@${revision}` }));
  return (body['lines'] as readonly Line[]).toReversed();
}

function amounts(lines: readonly Line[]): readonly (readonly [string, number, number])[] {
  return lines.map((line) => [line.type, line.amountMinor, line.balanceAfterMinor]);
}

function placed(answer: Answer): string {
  return String(succeeded(answer).body['betId']);
}

test('a won single is paid, without anybody asking', async () => {
  const market = await openMarket(trader, 'won');
  const bettor = await openBettor(world, 1_000);
  const betId = placed(await bettor.place('bet', 500, market.leg('home')));
  await closeAndResult(trader, market, 'home');
  expect(await bettor.bet(betId, 3)).toMatchObject({ status: 'settled', returnMinor: 1_000, legs: [{ result: 'won' }] });
  expect(await bettor.balance(3)).toBe(1_500);
});

test('a corrected result is a reversal and a settlement: two lines of the statement, and the right balance after each', async () => {
  const market = await openMarket(trader, 'corrected');
  const bettor = await openBettor(world, 1_000);
  const betId = placed(await bettor.place('bet', 500, market.leg('home')));
  await closeAndResult(trader, market, 'home');
  expect(await bettor.balance(3)).toBe(1_500);
  succeeded(await trader('POST', `/v1/markets/${market.marketId}/correction`, { body: { results: resultsWonBy('away'), reason: 'wrong-score' } }));
  expect(amounts(await statement(bettor, 5))).toEqual([
    ['FundsDeposited', 1_000, 1_000],
    ['BetPlaced', -500, 500],
    ['BetSettled', 1_000, 1_500],
    ['BetSettlementReversed', -1_000, 500],
    ['BetSettled', 0, 500],
  ]);
  expect(await bettor.bet(betId, 5)).toMatchObject({ status: 'settled', returnMinor: 0, legs: [{ result: 'lost' }] });
});

test('a balance that a reversal takes below zero blocks the account until money comes in', async () => {
  const market = await openMarket(trader, 'below');
  const next = await openMarket(trader, 'below-next');
  const bettor = await openBettor(world, 500);
  placed(await bettor.place('bet', 500, market.leg('home')));
  await closeAndResult(trader, market, 'home');
  expect(await bettor.balance(3)).toBe(1_000);
  const funds = (path: string, amountMinor: number) =>
    bettor.send('POST', `/v1/accounts/${bettor.accountId}/${path}`, { body: { amountMinor, currency: 'GBP' }, key: path });
  succeeded(await funds('withdrawals', 900));
  succeeded(await trader('POST', `/v1/markets/${market.marketId}/correction`, { body: { results: resultsWonBy('away'), reason: 'wrong-score' } }));
  expect(await bettor.balance(6)).toBe(-900);
  expect(await bettor.place('refused', 1, next.leg('home'))).toMatchObject({ status: 409, body: { code: 'ACCOUNT_BLOCKED' } });
  expect(succeeded(await funds('deposits', 1_000)).body).toMatchObject({ revision: 8 });
  placed(await bettor.place('accepted', 100, next.leg('home')));
});

test('a voided market gives the stake of a single back and is no leg of a double', async () => {
  const [voided, other] = [await openMarket(trader, 'voided'), await openMarket(trader, 'voided-other')];
  const bettor = await openBettor(world, 1_000);
  const single = placed(await bettor.place('single', 400, voided.leg('home')));
  const double = placed(await bettor.place('double', 600, voided.leg('home'), other.leg('away')));
  succeeded(await trader('POST', `/v1/markets/${voided.marketId}/void`, { body: { reason: 'wrong-price' } }));
  expect(await bettor.bet(single, 4)).toMatchObject({ status: 'void', returnMinor: 400 });
  await closeAndResult(trader, other, 'away');
  expect(await bettor.bet(double, 5)).toMatchObject({ status: 'settled', returnMinor: 2_400, legs: [{ result: 'void' }, { result: 'won' }] });
  expect(await bettor.balance(5)).toBe(2_800);
});

test('a leg that a stale view let through is late: void for ever, whatever its market says', async () => {
  const [late, other] = [await openMarket(trader, 'late'), await openMarket(trader, 'late-other')];
  const bettor = await openBettor(world, 1_000);
  // The view must have both markets before it is held.
  placed(await bettor.place('before', 100, late.leg('home')));
  placed(await bettor.place('before-other', 100, other.leg('home')));
  succeeded(await admin('POST', '/admin/market-view/hold', { body: { forMs: 9_000 } }));
  succeeded(await trader('POST', `/v1/markets/${late.marketId}/close`, { body: { reason: 'goal' } }));
  const single = placed(await bettor.place('single', 300, late.leg('home')));
  const double = placed(await bettor.place('double', 300, late.leg('home'), other.leg('home')));
  succeeded(await admin('POST', '/admin/market-view/release', { body: {} }));

  expect(await bettor.bet(single, 6)).toMatchObject({ status: 'void', returnMinor: 300 });
  succeeded(await trader('POST', `/v1/markets/${late.marketId}/result`, { body: { results: resultsWonBy('home') } }));
  await closeAndResult(trader, other, 'home');
  const settled = await bettor.bet(double, 9);
  const legs = [{ result: 'void', late: true }, { result: 'won', late: false }];
  expect(settled).toMatchObject({ status: 'settled', returnMinor: 600, legs });
  expect(await bettor.bet(single, 9)).toMatchObject({ status: 'void', returnMinor: 300 });
  // 1000 - 2 x 100 - 2 x 300, then 300 back, 2 x 200 won early and 600 for the double.
  expect(await bettor.balance(9)).toBe(1_500);
});

test('a fixture that starts closes its pre-match markets', async () => {
  const market = await openMarket(trader, 'started');
  const bettor = await openBettor(world, 1_000);
  placed(await bettor.place('before', 100, market.leg('home')));
  succeeded(await trader('POST', `/v1/fixtures/${market.fixtureId}/start`, { body: {} }));
  const closed = await trader('GET', `/v1/markets/${market.marketId}`, { minRevision: `market-${market.marketId}@1` });
  expect(closed).toMatchObject({ status: 200, body: { status: 'closed' } });
  const after = await bettor.place('after', 100, { ...market.leg('home'), marketVersion: 1 });
  expect(after).toMatchObject({ status: 409, body: { code: 'MARKET_CLOSED' } });
});

test('an abandoned fixture voids its undecided markets, not the decided one', async () => {
  const market = await openMarket(trader, 'abandoned');
  const goals = 'abandoned.ou0.5';
  const selections = [{ selectionId: 'over', name: 'Over', odds: '1.1' }, { selectionId: 'under', name: 'Under', odds: '6' }];
  succeeded(await trader('PUT', `/v1/markets/${goals}`, { body: { fixtureId: market.fixtureId, kind: 'total-goals', line: '0.5', selections } }));
  const bettor = await openBettor(world, 1_000);
  const undecided = placed(await bettor.place('undecided', 100, market.leg('away')));
  const decided = placed(await bettor.place('decided', 100, { marketId: goals, selectionId: 'over', odds: '1.1', marketVersion: 0 }));
  succeeded(await trader('POST', `/v1/fixtures/${market.fixtureId}/start`, { body: {} }));
  succeeded(await trader('GET', `/v1/markets/${goals}`, { minRevision: `market-${goals}@1` }));
  const results = [{ selectionId: 'over', result: 'won' }, { selectionId: 'under', result: 'lost' }];
  succeeded(await trader('POST', `/v1/markets/${goals}/result`, { body: { results } }));
  expect(await bettor.bet(decided, 4)).toMatchObject({ status: 'settled', returnMinor: 110 });
  succeeded(await trader('POST', `/v1/fixtures/${market.fixtureId}/abandon`, { body: { reason: 'weather' } }));
  expect(await bettor.bet(undecided, 5)).toMatchObject({ status: 'void', returnMinor: 100 });
  expect(await bettor.bet(decided, 5)).toMatchObject({ status: 'settled', returnMinor: 110 });
});

test('a bet that a trader voids stays void when its market gets a result', async () => {
  const market = await openMarket(trader, 'by-hand');
  const bettor = await openBettor(world, 1_000);
  const betId = placed(await bettor.place('voided', 300, market.leg('home')));
  const other = placed(await bettor.place('settled', 200, market.leg('home')));
  const path = `/v1/accounts/${bettor.accountId}/bets/${betId}/void`;
  expect((await bettor.send('POST', path, { body: { reason: 'complaint' } })).status).toBe(403);
  succeeded(await trader('POST', path, { body: { reason: 'complaint' } }));
  expect(await bettor.bet(betId, 4)).toMatchObject({ status: 'void', returnMinor: 300 });
  await closeAndResult(trader, market, 'home');
  expect(await bettor.bet(other, 5)).toMatchObject({ status: 'settled', returnMinor: 400 });
  expect(await bettor.bet(betId, 5)).toMatchObject({ status: 'void', returnMinor: 300 });
  expect(await bettor.balance(5)).toBe(1_200);
  // Of a bet whose outcome is known two people decide; its settlement is taken back first.
  const settledBet = `/v1/accounts/${bettor.accountId}/bets/${other}/void`;
  expect(await trader('POST', settledBet, { body: { reason: 'complaint' } })).toMatchObject({ status: 202, body: { waitsFor: 'approval', revision: 6 } });
  const same = await world.as('trader-1', 'settler');
  expect(await same('POST', `${settledBet}/approve`, { body: {} })).toMatchObject({ status: 403, body: { code: 'APPROVAL_SAME_PERSON' } });
  const settler = await world.as('settler-1', 'settler');
  succeeded(await settler('POST', `${settledBet}/approve`, { body: {} }));
  expect(amounts(await statement(bettor, 8)).slice(-2)).toEqual([['BetSettlementReversed', -400, 800], ['BetVoided', 200, 1_000]]);
});

test('a return above the sum is credited when a second person has approved it, and a resulted market is voided by two', async () => {
  const market = await openMarket(trader, 'large');
  const bettor = await openBettor(world, 500_000);
  const betId = placed(await bettor.place('large', 300_000, market.leg('home')));
  await closeAndResult(trader, market, 'home');
  expect(await bettor.bet(betId, 3)).toMatchObject({ status: 'open', heldReturnMinor: 600_000, returnMinor: null });
  expect(await bettor.balance(3)).toBe(200_000);
  const approve = `/v1/accounts/${bettor.accountId}/bets/${betId}/return/approve`;
  const settler = await world.as('settler-1', 'settler');
  succeeded(await settler('POST', approve, { body: {} }));
  const paid = await bettor.bet(betId, 4);
  expect([paid['status'], paid['returnMinor'], paid['heldReturnMinor']]).toEqual(['settled', 600_000, undefined]);
  expect(await bettor.balance(4)).toBe(800_000);

  const wholeMarket = `/v1/markets/${market.marketId}/void`;
  expect((await trader('POST', wholeMarket, { body: { reason: 'wrong-fixture' } })).status).toBe(202);
  expect(await bettor.balance(4)).toBe(800_000);
  succeeded(await settler('POST', `${wholeMarket}/approve`, { body: {} }));
  const [reversed, voided] = (await statement(bettor, 6)).slice(-2);
  expect([reversed, voided]).toMatchObject([{ amountMinor: -600_000, reason: 'wrong-fixture' }, { amountMinor: 300_000, reason: 'wrong-fixture' }]);
});

test('a second person declines: a void as if nobody had asked, a return until a newer result', async () => {
  const market = await openMarket(trader, 'declined');
  const bettor = await openBettor(world, 500_000);
  const large = placed(await bettor.place('large', 300_000, market.leg('home')));
  await closeAndResult(trader, market, 'home');
  expect(await bettor.bet(large, 3)).toMatchObject({ status: 'open', heldReturnMinor: 600_000 });
  const settler = await world.as('settler-1', 'settler');
  const bet = `/v1/accounts/${bettor.accountId}/bets/${large}`;
  const body = { reason: 'under-inquiry' };
  expect((await trader('POST', `${bet}/return/decline`, { body })).status).toBe(403);
  succeeded(await settler('POST', `${bet}/return/decline`, { body }));
  expect(await bettor.bet(large, 4)).not.toHaveProperty('heldReturnMinor');
  expect(await settler('POST', `${bet}/return/approve`, { body: {} })).toMatchObject({ status: 409, body: { code: 'APPROVAL_NOT_PENDING' } });
  expect((await trader('POST', `${bet}/void`, { body })).status).toBe(202);
  succeeded(await settler('POST', `${bet}/void/decline`, { body }));
  expect((await trader('POST', `/v1/markets/${market.marketId}/void`, { body })).status).toBe(202);
  succeeded(await settler('POST', `/v1/markets/${market.marketId}/void/decline`, { body }));
  succeeded(await trader('POST', `/v1/markets/${market.marketId}/correction`, { body: { results: resultsWonBy('away'), reason: 'wrong-score' } }));
  expect(await bettor.bet(large, 7)).toMatchObject({ status: 'settled', returnMinor: 0 });
});

test('time is what the tool says it is, and goes forward only', async () => {
  const at = '2031-05-06T07:08:09.000Z';
  succeeded(await admin('POST', '/admin/clock', { body: { at } }));
  const bettor = await openBettor(world, 1_000);
  expect((await statement(bettor, 1))[0]).toMatchObject({ at });
  const back = await admin('POST', '/admin/clock', { body: { at: '2031-05-06T07:08:08.999Z' } });
  expect(back).toMatchObject({ status: 409, body: { code: 'CLOCK_NOT_DRIVEN' } });
  expect((await trader('POST', '/admin/clock', { body: { at } })).status).toBe(403);
});

test('everything of the above, and the ledger is right', async () => {
  expect(await job(admin, { kind: 'ledger-verify' })).toMatchObject({ ok: true, findings: [], blockedAccounts: [] });
});
