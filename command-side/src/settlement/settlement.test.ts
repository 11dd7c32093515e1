import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorld, type RunningWorker, type World } from './testing-world.ts';

const homeWins = { home: 'won', away: 'lost' } as const;
const awayWins = { home: 'lost', away: 'won' } as const;
let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.fund('ann');
});
afterEach(() => world.end());

/** Opens the markets, lets `bets` be placed, closes the markets, and answers a worker. */
async function placed(markets: readonly string[], bets: () => Promise<void>): Promise<RunningWorker> {
  for (const market of markets) await world.open(market);
  await bets();
  for (const market of markets) await world.close(market);
  return world.startWorker();
}

describe('singles', () => {
  test.each([
    ['won', 'settled 1 returned 1950', 100_950],
    ['lost', 'settled 1 lost 0', 99_000],
    ['half_won', 'settled 1 returned 1475', 100_475],
    ['half_lost', 'settled 1 returned 500', 99_500],
    ['push', 'settled 1 returned 1000', 100_000],
    ['void', 'settled 1 void 1000', 100_000],
  ] as const)('%s', async (result, line, balance) => {
    const worker = await placed(['m1'], () => world.place('ann', 'bet', [{ market: 'm1' }]));
    await world.result('m1', { home: result, away: 'lost' });
    await world.settled(worker);
    expect(await world.story('ann', 'bet')).toEqual([line]);
    expect(await world.balance('ann')).toBe(balance);
  });

  test('a settlement says what it follows from', async () => {
    const worker = await placed(['m1'], () => world.place('ann', 'bet', [{ market: 'm1' }]));
    const { stream, revision } = await world.result('m1', homeWins);
    await world.settled(worker);
    const [resulted] = await world.eventStore.readStream(stream, { fromRevision: revision });
    const { events } = await world.eventStore.readAll(resulted?.position ?? 0, { prefixes: ['account-'] }, 10);
    expect(events[0]?.metadata).toMatchObject({ causationId: resulted?.id, correlationId: 'a-test', actor: { role: 'system', id: 'settlement' } });
    expect(worker.status()).toMatchObject({ slotsHeld: 64, sent: 1, settled: 1, parkedCount: 0, retries: 0, backlog: { slots: 0, commandsInFlight: 0 } });
  });

  test('more bets of one slot than are read at once are all settled', async () => {
    const keys = Array.from({ length: 120 }, (_, index) => `bet ${index}`);
    const worker = await placed(['m1'], async () => {
      for (const key of keys) await world.place('ann', key, [{ market: 'm1' }], 100);
    });
    await world.result('m1', homeWins);
    await world.settled(worker);
    expect(worker.status()).toMatchObject({ judged: 120, settled: 120 });
    expect(await world.story('ann', 'bet 119')).toEqual(['settled 1 returned 195']);
    expect(await world.balance('ann')).toBe(100_000 + 120 * 95);
  });

  test('bets of other markets and of no result stay open', async () => {
    const worker = await placed(['m1', 'm2'], () => world.place('ann', 'bet', [{ market: 'm2' }]));
    await world.result('m1', homeWins);
    await world.settled(worker);
    expect(await world.story('ann', 'bet')).toEqual([]);
    expect(worker.status().judged).toBe(0);
  });
});

describe('accumulators', () => {
  const legs = [{ market: 'm1' }, { market: 'm2', odds: '3/1' }, { market: 'm3', odds: '3/2' }];
  const three = () => placed(['m1', 'm2', 'm3'], () => world.place('ann', 'bet', legs));

  test('lost at the first lost leg', async () => {
    const worker = await three();
    await world.result('m2', awayWins);
    await world.settled(worker);
    expect(await world.story('ann', 'bet')).toEqual(['settled 1 lost 0']);
  });

  test('won when the last leg is; nothing is sent before', async () => {
    const worker = await three();
    await world.result('m1', homeWins);
    await world.result('m2', homeWins);
    await world.settled(worker);
    expect(worker.status()).toMatchObject({ judged: 2, sent: 0 });
    await world.result('m3', homeWins);
    await world.settled(worker);
    expect(await world.story('ann', 'bet')).toEqual(['settled 1 returned 8775']);
  });

  test('a lost bet stays lost through later results, which are confirmed', async () => {
    const worker = await three();
    await world.result('m2', awayWins);
    await world.result('m1', awayWins);
    await world.result('m3', homeWins);
    await world.settled(worker);
    expect(await world.story('ann', 'bet')).toEqual(['settled 1 lost 0', 'confirmed 1', 'confirmed 1']);
  });

  test('a lost leg that is corrected opens the bet again', async () => {
    const worker = await three();
    await world.result('m2', awayWins);
    await world.correct('m2', homeWins);
    await world.settled(worker);
    expect(await world.story('ann', 'bet')).toEqual(['settled 1 lost 0', 'reversed 1 0']);
    await world.result('m1', homeWins);
    await world.result('m3', homeWins);
    await world.settled(worker);
    expect((await world.story('ann', 'bet')).slice(2)).toEqual(['settled 2 returned 8775']);
    expect(await world.balance('ann')).toBe(107_775);
  });
});

describe('results that change', () => {
  test('a correction reverses and settles again, in one append, behind the result', async () => {
    const worker = await placed(['m1'], () => world.place('ann', 'bet', [{ market: 'm1' }]));
    await world.result('m1', homeWins);
    await world.correct('m1', awayWins);
    await world.settled(worker);
    expect(await world.story('ann', 'bet')).toEqual(['settled 1 returned 1950', 'reversed 1 1950', 'settled 2 lost 0']);
    const { events } = await world.eventStore.readAll(0, { prefixes: ['account-'] }, 100);
    const [reversed, again] = events.slice(-2);
    expect(reversed?.metadata['commandId']).toBe(again?.metadata['commandId']);
    expect((again?.position ?? 0) - (reversed?.position ?? 0)).toBe(1);
  });

  test('won, lost, won again: three settlements and two reversals', async () => {
    const worker = await placed(['m1'], () => world.place('ann', 'bet', [{ market: 'm1' }]));
    await world.result('m1', homeWins);
    await world.settled(worker);
    await world.correct('m1', awayWins);
    await world.settled(worker);
    await world.correct('m1', homeWins);
    await world.settled(worker);
    expect(await world.story('ann', 'bet')).toEqual([
      'settled 1 returned 1950',
      'reversed 1 1950',
      'settled 2 lost 0',
      'reversed 2 0',
      'settled 3 returned 1950',
    ]);
    // Each is a command of its own, although the first and the last say the same.
    const { events } = await world.eventStore.readAll(0, { prefixes: ['account-'] }, 100);
    expect(new Set(events.filter(({ type }) => type === 'BetSettled').map(({ metadata }) => metadata['commandId'])).size).toBe(3);
    expect(await world.balance('ann')).toBe(100_950);
  });

  test('a void takes the result back, a correction takes the void back', async () => {
    const worker = await placed(['m1'], () => world.place('ann', 'bet', [{ market: 'm1' }]));
    await world.result('m1', awayWins);
    await world.voidMarket('m1');
    await world.correct('m1', homeWins);
    await world.settled(worker);
    expect(await world.story('ann', 'bet')).toEqual([
      'settled 1 lost 0',
      'reversed 1 0',
      'settled 2 void 1000',
      'reversed 2 1000',
      'settled 3 returned 1950',
    ]);
  });

  test('a manual void stands, whatever the market does', async () => {
    const worker = await placed(['m1'], () => world.place('ann', 'bet', [{ market: 'm1' }]));
    await world.voidBet('ann', 'bet');
    await world.result('m1', homeWins);
    await world.correct('m1', awayWins);
    await world.settled(worker);
    expect(await world.story('ann', 'bet')).toEqual(['voided by hand']);
    expect(await world.balance('ann')).toBe(100_000);
  });
});

describe('late legs: the log decides', () => {
  test('a single on a closed market gets its stake back at once, and keeps it', async () => {
    const worker = await placed(['m1'], async () => undefined);
    await world.place('ann', 'late', [{ market: 'm1' }]);
    await world.settled(worker);
    expect(await world.story('ann', 'late')).toEqual(['settled 1 void 1000']);
    await world.result('m1', homeWins);
    await world.settled(worker);
    expect(await world.story('ann', 'late')).toEqual(['settled 1 void 1000']);
  });

  test('a late leg is void, the others stand', async () => {
    await world.open('m2');
    const worker = await placed(['m1'], async () => undefined);
    await world.place('ann', 'late', [{ market: 'm1' }, { market: 'm2' }]);
    await world.close('m2');
    await world.result('m1', awayWins);
    await world.settled(worker);
    expect(await world.story('ann', 'late')).toEqual([]);
    await world.result('m2', homeWins);
    await world.settled(worker);
    expect(await world.story('ann', 'late')).toEqual(['settled 1 returned 1950']);
  });

  test('suspended is late, resumed is not', async () => {
    const worker = world.startWorker();
    await world.open('m1');
    await world.suspend('m1');
    await world.place('ann', 'suspended', [{ market: 'm1' }]);
    await world.resume('m1');
    await world.place('ann', 'resumed', [{ market: 'm1' }]);
    await world.close('m1');
    await world.result('m1', homeWins);
    await world.settled(worker);
    expect(await world.story('ann', 'suspended')).toEqual(['settled 1 void 1000']);
    expect(await world.story('ann', 'resumed')).toEqual(['settled 1 returned 1950']);
  });

  test('after the start of the fixture a pre-match leg is late, an in-play one is not', async () => {
    const worker = world.startWorker();
    await world.open('pre');
    await world.open('live', ['home', 'away'], true);
    await world.place('ann', 'early', [{ market: 'pre' }]);
    await world.startFixture('pre');
    await world.startFixture('live');
    await world.place('ann', 'pre', [{ market: 'pre' }]);
    await world.place('ann', 'live', [{ market: 'live', inPlay: true }]);
    for (const market of ['pre', 'live']) {
      await world.close(market);
      await world.result(market, homeWins);
    }
    await world.settled(worker);
    expect(await world.story('ann', 'early')).toEqual(['settled 1 returned 1950']);
    expect(await world.story('ann', 'pre')).toEqual(['settled 1 void 1000']);
    expect(await world.story('ann', 'live')).toEqual(['settled 1 returned 1950']);
  });
});
