import { openTemporaryReadModels } from '@wagerline/infra/testing/temporary-read-models';
import { betHistory, betsCollection } from '@wagerline/shared-kernel/read-models/bet-history';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { betHistoryProjection } from './bet-history/project.ts';
import { projections } from './projections.ts';
import type { ProjectionsInfra } from './projector.ts';
import { startProjections, type Projections } from './start.ts';
import { makeHistory } from './testing/history.ts';
import { replaced } from './testing/replaced.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;
let running: Projections;
const history = makeHistory({ fixtures: 3, accounts: 4, bets: 60, seed: 3 });
const half = Math.floor(history.length / 2);
const names = projections.map(({ model }) => model.name);
const limits = { batchSizeMax: 10, fillBatchSizeMax: 20, retryDelayMs: 1, retryDelayMsMax: 2 };

beforeEach(async () => {
  world = await openWorld();
  running = await startProjections(world.infra, { limits });
  await running.caughtUp();
});
afterEach(async () => {
  await running.stop();
  await world.close();
});

async function publish(from: number, to: number): Promise<void> {
  await world.append(history.slice(from, to));
  await world.publish();
}

describe.each(names)('%s', (name) => {
  test('rebuilt while events come in, it goes live without a difference, and the old generation is gone', async () => {
    await publish(0, half);
    await running.caughtUp();
    let coming: Promise<void> | undefined;
    const generation = await running.rebuild(name, {
      // In the middle of the fill the other half is published.
      onProgress: () => void (coming ??= publish(half, history.length)),
    });
    await coming;
    expect(generation).toBe(2);
    const live = await running.hashLive(name);
    expect(await running.hashAt(name)).toEqual(live);
    expect(await world.infra.readModels.generations(name)).toEqual([2]);
    expect(await world.infra.readModels.liveGeneration(name)).toBe(2);
    const status = (await running.status()).find(({ model }) => model === name);
    expect(status).toMatchObject({ generation: 2, lag: 0, gapsFilled: 0, parkedCount: 0 });
  });
});

test('two throw-away generations at one position say the same, whatever comes in meanwhile, and leave nothing behind', async () => {
  await publish(0, half);
  const position = (await world.log())[half - 5]?.position ?? 0;
  const first = await running.hashAt('bet-history', position);
  await publish(half, history.length);
  const second = await running.hashAt('bet-history', position);
  expect(second).toEqual(first);
  expect(await running.hashAt('bet-history', position - 4)).not.toEqual(first);
  expect(await world.infra.readModels.generations('bet-history')).toEqual([1]);
});

test('what the bus holds beyond its mark is in a rebuilt model too', async () => {
  await publish(0, history.length);
  await running.caughtUp();
  const before = await running.hashLive('market-liability');
  await running.stop();
  // As where the mark is stored after the records: a rebuild may begin in between.
  const mark = (await world.log())[half]?.position ?? 0;
  const bus = replaced(world.infra.bus, { publishedThrough: async () => mark });
  running = await startProjections({ ...world.infra, bus }, { limits });
  await running.rebuild('market-liability');
  expect(await running.hashLive('market-liability')).toEqual(before);
});

test('a rebuild that is cut off leaves the live generation alone, and what is left of it is dropped at the next start', async () => {
  await publish(0, history.length);
  await running.caughtUp();
  const before = await running.hashLive('bet-history');
  await running.stop();

  let writes = 0;
  const dead = async (): Promise<never> => {
    throw new Error('killed');
  };
  const write: typeof world.infra.readModels.write = async (target, batch) => {
    if (target.generation === 2) writes += 1;
    return writes > 2 ? dead() : world.infra.readModels.write(target, batch);
  };
  const dying: ProjectionsInfra = { ...world.infra, readModels: replaced(world.infra.readModels, { write, drop: dead }) };
  const killed = await startProjections(dying, { limits });
  await expect(killed.rebuild('bet-history')).rejects.toThrow('killed');
  await killed.stop();
  expect(await world.infra.readModels.generations('bet-history')).toEqual([1, 2]);

  running = await startProjections(world.infra, { limits });
  expect(await world.infra.readModels.generations('bet-history')).toEqual([1]);
  expect(await running.hashLive('bet-history')).toEqual(before);
  expect(await running.rebuild('bet-history')).toBe(2);
  expect(await running.hashLive('bet-history')).toEqual(before);
});

test('a stop in the middle of a rebuild ends it', async () => {
  await publish(0, history.length);
  await running.caughtUp();
  let stopped: Promise<void> | undefined;
  const rebuild = running.rebuild('bet-history', { onProgress: () => void (stopped ??= running.stop()) });
  await expect(rebuild).rejects.toThrow();
  await stopped;
  expect(await world.infra.readModels.liveGeneration('bet-history')).toBe(1);
});

test('one rebuild of a model at a time', async () => {
  await publish(0, half);
  const first = running.rebuild('odds-board');
  await expect(running.rebuild('odds-board')).rejects.toThrow('being built already');
  expect(await first).toBe(2);
});

test('a read model whose collections are declared otherwise than before is built anew', async () => {
  await publish(0, history.length);
  await running.caughtUp();
  await running.stop();
  const model = { ...betHistory, collections: [{ ...betsCollection, indexes: [{ name: 'by-stake', fields: ['stakeMinor'] }] }] };
  running = await startProjections(world.infra, { limits, projections: [{ ...betHistoryProjection, model }] });
  await running.caughtUp();
  expect(await world.infra.readModels.generations(betHistory.name)).toEqual([2]);
  expect((await running.hashLive(betHistory.name)).documentCount).toBe(60);
});

test('an emptied read-model store is built anew from the event store, whatever the bus remembers', async () => {
  await publish(0, history.length);
  await running.caughtUp();
  const before = await Promise.all(names.map((name) => running.hashLive(name)));
  await running.stop();
  const emptied = await openTemporaryReadModels();
  running = await startProjections({ ...world.infra, readModels: emptied.writer }, { limits });
  try {
    await running.caughtUp();
    expect(await Promise.all(names.map((name) => running.hashLive(name)))).toEqual(before);
  } finally {
    await running.stop();
    await emptied.close();
  }
});
