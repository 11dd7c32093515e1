// A log that was never settled, replayed: the copy settles everything, and the comparison names every bet. Once the log itself is settled, corrections
// included, nothing differs; a replay that was interrupted goes on.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSettlement } from '@wagerline/command-side/settlement';
import { handlersOf } from '@wagerline/command-side/start';
import { loadConfig } from '@wagerline/infra/config';
import { createLogger } from '@wagerline/infra/logger';
import { openInfraRoot, openSettlementInfra } from '@wagerline/infra/open-infra';
import { afterEach, expect, test } from 'vitest';
import { plainFixture } from '../bench/book.ts';
import { addOpenSingles, bettorIds, offer, openAccounts } from '../bench/preload.ts';
import { openPreloadLog } from '../bench/preload-log.ts';
import { compared, replayInto, type Copy } from './replay.ts';

const bets = 3 * 4;
const fixture = plainFixture('replayed');
const moved = plainFixture('moved');
const marketId = fixture.markets[0]?.marketId ?? '';
const logger = createLogger({ logLevel: 'silent' });
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let close = closing.pop(); close !== undefined; close = closing.pop()) await close();
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'replay-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function openLog(dataDir: string): Promise<Copy> {
  const config = loadConfig({}, { dataDir, logLevel: 'silent' });
  const root = await openInfraRoot(config);
  closing.push(() => root.close());
  const infra = await openSettlementInfra(root.connect());
  closing.push(() => infra.close());
  return { infra, handlers: handlersOf({ eventStore: infra.eventStore, config, clock: infra.clock, logger }) };
}

async function result({ handlers }: Copy, winner: string, type: 'ResultMarket' | 'CorrectResult'): Promise<void> {
  const results = ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, result: selectionId === winner ? ('won' as const) : ('lost' as const) }));
  const actor = { role: 'trader' as const, id: 'test' };
  const byHand = { decisionId: randomUUID(), by: actor, approvalAboveMinor: Number.MAX_SAFE_INTEGER };
  const context = { commandId: `${type} ${winner}`, causationId: 'test', correlationId: 'test', traceparent: '', actor };
  await handlers.market.handle(marketId, (at) => ({ type: 'CloseMarket', reason: 'test', at }), { ...context, commandId: 'close' });
  const said = { results, byHand };
  await handlers.market.handle(marketId, (at) => (type === 'ResultMarket' ? { type, ...said, at } : { type, ...said, reason: 'test', at }), context);
}

/** Put off, it has not been played for years. */
async function unplayed({ handlers }: Copy): Promise<void> {
  const actor = { role: 'trader' as const, id: 'test' };
  const context = { commandId: 'postpone', causationId: 'test', correlationId: 'test', traceparent: '', actor };
  await handlers.fixture.handle(moved.fixtureId, (at) => ({ type: 'PostponeFixture', reason: 'test', at }), context);
  const { answer } = await handlers.fixture.handle(moved.fixtureId, (at) => ({ type: 'LapseFixture', at }), { ...context, commandId: 'lapse' });
  if (answer?.event.type !== 'FixtureUnplayed') throw new Error('its time is up');
  const { until } = answer.event;
  for (const market of moved.markets) {
    await handlers.market.handle(market.marketId, (at) => ({ type: 'NoteUnplayed', until, at }), { ...context, commandId: 'note' });
  }
}

async function settle({ infra, handlers }: Copy): Promise<void> {
  const { eventStore, index, clock, tree } = infra;
  const stop = new AbortController();
  const config = { returnApprovalMinor: 100_000_000, slotConcurrencyMax: 8, leaseRenewMs: 5, leaseTakeoverMs: 5_000 };
  const worker = startSettlement({ eventStore, handlers, index, clock, config, signal: stop.signal, logger, tree });
  for (let head = await eventStore.head(); worker.settledThrough() < head; head = await eventStore.head()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  stop.abort();
  await worker.done;
}

test('a replay finds what was not paid, and no difference once it was', async () => {
  const sourceDir = await newFolder();
  const log = await openPreloadLog(sourceDir);
  await offer(log, [fixture, moved]);
  const accounts = await openAccounts(log, bettorIds(3));
  await addOpenSingles(log, accounts, fixture, 4);
  await addOpenSingles(log, accounts, moved, 1);
  await log.written();
  await log.close();
  const source = await openLog(sourceDir);
  const copy = await openLog(await newFolder());
  await result(source, 'home', 'ResultMarket');

  const { eventStore } = source.infra;
  const seen: number[] = [];
  const options = { logger, onProgress: ({ position }: { readonly position: number }) => void seen.push(position) };
  // As far as an interrupted replay came.
  await replayInto(copy, eventStore, 10, options);
  const unpaid = await eventStore.head();
  await replayInto(copy, eventStore, unpaid, options);
  expect([seen[0], seen.at(-1)]).toEqual([10, unpaid]);
  const missing = await compared(copy.infra.eventStore, eventStore, unpaid);
  expect(missing.comparison).toMatchObject({ bets: bets + 3, newer: 0, balancesDiffering: 3 });
  expect(missing.comparison.differences.map(({ paid, replayed }) => [paid, replayed.split(' ')[0]])).toEqual(new Array(bets).fill(['open', 'returned']));

  await settle(source);
  await result(source, 'away', 'CorrectResult');
  await settle(source);
  await unplayed(source);
  await settle(source);
  const through = await eventStore.head();
  await replayInto(copy, eventStore, through, options);
  const { comparison } = await compared(copy.infra.eventStore, eventStore, through);
  expect(comparison).toMatchObject({ bets: bets + 3, newer: 0, differences: [], balancesDiffering: 0 });
});
