// A store that hangs: whoever sends a command is told in time, and what had not begun by then never does. The route's own timer and the
// handler's clock are two, so that what is waited for and what is written can be told apart.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RouteContext } from '@wagerline/infra/http';
import { placeBet } from './account/samples.ts';
import { answeredInTime, begunInTime } from './answer-in-time.ts';
import { withAppends } from './testing-faults.ts';
import { handle, openProcesses, startMs, type ProcessesUnderTest } from './testing-process.ts';

let processes: ProcessesUnderTest;
beforeAll(async () => {
  processes = await openProcesses();
});
afterAll(() => processes.close());

const unavailable: unknown = expect.objectContaining({ code: 'STORE_UNAVAILABLE' });
const route = { method: 'POST', path: '/v1/bets', roles: ['bettor'], body: 'json' } as const;
const context: RouteContext = {
  request: { headers: {}, method: 'POST', url: '/v1/bets' },
  params: {},
  query: {},
  json: null,
  principal: { sub: 'a', roles: ['bettor'] },
  correlationId: 'c',
  traceparent: 't',
};

test('a handler that hangs is answered 503, and one that answers is left alone', async () => {
  const hanging = answeredInTime({ ...route, handler: () => new Promise<never>(() => undefined) }, 10);
  await expect(Promise.resolve(hanging.handler(context))).rejects.toEqual(unavailable);
  const answering = answeredInTime({ ...route, handler: () => ({ status: 201, body: {} }) }, 10);
  expect(await answering.handler(context)).toEqual({ status: 201, body: {} });
});

test('what waits behind a hanging append is not begun when its sender has gone; the append itself is answered', async () => {
  const id = await processes.newAccount();
  const clock = { ms: startMs };
  const arrived = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const store = withAppends(processes.store, async (...args) => {
    arrived.resolve();
    await letGo.promise;
    return processes.store.append(...args);
  });
  const inTime = begunInTime(processes.handlers(clock, [], { store }), { nowMs: () => clock.ms, monotonicMs: () => clock.ms }, 1_500);
  const first = handle(inTime.account, id, placeBet('hangs'));
  await arrived.promise;
  const second = handle(inTime.account, id, placeBet('waits'));
  clock.ms += 1_501;
  letGo.resolve();
  expect((await first).answer?.event.type).toBe('BetPlaced');
  await expect(second).rejects.toEqual(unavailable);
  expect(await processes.typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'BetPlaced']);
  expect((await handle(inTime.account, id, placeBet('waits'))).answer?.revision).toBe(3);
});
