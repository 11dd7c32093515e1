import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Caller } from './testing-query-side.ts';
import { openQuerySide, refusal, type RunningQuerySide } from './testing-query-side.ts';
import { ann, bet, fixtureId, idOf, marketId } from './testing-documents.ts';

const betId = idOf('bet');
const asBettorAndTrader: Caller = { sub: ann, roles: ['bettor', 'trader'] };

let side: RunningQuerySide;
beforeEach(async () => {
  side = await openQuerySide();
});
afterEach(() => side.close());

const addresses = (): readonly string[] =>
  side.paths.map((path) =>
    path.replace(':accountId', ann).replace(':betId', betId).replace(':marketId', marketId).replace(':fixtureId', fixtureId),
  );

test('while the store is away every route is a 503 that tells nothing of it, and after that they answer again', async () => {
  await side.bets(bet(betId));
  side.storeIsAway = true;
  for (const address of addresses()) {
    const answer = await side.get(address, asBettorAndTrader);
    expect([address, answer]).toMatchObject([address, refusal(503, 'READ_MODEL_UNAVAILABLE')]);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(JSON.stringify(answer.json)).not.toContain('refused');
  }
  side.storeIsAway = false;
  expect(await side.get(`/v1/bets/${betId}`, asBettorAndTrader)).toMatchObject({ status: 200 });
});

test('every route takes only a stream that its answer is about', async () => {
  for (const address of addresses()) {
    const answer = await side.get(address, asBettorAndTrader, { 'Wagerline-Min-Revision': `account-${idOf('somebody else')}@1` });
    expect([address, answer]).toMatchObject([address, refusal(400, 'HEADER_INVALID')]);
  }
});

test('every route refuses a parameter that it does not know', async () => {
  for (const address of addresses()) {
    expect([address, await side.get(`${address}?offset=3`, asBettorAndTrader)]).toMatchObject([address, refusal(400, 'QUERY_INVALID')]);
  }
});
