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

test('what is not asked for as it should be', async () => {
  const market = await openMarket(side, 'h3');
  const nobody = '00000000-0000-4000-8000-000000000000';
  expect(await settler(`${market}/decision/approve`, {})).toMatchObject({ status: 400, json: { code: 'BODY_INVALID' } });
  expect(await settler(`${market}/decision/decline`, { decisionId: nobody })).toMatchObject({ status: 400, json: { code: 'BODY_INVALID' } });
  expect(await settler(`${market}/decision/approve`, { decisionId: nobody })).toMatchObject({ status: 409, json: { code: 'APPROVAL_NOT_PENDING' } });
  expect(await settler('none/decision/approve', { decisionId: nobody })).toMatchObject({ status: 404, json: { code: 'MARKET_NOT_FOUND' } });
});
