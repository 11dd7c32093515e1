// What a market's wrong prices and early payouts make of a leg: by its window, by its place in the log, and whatever the results say.

import { describe, expect, test } from 'vitest';
import type { PriceCorrection } from '../events/market-events.ts';
import { knownOf, verdictOn, type StruckOn, type Verdict } from './leg-verdict.ts';
import { resultAfter, type KnownResult, type ResultingEvent } from './result-after.ts';
import type { LegResult } from './slip.ts';

const at = '2019-08-09T12:00:00.000Z';
const ids = { marketId: 'm1', fixtureId: 'f1' };
const results = (home: LegResult) => [{ selectionId: 'home', result: home }, { selectionId: 'away', result: 'lost' as const }];
const resulted = (home: LegResult): ResultingEvent => ({ type: 'MarketResulted', at, ...ids, results: results(home) });
const early: ResultingEvent = { type: 'OutcomePaidEarly', at, ...ids, selectionId: 'home', reason: 'two-goals-ahead' };
const voided: ResultingEvent = { type: 'MarketVoided', at, ...ids, reason: 'abandoned' };
const wrong = (change: Partial<PriceCorrection> = {}, errorId = 'e'): ResultingEvent => {
  return { type: 'PriceErrorDeclared', at, ...ids, errorId, correction: { selectionId: 'home', odds: '5/2', ...change }, reason: 'wrong-decimal' };
};
const takenBack: ResultingEvent = { type: 'PriceErrorDeclared', at, ...ids, errorId: 'e', correction: null, reason: 'was-right' };
const corrected = { odds: '5/2', reason: 'wrong-decimal' };

const struck: StruckOn = { selectionId: 'home', marketVersion: 3, position: 5, placedAtMs: Date.parse(at) };

/** After these events, at positions 10, 20 ... */
function verdict(change: Partial<StruckOn>, ...events: readonly ResultingEvent[]): Verdict {
  const known = events.reduce<KnownResult | undefined>((before, event, index) => resultAfter(before, event, 10 * (index + 1)), undefined);
  return verdictOn(known ?? { results: {} }, { ...struck, ...change });
}

describe('a wrong price', () => {
  test('is corrected before and after the result, and outlasts it', () => {
    for (const events of [[wrong(), resulted('won')], [resulted('won'), wrong()]]) {
      expect(verdict({}, ...events)).toMatchObject({ result: 'won', corrected });
    }
    expect(verdict({}, wrong(), voided)).toMatchObject({ result: 'void', corrected });
  });
  test('is that of its selection', () => expect(verdict({}, wrong({ selectionId: 'away' })).corrected).toBeUndefined());
  test('has a window in time: its beginning is in it, its end is not', () => {
    const [before, later] = ['2019-08-09T11:59:59.999Z', '2019-08-09T12:00:00.001Z'];
    expect(verdict({}, wrong({ from: at, until: later }))).toMatchObject({ corrected });
    expect(verdict({}, wrong({ from: later })).corrected).toBeUndefined();
    expect(verdict({}, wrong({ from: before, until: at })).corrected).toBeUndefined();
  });
  test('or in versions of the market that legs were judged against', () => {
    const seen = [2, 3, 4].map((version) => verdict({ marketVersion: version }, wrong({ fromVersion: 3, untilVersion: 4 })).corrected);
    expect(seen).toEqual([undefined, corrected, undefined]);
  });
  test('is that of bets placed before it was declared', () => expect(verdict({ position: 15 }, wrong()).corrected).toBeUndefined());
  test('that was approved is that of bets placed before it was asked for', () => {
    const approval = { requestedBy: { role: 'trader', id: 'trader-1' }, approvedBy: { role: 'settler', id: 'settler-1' } } as const;
    const known = resultAfter(undefined, { ...wrong(), approval } as ResultingEvent, 20, 10);
    expect([5, 15].map((position) => verdictOn(known, { ...struck, position }).corrected)).toEqual([corrected, undefined]);
  });
  test('that is declared twice is what was said last; taken back, it is none', () => {
    expect(verdict({}, wrong(), wrong({ odds: '3/1' }))).toMatchObject({ corrected: { odds: '3/1' } });
    expect(verdict({}, wrong({ odds: '3/1' }, 'other'), wrong(), takenBack)).toMatchObject({ corrected: { odds: '3/1' } });
    expect(verdict({}, wrong(), takenBack)).toEqual({ result: 'open' });
  });
});

describe('an early payout', () => {
  const won = { result: 'won', paidEarly: 'two-goals-ahead' };
  test('has won, whatever comes before or after it', () => {
    for (const other of [resulted('lost'), resulted('void'), voided]) {
      expect(verdict({}, early, other)).toMatchObject(won);
      expect(verdict({}, other, early)).toMatchObject(won);
    }
  });
  test('is that of bets placed before it', () => {
    expect(verdict({ position: 15 }, early, resulted('lost'))).toEqual({ result: 'lost' });
  });

describe('a non-runner', () => {
  const withdrawn = [{ selectionId: 'cid', result: 'void' as const, rule4Percent: 20, position: 10 }];
  const race = { results: { ajax: 'won' as const, cid: 'void' as const }, details: { withdrawn } };
  const on = (selectionId: string, position: number): StruckOn => ({ ...struck, selectionId, position });
  const antePost = { antePost: true } as const;

  test('of the day is void, and bets of before on the winner are paid less', () => {
    expect(knownOf({}, verdictOn(race, on('cid', 5)))).toEqual({ result: 'void' });
    expect(knownOf({}, verdictOn(race, on('ajax', 5)))).toEqual({ result: 'won', detail: { rule4Percent: 20 } });
    expect(knownOf({}, verdictOn(race, on('ajax', 15)))).toEqual({ result: 'won' });
  });
  test('is lost ante-post, and nothing is taken off the winner', () => {
    expect(knownOf(antePost, verdictOn(race, on('cid', 5)))).toEqual({ result: 'lost' });
    expect(knownOf(antePost, verdictOn(race, on('ajax', 5)))).toEqual({ result: 'won' });
  });
  test('of a race that is void is void for everybody', () => {
    expect(knownOf(antePost, verdictOn({ ...race, results: null }, on('cid', 5)))).toEqual({ result: 'void' });
  });
});
});
