import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { NewEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyTree, type TreeCopy } from '../check/copy-tree.ts';
import { edited } from '../planted-faults/planted-copy.ts';
import {
  closeAndResult, job, offline, openBettor, openMarket, openWorld, runTool, succeeded, until, type Bettor, type Market, type Send, type World,
} from './testing-world.ts';

// One story, in order, on a log with three poison events. A newer program has written version 2 of a deposit (a promoted account), a
// broken one a bet without legs (a broken account), and one an event of a type that is not known here (an odd market). In the end, a
// program starts that knows version 2, as it should have before anything wrote it.

let world: World;
let trader: Send;
let admin: Send;
let promoted: Bettor;
let broken: Bettor;
let well: Bettor;
let market: Market;
let odd: Market;
let newer: TreeCopy;
const betIds = new Map<Bettor, string>();

beforeAll(async () => {
  world = await openWorld();
  await world.start();
  trader = await world.as('trader-1', 'trader');
  admin = await world.as('admin-1', 'admin');
  [market, odd] = [await openMarket(trader, 'usual'), await openMarket(trader, 'odd')];
  [promoted, broken, well] = [await openBettor(world, 1_000), await openBettor(world, 1_000), await openBettor(world, 1_000)];
  for (const bettor of [promoted, broken, well]) betIds.set(bettor, String(succeeded(await bettor.place('bet', 100, market.leg('home'))).body['betId']));
  await world.stop();
  await offline(world.dataDir, async ({ eventStore }) => {
    const terms = { accountId: promoted.accountId, keyHash: '0'.repeat(64), requestHash: '1'.repeat(64) };
    await eventStore.append(promoted.stream, 2, [poison('FundsDeposited', 2, { ...terms, amountMinor: 50, currency: 'GBP', promotion: 'spring' })]);
    await eventStore.append(broken.stream, 2, [poison('BetPlaced', 1, { accountId: broken.accountId, betId: randomUUID() })]);
    await eventStore.append(`market-${odd.marketId}`, 0, [poison('MarketSharpened', 1, { marketId: odd.marketId })]);
  });
  await world.start();
});
afterAll(async () => {
  newer?.remove();
  await world.close();
});

function poison(type: string, schemaVersion: number, data: JsonObject): NewEvent {
  const origin = { commandId: 'newer', causationId: 'newer', correlationId: 'newer', traceparent: '', actor: { role: 'system', id: 'newer' } };
  return { id: randomUUID(), type, data, metadata: { schemaVersion, at: '2026-01-01T00:00:00.000Z', ...origin } };
}

type Parked = { readonly model: string; readonly parked: readonly { readonly stream: string; readonly revision: number; readonly reason: string }[] };

async function parkedNow(): Promise<Readonly<Record<string, readonly string[]>>> {
  const models = succeeded(await admin('GET', '/admin/parked')).body['models'] as readonly Parked[];
  return Object.fromEntries(models.map(({ model, parked }) => [model, parked.map(({ stream, revision }) => `${stream}@${revision}`).toSorted()]));
}

/** Resolves when settlement has parked these bets, and no others. */
async function parkedBets(...bettors: readonly Bettor[]): Promise<void> {
  const expected = bettors.map((bettor) => betIds.get(bettor)).toSorted().join();
  await until('settlement has parked these bets, and no others', async () => {
    const { settlement } = succeeded(await admin('GET', '/admin/status')).body['settlement'] as { settlement: { parked: readonly { betId: string }[] } };
    return settlement.parked.map(({ betId }) => betId).toSorted().join() === expected || undefined;
  });
}

test('each poison event parks its stream in the models that read it, and nothing else', async () => {
  const accounts = [`${promoted.stream}@3`, `${broken.stream}@3`].toSorted();
  const markets = [`market-${odd.marketId}@1`];
  const expected = { 'bet-history': accounts, 'account-statement': accounts, 'odds-board': markets, 'fixture-search': markets, 'market-liability': markets };
  const parked = await until('all are parked', async () => {
    const now = await parkedNow();
    return Object.values(now).flat().length >= 7 ? now : undefined;
  });
  expect(parked).toEqual(expected);
  const { exitCode, out } = await runTool(world.dataDir, 'parked');
  expect(exitCode).toBe(0);
  expect(out).toContain(`bet-history: 2 parked\n`);
  expect(out).toMatch(new RegExp(`  ${promoted.stream}@3 at \\d+: UnknownEventError: FundsDeposited version 2`));
});

test('others go on', async () => {
  const betId = succeeded(await well.place('bet-2', 100, market.leg('away'))).body['betId'];
  expect(await well.bet(betId, 3)).toMatchObject({ status: 'open' });
  expect(await well.balance(3)).toBe(800);
  const other = await openMarket(trader, 'other');
  expect(succeeded(await trader('GET', `/v1/markets/${other.marketId}`, { minRevision: `market-${other.marketId}@0` })).body).toMatchObject({ status: 'open' });
});

test('who asks for what is parked is told so at once, and sees what there was before', async () => {
  const parked = { status: 503, body: { code: 'READ_MODEL_PARKED', visible: 2 } };
  for (const path of ['/v1/bets', `/v1/bets/${betIds.get(promoted)}`, `/v1/accounts/${promoted.accountId}`, `/v1/accounts/${promoted.accountId}/statement`]) {
    expect(await promoted.send('GET', path, { minRevision: `${promoted.stream}@3` })).toMatchObject(parked);
  }
  const prices = await trader('GET', `/v1/markets/${odd.marketId}`, { minRevision: `market-${odd.marketId}@1` });
  expect(prices).toMatchObject({ status: 503, body: { code: 'READ_MODEL_PARKED', visible: 0 } });
  expect(await promoted.bet(betIds.get(promoted), 2)).toMatchObject({ status: 'open' });
});

test('nothing is decided on a state that is not known', async () => {
  expect((await promoted.place('bet-2', 100, market.leg('home'))).status).toBeGreaterThanOrEqual(500);
  expect((await broken.place('bet-2', 100, market.leg('home'))).status).toBeGreaterThanOrEqual(500);
  expect((await well.place('on-odd', 100, odd.leg('home'))).status).toBeGreaterThanOrEqual(500);
});

test('settlement parks the bets of such accounts and settles the others', async () => {
  await closeAndResult(trader, market, 'home');
  await parkedBets(promoted, broken);
  expect(await well.bet(betIds.get(well), 5)).toMatchObject({ status: 'settled', returnMinor: 200 });
});

const redrive = async (model: string, stream: string): Promise<unknown> => {
  const { body } = succeeded(await admin('POST', '/admin/parked/redrive', { body: { model, stream } }));
  return (body['outcome'] as JsonObject)['outcome'];
};

test('a redrive before the mend parks again', async () => {
  expect(await redrive('bet-history', promoted.stream)).toBe('parked-again');
  expect(await redrive('bet-history', well.stream)).toBe('not-parked');
  expect((await parkedNow())['bet-history']).toContain(`${promoted.stream}@3`);
});

test('a program that knows the event settles the parked bet, and a redrive brings the read models up to date', async () => {
  const root = resolve(import.meta.dirname, '..', '..', '..');
  newer = copyTree(root);
  const learn = (file: string, find: string, replace: string) => newer.plant(file, edited(readFileSync(join(root, file), 'utf8'), { file, find, replace }));
  learn('shared-kernel/src/events/account-events.ts', 'FundsDeposited: event(1,', 'FundsDeposited: event(2,');
  learn('shared-kernel/src/events/upcasters.ts', '= new Map([', "= new Map([['FundsDeposited@1', (payload: JsonObject) => payload],");
  await world.stop();
  await world.start({ entry: join(newer.root, 'scripts', 'src', 'start.ts') });

  await parkedBets(broken);
  expect(await promoted.send('GET', '/v1/bets', { minRevision: `${promoted.stream}@4` })).toMatchObject({ body: { code: 'READ_MODEL_PARKED' } });
  const { exitCode, out } = await runTool(world.dataDir, 'parked', 'redrive', 'bet-history', promoted.stream);
  expect({ exitCode, out }).toMatchObject({ exitCode: 0, out: expect.stringContaining('"outcome":"unparked"') });
  expect(await redrive('account-statement', promoted.stream)).toBe('unparked');
  expect(await promoted.bet(betIds.get(promoted), 4)).toMatchObject({ status: 'settled', returnMinor: 200 });
  expect(await promoted.balance(4)).toBe(1_000 - 100 + 50 + 200);
  // From now on it goes by itself.
  expect(await promoted.place('bet-3', 100, (await openMarket(trader, 'next')).leg('home'))).toMatchObject({ status: 201 });
  expect(await promoted.balance(5)).toBe(1_050);

  expect(await parkedNow()).toMatchObject({ 'bet-history': [`${broken.stream}@3`], 'account-statement': [`${broken.stream}@3`] });
  const { ok, findings } = await job(admin, { kind: 'ledger-verify' });
  const unreadable = [`${broken.stream}@3`, `market-${odd.marketId}@1`].map((subject) => ({ rule: 'event-is-readable', subject }));
  expect({ ok, findings }).toMatchObject({ ok: false, findings: unreadable });
});
