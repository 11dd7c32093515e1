import type { IndexedBet, MarketResult } from '@wagerline/shared-kernel/ports/settlement-index';
import type { LegResult } from '@wagerline/shared-kernel/betting/slip';
import { expect, test } from 'vitest';
import { newsAt, newsThrough, verdictsAsOf } from './judge.ts';

const bet = (...marketIds: readonly string[]): IndexedBet => ({
  position: 10,
  placedAtMs: 0,
  betId: 'b',
  accountId: 'a',
  legs: marketIds.map((name) => ({ marketId: name.replace('!', ''), selectionId: 'home', marketVersion: 0, late: name.endsWith('!') })),
});
const home = (position: number, revision: number, result: LegResult | null): MarketResult => {
  return { position, revision, results: result === null ? null : { home: result }, reason: `r${revision}`, decidedBy: { role: 'trader', id: 't' } };
};
const history: Readonly<Record<string, readonly MarketResult[]>> = {
  m1: [home(20, 3, 'won'), home(30, 4, 'lost'), home(40, 5, 'won')],
  m2: [home(25, 2, null), home(35, 3, 'push')],
};
const facts = { results: (marketId: string): readonly MarketResult[] => history[marketId] ?? [], successor: () => undefined };
const verdicts = (judged: IndexedBet, position: number) =>
  verdictsAsOf(judged, position, facts).map(({ result, resultRevision, late }) => `${result}@${resultRevision}${late ? ' late' : ''}`);

test('a leg has the newest result up to the position, never a later one', () => {
  expect([19, 20, 29, 30, 40, 99].map((at) => verdicts(bet('m1'), at)[0])).toEqual(['open@null', 'won@3', 'won@3', 'lost@4', 'won@5', 'won@5']);
});

test('a voided market makes its leg void until a correction brings it back', () => {
  expect([24, 25, 35].map((at) => verdicts(bet('m2'), at)[0])).toEqual(['open@null', 'void@2', 'push@3']);
});

test('a late leg is void without a revision, whatever its market says', () => {
  expect(verdicts(bet('m1!', 'm2'), 50)).toEqual(['void@null late', 'push@3']);
});

test('a result that does not name the selection is a mistake, not a verdict', () => {
  const odd = { ...bet('m1'), legs: [{ marketId: 'm1', selectionId: 'draw', marketVersion: 0, late: false }] };
  expect(() => verdictsAsOf(odd, 50, facts)).toThrow('draw');
});

test('a single has news at every result', () => {
  for (const at of [20, 30, 40]) expect(newsAt(bet('m1'), at, facts)).toHaveLength(1);
  expect(newsAt(bet('m1'), 25, facts)).toBeUndefined();
});

test('a bet that stays undecided has no news; one that becomes undecided again has', () => {
  const withOpen = bet('m1', 'm9');
  expect(newsAt(withOpen, 20, facts)).toBeUndefined();
  expect(newsAt(withOpen, 30, facts)?.map((verdict) => verdict.result)).toEqual(['lost', 'open']);
  expect(newsAt(withOpen, 40, facts)?.map((verdict) => verdict.result)).toEqual(['won', 'open']);
});

test('a late single has news when it is placed, a late leg among open ones has none', () => {
  expect(newsAt(bet('m9!'), 10, facts)).toHaveLength(1);
  expect(newsAt(bet('m9!', 'm8'), 10, facts)).toBeUndefined();
  expect(newsAt(bet('m1!'), 20, facts)).toBeUndefined();
});

test('all the news of a bet that may have missed some: the verdicts of every moment that had any, oldest first', () => {
  const through = (position: number) => {
    return newsThrough(bet('m1'), position, facts).map(({ verdicts: [verdict], why }) => [verdict?.resultRevision, why.reason]);
  };
  expect([19, 20, 35, 99].map(through)).toEqual([[], [[3, 'r3']], [[3, 'r3'], [4, 'r4']], [[3, 'r3'], [4, 'r4'], [5, 'r5']]]);
  expect(newsThrough(bet('m1!'), 10, facts)).toEqual([
    { verdicts: [{ result: 'void', resultRevision: null, late: true }], why: { reason: 'late', decidedBy: { role: 'system', id: 'settlement' } } },
  ]);
});
