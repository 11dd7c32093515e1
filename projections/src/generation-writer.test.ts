import { marketsOf } from '@wagerline/shared-kernel/events/markets-of';
import type { CacheEntry } from '@wagerline/shared-kernel/ports/cache';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { ModelGeneration, WriteBatch } from '@wagerline/shared-kernel/ports/read-model-store';
import type { SearchDocument } from '@wagerline/shared-kernel/ports/search-index';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GenerationWriter } from './generation-writer.ts';
import { hashGeneration } from './hash-generation.ts';
import type { Projection } from './projection.ts';
import { projections } from './projections.ts';
import { defaultLimits, GapError, type KeyedEvent } from './projector.ts';
import { betHistoryProjection } from './bet-history/project.ts';
import { fixtureSearchProjection } from './fixture-search/project.ts';
import { makeHistory, numbersFrom } from './testing/history.ts';
import { replaced } from './testing/replaced.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;
let log: readonly RecordedEvent[];
let generation = 0;

beforeAll(async () => {
  world = await openWorld();
  await world.append(makeHistory({ fixtures: 3, accounts: 4, bets: 40, seed: 7 }));
  log = await world.log();
});
afterAll(() => world.close());

async function newWriter(projection: Projection, limits: Partial<typeof defaultLimits> = {}): Promise<GenerationWriter> {
  generation += 1;
  const writer = new GenerationWriter(projection, generation, world.infra, { ...defaultLimits, ...limits });
  await writer.prepare();
  return writer;
}

async function hashOf(writer: GenerationWriter): Promise<string> {
  return (await hashGeneration(world.infra.readModels, writer.projection, writer.target)).sha256;
}

/** The records of the log by key, each key's in order: what a bus keeps whatever it does between keys. */
function recordsByKey({ model }: Projection): KeyedEvent[][] {
  const byKey = new Map<string, KeyedEvent[]>();
  for (const event of log) {
    for (const key of model.topic === 'by-stream' ? [event.stream] : marketsOf(event)) {
      const records = byKey.get(key) ?? [];
      records.push({ key, event });
      byKey.set(key, records);
    }
  }
  return [...byKey.values()];
}

/** Every key goes forward at its own pace, and again and again falls back to an earlier record; batches are cut anywhere. */
function disorderly(keys: readonly KeyedEvent[][], seed: number): KeyedEvent[][] {
  const next = numbersFrom(seed);
  const places = keys.map(() => 0);
  const batches: KeyedEvent[][] = [[]];
  const batchSizeMax = 1 + Math.floor(next() * 40);
  const left = (): number[] => [...keys.keys()].filter((index) => (places[index] ?? 0) < (keys[index]?.length ?? 0));
  for (let open = left(); open.length > 0; open = left()) {
    const chosen = open[Math.floor(next() * open.length)] ?? 0;
    const place = places[chosen] ?? 0;
    const record = keys[chosen]?.[place];
    if (record !== undefined) batches.at(-1)?.push(record);
    places[chosen] = next() < 0.1 ? Math.floor(next() * (place + 1)) : place + 1;
    if ((batches.at(-1)?.length ?? 0) >= batchSizeMax) batches.push([]);
  }
  return batches;
}

describe.each(projections)('$model.name', (projection) => {
  test('any duplication and any interleaving of keys end in the same documents', async () => {
    const inOrder = await newWriter(projection);
    for (const event of log) {
      const keys = projection.model.topic === 'by-stream' ? [event.stream] : marketsOf(event);
      await inOrder.apply(keys.map((key) => ({ key, event })));
    }
    const expected = await hashOf(inOrder);
    const keys = recordsByKey(projection);
    const small = { watermarksCachedMax: 2, documentsCachedMax: 2 };
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
        const writer = await newWriter(projection, small);
        for (const batch of disorderly(keys, seed)) await writer.apply(batch);
        expect(await hashOf(writer)).toBe(expected);
        expect(writer.counts.gapsFilled).toBe(0);
        await world.infra.readModels.drop(writer.target);
      }),
      { seed: 20_190_809, numRuns: 15 },
    );
  });
});

/** Cut off at random, before or after it has done its work: whoever called it knows neither. */
function cutOff<Arguments extends readonly unknown[], Result>(next: () => number, work: (...given: Arguments) => Promise<Result>) {
  return async (...given: Arguments): Promise<Result> => {
    if (next() < 0.15) throw new Error('cut off before');
    const result = await work(...given);
    if (next() < 0.15) throw new Error('cut off after');
    return result;
  };
}

describe.each(projections)('$model.name', (projection) => {
  test('stops at any write, and batches cut otherwise after them, end in the same documents; the sink has the newest of each', async () => {
    const { readModels, search, cache } = world.infra;
    assert(cache !== undefined, 'this world has a cache');
    const records = log.flatMap((event) => (projection.model.topic === 'by-stream' ? [event.stream] : marketsOf(event)).map((key) => ({ key, event })));
    const inOrder = await newWriter(projection);
    await inOrder.apply(records);
    const expected = await hashOf(inOrder);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
        const next = numbersFrom(seed);
        const published = new Map<string, unknown>();
        const index = cutOff(next, async (name: string, number: number, documents: readonly SearchDocument[]) => {
          await search.index(name, number, documents);
          for (const { id, version, document } of documents) published.set(id, { version, document });
        });
        // Never cut off: a cache that is away fails no batch, so what it missed does not come again.
        const setIfNewer = async (key: string, { version, value }: CacheEntry) => {
          published.set(key.slice(key.indexOf(':') + 1), { version, document: value });
          return cache.setIfNewer(key, { version, value });
        };
        const write = cutOff(next, (target: ModelGeneration, batch: WriteBatch) => readModels.write(target, batch));
        const sinks = { search: replaced(search, { index }), cache: replaced(cache, { setIfNewer }) };
        const infra = { ...world.infra, ...sinks, readModels: replaced(readModels, { write }) };
        const { target } = await newWriter(projection);
        const start = () => new GenerationWriter(projection, target.generation, infra, defaultLimits);
        let writer = start();
        for (let done = 0; done < records.length; done = (await readModels.checkpoints(target)).get(0) ?? 0) {
          const batch = records.slice(done, done + 1 + Math.floor(next() * 40));
          await writer.apply(batch, { partition: 0, offset: done + batch.length }).catch((error: unknown) => {
            expect(String(error)).toContain('cut off');
            if (next() < 0.5) writer = start();
          });
        }
        expect(await hashOf(writer)).toBe(expected);
        expect([writer.counts.gapsFilled, (await writer.parked()).size]).toEqual([0, 0]);
        if (writer.sink === undefined) return;
        for (const { name } of projection.model.collections) {
          for await (const { id, version, document } of readModels.scan(target, name)) expect(published.get(id)).toEqual({ version, document });
        }
      }),
      { seed: 20_190_809, numRuns: 15 },
    );
  });
});

test('a hash sees a change of one field', async () => {
  const one = await newWriter(betHistoryProjection);
  const two = await newWriter(betHistoryProjection);
  const bets = log.filter(({ stream }) => stream.startsWith('account-')).map((event) => ({ key: event.stream, event }));
  await one.apply(bets);
  await two.apply(bets.map(({ key, event }) => ({ key, event: event.type === 'BetPlaced' ? { ...event, data: { ...event.data, brand: 'other' } } : event })));
  expect(await hashOf(one)).not.toBe(await hashOf(two));
});

test('events that the bus lost are read from the event store, counted and alarmed', async () => {
  const whole = await newWriter(betHistoryProjection);
  const holey = await newWriter(betHistoryProjection);
  const accounts = log.filter(({ stream }) => stream.startsWith('account-')).map((event) => ({ key: event.stream, event }));
  await whole.apply(accounts);
  const lastOf = new Map(accounts.map((record) => [record.key, record]));
  const alarmsBefore = world.errors.length;
  await holey.apply([...lastOf.values()]);
  expect(await hashOf(holey)).toBe(await hashOf(whole));
  expect(holey.counts.gapsFilled).toBe(accounts.length - lastOf.size);
  expect(world.errors.slice(alarmsBefore)).toEqual(Array.from(lastOf, () => 'gap filled from the event store'));
});

test('a gap that the event store cannot fill is no progress at all', async () => {
  const writer = await newWriter(betHistoryProjection);
  const known = log.find(({ type }) => type === 'BetPlaced');
  expect(known).toBeDefined();
  if (known === undefined) return;
  const lost = { ...known, stream: 'account-unknown-to-the-store', revision: 3 };
  await expect(writer.apply([{ key: lost.stream, event: lost }], { partition: 0, offset: 9 })).rejects.toThrow(GapError);
  expect(await world.infra.readModels.checkpoints(writer.target)).toEqual(new Map());
});

test('documents, watermarks, parked keys and checkpoint are one write, and a failed one is repeated as if it had not been', async () => {
  const writer = await newWriter(betHistoryProjection);
  const accounts = log.filter(({ stream }) => stream.startsWith('account-')).map((event) => ({ key: event.stream, event }));
  let writes = 0;
  const write = async (): Promise<void> => {
    writes += 1;
    throw new Error('disk full');
  };
  const failing = { ...world.infra, readModels: replaced(world.infra.readModels, { write }) };
  const broken = new GenerationWriter(betHistoryProjection, generation, failing, defaultLimits);
  await expect(broken.apply(accounts, { partition: 1, offset: 5 })).rejects.toThrow('disk full');
  await expect(broken.apply(accounts, { partition: 1, offset: 5 })).rejects.toThrow('disk full');
  expect(writes).toBe(2);
  expect(broken.counts.eventsApplied).toBe(0);
  await writer.apply(accounts, { partition: 1, offset: 5 });
  expect(await world.infra.readModels.checkpoints(writer.target)).toEqual(new Map([[1, 5]]));
});

/** Two processes that both take themselves for the single writer, on documents of several streams. */
async function twoWriters(ofTheFirst: Partial<typeof world.infra> = {}): Promise<readonly [GenerationWriter, GenerationWriter]> {
  const second = await newWriter(fixtureSearchProjection);
  return [new GenerationWriter(fixtureSearchProjection, generation, { ...world.infra, ...ofTheFirst }, defaultLimits), second];
}

const ofFixture = (count: number): readonly KeyedEvent[] => recordsByKey(fixtureSearchProjection).flatMap((records) => {
  const [first] = records;
  return first?.event.stream.includes('fixture.0') === true ? records.slice(0, count) : [];
});

test('of two writers that have read one document the later is refused, and says the same on top of the other at its next attempt', async () => {
  const [one, two] = await twoWriters();
  const [fixture, market] = ['fixture-', 'market-'].map((prefix) => ofFixture(1).filter(({ key }) => key.startsWith(prefix)));
  await one.apply(fixture ?? []);
  await two.apply(market ?? []);
  const more = ofFixture(2).filter(({ event }) => event.stream.startsWith('fixture-') && event.revision === 1);
  expect([fixture?.length, market?.length, more.length]).toEqual([1, 1, 1]);
  await expect(one.apply(more)).rejects.toMatchObject({ name: 'VersionConflictError' });
  await one.apply(more);
  const whole = await newWriter(fixtureSearchProjection);
  await whole.apply([...(fixture ?? []), ...(market ?? []), ...more]);
  expect(await hashOf(one)).toBe(await hashOf(whole));
});

test('a writer that is behind applies no event over a newer one, also where the other was killed before its watermark', async () => {
  const write: typeof world.infra.readModels.write = async (target, batch) => {
    if (batch.watermarks.length > 0) throw new Error('killed');
    await world.infra.readModels.write(target, batch);
  };
  const [killed, behind] = await twoWriters({ readModels: replaced(world.infra.readModels, { write }) });
  await expect(killed.apply(ofFixture(9))).rejects.toThrow('killed');
  const newest = await hashOf(killed);
  for (let count = 1; count <= 9; count += 1) {
    await behind.apply(ofFixture(count));
    expect(await hashOf(behind)).toBe(newest);
  }
  const whole = await newWriter(fixtureSearchProjection);
  await whole.apply(ofFixture(9));
  expect(newest).toBe(await hashOf(whole));
});

test('a key that another process has unparked is not passed over any longer', async () => {
  const first = await newWriter(betHistoryProjection);
  const stream = log.find((event) => event.stream.startsWith('account-'))?.stream ?? '';
  const records = log.filter((event) => event.stream === stream).map((event) => ({ key: stream, event }));
  await world.infra.readModels.write(first.target, { puts: [], watermarks: [], park: [{ stream, revision: 0, position: 1, reason: 'poison' }] });
  await first.apply(records.slice(0, 2));
  expect(first.counts).toMatchObject({ eventsApplied: 0, gapsFilled: 0 });
  await world.infra.readModels.unpark(first.target, stream);
  await first.apply(records.slice(2));
  expect(first.counts).toMatchObject({ eventsApplied: records.length, gapsFilled: 2 });
});
