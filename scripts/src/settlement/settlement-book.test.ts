// What the reports on settlement take from the log: the same question as the settlement job's, so a result by hand outranks what the feed cancelled.

import { eventSamples } from '@wagerline/shared-kernel/testing/event-samples';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { beforeEach, expect, test } from 'vitest';
import { SettlementBook } from './settlement-book.ts';

let book: SettlementBook;
let position = 0;
beforeEach(() => {
  book = new SettlementBook();
  position = 0;
});

/** The newest stored sample of the type, with other data in places. */
function read(type: string, more: JsonObject = {}): void {
  const sample = eventSamples().findLast(({ recorded }) => recorded.type === type)?.recorded;
  if (sample === undefined) throw new Error(`there is a sample of ${type}`);
  position += 1;
  const event: RecordedEvent = { ...sample, position, revision: position, data: { ...sample.data, ...more } };
  book.read(event);
}

const placedAtMs = Date.parse('2019-08-09T12:00:00.000Z');
const cancelled = { status: 'resulted', results: [], cancelled: [{ startMs: placedAtMs - 1, endMs: placedAtMs + 1 }], held: false };
const firstLeg = (): string | undefined => [...book.openBets.values()].map((bet) => book.legsAs(bet)[0]?.result)[0];

test('a bet struck while the feed says that it was cancelled is void, until somebody gives the result by hand', () => {
  read('MarketOpened');
  read('BetPlaced');
  read('MarketClosed');
  read('MarketFeedReceived', { standing: cancelled });
  expect(firstLeg()).toBe('void');
  read('MarketResulted');
  // The sample is struck at the starting price, which nobody has said yet.
  expect(firstLeg()).toBe('open');
  read('StartingPricesSet');
  expect(firstLeg()).toBe('won');
});

test('the same on a market that is held: what was cancelled is taken back at once, the result waits', () => {
  read('MarketOpened');
  read('BetPlaced');
  read('MarketClosed');
  read('MarketFeedReceived', { standing: cancelled });
  read('MarketSettlementHeld');
  read('MarketResultCorrected');
  expect(firstLeg()).toBe('open');
  read('MarketSettlementResumed');
  expect(firstLeg()).not.toBe('void');
});
