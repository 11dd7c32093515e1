// Markets whose settlement is held and resumed, and what the job says of itself meanwhile.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorld, type World } from './testing-world.ts';

const homeWins = { home: 'won', away: 'lost' } as const;
const awayWins = { home: 'lost', away: 'won' } as const;
let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.fund('ann');
  for (const market of ['m1', 'm2']) await world.open(market);
  await world.place('ann', 'single', [{ market: 'm1' }]);
  await world.place('ann', 'double', [{ market: 'm1' }, { market: 'm2', odds: '3/1' }]);
  for (const market of ['m1', 'm2']) await world.close(market);
});
afterEach(() => world.end());

const story = (key: string) => world.story('ann', key);

test('a held market settles nothing; the newest result counts once it is resumed', async () => {
  const worker = world.startWorker();
  await world.hold('m1');
  await world.result('m1', awayWins);
  await world.correct('m1', homeWins);
  await world.result('m2', homeWins);
  await world.settled(worker);
  expect([await story('single'), await story('double')]).toEqual([[], []]);
  expect(worker.progress()).toMatchObject({ openBets: 2, waiting: 0, heldMarkets: [{ marketId: 'm1', hasResult: true }] });

  await world.resumeSettlement('m1');
  await world.settled(worker);
  expect([await story('single'), await story('double')]).toEqual([['settled 1 returned 1950'], ['settled 1 returned 5850']]);
  expect(worker.progress()).toMatchObject({ openBets: 0, waiting: 0, heldMarkets: [] });
});

test('a correction on a held market waits, what was paid before stays', async () => {
  const worker = world.startWorker();
  await world.result('m1', homeWins);
  await world.settled(worker);
  await world.hold('m1');
  await world.correct('m1', awayWins);
  await world.settled(worker);
  expect(await story('single')).toEqual(['settled 1 returned 1950']);
  await world.resumeSettlement('m1');
  await world.settled(worker);
  expect(await story('single')).toEqual(['settled 1 returned 1950', 'reversed 1 1950', 'settled 2 lost 0']);
  expect(await story('double')).toEqual(['settled 1 lost 0']);
});

test('a market that is held and resumed without a result goes on as before', async () => {
  const worker = world.startWorker();
  await world.hold('m1');
  await world.resumeSettlement('m1');
  await world.result('m1', homeWins);
  await world.settled(worker);
  expect(await story('single')).toEqual(['settled 1 returned 1950']);
});

test('an index that is filled from the log anew knows the same holds and open bets', async () => {
  const first = world.startWorker();
  await world.hold('m1');
  await world.result('m1', homeWins);
  await world.settled(first);
  await first.stop();
  await world.ground.deleteIndex();
  const second = world.startWorker();
  await world.settled(second);
  expect(second.progress()).toMatchObject({ openBets: 2, heldMarkets: [{ marketId: 'm1', hasResult: true }] });
  await world.resumeSettlement('m1');
  await world.settled(second);
  expect(await story('single')).toEqual(['settled 1 returned 1950']);
});

test('what waits is counted: bets of results that have not been answered yet', async () => {
  const { promise: isReleased, resolve: release } = Promise.withResolvers<void>();
  const { account } = world.newHandlers();
  const handlers: Parameters<World['startWorker']>[0] = {
    handlers: {
      account: {
        async handle(...asked) {
          await isReleased;
          return account.handle(...asked);
        },
      },
    },
  };
  const worker = world.startWorker(handlers);
  await world.result('m1', homeWins);
  while (worker.status().backlog.commandsInFlight === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(worker.progress()).toMatchObject({ openBets: 2, waiting: 2 });
  release();
  await world.settled(worker);
  expect(worker.progress()).toMatchObject({ waiting: 0, judged: 2 });
});
