import { slug } from '@wagerline/shared-kernel/events/schema';
import { expect, test } from 'vitest';
import { isOpeningQuarterLine, planSeason, resultsOf, selectionName } from './plan.ts';
import { readSamples } from './samples.ts';
import { premierLeague } from './season-files.ts';

const plan = planSeason((await readSamples(premierLeague, 'stop')).matches);

test('380 fixtures in 19 windows of 20, 1,270 markets, 197 of them opening quarter lines', () => {
  expect(plan.fixtures).toHaveLength(380);
  expect(plan.windows.map((window) => window.fixtures.length)).toEqual(Array.from({ length: 19 }, () => 20));
  expect(plan.markets).toHaveLength(1270);
  expect(plan.markets.filter(isOpeningQuarterLine)).toHaveLength(197);
});

test('every id is a slug and stands for one thing', () => {
  for (const ids of [plan.fixtures.map((fixture) => fixture.fixtureId), plan.markets.map((market) => market.marketId)]) {
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(slug.safeParse(id).success).toBe(true);
  }
});

test('where the line has moved the old market closes and one at the new line opens', () => {
  const [first] = plan.fixtures;
  expect(first?.markets.map(({ marketId, opening, closing }) => [marketId, opening?.[0]?.odds, closing?.[0]?.odds])).toEqual([
    ['2019-08-09.liverpool.norwich.1x2', '1.14', '1.14'],
    ['2019-08-09.liverpool.norwich.ou2.5', '1.4', '1.3'],
    ['2019-08-09.liverpool.norwich.ah-2.25', '1.96', '1.91'],
  ]);
  const moved = plan.fixtures.find((fixture) => fixture.markets.length === 4);
  expect(moved?.markets.slice(2).map(({ opening, closing }) => [opening !== undefined, closing !== undefined])).toEqual([
    [true, false],
    [false, true],
  ]);
});

test('results come from the score, names say the side and its own line', () => {
  const [first] = plan.fixtures;
  const handicap = first?.markets[2];
  if (first === undefined || handicap === undefined) throw new Error('the first match has a handicap');
  expect(resultsOf(handicap, { home: 4, away: 2 })).toEqual([
    { selectionId: 'home', result: 'half_lost' },
    { selectionId: 'away', result: 'half_won' },
  ]);
  expect(['home', 'away'].map((selection) => selectionName(handicap, selection, first))).toEqual(['Liverpool -2.25', 'Norwich +2.25']);
});
