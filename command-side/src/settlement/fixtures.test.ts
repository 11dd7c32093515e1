// Bets on fixtures that do not go as scheduled: not played in time, or without a runner. Each worker here starts with an empty index.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorld, type World } from './testing-world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.fund('ann');
});
afterEach(() => world.end());

/** By 48 hours after 9 August, 19:00. */
const until = '2019-08-11T19:00:00.000Z';
const newDate = '2019-08-20T19:00:00.000Z';
const settled = async (name: string): Promise<void> => {
  const worker = world.startWorker({ name });
  await world.settled(worker);
  await worker.stop();
};

test('what was struck on the first date is void, what was struck on the new one stands, and no result changes that', async () => {
  for (const market of ['m1', 'm2']) await world.open(market);
  await world.place('ann', 'before', [{ market: 'm1' }]);
  await world.place('ann', 'double', [{ market: 'm1' }, { market: 'm2' }]);
  await world.place('ann', 'after', [{ market: 'm1', startsAt: newDate }]);
  await world.unplayed('m1', '2019-08-10T19:00:00.000Z');
  await settled('first');
  expect(await world.story('ann', 'before')).toEqual([]);
  await world.unplayed('m1', until);
  // Judged on a view that did not know the new date yet: its time is up already.
  await world.place('ann', 'stale', [{ market: 'm1' }]);
  await world.place('ann', 'later', [{ market: 'm1', startsAt: newDate }]);
  await settled('second');
  expect(await world.story('ann', 'before')).toEqual(['settled 1 void 1000']);
  expect(await world.story('ann', 'stale')).toEqual(['settled 1 void 1000']);
  for (const market of ['m1', 'm2']) {
    await world.close(market);
    await world.result(market, { home: 'won', away: 'lost' });
  }
  await settled('third');
  expect(await world.story('ann', 'before')).toEqual(['settled 1 void 1000', 'confirmed 1']);
  expect(await world.story('ann', 'double')).toEqual(['settled 1 returned 1950']);
  expect(await world.story('ann', 'after')).toEqual(['settled 1 returned 1950']);
  expect(await world.story('ann', 'later')).toEqual(['settled 1 returned 1950']);
  expect(await world.story('ann', 'stale')).toEqual(['settled 1 void 1000']);
});

test('a market that is decided when the time is up stands', async () => {
  await world.open('m1');
  await world.place('ann', 'b', [{ market: 'm1' }]);
  await world.close('m1');
  await world.result('m1', { home: 'won', away: 'lost' });
  await world.unplayed('m1', until);
  await settled('only');
  expect(await world.story('ann', 'b')).toEqual(['settled 1 returned 1950']);
});

test('of a held market it counts from the resumption on', async () => {
  await world.open('m1');
  await world.place('ann', 'b', [{ market: 'm1' }]);
  await world.hold('m1');
  await world.unplayed('m1', until);
  await settled('first');
  expect(await world.story('ann', 'b')).toEqual([]);
  await world.resumeSettlement('m1');
  await settled('second');
  expect(await world.story('ann', 'b')).toEqual(['settled 1 void 1000']);
});

test('an ante-post bet loses on a non-runner at once, one of the day is void; the others of the day are paid less', async () => {
  for (const market of ['m1', 'm2']) await world.open(market);
  const odds = '39/20';
  await world.place('ann', 'ante', [{ market: 'm1', selection: 'away', odds, antePost: true }]);
  await world.place('ann', 'ante-double', [{ market: 'm1', selection: 'away', antePost: true }, { market: 'm2' }]);
  await world.place('ann', 'day', [{ market: 'm1', selection: 'away' }]);
  await world.place('ann', 'ante-other', [{ market: 'm1', antePost: true }]);
  await world.place('ann', 'day-other', [{ market: 'm1' }]);
  await world.withdraw('m1', 'away');
  await settled('first');
  const story = async (...keys: readonly string[]) => Promise.all(keys.map((key) => world.story('ann', key)));
  expect(await story('ante', 'ante-double', 'day')).toEqual([['settled 1 lost 0'], ['settled 1 lost 0'], ['settled 1 void 1000']]);
  await world.close('m1');
  await world.result('m1', { home: 'won' });
  await settled('second');
  // At 2/1 the withdrawn price takes 45 pence in the pound: 10.00 x (1 + 0.95 x 0.55) = 15.225.
  expect(await story('ante-other', 'day-other')).toEqual([['settled 1 returned 1950'], ['settled 1 returned 1522']]);
});
