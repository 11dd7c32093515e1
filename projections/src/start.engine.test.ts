import { describeEngine } from '@wagerline/infra/testing/engines';
import { openTemporaryEngines, type TemporaryEngines } from '@wagerline/infra/testing/temporary-engines';
import type { EventBus } from '@wagerline/shared-kernel/ports/event-bus';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projections } from './projections.ts';
import type { Projections } from './start.ts';
import { makeHistory } from './testing/history.ts';
import { Processes, quick, type Process } from './testing/processes.ts';
import { replaced } from './testing/replaced.ts';
import { openWorld, type World } from './testing/world.ts';

const partitionCount = 4;
const history = makeHistory({ fixtures: 4, accounts: 8, bets: 80, seed: 23 });
const third = Math.floor(history.length / 3);
const names = projections.map(({ model }) => model.name);
const patient = { timeout: 40_000, interval: 100 };

describeEngine('kafka', () => describeEngine('mongodb', () => processTests()));

function processTests(): void {
  let world: World;
  let engines: TemporaryEngines;
  let processes: Processes;
  let publisher: EventBus;

  beforeEach(async () => {
    world = await openWorld();
    engines = openTemporaryEngines(partitionCount);
    processes = new Processes();
    publisher = engines.openBus();
  });
  afterEach(async () => {
    await processes.stop();
    await engines.close();
    await world.close();
  });

  async function start(changes: (store: ReadModelStore) => Partial<ReadModelStore> = () => ({})): Promise<Process> {
    const store = await engines.openReadModels();
    const infra = { ...world.infra, bus: engines.openBus(), readModels: replaced(store, changes(store)) };
    return processes.start(infra, { limits: { ...quick, lookMs: 50 } });
  }

  async function publish(from: number, to: number): Promise<void> {
    const through = await publisher.publishedThrough();
    await world.append(history.slice(from, to));
    const events = (await world.log()).filter(({ position }) => position > through);
    await publisher.publish(events, await world.infra.eventStore.head());
  }

  async function shareOf({ projections: running }: Process, model: string) {
    return (await running.status()).find((status) => status.model === model);
  }

  async function untilShared(all: readonly Process[]): Promise<void> {
    const shares = async () => {
      const partitions = await Promise.all(all.map(async (each) => (await shareOf(each, 'bet-history'))?.partitions ?? []));
      return [partitions.every(({ length }) => length > 0), partitions.flat().toSorted((left, right) => left - right)];
    };
    await expect.poll(shares, patient).toEqual([true, Array.from({ length: partitionCount }, (_, partition) => partition)]);
  }

  async function expectRight(running: Projections): Promise<void> {
    await running.caughtUp();
    for (const name of names) expect([name, await running.hashLive(name)]).toEqual([name, await running.hashAt(name)]);
  }

  test('two members share the work, one leaves in the middle of it, and everything is applied', async () => {
    const one = await start();
    await one.projections.caughtUp();
    const two = await start();
    await untilShared([one, two]);
    await publish(0, third);
    await two.projections.caughtUp();
    for (const each of [one, two]) expect((await shareOf(each, 'bet-history'))?.eventsApplied).toBeGreaterThan(0);
    await publish(third, 2 * third);
    await one.projections.stop();
    await publish(2 * third, history.length);
    await expectRight(two.projections);
    expect((await two.projections.status()).map(({ gapsFilled, parkedCount }) => [gapsFilled, parkedCount])).toEqual(names.map(() => [0, 0]));
    expect(world.errors).toEqual([]);
  }, 120_000);

  test('a member that is killed between documents and watermarks is followed by the other', async () => {
    const one = await start();
    await one.projections.caughtUp();
    let isDead = false;
    const killed = await start((store) => ({
      write: async (target, batch) => {
        isDead ||= batch.puts.length > 0;
        await store.write(target, isDead ? { puts: batch.puts, watermarks: [] } : batch);
        if (isDead) throw new Error('killed');
      },
    }));
    await untilShared([one, killed]);
    await publish(0, history.length);
    await expect.poll(() => isDead, patient).toBe(true);
    await killed.projections.stop();
    await expectRight(one.projections);
    expect((await one.projections.status()).map(({ gapsFilled, parkedCount }) => [gapsFilled, parkedCount])).toEqual(names.map(() => [0, 0]));
  }, 120_000);

  test('a database that comes back empty is filled again by those that wrote to it, whichever builds', async () => {
    const one = await start();
    await publish(0, 2 * third);
    await one.projections.caughtUp();
    const two = await start();
    await untilShared([one, two]);
    await engines.emptyReadModels();
    await publish(2 * third, history.length);
    const generations = async () => (await two.projections.status()).map(({ generation, lag }) => [generation > 0, lag]);
    await expect.poll(generations, patient).toEqual(names.map(() => [true, 0]));
    await untilShared([one, two]);
    await expectRight(two.projections);
  }, 120_000);
}
