// Legs of a replaced season: under rules that move them they go on in the season that replaces it, and come back when that is taken back.

import type { FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import { decode } from '@wagerline/shared-kernel/events/codec';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accountIdOf, openWorld, type Leg, type World } from './testing-world.ts';

const homeWins = { home: 'won', away: 'lost' } as const;
const awayWins = { home: 'lost', away: 'won' } as const;
const replaced = (by: string): Partial<FeedMessage> => ({ supercededBy: `fixture-of-${by}` });
let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.fund('ann');
  for (const market of ['m1', 'm2', 'm3']) await world.open(market);
});
afterEach(() => world.end());

const place = (key: string, legs: readonly Leg[], ruleSet = 'season-moves@1') => {
  return world.place('ann', key, legs, 1000, { type: 'folds', folds: [legs.length] }, ruleSet);
};
const story = (key: string) => world.story('ann', key);

describe('a season is replaced', () => {
  test('the leg moves, nothing is paid, and the result of the other market settles it', async () => {
    await place('single', [{ market: 'm1' }]);
    const worker = world.startWorker();
    await world.feed('m1', 'cancel', 1, replaced('m2'));
    await world.settled(worker);
    expect(await story('single')).toEqual(['moved 0 to m2']);
    expect(await world.balance('ann')).toBe(99_000);
    await world.close('m2');
    await world.result('m2', homeWins);
    await world.settled(worker);
    expect(await story('single')).toEqual(['moved 0 to m2', 'settled 1 returned 1950']);
    await world.correct('m2', awayWins);
    await world.settled(worker);
    expect(await story('single')).toEqual(['moved 0 to m2', 'settled 1 returned 1950', 'reversed 1 1950', 'settled 2 lost 0']);
    expect(worker.progress()).toMatchObject({ openBets: 0, waiting: 0 });
  });

  test('the move says from where to where, why and by whom, and keeps what the leg was struck on', async () => {
    await place('single', [{ market: 'm1' }]);
    const worker = world.startWorker();
    await world.feed('m1', 'cancel', 1, replaced('m2'));
    await world.settled(worker);
    const recorded = (await world.eventStore.readStream(`account-${accountIdOf('ann')}`)).at(-1);
    expect(recorded && decode(recorded)).toMatchObject({
      type: 'BetMoved',
      isLive: true,
      reason: 'feed-cancel',
      decidedBy: { role: 'feed', id: expect.stringMatching(/^producer-1:[0-9a-f]{64}$/) },
      moves: [{ leg: 0, from: { fixtureId: 'fixture-of-m1', marketId: 'm1' }, to: { fixtureId: 'fixture-of-m2', marketId: 'm2' } }],
      legs: [{ fixtureId: 'fixture-of-m1', marketId: 'm1', result: 'open', movedTo: { fixtureId: 'fixture-of-m2', marketId: 'm2', revisions: [null] } }],
    });
  });

  test('a bet whose rules void it has its stake back', async () => {
    await place('single', [{ market: 'm1' }], 'standard@1');
    const worker = world.startWorker();
    await world.feed('m1', 'cancel', 1, replaced('m2'));
    await world.close('m2');
    await world.result('m2', awayWins);
    await world.settled(worker);
    expect(await story('single')).toEqual(['settled 1 void 1000']);
  });
});

describe('what is said in whatever order', () => {
  test('a rollback of the cancel moves the leg back, and what was paid meanwhile is taken back', async () => {
    await place('single', [{ market: 'm1' }]);
    const worker = world.startWorker();
    await world.feed('m1', 'cancel', 1, replaced('m2'));
    await world.close('m2');
    await world.result('m2', homeWins);
    await world.settled(worker);
    await world.feed('m1', 'rollback-cancel', 2);
    await world.settled(worker);
    expect(await story('single')).toEqual(['moved 0 to m2', 'settled 1 returned 1950', 'moved 0 to m1', 'reversed 1 1950']);
    await world.feed('m1', 'settlement', 3, { certainty: 1, outcomes: [{ selection: 'home', result: 0 }, { selection: 'away', result: 1 }] });
    await world.correct('m2', awayWins);
    await world.settled(worker);
    expect((await story('single')).slice(4)).toEqual(['settled 2 lost 0']);
  });

  test('a chain of seasons is followed to its end, whichever link was said first', async () => {
    await place('single', [{ market: 'm1' }]);
    const worker = world.startWorker();
    await world.feed('m2', 'cancel', 1, replaced('m3'));
    await world.settled(worker);
    await world.feed('m1', 'cancel', 1, replaced('m2'));
    await world.close('m3');
    await world.result('m3', homeWins);
    await world.settled(worker);
    expect(await story('single')).toEqual(['moved 0 to m3', 'settled 1 returned 1950']);
    await world.feed('m2', 'rollback-cancel', 2);
    await world.settled(worker);
    expect((await story('single')).slice(2)).toEqual(['moved 0 to m2', 'reversed 1 1950']);
  });

  test('a circle ends where it closes, and leaves the leg open', async () => {
    await place('single', [{ market: 'm1' }]);
    const worker = world.startWorker();
    await world.feed('m1', 'cancel', 1, replaced('m2'));
    await world.feed('m2', 'cancel', 1, replaced('m1'));
    await world.settled(worker);
    expect(await story('single')).toEqual(['moved 0 to m2']);
    await world.feed('m2', 'rollback-cancel', 2);
    await world.feed('m2', 'settlement', 3, { certainty: 1, outcomes: [{ selection: 'home', result: 1 }, { selection: 'away', result: 0 }] });
    await world.settled(worker);
    expect(await story('single')).toEqual(['moved 0 to m2', 'settled 1 returned 1950']);
  });

  test('a season without that market voids the leg and says so; it moves when the market is opened there', async () => {
    await place('single', [{ market: 'm1' }]);
    const worker = world.startWorker();
    await world.feed('m1', 'cancel', 1, replaced('m4'));
    await world.settled(worker);
    expect(await story('single')).toEqual(['settled 1 void 1000']);
    const recorded = await world.eventStore.readStream(`account-${accountIdOf('ann')}`);
    expect(recorded.at(-1)?.data).toMatchObject({ reason: 'successor-without-outcome', decidedBy: { role: 'feed' } });
    await world.open('m4');
    await world.settled(worker);
    expect((await story('single')).slice(1)).toEqual(['moved 0 to m4', 'reversed 1 1000']);
  });

  test('a market without the outcome voids the leg', async () => {
    await world.open('m4', ['home-2', 'away-2']);
    await place('single', [{ market: 'm1' }]);
    const worker = world.startWorker();
    await world.feed('m1', 'cancel', 1, replaced('m4'));
    await world.settled(worker);
    expect(await story('single')).toEqual(['settled 1 void 1000']);
  });

  test('one window moves the bets that were accepted in it, another without a successor voids them', async () => {
    await place('single', [{ market: 'm1' }]);
    const worker = world.startWorker();
    const start = 1;
    await world.feed('m1', 'cancel', 1, { ...replaced('m2'), startMs: start });
    await world.feed('m1', 'cancel', 1, { ...replaced('m3'), endMs: start });
    await world.settled(worker);
    expect(await story('single')).toEqual(['moved 0 to m2']);
    await world.feed('m1', 'cancel', 2);
    await world.settled(worker);
    expect((await story('single')).slice(1)).toEqual(['moved 0 to m1', 'settled 1 void 1000']);
  });

  test('a decision by hand outranks the cancel until it is released', async () => {
    await place('single', [{ market: 'm1' }]);
    const worker = world.startWorker();
    await world.feed('m1', 'cancel', 1, replaced('m2'));
    await world.settled(worker);
    await world.correct('m1', homeWins);
    await world.settled(worker);
    expect(await story('single')).toEqual(['moved 0 to m2', 'moved 0 to m1', 'settled 1 returned 1950']);
    await world.release('m1');
    await world.settled(worker);
    expect((await story('single')).slice(3)).toEqual(['moved 0 to m2', 'reversed 1 1950']);
  });

  test('an early payout of its own market stands, and nothing moves', async () => {
    await place('single', [{ market: 'm1' }]);
    const worker = world.startWorker();
    await world.payEarly('m1', 'home');
    await world.feed('m1', 'cancel', 1, replaced('m2'));
    await world.close('m2');
    await world.result('m2', awayWins);
    await world.settled(worker);
    expect(await story('single')).toEqual(['settled 1 returned 1950', 'confirmed 1']);
  });

  test('a multiple moves leg by leg; a lost leg is lost whatever moves', async () => {
    await place('double', [{ market: 'm1' }, { market: 'm3' }]);
    const worker = world.startWorker();
    await world.close('m3');
    await world.result('m3', awayWins);
    await world.settled(worker);
    await world.feed('m1', 'cancel', 1, replaced('m2'));
    await world.settled(worker);
    expect(await story('double')).toEqual(['settled 1 lost 0', 'moved 0 to m2', 'confirmed 1']);
    await world.correct('m3', homeWins);
    await world.settled(worker);
    expect((await story('double')).slice(3)).toEqual(['reversed 1 0']);
  });

  test('an index that is filled from the log anew, in a worker of another process, ends in the same', async () => {
    await place('single', [{ market: 'm1' }]);
    await world.feed('m1', 'cancel', 1, replaced('m2'));
    const worker = world.startWorker();
    await world.settled(worker);
    await worker.stop();
    await world.ground.deleteIndex();
    const other = world.startWorker();
    await world.close('m2');
    await world.result('m2', homeWins);
    await world.settled(other);
    expect(await story('single')).toEqual(['moved 0 to m2', 'settled 1 returned 1950']);
  });
});
