// What a slot does when its index cannot be relied upon: the real index is in the other tests.

import { createLogger } from '@wagerline/infra/logger';
import { StoreUnavailableError } from '@wagerline/shared-kernel/ports/event-store';
import type { SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';
import { expect, test } from 'vitest';
import type { AccountCommand } from '../account/commands.ts';
import type { CommandHandlers } from '../handlers.ts';
import { InFlight } from './in-flight.ts';
import { Slot, type SlotWork } from './slot.ts';

const cause = { causationId: 'e', correlationId: 'c', traceparent: '' };
const bet = { position: 5, placedAtMs: 0, betId: 'b', accountId: 'a', legs: [{ marketId: 'm1', selectionId: 'home', marketVersion: 0, late: false }] };

/** One result at position 10, and what else the test says. */
function index(change: Partial<SettlementIndex>): SettlementIndex {
  return {
    position: () => 10,
    add: () => undefined,
    commit: () => undefined,
    isMarketOpen: () => false,
    hasFixtureStarted: () => false,
    newestResult: () => undefined,
    successor: () => undefined,
    results: () => [{ position: 10, revision: 2, results: { home: 'won' }, reason: 'result', decidedBy: { role: 'trader', id: 't' } }],
    triggers: (_slot, after) => (after < 10 ? [{ position: 10, marketId: 'm1', cause }] : []),
    bets: (_market, _slot, { after }) => (after < 5 ? [bet] : []),
    betAt: () => undefined,
    betCount: () => 0,
    openBetCount: () => 0,
    heldMarkets: () => [],
    stakes: () => [],
    decision: () => undefined,
    decisions: () => [],
    unreadable: () => [],
    close: async () => undefined,
    ...change,
  };
}

function slotOn(ofIndex: SettlementIndex, fail: (error: unknown) => void = () => undefined) {
  const commands: AccountCommand[] = [];
  const account: CommandHandlers['account'] = {
    async handle(_id, command) {
      commands.push(command('2019-08-09T12:00:00.000Z'));
      return { stream: 'account-a', revision: 1, answer: undefined, refusal: undefined };
    },
  };
  const work: SlotWork = {
    index: ofIndex,
    handlers: { account },
    slotConcurrencyMax: 2, returnApprovalMinor: 100_000_000,
    inFlight: new InFlight(10),
    counts: { judged: 0, sent: 0, settled: 0, retries: 0, lastFailure: null },
    isUnreadable: () => false,
    signal: new AbortController().signal,
    pause: async () => undefined,
    logger: createLogger({ logLevel: 'silent' }),
    fail,
  };
  return { slot: new Slot(1, { checkpoint: 3, parked: [] }, work), commands };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

test('an index that lost its end does not let a result pass without its bets', async () => {
  let position = 4;
  const { slot, commands } = slotOn(index({ position: () => position, bets: () => (position < 10 ? [] : [bet]) }));
  slot.wake(0);
  await turns();
  expect([slot.isBehind, slot.state().checkpoint, commands]).toEqual([false, 4, []]);
  position = 12;
  slot.wake(4);
  await turns();
  expect(commands).toMatchObject([{ type: 'SettleBet', betId: 'b', legs: [{ result: 'won', resultRevision: 2, late: false }] }]);
  expect(slot.state().checkpoint).toBe(12);
});

test('an index that is gone ends the worker, and the checkpoint stays', async () => {
  const failures: unknown[] = [];
  const gone = (): never => {
    throw new Error('database disk image is malformed');
  };
  const { slot } = slotOn(index({ bets: gone }), (error) => failures.push(error));
  slot.wake(0);
  await turns();
  expect(failures).toHaveLength(1);
  expect(slot.state().checkpoint).toBe(3);
});

test('an index that has no room for a while delays a settlement: no bet is parked, the worker goes on, nothing is skipped', async () => {
  let failuresLeft = 0;
  const failing = <Answer>(answer: Answer): Answer => {
    if (failuresLeft === 0) return answer;
    failuresLeft -= 1;
    throw new StoreUnavailableError('no room');
  };
  const whole = index({});
  const changes: readonly Partial<SettlementIndex>[] = [
    { bets: (...asked) => failing(whole.bets(...asked)) },
    { results: (market) => failing(whole.results(market)) },
    { triggers: (...asked) => failing(whole.triggers(...asked)) },
  ];
  for (const change of changes) {
    failuresLeft = 2;
    const failures: unknown[] = [];
    const { slot, commands } = slotOn(index(change), (error) => failures.push(error));
    slot.wake(0);
    await turns();
    expect(commands).toMatchObject([{ type: 'SettleBet', betId: 'b' }]);
    expect([failures, slot.state(), slot.isBehind]).toEqual([[], { checkpoint: 10, parked: [] }, false]);
  }
});

test('commands in flight are bounded; one group that is larger goes alone', async () => {
  const inFlight = new InFlight(3);
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const send = (name: string, count: number) =>
    inFlight.run(count, () => {
      started.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const all = [send('two', 2), send('one', 1), send('five', 5), send('last', 1)];
  expect(started).toEqual(['two', 'one']);
  ends.shift()?.();
  await turns();
  expect(started).toEqual(['two', 'one']);
  ends.shift()?.();
  await turns();
  expect(started).toEqual(['two', 'one', 'five']);
  ends.shift()?.();
  await turns();
  expect(started).toEqual(['two', 'one', 'five', 'last']);
  ends.shift()?.();
  await Promise.all(all);
  expect(inFlight.count).toBe(0);
});
