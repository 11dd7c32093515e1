// Two settlement workers as processes over one embedded log, one of them killed in the middle of a market: nothing is lost, nothing comes twice, and
// the ledger is that of a worker which nobody has killed.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { handlersOf } from '@wagerline/command-side/start';
import { loadConfig } from '@wagerline/infra/config';
import { createLogger } from '@wagerline/infra/logger';
import { openCommandInfra, openInfraRoot } from '@wagerline/infra/open-infra';
import { decode } from '@wagerline/shared-kernel/events/codec';
import { postings } from '@wagerline/shared-kernel/events/postings';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { afterEach, expect, test } from 'vitest';
import { plainFixture } from '../bench/book.ts';
import { addOpenSingles, bettorIds, offer, openAccounts } from '../bench/preload.ts';
import { openPreloadLog } from '../bench/preload-log.ts';
import { askWorkers, startSettlementProcesses } from './settlement-processes.ts';
import { mergedProgress } from './settlement-progress.ts';
import { closeAndResult, openBettor, openMarket, openWorld, succeeded } from './testing-world.ts';

const bettorCount = 40;
const betsEach = 25;
const bets = bettorCount * betsEach;
const fixture = plainFixture('killed');
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let close = closing.pop(); close !== undefined; close = closing.pop()) await close();
});

test('a killed worker loses and repeats nothing', { timeout: 300_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'workers-'));
  closing.push(() => rm(dataDir, { recursive: true, force: true }));
  const log = await openPreloadLog(dataDir);
  await offer(log, [fixture]);
  await addOpenSingles(log, await openAccounts(log, bettorIds(bettorCount)), fixture, betsEach);
  await log.written();
  await log.close();

  const settlement = { leaseRenewMs: 50, leaseTakeoverMs: 500 };
  const config = loadConfig({}, { dataDir, logLevel: 'silent', settlement });
  const logger = createLogger(config);
  const root = await openInfraRoot(config);
  closing.push(() => root.close());
  const { eventStore, clock, close } = await openCommandInfra(root.connect());
  closing.push(close);
  const group = startSettlementProcesses({ eventStore, config, count: 2, logger });
  closing.push(() => group.stop());
  for (const process of group.processes) await process?.url;
  const workers = async () => mergedProgress(await askWorkers(group, 'progress'));

  await resultAway(handlersOf({ eventStore, config, clock, logger }));
  const isInTheMiddle = async (): Promise<boolean> => (await settledBets(eventStore)).length >= bets / 10;
  await until(isInTheMiddle);
  const killed = group.processes.find((process) => process !== undefined);
  killed?.kill();
  const head = async (): Promise<number> => eventStore.head();
  await until(async () => {
    const at = await head();
    const { settledThrough, waiting } = await workers().catch(() => ({ settledThrough: 0, waiting: 1 }));
    return waiting === 0 && settledThrough >= at;
  });

  expect(await killed?.failed).toBeInstanceOf(Error);
  const settled = await settledBets(eventStore);
  expect([settled.length, new Set(settled).size]).toEqual([bets, bets]);
  expect(await workers()).toMatchObject({ openBets: 0, waiting: 0, parkedCount: 0 });
  // Everything was staked on the side that lost: it is the house's, to the penny.
  expect(await held(eventStore)).toMatchObject({ 'open-stakes': 0, house: bets * 100 });
});

test('a server with workers of their own settles, and says how far it is', async () => {
  const world = await openWorld();
  closing.push(() => world.close());
  await world.start({ env: { WAGERLINE_SETTLEMENT_PROCESSES: '2' } });
  const trader = await world.as('trader-1', 'trader');
  const market = await openMarket(trader, 'processes');
  const bettor = await openBettor(world, 1_000);
  const { body } = succeeded(await bettor.place('bet', 500, market.leg('home')));
  await closeAndResult(trader, market, 'home');
  expect(await bettor.bet(body['betId'], 3)).toMatchObject({ status: 'settled', returnMinor: 1_000 });
  expect(succeeded(await trader('GET', '/admin/settlement')).body).toMatchObject({ openBets: 0, waiting: 0 });
  expect(await world.stop()).toBe(0);
});

async function resultAway({ market }: ReturnType<typeof handlersOf>): Promise<void> {
  const [marketId, selections] = [fixture.markets[0]?.marketId ?? '', fixture.markets[0]?.selections ?? []];
  const actor = { role: 'trader' as const, id: 'test' };
  const byHand = { decisionId: randomUUID(), by: actor, approvalAboveMinor: Number.MAX_SAFE_INTEGER };
  const context = (commandId: string) => ({ commandId, causationId: commandId, correlationId: commandId, traceparent: '', actor });
  await market.handle(marketId, (at) => ({ type: 'CloseMarket', reason: 'test', at }), context('close'));
  const results = selections.map(({ selectionId }) => ({ selectionId, result: selectionId === 'away' ? ('won' as const) : ('lost' as const) }));
  await market.handle(marketId, (at) => ({ type: 'ResultMarket', results, byHand, at }), context('result'));
}

async function settledBets(eventStore: EventStore): Promise<readonly string[]> {
  const found: string[] = [];
  await eachEvent(eventStore, (event) => {
    if (event.type === 'BetSettled') found.push(event.betId);
  });
  return found;
}

async function held(eventStore: EventStore): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {};
  await eachEvent(eventStore, (event) => {
    for (const { account, amountMinor } of postings(event)) sums[account] = (sums[account] ?? 0) + amountMinor;
  });
  return sums;
}

async function eachEvent(eventStore: EventStore, visit: (event: ReturnType<typeof decode>) => void): Promise<void> {
  for (let position = 0, isAtEnd = false; !isAtEnd; ) {
    const batch = await eventStore.readAll(position, { prefixes: domainPrefixes }, 2_000);
    for (const recorded of batch.events) visit(decode(recorded));
    position = batch.position;
    isAtEnd = batch.caughtUp;
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
