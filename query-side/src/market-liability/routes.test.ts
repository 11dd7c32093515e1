import { afterEach, beforeEach, expect, test } from 'vitest';

import { liability, marketId, onSelection } from '../testing-documents.ts';
import { openQuerySide, refusal, type Caller, type RunningQuerySide } from '../testing-query-side.ts';

const asTrader: Caller = { sub: 'staff', roles: ['trader'] };
const path = `/v1/markets/${marketId}/liability`;

let side: RunningQuerySide;
beforeEach(async () => {
  side = await openQuerySide();
});
afterEach(() => side.close());

test('singles per outcome class, multiples apart, exact beside rounded', async () => {
  const returns = { wonMinor: 1_001, halfWonMinor: 0, backMinor: 500, halfLostMinor: 0 };
  const multiples = { count: 3, stakeMinor: 600, returnMaxMinor: 90_000 };
  await side.liability(liability({ liabilities: [onSelection('home', { singles: { count: 2, stakeMinor: 500, returns }, multiples })] }));
  const { status, json } = await side.get(path, asTrader);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    marketId,
    selections: [{ selectionId: 'home', odds: '2' }, { odds: '4' }, { odds: '4' }],
    currencies: [
      {
        currency: 'GBP',
        singles: {
          stakeMinor: 500,
          worstCaseMinor: 501,
          expectedMinor: 0,
          expectedExact: { rational: '1/2', decimal: '0.5' },
          classes: [
            { key: 'home', measure: 'winner', probability: { rational: '1/2', decimal: '0.5' }, returnMinor: 1_001, liabilityMinor: 501 },
            { key: 'draw', returnMinor: 0, liabilityMinor: -500 },
            { key: 'away', returnMinor: 0, liabilityMinor: -500 },
          ],
          selections: [{ selectionId: 'home', count: 2, stakeMinor: 500 }],
        },
        multiples: [{ selectionId: 'home', ...multiples }],
      },
    ],
  });
});

test('a trader waits for the market event that he has written, never for an account', async () => {
  await side.liability(liability());
  const header = (stream: string, revision: number) => ({ 'Wagerline-Min-Revision': `${stream}@${revision}` });
  expect(await side.get(path, asTrader, header(`market-${marketId}`, 3))).toMatchObject({ status: 200 });
  expect(await side.get(path, asTrader, header(`market-${marketId}`, 4))).toMatchObject(refusal(503, 'READ_MODEL_BEHIND'));
  expect(await side.get(path, asTrader, header('account-x', 1))).toMatchObject(refusal(400, 'HEADER_INVALID'));
});
