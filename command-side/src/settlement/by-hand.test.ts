// Decisions by hand with the settlement job running: the market is told what was bet on it, bets follow when a decision takes effect, and not before.

import { decode } from '@wagerline/shared-kernel/events/codec';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ByHand, MarketCommand } from '../market/commands.ts';
import { trader } from '../market/testing-by-hand.ts';
import { accountIdOf, openWorld, type World } from './testing-world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
  for (const bettor of ['ann', 'bob']) await world.fund(bettor);
  for (const market of ['m1', 'm2']) await world.open(market);
});
afterEach(() => world.end());

const second = { role: 'settler', id: 'settler-1' } as const;
const idOf = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;
const sumMinor = 3_000;
const byHand = (number: number): ByHand => ({ decisionId: idOf(number), by: trader, approvalAboveMinor: sumMinor });
const send = (command: (at: string) => MarketCommand) => world.market('m1', command);
const voidIt = (number: number) => send((at) => ({ type: 'VoidMarket', reason: 'flooded', byHand: byHand(number), at }));
const approve = (number: number) => send((at) => ({ type: 'ApproveDecision', decisionId: idOf(number), by: second, at }));

const outcomes = ['MarketDecisionHeld', 'MarketVoided', 'OutcomePaidEarly', 'SelectionWithdrawn', 'PriceErrorDeclared'];

/** What became of a decision, as soon as the market was told what was bet. */
async function outcome() {
  for (;;) {
    const found = (await world.eventStore.readStream('market-m1')).findLast(({ type }) => outcomes.includes(type));
    if (found !== undefined) return decode(found);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('up to the sum one person voids a market: whole stakes, of multiples too, and no late ones', async () => {
  await world.place('ann', 'single', [{ market: 'm1' }], 1_000);
  await world.place('bob', 'double', [{ market: 'm1' }, { market: 'm2' }], 2_000);
  await world.place('bob', 'other', [{ market: 'm2' }], 5_000);
  await world.close('m1');
  await world.place('ann', 'late', [{ market: 'm1' }], 4_000);
  const worker = world.startWorker();
  await voidIt(1);
  const approval = { decisionId: idOf(1), requestedBy: trader, stakes: [{ currency: 'GBP', stakeMinor: 3_000 }] };
  expect(await outcome()).toMatchObject({ type: 'MarketVoided', approval });
  await world.settled(worker);
  expect(await world.story('ann', 'single')).toEqual(['settled 1 void 1000']);
  expect(worker.decisions()).toEqual([]);
});

test('above the sum a void waits, is shown, and voids the bets when a second person approves', async () => {
  await world.place('ann', 'single', [{ market: 'm1' }], 1_000);
  await world.place('bob', 'double', [{ market: 'm1' }, { market: 'm2' }], 2_001);
  const worker = world.startWorker();
  await voidIt(1);
  expect(await outcome()).toMatchObject({ type: 'MarketDecisionHeld', stakes: [{ currency: 'GBP', stakeMinor: 3_001 }] });
  await world.settled(worker);
  expect(await world.story('ann', 'single')).toEqual([]);
  const staked = [{ currency: 'GBP', stakeMinor: 3_001 }];
  const shown = { marketId: 'm1', isHeld: true, requestedBy: trader, decision: { reason: 'flooded' }, approvalAboveMinor: sumMinor, staked };
  expect(worker.decisions()).toMatchObject([shown]);

  await approve(1);
  await world.settled(worker);
  expect(await world.story('ann', 'single')).toEqual(['settled 1 void 1000']);
  expect(worker.decisions()).toEqual([]);
});

test('declined, a decision is as if nobody had asked', async () => {
  await world.place('ann', 'single', [{ market: 'm1' }], 5_000);
  await world.close('m1');
  const worker = world.startWorker();
  await voidIt(1);
  expect(await outcome()).toMatchObject({ type: 'MarketDecisionHeld' });
  await send((at) => ({ type: 'DeclineDecision', decisionId: idOf(1), reason: 'dry', by: second, at }));
  await world.result('m1', { home: 'won', away: 'lost' });
  await world.settled(worker);
  expect(await world.story('ann', 'single')).toEqual(['settled 1 returned 9750']);
  expect(worker.decisions()).toEqual([]);
});

test('an early payout pays the bets that were added up, and none that came while it waited', async () => {
  await world.place('ann', 'before', [{ market: 'm1' }], 5_000);
  const worker = world.startWorker();
  await send((at) => ({ type: 'PayEarly', selectionId: 'home', reason: 'two-ahead', byHand: byHand(1), at }));
  expect(await outcome()).toMatchObject({ type: 'MarketDecisionHeld' });
  await world.place('bob', 'since', [{ market: 'm1' }], 5_000);
  await approve(1);
  await world.settled(worker);
  expect([await world.story('ann', 'before'), await world.story('bob', 'since')]).toEqual([['settled 1 returned 9750'], []]);
});

test('a price is corrected for the bets that were added up, and for none that came while it waited', async () => {
  await world.place('ann', 'before', [{ market: 'm1' }], 5_000);
  const worker = world.startWorker();
  const correction = { selectionId: 'home', odds: '3/2' };
  await send((at) => ({ type: 'DeclarePriceError', errorId: 'e', correction, reason: 'typing', byHand: byHand(1), at }));
  expect(await outcome()).toMatchObject({ type: 'MarketDecisionHeld', stakes: [{ stakeMinor: 5_000 }] });
  await world.place('bob', 'since', [{ market: 'm1' }], 5_000);
  await world.settled(worker);
  expect(await world.story('ann', 'before')).toEqual([]);
  await approve(1);
  await world.close('m1');
  await world.result('m1', { home: 'won', away: 'lost' });
  await world.settled(worker);
  expect(await world.story('ann', 'before')).toEqual(['repriced 3/2', 'settled 1 returned 7500']);
  expect(await world.story('bob', 'since')).toEqual(['settled 1 returned 9750']);
});

test('a non-runner is void, and costs the others their percent, when a second person approves; who decided is named', async () => {
  await world.place('ann', 'on-it', [{ market: 'm1', selection: 'away' }], 2_000);
  await world.place('bob', 'on-the-other', [{ market: 'm1' }], 2_000);
  const worker = world.startWorker();
  await send((at) => ({ type: 'WithdrawSelection', selectionId: 'away', result: 'void', reason: 'lame', byHand: byHand(1), at }));
  expect(await outcome()).toMatchObject({ type: 'MarketDecisionHeld', stakes: [{ stakeMinor: 4_000 }] });
  await world.settled(worker);
  expect(await world.story('ann', 'on-it')).toEqual([]);
  await approve(1);
  await world.close('m1');
  await world.result('m1', { home: 'won', away: 'void' });
  await world.settled(worker);
  expect(await world.story('ann', 'on-it')).toEqual(['settled 1 void 2000', 'confirmed 1']);
  const settled = (await world.eventStore.readStream(`account-${accountIdOf('ann')}`)).find(({ type }) => type === 'BetSettled');
  expect(settled && decode(settled)).toMatchObject({ reason: 'lame', decidedBy: trader });
  // 45 % off the winnings of 19.00.
  expect(await world.story('bob', 'on-the-other')).toEqual(['settled 1 returned 3045']);
});

test('one account that nobody can read keeps no decision waiting: its bets are parked, and the sum is that of all others', async () => {
  await world.eventStore.append('account-of-nobody', 'any', [{ id: idOf(9), type: 'BetUnheardOf', data: {}, metadata: {} }]);
  const worker = world.startWorker();
  await voidIt(1);
  expect(await outcome()).toMatchObject({ type: 'MarketVoided', approval: { stakes: [] } });
  await worker.stop();
});

test('asked for while nobody settles, it is told by the worker that comes, from the sum of that moment', async () => {
  await world.place('ann', 'before', [{ market: 'm1' }], 3_000);
  await send((at) => ({ type: 'PayEarly', selectionId: 'home', reason: 'two-ahead', byHand: byHand(1), at }));
  await world.place('bob', 'since', [{ market: 'm1' }], 5_000);
  world.startWorker();
  expect(await outcome()).toMatchObject({ type: 'OutcomePaidEarly', approval: { stakes: [{ currency: 'GBP', stakeMinor: 3_000 }] } });
});
