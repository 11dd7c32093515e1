// What is known of a market after each of its events, and what a bet of before or after a withdrawal makes of it.

import { resultAfter, type ResultingEvent } from '@wagerline/shared-kernel/betting/result-after';
import type { MarketResult } from '@wagerline/shared-kernel/ports/settlement-index';
import { expect, test } from 'vitest';
import { verdictsAsOf } from './judge.ts';

const at = '2019-08-09T12:00:00.000Z';
const ids = { marketId: 'm1', fixtureId: 'f1' };
const runner = { selectionId: 'cid', odds: '9/2', result: 'void', rule4Percent: 20, table: null } as const;
const withdrawal: ResultingEvent = { type: 'SelectionWithdrawn', at, ...ids, ...runner, reason: 'lame' };
const won: ResultingEvent = {
  type: 'MarketResulted', at, ...ids,
  results: [{ selectionId: 'ajax', result: 'won', position: 1, tied: 1 }, { selectionId: 'bran', result: 'lost' }, { selectionId: 'cid', result: 'void' }],
};
const prices: ResultingEvent = { type: 'StartingPricesSet', at, ...ids, prices: [{ selectionId: 'ajax', odds: '7/1', rule4Percent: 0 }] };

/** The entries of the index after these events, at positions 10, 20 ... */
function entriesAfter(...events: readonly ResultingEvent[]): readonly MarketResult[] {
  const entries: MarketResult[] = [];
  for (const [index, event] of events.entries()) {
    const position = 10 * (index + 1);
    const said = { reason: 'result', decidedBy: { role: 'trader', id: 't' } } as const;
    entries.push({ position, revision: index, ...said, ...resultAfter(entries.at(-1), event, position) });
  }
  return entries;
}

/** The verdict on a leg of a bet at that position, after all of them. */
function verdictOn(selectionId: string, placedAt: number, ...events: readonly ResultingEvent[]) {
  const bet = { position: placedAt, placedAtMs: 0, betId: 'b', accountId: 'a', legs: [{ marketId: 'm1', selectionId, marketVersion: 0, late: false }] };
  return verdictsAsOf(bet, 100, { results: () => entriesAfter(...events), successor: () => undefined })[0];
}

test('a match has its results and nothing else', () => {
  const results = [{ selectionId: 'home', result: 'won' as const }, { selectionId: 'away', result: 'lost' as const }];
  expect(resultAfter(undefined, { type: 'MarketResulted', at, ...ids, results }, 10)).toEqual({ results: { home: 'won', away: 'lost' } });
});

test('before any result a non-runner is void and the others are open, with the revision that says so', () => {
  expect(verdictOn('cid', 5, withdrawal)).toEqual({ result: 'void', detail: { withdrawn: true }, resultRevision: 0, late: false });
  expect(verdictOn('cid', 5, { ...withdrawal, result: 'lost' })).toEqual({ result: 'lost', resultRevision: 0, late: false });
  expect(verdictOn('ajax', 5, withdrawal)).toEqual({ result: 'open', resultRevision: 0, late: false });
});

test('Rule 4 is off bets of before the withdrawal alone, through every later event', () => {
  expect(verdictOn('ajax', 5, withdrawal, won, prices)).toEqual({
    result: 'won', resultRevision: 2, late: false,
    detail: { position: 1, tied: 1, rule4Percent: 20, startingOdds: '7/1', startingRule4Percent: 0 },
  });
  expect(verdictOn('ajax', 15, withdrawal, won)).toEqual({ result: 'won', resultRevision: 1, late: false, detail: { position: 1, tied: 1 } });
  const corrected: ResultingEvent = { ...withdrawal, rule4Percent: 10 };
  expect(verdictOn('ajax', 5, withdrawal, won, corrected)).toMatchObject({ resultRevision: 2, detail: { rule4Percent: 10 } });
  expect(verdictOn('ajax', 15, withdrawal, won, corrected)?.detail?.rule4Percent).toBeUndefined();
});

test('several withdrawals add up, at most 90', () => {
  const others = ['d', 'e', 'f', 'g'].map((selectionId): ResultingEvent => ({ ...withdrawal, selectionId, rule4Percent: 30 }));
  expect(verdictOn('ajax', 5, ...others.slice(0, 2), won)).toMatchObject({ detail: { rule4Percent: 60 } });
  expect(verdictOn('ajax', 5, ...others, won)).toMatchObject({ detail: { rule4Percent: 90 } });
});

test('a voided market is void for everybody, and brought back knows its non-runners', () => {
  const voided: ResultingEvent = { type: 'MarketVoided', at, ...ids, reason: 'waterlogged' };
  expect(verdictOn('ajax', 5, withdrawal, voided)).toEqual({ result: 'void', resultRevision: 1, late: false });
  const back: ResultingEvent = { ...won, type: 'MarketResultCorrected', reason: 'ran-after-all' };
  expect(verdictOn('ajax', 5, withdrawal, voided, back)).toMatchObject({ result: 'won', detail: { rule4Percent: 20 } });
});

test('a fixture that was not played in time outlasts every result', () => {
  const unplayed = (until: string): ResultingEvent => ({ type: 'MarketUnplayed', at, ...ids, until });
  const [early, late] = ['2019-08-10T19:00:00.000Z', '2019-08-11T19:00:00.000Z'];
  expect(verdictOn('ajax', 5, unplayed(late))).toEqual({ result: 'open', unplayedUntil: late, resultRevision: 0, late: false });
  expect(verdictOn('ajax', 5, unplayed(late), unplayed(early), won)).toMatchObject({ result: 'won', unplayedUntil: late, resultRevision: 2 });
});
