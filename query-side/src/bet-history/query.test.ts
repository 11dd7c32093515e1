import { afterEach, beforeEach, expect, test } from 'vitest';

import type { BetStatus } from '@wagerline/shared-kernel/read-models/bet-history';

import type { QueryStore } from '../query-deps.ts';
import { ann, bet, idOf } from '../testing-documents.ts';
import { openQuerySide, type RunningQuerySide } from '../testing-query-side.ts';
import { findBets } from './query.ts';

const target = { model: 'bet-history', generation: 1 };
const ask = { accountId: ann, filters: {}, after: undefined, limit: 10 };

let side: RunningQuerySide;
beforeEach(async () => {
  side = await openQuerySide();
});
afterEach(() => side.close());

/** The store, where `happen` comes to pass after the open bets were read and before the others are. */
function movingStore(happen: () => Promise<void>): QueryStore {
  const real = side.models.reader;
  let openRead: Promise<unknown> | undefined;
  return {
    get: (...asked) => real.get(...asked),
    getMany: (...asked) => real.getMany(...asked),
    watermarks: (...asked) => real.watermarks(...asked),
    parked: (...asked) => real.parked(...asked),
    liveGeneration: (...asked) => real.liveGeneration(...asked),
    async find(asked, query) {
      if (query.equals.at(-1) !== 'open') await openRead;
      const found = await real.find(asked, query);
      openRead ??= happen();
      return found;
    },
  };
}

test.each<[from: BetStatus, to: BetStatus]>([
  ['settled', 'open'],
  ['open', 'settled'],
])('a bet that goes from %s to %s while the page is read is on it once', async (from, to) => {
  const betId = idOf('moving');
  await side.bets(bet(betId, { status: from, revision: 2 }), bet(idOf('other'), { placedAt: '2019-08-01T00:00:00.000Z', revision: 2 }));
  const { items, revision } = await findBets(movingStore(() => side.bets(bet(betId, { status: to, revision: 3 }))), target, ask);
  expect(items.map((item) => [item.betId, item.status])).toEqual([
    [betId, to],
    [idOf('other'), 'open'],
  ]);
  expect(revision).toBe(3);
});
