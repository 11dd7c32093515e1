// What a market's verdict makes of a leg: by the places of the bet, its price and the part that is played.

import { expect, test } from 'vitest';
import { knownOf, type VerdictDetail } from '@wagerline/shared-kernel/betting/leg-verdict';
import type { LegVerdict } from './commands.ts';
import { placed } from './samples.ts';

const [plain] = placed('b').legs;
if (plain === undefined) throw new Error('a bet has a leg');
const eachWay = { ...plain, placeFraction: '1/5', places: 3 };
const atStart = { ...eachWay, startingPrice: true as const };
const verdict = (result: LegVerdict['result'], detail?: VerdictDetail): LegVerdict => {
  return { result, resultRevision: 5, late: false, ...(detail !== undefined && { detail }) };
};

test('a plain leg takes the result, and what concerns its win part', () => {
  expect(knownOf(plain, verdict('won'))).toEqual({ result: 'won' });
  const detail = { position: 1, tied: 2, winDeadHeat: '1/2', rule4Percent: 25, startingOdds: '7/1', startingRule4Percent: 0 };
  expect(knownOf(plain, verdict('won', detail))).toEqual({ result: 'won', winDeadHeat: '1/2', detail: { rule4Percent: 25, startingOdds: '7/1' } });
  expect(knownOf(plain, verdict('lost', { position: 2 }))).toEqual({ result: 'lost' });
});

test('the shares that a feed gives are kept as they are', () => {
  expect(knownOf(plain, { result: 'half_won', voidFactor: '1/4' })).toEqual({ result: 'half_won', voidFactor: '1/4' });
  const tied = { result: 'won', winDeadHeat: '1/2', detail: { rule4Percent: 10 } } as const;
  expect(knownOf(plain, tied)).toEqual(tied);
});

test('an each-way leg reads its place by its own places', () => {
  expect(knownOf(eachWay, verdict('lost', { position: 3, tied: 1 }))).toEqual({ result: 'lost', detail: { placeResult: 'won' } });
  expect(knownOf(eachWay, verdict('placed', { position: 3, tied: 4 }))).toEqual({ result: 'placed', detail: { placeResult: 'won', placeDeadHeat: '1/4' } });
  expect(knownOf(eachWay, verdict('placed', { position: 2, tied: 4 }))).toEqual({ result: 'placed', detail: { placeResult: 'won', placeDeadHeat: '1/2' } });
  expect(knownOf({ ...eachWay, places: 2 }, verdict('placed', { position: 3 }))).toEqual({ result: 'placed', detail: { placeResult: 'lost' } });
  const said = { placeResult: 'void' as const, placeDeadHeat: '1/3' };
  expect(knownOf(eachWay, verdict('lost', said))).toEqual({ result: 'lost', detail: said });
});

test('a leg at the starting price waits for it where it has paid, and takes no deduction but that of the price', () => {
  expect(knownOf(atStart, verdict('won'))).toEqual({ result: 'open' });
  expect(knownOf(atStart, verdict('lost', { position: 2 }))).toEqual({ result: 'open' });
  expect(knownOf(atStart, verdict('lost'))).toEqual({ result: 'lost' });
  expect(knownOf(atStart, verdict('void'))).toEqual({ result: 'void' });
  expect(knownOf(atStart, verdict('won', { rule4Percent: 25, startingOdds: '7/1', startingRule4Percent: 10 }))).toEqual({
    result: 'won',
    detail: { startingOdds: '7/1', startingRule4Percent: 10 },
  });
});

test('an ante-post leg loses on a non-runner, and takes no deduction for another', () => {
  const antePost = { ...plain, antePost: true as const };
  const gone = verdict('void', { withdrawn: true });
  expect([knownOf(plain, gone), knownOf(antePost, gone)]).toEqual([{ result: 'void' }, { result: 'lost' }]);
  expect(knownOf({ ...eachWay, antePost: true }, gone)).toEqual({ result: 'lost' });
  expect(knownOf(antePost, verdict('won', { rule4Percent: 25 }))).toEqual({ result: 'won' });
  // The race itself is void, for everybody.
  expect(knownOf(antePost, verdict('void'))).toEqual({ result: 'void' });
});
