import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { SearchDocumentsRefusedError } from '@wagerline/shared-kernel/ports/search-index';
import { accountStream, fixtureStream, marketStream } from '@wagerline/shared-kernel/values/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accountStatementProjection } from './account-statement/project.ts';
import { fixtureSearchProjection } from './fixture-search/project.ts';
import { marketLiabilityProjection } from './market-liability/project.ts';
import type { Projection } from './projection.ts';
import { startProjections, type Projections } from './start.ts';
import * as sample from './testing/events.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;
let running: Projections | undefined;
const stream = accountStream(sample.accountId);
const market = marketStream(sample.marketOpened.marketId);

beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => {
  await running?.stop();
  await world.close();
});

/** A projection with a bug: it throws at these events. */
const broken = (projection: Projection, isPoison: (event: DomainEvent) => boolean): Projection => ({
  ...projection,
  project(target, document, event, meta) {
    if (isPoison(event)) throw new Error(`cannot take ${event.type}`);
    return projection.project(target, document, event, meta);
  },
});

async function run(projection: Projection): Promise<Projections> {
  await running?.stop();
  running = await startProjections(world.infra, { projections: [projection] });
  await running.caughtUp();
  return running;
}

async function publish(...events: DomainEvent[]): Promise<void> {
  await world.append(events.map((event) => ({ stream: 'accountId' in event ? stream : market, event })));
  await world.publish();
}

test('a repaired projection takes a parked account from where it stopped to its end, and goes on', async () => {
  const model = accountStatementProjection.model.name;
  await run(broken(accountStatementProjection, ({ type }) => type === 'BetPlaced'));
  await publish(sample.accountOpened, sample.fundsDeposited, sample.betPlaced, sample.betSettled);
  await running?.caughtUp();
  const stillBroken = await run(broken(accountStatementProjection, ({ type }) => type === 'BetSettled'));
  expect(await stillBroken.parked(model)).toMatchObject([{ stream, revision: 2, reason: 'Error: cannot take BetPlaced' }]);
  const again = await stillBroken.redrive(model, stream);
  expect(again).toMatchObject({ outcome: 'parked-again', parked: { stream, revision: 3, reason: 'Error: cannot take BetSettled' } });
  expect(await stillBroken.parked(model)).toMatchObject([{ stream, revision: 3 }]);

  const repaired = await run(accountStatementProjection);
  expect(await repaired.redrive(model, stream)).toEqual({ outcome: 'unparked', eventsApplied: 1 });
  expect(await repaired.parked(model)).toEqual([]);
  await publish({ ...sample.fundsWithdrawn });
  expect(await repaired.hashLive(model)).toEqual(await repaired.hashAt(model));
  expect((await repaired.status())[0]).toMatchObject({ gapsFilled: 0, parkedCount: 0 });
  expect(await repaired.redrive(model, stream)).toEqual({ outcome: 'not-parked' });
});

test('a parked market finds its bets in the streams of its bettors', async () => {
  const model = marketLiabilityProjection.model.name;
  const broke = await run(broken(marketLiabilityProjection, ({ type }) => type === 'PricesChanged'));
  await publish(sample.marketOpened, sample.accountOpened, sample.fundsDeposited, sample.pricesChanged, sample.betPlaced, sample.marketClosed);
  await broke.caughtUp();
  expect(await broke.parked(model)).toMatchObject([{ stream: market, revision: 1 }]);
  const repaired = await run(marketLiabilityProjection);
  await publish(sample.betSettled);
  await repaired.caughtUp();
  expect(await repaired.redrive(model, market)).toEqual({ outcome: 'unparked', eventsApplied: 4 });
  expect(await repaired.hashLive(model)).toEqual(await repaired.hashAt(model));
});

test('a document that the search index refuses parks the streams that changed it; others go on, and a redrive brings it', async () => {
  let isRefusing = true;
  const { search } = world.infra;
  const refusing: typeof search = {
    prepare: (...args) => search.prepare(...args),
    exists: (...args) => search.exists(...args),
    search: (...args) => search.search(...args),
    drop: (...args) => search.drop(...args),
    close: () => search.close(),
    async index(name, generation, documents) {
      const isRefused = ({ id }: { readonly id: string }): boolean => isRefusing && id === sample.fixtureScheduled.fixtureId;
      await search.index(name, generation, documents.filter((document) => !isRefused(document)));
      const refused = documents.filter(isRefused).map(({ id }) => ({ id, reason: 'strict_dynamic_mapping_exception' }));
      if (refused.length > 0) throw new SearchDocumentsRefusedError(name, refused);
    },
  };
  running = await startProjections({ ...world.infra, search: refusing }, { projections: [fixtureSearchProjection] });
  const { name } = fixtureSearchProjection.model;
  const fixture = fixtureStream(sample.fixtureScheduled.fixtureId);
  const other = { ...sample.fixtureScheduled, fixtureId: 'another' };
  await world.append([
    { stream: fixture, event: sample.fixtureScheduled },
    { stream: fixtureStream(other.fixtureId), event: other },
  ]);
  await world.publish();
  await running.caughtUp();
  expect(await running.parked(name)).toMatchObject([{ stream: fixture, revision: 0, reason: expect.stringContaining('strict_dynamic_mapping') }]);
  const found = async (): Promise<readonly string[]> => {
    const { hits } = await search.search('fixtures', await world.infra.readModels.liveGeneration(name), { text: '', filters: {}, limit: 10 });
    return hits.map(({ id }) => id).toSorted();
  };
  expect(await found()).toEqual([other.fixtureId]);
  expect(await running.redrive(name, fixture)).toMatchObject({ outcome: 'parked-again' });
  isRefusing = false;
  expect(await running.redrive(name, fixture)).toMatchObject({ outcome: 'unparked' });
  expect(await found()).toEqual([other.fixtureId, sample.fixtureScheduled.fixtureId].toSorted());
  expect(await running.parked(name)).toEqual([]);
});
