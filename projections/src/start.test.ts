import { openTemporaryReadModels } from '@wagerline/infra/testing/temporary-read-models';
import { fixtureSearchIndex, fixturesCollection } from '@wagerline/shared-kernel/read-models/fixture-search';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projections } from './projections.ts';
import type { ProjectionsInfra } from './projector.ts';
import type { Projections } from './start.ts';
import { makeHistory } from './testing/history.ts';
import { Processes, replaceableStore, type Process } from './testing/processes.ts';
import { replaced } from './testing/replaced.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;
let processes: Processes;
const history = makeHistory({ fixtures: 4, accounts: 6, bets: 60, seed: 17 });
const third = Math.floor(history.length / 3);
const names = projections.map(({ model }) => model.name);

beforeEach(async () => {
  world = await openWorld(4);
  processes = new Processes();
});
afterEach(async () => {
  await processes.stop();
  await world.close();
});

async function publish(from: number, to: number): Promise<void> {
  await world.append(history.slice(from, to));
  await world.publish();
}

const start = (changes: Partial<ProjectionsInfra> = {}): Promise<Process> => processes.start({ ...world.infra, ...changes });

async function expectRight(running: Projections): Promise<void> {
  await running.caughtUp();
  for (const name of names) expect([name, await running.hashLive(name)]).toEqual([name, await running.hashAt(name)]);
}

async function statusOf({ projections: running }: Process, model: string) {
  const found = (await running.status()).find((status) => status.model === model);
  if (found === undefined) throw new Error(`there is a status of ${model}`);
  return found;
}

const partitionsOf = async (process: Process, model: string): Promise<readonly number[]> => (await statusOf(process, model)).partitions;

/** Both have their share of every model that can be shared. */
async function untilShared(one: Process, two: Process): Promise<void> {
  const all = Array.from({ length: world.infra.bus.partitionCount }, (_, partition) => partition);
  for (const name of names.filter((each) => each !== 'fixture-search')) {
    await expect.poll(async () => (await partitionsOf(two, name)).length).toBe(all.length / 2);
    await expect
      .poll(async () => [...(await partitionsOf(one, name)), ...(await partitionsOf(two, name))].toSorted((left, right) => left - right))
      .toEqual(all);
  }
}

test('a process joins and another leaves in the middle: every event is applied once, by one of them', async () => {
  const one = await start();
  await one.projections.caughtUp();
  await publish(0, third);
  const two = await start();
  await untilShared(one, two);
  await publish(third, 2 * third);
  await two.projections.caughtUp();
  const left = await one.projections.status();
  await one.projections.stop();
  await publish(2 * third, history.length);
  await two.projections.caughtUp();
  const stayed = await two.projections.status();
  const accountEvents = (await world.log()).filter(({ stream }) => stream.startsWith('account-')).length;
  for (const name of ['bet-history', 'account-statement']) {
    const [mine, theirs] = [left, stayed].map((all) => all.find(({ model }) => model === name));
    expect([mine?.eventsApplied, theirs?.eventsApplied]).not.toContain(0);
    expect((mine?.eventsApplied ?? 0) + (theirs?.eventsApplied ?? 0)).toBe(accountEvents);
  }
  for (const { duplicatesSkipped, gapsFilled, parkedCount } of [...left, ...stayed]) {
    expect({ duplicatesSkipped, gapsFilled, parkedCount }).toEqual({ duplicatesSkipped: 0, gapsFilled: 0, parkedCount: 0 });
  }
  await expectRight(two.projections);
  expect(world.errors).toEqual([]);
});

test('a process that is killed between documents and watermarks leaves nothing undone and nothing done twice', async () => {
  const { readModels } = world.infra;
  let isDead = false;
  let writes = 0;
  const write: typeof readModels.write = async (target, batch) => {
    if (isDead) throw new Error('killed');
    writes += batch.puts.length > 0 ? 1 : 0;
    isDead = writes > 20;
    // As a store without transactions is left behind.
    await readModels.write(target, isDead ? { puts: batch.puts, watermarks: [] } : batch);
    if (isDead) throw new Error('killed');
  };
  const killed = await start({ readModels: replaced(readModels, { write }) });
  await killed.projections.caughtUp();
  await publish(0, history.length);
  await expect.poll(() => isDead).toBe(true);
  await killed.projections.stop();
  const { projections: running } = await start();
  await expectRight(running);
  expect((await running.status()).map(({ gapsFilled }) => gapsFilled)).toEqual(names.map(() => 0));
});

test('of several that start at once one builds each model, and all of them consume it', async () => {
  await publish(0, history.length);
  const activated: string[] = [];
  const { readModels } = world.infra;
  const activate: typeof readModels.activate = async (target) => {
    activated.push(`${target.model}.${target.generation}`);
    await readModels.activate(target);
  };
  const all = await Promise.all([1, 2].map(() => start({ readModels: replaced(readModels, { activate }) })));
  const [one, two] = all;
  if (one === undefined || two === undefined) throw new Error('both are started');
  await one.projections.caughtUp();
  await two.projections.caughtUp();
  expect(activated.toSorted()).toEqual(names.map((name) => `${name}.1`).toSorted());
  await untilShared(...(((await partitionsOf(one, 'bet-history'))[0] ?? 1) === 0 ? ([one, two] as const) : ([two, one] as const)));
  await expectRight(one.projections);
});

test('a builder that hangs is replaced after the time-out, on the own clock of who takes over', async () => {
  await publish(0, history.length);
  const hanging = Promise.withResolvers<never>();
  const filling = Promise.withResolvers<void>();
  const readModels = replaced(world.infra.readModels, {
    write: async () => {
      filling.resolve();
      return hanging.promise;
    },
  });
  const dead = await processes.start({ ...world.infra, readModels });
  dead.cutOff(true);
  await filling.promise;
  const two = await start();
  expect((await two.projections.status()).map(({ state }) => state)).toEqual(names.map(() => 'building'));
  const generationsOfTwo = async (): Promise<readonly number[]> => {
    two.waitForSilence();
    return (await two.projections.status()).map(({ generation }) => generation);
  };
  await expect.poll(generationsOfTwo).toEqual(names.map(() => 2));
  // It wakes up: what it was building is nobody's, and goes.
  hanging.reject(new Error('written too late'));
  dead.cutOff(false);
  for (const name of names) await expect.poll(() => world.infra.readModels.generations(name)).toEqual([2]);
  await expectRight(two.projections);
});

test('a rebuild in one process: the other follows the pointer, then the old generation goes', async () => {
  const one = await start();
  await one.projections.caughtUp();
  const two = await start();
  await untilShared(one, two);
  await publish(0, third);
  for (const name of names) expect(await two.projections.rebuild(name)).toBe(2);
  await publish(third, history.length);
  for (const name of names) await expect.poll(async () => (await statusOf(one, name)).generation).toBe(2);
  for (const name of names) await expect.poll(() => world.infra.readModels.generations(name)).toEqual([2]);
  for (const { projections: running } of [one, two]) await expectRight(running);
});

test('a rebuild is refused while another process builds', async () => {
  const one = await start();
  await one.projections.caughtUp();
  await publish(0, history.length);
  const two = await start();
  let refused: Promise<unknown> | undefined;
  const seen = Promise.withResolvers<void>();
  const rebuild = one.projections.rebuild('bet-history', {
    onProgress: () => {
      refused ??= two.projections.rebuild('bet-history').then(() => seen.resolve(), (error: unknown) => {
        seen.resolve();
        throw error;
      });
      refused.catch(() => {});
    },
  });
  await Promise.all([rebuild, seen.promise]);
  await expect(refused).rejects.toThrow('being built by another process');
});

test('documents of several streams have one writer; a stalled one is replaced, and both at once do no harm', async () => {
  const one = await start();
  await one.projections.caughtUp();
  const two = await start();
  expect(await statusOf(two, 'fixture-search')).toMatchObject({ state: 'waiting', partitions: [] });
  await publish(0, third);
  await two.projections.caughtUp();
  one.cutOff(true);
  const takenByTwo = async (): Promise<number> => {
    // Again and again: a renewal that was on its way when the other was cut off begins the silence anew.
    two.waitForSilence();
    return (await partitionsOf(two, 'fixture-search')).length;
  };
  await expect.poll(takenByTwo).toBeGreaterThan(0);
  expect((await statusOf(one, 'fixture-search')).state).toBe('running');
  await publish(third, 2 * third);
  await two.projections.caughtUp();
  one.cutOff(false);
  await expect.poll(async () => (await statusOf(one, 'fixture-search')).state).toBe('waiting');
  await publish(2 * third, history.length);
  await expectRight(two.projections);
  await two.projections.stop();
  await expect.poll(async () => (await partitionsOf(one, 'fixture-search')).length).toBe(world.infra.bus.partitionCount);
});

test.each(['idle', 'writing'])('a store that was emptied is filled again (%s)', async (when) => {
  const store = replaceableStore(world.infra.readModels);
  const one = await start({ readModels: store.store });
  await publish(0, third);
  await one.projections.caughtUp();
  const emptied = await openTemporaryReadModels();
  try {
    store.replaceWith(emptied.writer);
    if (when === 'writing') await publish(third, history.length);
    for (const name of names) await expect.poll(() => emptied.writer.liveGeneration(name)).toBe(1);
    await expectRight(one.projections);
  } finally {
    await processes.stop();
    await emptied.close();
  }
});

test('a search index that was lost is built anew with its documents, and nothing else', async () => {
  const one = await start();
  await publish(0, history.length);
  await one.projections.caughtUp();
  const query = { text: '', filters: {}, limit: 10 };
  const before = (await world.infra.search.search(fixtureSearchIndex.name, 1, query)).hits;
  await world.infra.search.drop(fixtureSearchIndex.name, 1);
  await expect.poll(() => world.infra.readModels.liveGeneration('fixture-search')).toBe(2);
  const { hits } = await world.infra.search.search(fixtureSearchIndex.name, 2, query);
  expect(hits.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  expect(before.length).toBe(4);
  await expectRight(one.projections);
  expect((await one.projections.status()).map(({ generation }) => generation)).toEqual(names.map((name) => (name === 'fixture-search' ? 2 : 1)));
});

test('what an earlier use of a generation number left in the search index is not found in the new one', async () => {
  await world.infra.search.prepare(1, fixtureSearchIndex);
  await world.infra.search.index(fixtureSearchIndex.name, 1, [{ id: 'left', version: 9, document: { home: 'Left' } }]);
  const { projections: running } = await start();
  await running.caughtUp();
  expect((await world.infra.search.search(fixtureSearchIndex.name, 1, { text: '', filters: {}, limit: 10 })).hits).toEqual([]);
});

test('a cache that is away holds back nothing, a search index that is away its own model alone', async () => {
  const away = async (): Promise<never> => Promise.reject(new Error('away'));
  const { cache, search } = world.infra;
  if (cache === undefined) throw new Error('the world has a cache');
  let isAway = true;
  const index: typeof search.index = async (...given) => (isAway ? away() : search.index(...given));
  const one = await start({ cache: replaced(cache, { setIfNewer: away }), search: replaced(search, { index }) });
  await one.projections.caughtUp();
  await publish(0, history.length);
  const ends = await world.infra.bus.endOffsets('by-stream');
  const lags = async () => (await one.projections.status()).map(({ model, lag }) => [model, lag > 0]);
  await expect.poll(lags).toEqual(names.map((name) => [name, name === 'fixture-search']));
  expect(ends.length).toBeGreaterThan(0);
  isAway = false;
  await expectRight(one.projections);
  const target = { model: 'fixture-search', generation: 1 };
  expect(await world.infra.readModels.get(target, fixturesCollection.name, 'fixture.0', 'fixture.0')).toBeDefined();
});

test('a redrive is done by the process that has the partition, the other says that it is not its own', async () => {
  const poisoned = projections.map((projection) => ({
    ...projection,
    project: (...[target, document, event, meta]: Parameters<typeof projection.project>) => {
      if (event.type === 'BetPlaced') throw new Error('a bug');
      return projection.project(target, document, event, meta);
    },
  }));
  const broken = await processes.start(world.infra, { projections: poisoned });
  await broken.projections.caughtUp();
  await publish(0, history.length);
  await broken.projections.caughtUp();
  await broken.projections.stop();
  const one = await start();
  const two = await start();
  await untilShared(one, two);
  const parked = await two.projections.parked('bet-history');
  const outcomes = { one: new Set<string>(), two: new Set<string>() };
  for (const { stream } of parked) {
    const [mine, theirs] = [await one.projections.redrive('bet-history', stream), await two.projections.redrive('bet-history', stream)];
    outcomes.one.add(mine.outcome);
    outcomes.two.add(theirs.outcome);
    expect([mine.outcome, theirs.outcome].toSorted()).toEqual(['not-here', 'unparked']);
  }
  expect([...outcomes.one, ...outcomes.two].toSorted()).toEqual(['not-here', 'not-here', 'unparked', 'unparked']);
  expect(await one.projections.parked('bet-history')).toEqual([]);
  expect(await two.projections.hashLive('bet-history')).toEqual(await two.projections.hashAt('bet-history'));
});
