import type { PartitionBatch } from '@wagerline/shared-kernel/ports/event-bus';
import { fixturesCollection, fixtureSearchIndex } from '@wagerline/shared-kernel/read-models/fixture-search';
import { marketsCollection, oddsCacheKey } from '@wagerline/shared-kernel/read-models/odds-board';
import { readModels as declared } from '@wagerline/shared-kernel/read-models/catalogue';
import { accountStream } from '@wagerline/shared-kernel/values/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projections } from './projections.ts';
import type { ProjectionsInfra } from './projector.ts';
import { startProjections, type Projections } from './start.ts';
import * as sample from './testing/events.ts';
import { encoded, makeHistory, type Happening } from './testing/history.ts';
import { replaced } from './testing/replaced.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;
const started: Projections[] = [];
const history = makeHistory({ fixtures: 3, accounts: 4, bets: 40, seed: 11 });
const names = projections.map(({ model }) => model.name);

beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => {
  for (const running of started.splice(0)) await running.stop();
  await world.close();
});

async function start(infra: ProjectionsInfra = world.infra): Promise<Projections> {
  const running = await startProjections(infra, { limits: { batchSizeMax: 7, fillBatchSizeMax: 50, retryDelayMs: 1, retryDelayMsMax: 2 } });
  started.push(running);
  return running;
}

async function hashes(running: Projections): Promise<readonly string[]> {
  return Promise.all(names.map(async (name) => (await running.hashLive(name)).sha256));
}

async function rebuiltHashes(running: Projections): Promise<readonly string[]> {
  return Promise.all(names.map(async (name) => (await running.hashAt(name)).sha256));
}

test('every declared read model has its projection', () => {
  expect(projections.map(({ model }) => model)).toEqual(declared);
});

test('what is published becomes visible, without gaps, and a start goes on where the last one stopped', async () => {
  const first = await start();
  await world.append(history.slice(0, 60));
  await world.publish();
  await first.caughtUp();
  await first.stop();
  const second = await start();
  await world.append(history.slice(60));
  await world.publish();
  await second.caughtUp();
  expect(await hashes(second)).toEqual(await rebuiltHashes(second));
  const status = await second.status();
  expect(status.map(({ model, lag, gapsFilled, duplicatesSkipped, parkedCount }) => ({ model, lag, gapsFilled, duplicatesSkipped, parkedCount }))).toEqual(
    names.map((model) => ({ model, lag: 0, gapsFilled: 0, duplicatesSkipped: 0, parkedCount: 0 })),
  );
  expect(world.errors).toEqual([]);
});

test('nothing is visible before it is published', async () => {
  const running = await start();
  await running.caughtUp();
  await world.append(history);
  const before = await running.hashLive('bet-history');
  await world.publish();
  await running.caughtUp();
  expect(before.documentCount).toBe(0);
  expect((await running.hashLive('bet-history')).documentCount).toBe(40);
});

test('a failure between the write and the offset is repeated harmlessly', async () => {
  let writes = 0;
  const write: typeof world.infra.readModels.write = async (target, batch) => {
    await world.infra.readModels.write(target, batch);
    if (batch.puts.length > 0) writes += 1;
    if (batch.puts.length > 0 && writes % 3 === 0) throw new Error('connection lost after the write');
  };
  const running = await start({ ...world.infra, readModels: replaced(world.infra.readModels, { write }) });
  await world.append(history);
  await world.publish();
  await running.caughtUp();
  expect(writes).toBeGreaterThan(20);
  expect(world.errors).toContain('projector failed, trying again');
  expect(await hashes(running)).toEqual(await rebuiltHashes(await (await running.stop(), start())));
});

test('a consumer that failed is well again once it has its share, also where there is nothing to do', async () => {
  let failures = 0;
  const bus = replaced(world.infra.bus, {
    async consume(options) {
      if (failures < names.length) throw new Error(`the bus is away ${(failures += 1)}`);
      await world.infra.bus.consume(options);
    },
  });
  const running = await start({ ...world.infra, bus });
  const states = async () => (await running.status()).map(({ state, problem }) => ({ state, problem }));
  await expect.poll(states).toEqual(names.map(() => ({ state: 'running', problem: null })));
  expect(failures).toBe(names.length);
});

test('a bus that hands over everything again changes nothing', async () => {
  const bus = replaced(world.infra.bus, {
    consume: (options) => world.infra.bus.consume({ ...options, eachBatch: async (batch) => void (await options.eachBatch(twice(batch))) }),
  });
  const twice = (batch: PartitionBatch): PartitionBatch => ({ ...batch, records: batch.records.flatMap((record) => [record, record]) });
  const running = await start({ ...world.infra, bus });
  await running.caughtUp();
  await world.append(history);
  await world.publish();
  await running.caughtUp();
  expect(await hashes(running)).toEqual(await rebuiltHashes(running));
  expect((await running.status()).find(({ model }) => model === 'account-statement')?.duplicatesSkipped).toBeGreaterThan(40);
});

test('a poison event parks its key, the others go on', async () => {
  const running = await start();
  await running.caughtUp();
  const [first, second] = [makeHistory({ fixtures: 1, accounts: 1, bets: 5, seed: 1 }), makeHistory({ fixtures: 0, accounts: 1, bets: 0, seed: 2 })];
  await world.append(first);
  const stream = accountStream(accountIn(first));
  const { id, data, metadata } = encoded(sample.fundsDeposited, 9_001);
  await world.appendRaw(stream, { id, type: 'FundsTeleported', data, metadata });
  await world.append([{ stream, event: { ...sample.fundsDeposited, accountId: accountIn(first) } }, ...second]);
  await world.publish();
  await running.caughtUp();

  const parked = await running.parked('account-statement');
  const poison = (await world.log()).find(({ type }) => type === 'FundsTeleported');
  expect(parked).toEqual([
    { stream, revision: poison?.revision, position: poison?.position, reason: expect.stringContaining('UnknownEventError: FundsTeleported') },
  ]);
  const target = { model: 'account-statement', generation: 1 };
  const [mine, other] = await world.infra.readModels.watermarks(target, [stream, accountStream(accountIn(second))]);
  expect(mine?.revision).toBe((poison?.revision ?? 0) - 1);
  expect(other?.revision).toBe(1);
  expect(await running.parked('market-liability')).toEqual([]);
  expect((await running.status()).map(({ parkedCount }) => parkedCount)).toEqual([1, 1, 0, 0, 0]);

  await running.stop();
  const again = await start();
  await world.append([{ stream, event: { ...sample.fundsDeposited, accountId: accountIn(first) } }]);
  await world.publish();
  await again.caughtUp();
  expect(await again.parked('account-statement')).toEqual(parked);
  expect((await again.status()).map(({ gapsFilled }) => gapsFilled)).toEqual([0, 0, 0, 0, 0]);
  expect((await world.infra.readModels.watermarks(target, [stream]))[0]?.revision).toBe(mine?.revision);
});

test('a gap that nobody can fill stops the one projector and says so', async () => {
  const lost = encoded(sample.fundsDeposited, 9_002);
  const event = { ...lost, stream: 'account-lost', revision: 4, position: 1 };
  const bus = replaced(world.infra.bus, {
    consume: (options) =>
      options.topic === 'by-stream'
        ? options.eachBatch({ partition: 0, records: [{ key: event.stream, offset: 1, event }], nextOffset: 2 })
        : world.infra.bus.consume(options),
  });
  const healthy = await start();
  await healthy.caughtUp();
  await healthy.stop();
  const running = await start({ ...world.infra, bus });
  await expect.poll(async () => (await running.status()).map(({ state }) => state)).toEqual(['stopped', 'stopped', 'running', 'running', 'running']);
  expect((await running.status())[0]?.problem).toContain('account-lost@0 is neither on the bus nor in the event store');
});

test('search gets a fixture when it has a name, with its markets, and nothing is lost when the index is away for a moment', async () => {
  let failures = 0;
  const index: typeof world.infra.search.index = async (...given) => {
    failures += 1;
    if (failures % 2 === 1) throw new Error('index away');
    await world.infra.search.index(...given);
  };
  const running = await start({ ...world.infra, search: replaced(world.infra.search, { index }) });
  await running.caughtUp();
  await world.append([happening(sample.marketOpened)]);
  await world.publish();
  await running.caughtUp();
  const query = { text: '', filters: {}, limit: 10 };
  expect((await world.infra.search.search(fixtureSearchIndex.name, 1, query)).hits).toEqual([]);
  await world.append([happening(sample.fixtureScheduled), happening(sample.marketClosed)]);
  await world.publish();
  await running.caughtUp();
  const { hits } = await world.infra.search.search(fixtureSearchIndex.name, 1, query);
  const { fixtureId } = sample.fixtureScheduled;
  const stored = await world.infra.readModels.get({ model: 'fixture-search', generation: 1 }, fixturesCollection.name, fixtureId, fixtureId);
  expect(hits).toEqual([{ id: fixtureId, version: stored?.version, document: stored?.document }]);
  expect(stored?.document).toMatchObject({ home: 'Liverpool', status: 'scheduled', markets: [{ status: 'closed' }] });
  expect(failures).toBeGreaterThan(1);
});

test('whoever waits for a watermark finds the fixture in the search index, also after a stop between the two', async () => {
  const target = { model: 'fixture-search', generation: 1 };
  const stream = `fixture-${sample.fixtureScheduled.fixtureId}`;
  const watermark = async (): Promise<number> => (await world.infra.readModels.watermarks(target, [stream]))[0]?.revision ?? -1;
  const seen: { readonly before: number; readonly after: number }[] = [];
  const index: typeof world.infra.search.index = async (...given) => {
    const before = await watermark();
    await world.infra.search.index(...given);
    seen.push({ before, after: await watermark() });
    if (seen.length === 1) throw new Error('stopped after the index had it');
  };
  const running = await start({ ...world.infra, search: replaced(world.infra.search, { index }) });
  await running.caughtUp();
  await world.append([happening(sample.fixtureScheduled)]);
  await world.publish();
  await running.caughtUp();
  expect(seen).toEqual([{ before: -1, after: -1 }, { before: -1, after: -1 }]);
  expect(await watermark()).toBe(0);
  const { hits } = await world.infra.search.search(fixtureSearchIndex.name, 1, { text: 'liverpool', filters: {}, limit: 10 });
  const { fixtureId } = sample.fixtureScheduled;
  const stored = await world.infra.readModels.get(target, fixturesCollection.name, fixtureId, fixtureId);
  expect(hits).toEqual([{ id: fixtureId, version: stored?.version, document: stored?.document }]);
});

test('a shared odds cache gets each market at its version', async () => {
  const running = await start();
  await running.caughtUp();
  await world.append([happening(sample.marketOpened), happening(sample.pricesChanged)]);
  await world.publish();
  await running.caughtUp();
  const { marketId } = sample.marketOpened;
  const stored = await world.infra.readModels.get({ model: 'odds-board', generation: 1 }, marketsCollection.name, marketId, marketId);
  expect(await world.infra.cache?.get(oddsCacheKey(marketId))).toEqual({ version: 1, value: stored?.document });
});

function happening(event: Happening['event']): Happening {
  const stream = 'marketId' in event ? `market-${event.marketId}` : 'fixtureId' in event ? `fixture-${event.fixtureId}` : '';
  return { stream, event };
}

function accountIn(happenings: readonly Happening[]): string {
  for (const { event } of happenings) if (event.type === 'AccountOpened') return event.accountId;
  throw new Error('the history opens an account');
}
