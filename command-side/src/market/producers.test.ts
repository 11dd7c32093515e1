// What is said of the producers of a feed, over HTTP, as they send, fall silent and are recovered.

import type { Json, JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCommandSideUnderTest, type CommandSideUnderTest } from '../testing-command-side.ts';

let side: CommandSideUnderTest;
beforeEach(async () => {
  side = await startCommandSideUnderTest();
});
afterEach(() => side.close());

const feed = (...messages: readonly Json[]) => side.as('feed', 'POST', '/v1/feed', { messages: [...messages] });
const alive = (product: number, timestamp: number, subscribed = 1): Json => ({ type: 'alive', product, timestamp, subscribed });
const settlement = (timestamp: number, more: JsonObject = {}): Json => {
  const outcomes = ['home', 'draw', 'away'].map((selection) => ({ selection, result: selection === 'home' ? 1 : 0 }));
  return { type: 'settlement', product: 3, fixture: 'f1', market: 'm1', timestamp, certainty: 2, outcomes, ...more };
};
const recover = (product: number, requestId: number | string, after: number | null = null) =>
  side.as('trader', 'POST', `/v1/feed/producers/${product}/recovery`, { requestId, after });

async function producers(): Promise<readonly JsonObject[]> {
  const token = await side.server.tokenFor('trader-1', 'trader');
  const { status, json } = await side.send('GET', '/v1/feed/producers', { token });
  expect(status).toBe(200);
  return Object(json).producers as readonly JsonObject[];
}
const flags = async () => (await producers()).map(({ product, isUp, isStale, isInRecovery }) => ({ product, isUp, isStale, isInRecovery }));

test('a producer is up while it is heard and says that it sends, and stale when it is silent for too long', async () => {
  expect(await producers()).toEqual([]);
  await feed(alive(3, 2_000), alive(1, 1_000));
  const up = { isUp: true, isStale: false, isInRecovery: false };
  expect(await flags()).toEqual([{ product: 1, ...up }, { product: 3, ...up }]);
  expect((await producers())[1]).toMatchObject({ lastTimestamp: '1970-01-01T00:00:02.000Z', recovery: null });
  side.clock.aheadMs += 15_000;
  await feed(alive(1, 900, 0));
  side.clock.aheadMs += 6_000;
  expect(await flags()).toEqual([
    { product: 1, isUp: false, isStale: false, isInRecovery: false },
    { product: 3, isUp: false, isStale: true, isInRecovery: false },
  ]);
  // The newest time of the producer, not that of the message that came last.
  expect((await producers())[0]).toMatchObject({ lastTimestamp: '1970-01-01T00:00:01.000Z' });
});

test('a recovery counts what comes for it, changes nothing twice, and is over when the producer says so', async () => {
  await side.as('trader', 'PUT', '/v1/fixtures/f1', { sport: 'football', competition: 'E0', home: 'A', away: 'B', startsAt: '2019-08-09T19:00:00.000Z' });
  const selections = ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, name: selectionId, odds: '3' }));
  await side.as('trader', 'PUT', '/v1/markets/m1', { fixtureId: 'f1', kind: 'match-result', selections });
  expect((await feed(settlement(5_000))).json).toMatchObject({ messages: [{ known: false, changed: true }] });
  expect((await recover(3, 7, 4_000)).status).toBe(202);
  const [asked] = await producers();
  expect(asked).toMatchObject({ isUp: false, isInRecovery: true, recovery: { requestId: '7', after: '1970-01-01T00:00:04.000Z', completedAt: null } });

  const again = [7, 7, 6].map((requestId) => settlement(5_000, { requestId }));
  const { answer, events } = await side.recorded(() => feed(...again));
  expect(answer.json).toMatchObject({ messages: new Array(3).fill({ known: true, changed: false }) });
  expect(events).toEqual([]);
  // Of another recovery, of another producer: not the end of this one.
  const complete = (product: number, requestId: number, timestamp: number): Json => ({ type: 'snapshot-complete', product, timestamp, requestId });
  await feed(complete(3, 6, 5_500), complete(1, 7, 5_500));
  expect((await producers()).find(({ product }) => product === 3)).toMatchObject({ isInRecovery: true, recovery: { messages: 2 } });
  await feed(complete(3, 7, 6_000));
  const done = (await producers()).find(({ product }) => product === 3);
  expect(done).toMatchObject({ isUp: true, isInRecovery: false, recovery: { messages: 2, completeUntil: '1970-01-01T00:00:06.000Z' } });

  // The same request again is known; another one starts anew.
  await recover(3, 7);
  expect((await producers()).find(({ product }) => product === 3)).toEqual({ ...done });
  await recover(3, 'again');
  expect((await producers()).find(({ product }) => product === 3)).toMatchObject({ isInRecovery: true, recovery: { requestId: 'again', messages: 0 } });
});

test('a request that names no producer or no id is refused', async () => {
  expect((await side.as('trader', 'POST', '/v1/feed/producers/live/recovery', { requestId: 1 })).status).toBe(400);
  expect((await recover(3, '')).status).toBe(400);
});
