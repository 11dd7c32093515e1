import { StoreUnavailableError } from '@wagerline/shared-kernel/ports/event-store';
import type { SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorld, type World } from './testing-world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.end());

/** Its commit finds no room once, when told to, and takes with it everything that was not committed: here, all there is. */
function losingIndex(): SettlementIndex & { loseAtNextCommit(): Promise<void> } {
  let inner = world.ground.openIndex('first');
  let lose: (() => void) | undefined;
  return {
    loseAtNextCommit: () => new Promise((resolve) => (lose = resolve)),
    commit() {
      if (lose === undefined) return inner.commit();
      void inner.close();
      inner = world.ground.openIndex('second');
      lose();
      lose = undefined;
      throw new StoreUnavailableError('no room');
    },
    position: () => inner.position(),
    add: (position, write) => inner.add(position, write),
    isMarketOpen: (marketId) => inner.isMarketOpen(marketId),
    hasFixtureStarted: (fixtureId) => inner.hasFixtureStarted(fixtureId),
    results: (marketId) => inner.results(marketId),
    newestResult: (marketId) => inner.newestResult(marketId),
    successor: (marketId, fixtureId, position) => inner.successor(marketId, fixtureId, position),
    triggers: (slot, after, limit) => inner.triggers(slot, after, limit),
    bets: (marketId, slot, range) => inner.bets(marketId, slot, range),
    betAt: (position) => inner.betAt(position),
    betCount: (marketId, slot, range) => inner.betCount(marketId, slot, range),
    openBetCount: () => inner.openBetCount(),
    heldMarkets: (limit) => inner.heldMarkets(limit),
    stakes: (marketId) => inner.stakes(marketId),
    decision: (marketId) => inner.decision(marketId),
    decisions: (limit) => inner.decisions(limit),
    unreadable: () => inner.unreadable(),
    close: () => inner.close(),
  };
}

test('what a commit without room has taken from the index is read again: no bet is forgotten', async () => {
  const index = losingIndex();
  const worker = world.startWorker({ index });
  await world.open('m1');
  await world.fund('ann');
  await world.place('ann', 'before', [{ market: 'm1' }]);
  await world.settled(worker);
  await index.loseAtNextCommit();
  expect(index.position()).toBe(0);

  await world.place('ann', 'after', [{ market: 'm1' }]);
  await world.close('m1');
  await world.result('m1', { home: 'won', away: 'lost' });
  await world.settled(worker);
  for (const bet of ['before', 'after']) expect(await world.story('ann', bet)).toEqual(['settled 1 returned 1950']);
});
