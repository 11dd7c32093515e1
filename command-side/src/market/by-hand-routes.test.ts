// Decisions by hand over HTTP, where nobody tells the markets what was bet on them: every one waits for a second person.

import type { JsonAnswer } from '@wagerline/infra/testing/test-server';
import type { Json, JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMarket, startCommandSideUnderTest, type CommandSideUnderTest } from '../testing-command-side.ts';

let side: CommandSideUnderTest;
beforeAll(async () => {
  side = await startCommandSideUnderTest({ marketApprovalMinor: 1_000, decisionWaitMsMax: 20 });
});
afterAll(() => side.close());

const trader = (path: string, body: Json = {}): Promise<JsonAnswer> => side.as('trader', 'POST', `/v1/markets/${path}`, body);
const settler = (path: string, body: Json): Promise<JsonAnswer> => side.as('settler', 'POST', `/v1/markets/${path}`, body);
const results = { results: ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, result: selectionId === 'home' ? 'won' : 'lost' })) };
const typesOf = async (action: () => Promise<JsonAnswer>): Promise<readonly string[]> => (await side.recorded(action)).events.map(({ type }) => type);

function decisionIn({ status, json }: JsonAnswer): string {
  expect([status, json]).toEqual([202, expect.objectContaining({ waitsFor: 'approval', approvalAboveMinor: 1_000, stakes: null })]);
  const { decisionId } = json as JsonObject;
  if (typeof decisionId !== 'string') throw new Error('no decision');
  return decisionId;
}

test('a void waits, the one who wants it cannot approve it, a second person can, twice', async () => {
  const market = await openMarket(side, 'h1');
  const asked = await side.recorded(() => trader(`${market}/void`, { reason: 'flooded' }));
  expect(asked.events.map(({ type }) => type)).toEqual(['MarketSuspended', 'MarketDecisionRequested']);
  const decisionId = decisionIn(asked.answer);
  expect(decisionIn(await trader(`${market}/void`, { reason: 'flooded' }))).toBe(decisionId);
  expect(await trader(`${market}/resume`)).toMatchObject({ status: 409, json: { code: 'DECISION_WAITS', decisionId } });
  expect(await trader(`${market}/decision/approve`, { decisionId })).toMatchObject({ status: 403, json: { code: 'APPROVAL_SAME_PERSON' } });
  expect(await typesOf(() => settler(`${market}/decision/approve`, { decisionId }))).toEqual(['MarketVoided']);
  const again = await side.recorded(() => settler(`${market}/decision/approve`, { decisionId }));
  expect([again.answer.status, again.events]).toEqual([200, []]);
  expect((await trader(`${market}/void`, { reason: 'flooded' })).status).toBe(200);
});

test('a result, its correction and an early payout wait each, one at a time', async () => {
  const market = await openMarket(side, 'h2');
  const early = decisionIn(await trader(`${market}/early-payouts`, { selectionId: 'home', reason: 'two-ahead' }));
  await trader(`${market}/close`, { reason: 'over' });
  expect(await trader(`${market}/result`, results)).toMatchObject({ status: 409, json: { code: 'DECISION_WAITS', decisionId: early } });
  expect(await typesOf(() => settler(`${market}/decision/decline`, { decisionId: early, reason: 'too-early' }))).toEqual(['MarketDecisionDeclined']);
  const result = decisionIn(await trader(`${market}/result`, results));
  expect(await settler(`${market}/decision/approve`, { decisionId: early })).toMatchObject({ status: 409, json: { code: 'APPROVAL_NOT_PENDING' } });
  expect(await typesOf(() => settler(`${market}/decision/approve`, { decisionId: result }))).toEqual(['MarketResulted']);
  const other = { results: results.results.map(({ selectionId }) => ({ selectionId, result: selectionId === 'away' ? 'won' : 'lost' })) };
  const corrected = decisionIn(await trader(`${market}/correction`, { ...other, reason: 'var' }));
  expect(await typesOf(() => settler(`${market}/decision/approve`, { decisionId: corrected }))).toEqual(['MarketResultCorrected']);
});

test('a non-runner, a corrected price and starting prices wait each, and only those that are about to change', async () => {
  const market = await openMarket(side, 'h4');
  const wrong = decisionIn(await side.as('trader', 'PUT', `/v1/markets/${market}/price-errors/e1`, { selectionId: 'home', odds: '1.5', reason: 'typing' }));
  expect(await side.as('trader', 'PUT', `/v1/markets/${market}/price-errors/e2`, { odds: null, reason: 'typing' })).toMatchObject({ status: 200 });
  expect(await trader(`${market}/withdrawals`, { selectionId: 'away', reason: 'lame' })).toMatchObject({ status: 409, json: { decisionId: wrong } });
  expect(await typesOf(() => settler(`${market}/decision/approve`, { decisionId: wrong }))).toEqual(['PriceErrorDeclared']);
  const asked = await side.recorded(() => trader(`${market}/withdrawals`, { selectionId: 'away', reason: 'lame' }));
  expect(asked.events.map(({ type }) => type)).toEqual(['MarketSuspended', 'MarketDecisionRequested']);
  const withdrawal = decisionIn(asked.answer);
  expect(await trader(`${market}/resume`)).toMatchObject({ status: 409, json: { code: 'DECISION_WAITS', decisionId: withdrawal } });
  expect(await typesOf(() => settler(`${market}/decision/approve`, { decisionId: withdrawal }))).toEqual(['SelectionWithdrawn']);
  await trader(`${market}/close`, { reason: 'off' });
  const starting = decisionIn(await trader(`${market}/starting-prices`, { prices: [{ selectionId: 'home', odds: '3' }] }));
  expect(await typesOf(() => settler(`${market}/decision/approve`, { decisionId: starting }))).toEqual(['StartingPricesSet']);
});

test('two people who decide in one moment wait for each other, as long as the first decision is only being counted', async () => {
  const counted = await startCommandSideUnderTest({ marketApprovalMinor: 1_000, decisionWaitMsMax: 10_000 });
  try {
    const market = await openMarket(counted, 'h5');
    const wrong = { selectionId: 'home', odds: '1.5', reason: 'typing' };
    const declare = (id: string) => counted.as('trader', 'PUT', `/v1/markets/${market}/price-errors/${id}`, wrong);
    const both = Promise.all([declare('e1'), declare('e2')]);
    const waitsIn = (): string | undefined => {
      const { state } = counted.view.market(market);
      return state.status === 'absent' ? undefined : (state.waiting?.decisionId ?? undefined);
    };
    const told = new Set<string>();
    while (told.size < 2) {
      const decisionId = waitsIn();
      if (decisionId === undefined || told.has(decisionId)) await new Promise((resolve) => setImmediate(resolve));
      else told.add((await counted.as('settler', 'POST', `/v1/markets/${market}/decision/approve`, { decisionId })) && decisionId);
    }
    expect((await both).map(({ status }) => status)).toEqual([200, 200]);
  } finally {
    await counted.close();
  }
});

test('what is not asked for as it should be', async () => {
  const market = await openMarket(side, 'h3');
  const nobody = '00000000-0000-4000-8000-000000000000';
  expect(await settler(`${market}/decision/approve`, {})).toMatchObject({ status: 400, json: { code: 'BODY_INVALID' } });
  expect(await settler(`${market}/decision/decline`, { decisionId: nobody })).toMatchObject({ status: 400, json: { code: 'BODY_INVALID' } });
  expect(await settler(`${market}/decision/approve`, { decisionId: nobody })).toMatchObject({ status: 409, json: { code: 'APPROVAL_NOT_PENDING' } });
  expect(await settler('none/decision/approve', { decisionId: nobody })).toMatchObject({ status: 404, json: { code: 'MARKET_NOT_FOUND' } });
});
