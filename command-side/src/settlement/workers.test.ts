// Workers that stop, lose their index, work side by side, fall silent or meet what they cannot settle.

import { ProblemException } from '@wagerline/shared-kernel/problems';
import { betIdOf } from '@wagerline/shared-kernel/values/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandHandlers } from '../handlers.ts';
import { accountIdOf, openWorld, type World } from './testing-world.ts';

const homeWins = { home: 'won', away: 'lost' } as const;
const awayWins = { home: 'lost', away: 'won' } as const;
const bettors = ['ann', 'bob', 'cid'];
let world: World;
beforeEach(async () => {
  world = await openWorld();
  for (const name of bettors) await world.fund(name);
  await world.open('m1');
  for (const name of bettors) await world.place(name, 'bet', [{ market: 'm1' }]);
  await world.close('m1');
});
afterEach(() => world.end());

const wonThenLost = ['settled 1 returned 1950', 'reversed 1 1950', 'settled 2 lost 0'];

/** Account handlers that do something else first for the commands of one bettor. */
function disturbed(name: string, disturb: () => Promise<void>): Pick<CommandHandlers, 'account'> {
  const { account } = world.newHandlers();
  return {
    account: {
      async handle(id, command, context) {
        if (id === accountIdOf(name)) await disturb();
        return account.handle(id, command, context);
      },
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test.each(['kept', 'lost'])('a restart with its index %s goes on where it stopped', async (fate) => {
  const first = world.startWorker();
  await world.result('m1', homeWins);
  await world.settled(first);
  await first.stop();
  if (fate === 'lost') await world.ground.deleteIndex();
  await world.correct('m1', awayWins);
  const second = world.startWorker();
  await world.settled(second);
  for (const name of bettors) expect(await world.story(name, 'bet')).toEqual(wonThenLost);
  expect(second.status().sent).toBe(3);
});

test('a stop in the middle of a trigger leaves its checkpoint before it, and nothing is written twice', async () => {
  const { promise: isStopping, resolve: stopping } = Promise.withResolvers<void>();
  const { promise: isHeld, resolve: held } = Promise.withResolvers<void>();
  const first = world.startWorker({
    handlers: disturbed('bob', () => {
      held();
      return isStopping;
    }),
  });
  await world.result('m1', homeWins);
  await isHeld;
  await until(() => first.status().settled === 2);
  const stopped = first.stop();
  stopping();
  await stopped;
  const second = world.startWorker();
  await world.settled(second);
  for (const name of bettors) expect(await world.story(name, 'bet')).toEqual(['settled 1 returned 1950']);
});

test('a slot that waits holds up nobody else, and its own order', async () => {
  const { promise: isReleased, resolve: release } = Promise.withResolvers<void>();
  const worker = world.startWorker({ handlers: disturbed('bob', () => isReleased) });
  await world.result('m1', homeWins);
  const before = (await world.eventStore.head()) - 1;
  await world.correct('m1', awayWins);
  await until(() => worker.status().settled === 4);
  expect(await world.story('ann', 'bet')).toEqual(wonThenLost);
  expect(await world.story('bob', 'bet')).toEqual([]);
  expect(worker.settledThrough()).toBeLessThanOrEqual(before);
  expect(worker.status().backlog).toMatchObject({ slots: 1, commandsInFlight: 1 });
  release();
  await world.settled(worker);
  expect(await world.story('bob', 'bet')).toEqual(wonThenLost);
});

test('two workers that hold the same slots are harmless', async () => {
  // A worker whose clock runs away takes what it has seen unchanged once; the other takes it back, and so on.
  let ms = 0;
  const racing = (name: string) => world.startWorker({ name, monotonicMs: () => (ms += 1000), leaseTakeoverMs: 1 });
  const workers = [racing('one'), racing('two')];
  await world.result('m1', homeWins);
  await world.correct('m1', awayWins);
  await world.correct('m1', homeWins);
  for (const worker of workers) await world.settled(worker);
  for (const name of bettors) expect(await world.story(name, 'bet')).toEqual([...wonThenLost, 'reversed 2 0', 'settled 3 returned 1950']);
});

/** What a killed worker leaves behind: leases on all slots, that nobody renews. */
async function leaveHeld(holder: string): Promise<void> {
  const data = { holder, counter: 7, checkpoint: 0, parked: [] };
  const names = Array.from({ length: 64 }, (_, slot) => `settlement-slot-${String(slot).padStart(2, '0')}`);
  await world.eventStore.writeLeases(names.map((name) => ({ name, expectedVersion: 0, data })));
}

test('the slots of an earlier process tree are taken at once where one tree alone can live', async () => {
  await leaveHeld('tree-1/worker');
  const worker = world.startWorker({ tree: 'tree-2', monotonicMs: () => 0 });
  await world.result('m1', homeWins);
  await world.settled(worker);
  expect(await world.story('ann', 'bet')).toEqual(['settled 1 returned 1950']);
});

test.each([
  ['of the same process tree, too', 'tree-2/worker', 'tree-2'],
  ['where several trees may live', 'tree-1/worker', undefined],
])('the time counts for a holder %s', async (_, holder, tree) => {
  await leaveHeld(holder);
  let ms = 0;
  let looks = 0;
  const monotonicMs = (): number => ((looks += 1), ms);
  const worker = world.startWorker({ monotonicMs, leaseTakeoverMs: 5000, ...(tree === undefined ? {} : { tree }) });
  await until(() => looks > 200);
  expect(worker.status().slotsHeld).toBe(0);
  ms = 5000;
  await until(() => worker.status().slotsHeld === 64);
});

test('two workers of one tree share its slots like any others', async () => {
  const first = world.startWorker({ name: 'one', tree: 'tree-1', leaseTakeoverMs: 1_000_000 });
  await until(() => first.status().slotsHeld === 64);
  const second = world.startWorker({ name: 'two', tree: 'tree-1', leaseTakeoverMs: 1_000_000 });
  await world.result('m1', homeWins);
  await world.settled(first);
  expect(second.status()).toMatchObject({ slotsHeld: 0, sent: 0 });
});

test('the slots of a silent holder are taken after that time on the own clock, not before', async () => {
  await world.result('m1', homeWins);
  await leaveHeld('silent');
  let ms = 1_000_000;
  let looks = 0;
  const monotonicMs = (): number => {
    looks += 1;
    return ms;
  };
  const worker = world.startWorker({ monotonicMs, leaseTakeoverMs: 5000 });
  const looksTwice = () => until(((from) => () => looks > from + 200)(looks));
  await looksTwice();
  ms += 4999;
  await looksTwice();
  expect(worker.status().slotsHeld).toBe(0);
  expect(await world.story('ann', 'bet')).toEqual([]);
  ms += 1;
  await until(() => worker.status().slotsHeld === 64);
  await world.settled(worker);
  expect(await world.story('ann', 'bet')).toEqual(['settled 1 returned 1950']);
});

test('a holder that shows life keeps its slots; one that stops gives them to the next at once', async () => {
  const first = world.startWorker({ name: 'one', leaseTakeoverMs: 1_000_000 });
  await until(() => first.status().slotsHeld === 64);
  const second = world.startWorker({ name: 'two', leaseTakeoverMs: 1_000_000 });
  await world.result('m1', homeWins);
  await world.settled(first);
  expect(second.status()).toMatchObject({ slotsHeld: 0, sent: 0 });
  await first.stop();
  await until(() => second.status().slotsHeld === 64);
  await world.correct('m1', awayWins);
  await world.settled(second);
  for (const name of bettors) expect(await world.story(name, 'bet')).toEqual(wonThenLost);
});

test('a worker that stops while it takes its slots leaves none behind', async () => {
  for (let turns = 0; turns < 12; turns += 1) {
    const short = world.startWorker();
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await short.stop();
  }
  const last = world.startWorker({ leaseTakeoverMs: 1_000_000 });
  await until(() => last.status().slotsHeld === 64);
});

test('a passing failure is repeated until it has passed', async () => {
  let tries = 0;
  const failing = disturbed('bob', async () => {
    if ((tries += 1) <= 20) throw new ProblemException(tries % 2 === 0 ? 'CONTENTION' : 'STORE_UNAVAILABLE');
  });
  const worker = world.startWorker({ handlers: failing });
  await world.result('m1', homeWins);
  await world.settled(worker);
  for (const name of bettors) expect(await world.story(name, 'bet')).toEqual(['settled 1 returned 1950']);
  expect(worker.status()).toMatchObject({ retries: 20, parkedCount: 0 });
});

test('a bet that cannot be settled is parked, the others go on; a restart or the next result tries it again', async () => {
  const broken = disturbed('bob', () => Promise.reject(new Error('assertion failed: planted')));
  const first = world.startWorker({ handlers: broken });
  await world.result('m1', homeWins);
  await world.settled(first);
  expect(await world.story('ann', 'bet')).toEqual(['settled 1 returned 1950']);
  expect(first.status()).toMatchObject({ parkedCount: 1, parked: [{ accountId: accountIdOf('bob'), reason: 'assertion failed: planted' }] });
  await first.stop();

  // Another worker knows of it from the lease, whatever became of the index.
  const second = world.startWorker({ name: 'another' });
  await world.settled(second);
  await until(() => second.status().slotsHeld === 64 && second.status().parkedCount === 0);
  expect(await world.story('bob', 'bet')).toEqual(['settled 1 returned 1950']);
});

test('a parked bet gets all the news that it missed, so that a late holder cannot settle it from an old result', async () => {
  for (const market of ['m2', 'm3']) await world.open(market);
  await world.place('bob', 'double', [{ market: 'm2' }, { market: 'm3' }]);
  await world.close('m2');
  const first = world.startWorker({ handlers: disturbed('bob', () => Promise.reject(new Error('assertion failed: planted'))) });
  await world.result('m2', awayWins);
  const resultRevision = (await world.eventStore.readStream('market-m2')).at(-1)?.revision ?? 0;
  await world.correct('m2', homeWins);
  await world.settled(first);
  expect(first.status()).toMatchObject({ parkedCount: 1 });
  await first.stop();

  const second = world.startWorker();
  await until(() => second.status().slotsHeld === 64 && second.status().parkedCount === 0);
  const undecidedAgain = ['settled 1 lost 0', 'reversed 1 0'];
  expect(await world.story('bob', 'double')).toEqual(undecidedAgain);

  const legs = [{ result: 'lost' as const, resultRevision, late: false }, { result: 'open' as const, resultRevision: null, late: false }];
  const betId = betIdOf(accountIdOf('bob'), 'double');
  const context = { commandId: 'late', causationId: 'late', correlationId: 'late', traceparent: '', actor: { role: 'system' as const, id: 'late' } };
  const why = { reason: 'result', decidedBy: context.actor, returnApprovalMinor: 1 };
  await world.newHandlers().account.handle(accountIdOf('bob'), (at) => ({ type: 'SettleBet', betId, legs, ...why, at }), context);
  expect(await world.story('bob', 'double')).toEqual(undecidedAgain);
});

test('a bet that its account does not know is parked', async () => {
  const placed = (await world.eventStore.readStream(`account-${accountIdOf('ann')}`)).find((event) => event.type === 'BetPlaced');
  const { data, metadata, type } = placed ?? { data: {}, metadata: {}, type: '' };
  const stray = { id: 'a-stray-event', type, metadata, data: { ...data, accountId: accountIdOf('nobody'), betId: accountIdOf('stray') } };
  await world.eventStore.append('account-of-nobody', 'no-stream', [stray]);
  const worker = world.startWorker();
  await world.settled(worker);
  expect(worker.status()).toMatchObject({ parkedCount: 1, parked: [{ betId: accountIdOf('stray'), reason: 'ACCOUNT_NOT_FOUND' }] });
});

test.each([
  ['an unknown type', { type: 'BetPainted', data: {} }],
  ['a newer version', { type: 'BetPlaced', data: {}, metadata: { schemaVersion: 99 } }],
  ['a payload of the wrong shape', { type: 'BetPlaced', data: { legs: 'none' } }],
])('%s in an account is noted, the others go on', async (_, odd) => {
  await world.eventStore.append('account-odd', 'no-stream', [{ id: 'odd', metadata: { schemaVersion: 1 }, ...odd }]);
  const worker = world.startWorker();
  await world.result('m1', homeWins);
  await world.settled(worker);
  for (const name of bettors) expect(await world.story(name, 'bet')).toEqual(['settled 1 returned 1950']);
  expect(worker.status().unreadable).toMatchObject([{ stream: 'account-odd' }]);
});

test('bets on a market with an unreadable event are parked, not judged', async () => {
  await world.open('m2');
  await world.place('ann', 'other', [{ market: 'm2' }]);
  await world.close('m2');
  await world.eventStore.append('market-m1', 'any', [{ id: 'odd', type: 'MarketResulted', data: { marketId: 'm1' }, metadata: { schemaVersion: 2 } }]);
  const worker = world.startWorker();
  await world.voidMarket('m1').catch(() => undefined);
  await world.result('m2', homeWins);
  await world.settled(worker);
  expect(await world.story('ann', 'other')).toEqual(['settled 1 returned 1950']);
  expect(await world.story('ann', 'bet')).toEqual([]);
  expect(worker.status().unreadable).toMatchObject([{ stream: 'market-m1' }]);
});
