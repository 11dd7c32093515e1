import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { accountStream, marketStream } from '@wagerline/shared-kernel/values/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accountStatementProjection } from './account-statement/project.ts';
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
