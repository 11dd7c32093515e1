import { expect, test } from 'vitest';

import { formatRational } from '@wagerline/shared-kernel/values/rational';

import { liability, onSelection } from '../testing-documents.ts';
import { exposures } from './query.ts';

const singles = (count: number, stakeMinor: number, wonMinor: number, halfWonMinor = 0, halfLostMinor = 0) => ({
  singles: { count, stakeMinor, returns: { wonMinor, halfWonMinor, backMinor: stakeMinor, halfLostMinor } },
});

test('a match result: returns minus stakes per outcome, the worst of them, and the expectation', () => {
  const [exposure, ...others] = exposures(
    liability({
      liabilities: [
        onSelection('home', singles(2, 1_000, 2_000)),
        onSelection('draw', singles(1, 300, 1_200)),
        onSelection('away', singles(1, 100, 500)),
      ],
    }),
  );
  expect(others).toEqual([]);
  expect(exposure?.singlesStakeMinor).toBe(1_400);
  expect(exposure?.classes.map(({ outcome, returnMinor, liabilityMinor }) => [outcome.key, returnMinor, liabilityMinor])).toEqual([
    ['home', 2_000, 600],
    ['draw', 1_200, -200],
    ['away', 500, -900],
  ]);
  expect(exposure?.worstCaseMinor).toBe(600);
  // Odds of 2, 4 and 4 are fair: 600/2 - 200/4 - 900/4.
  expect(exposure && formatRational(exposure.expected)).toBe('25/1');
});

test('a margin is taken out before weighting', () => {
  const selections = ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, name: selectionId, odds: '2/1' }));
  const [exposure] = exposures(liability({ selections, liabilities: [onSelection('home', singles(1, 300, 600))] }));
  expect(exposure?.classes.map(({ probability }) => formatRational(probability))).toEqual(['1/3', '1/3', '1/3']);
  expect(exposure && formatRational(exposure.expected)).toBe('-100/1');
});

test('a quarter line: each class pays what its half results return', () => {
  const [exposure] = exposures(
    liability({
      kind: 'asian-handicap',
      line: '-0.75',
      selections: [
        { selectionId: 'home', name: 'Liverpool', odds: '2/1' },
        { selectionId: 'away', name: 'Norwich', odds: '2/1' },
      ],
      liabilities: [onSelection('home', singles(1, 400, 800, 600, 200)), onSelection('away', singles(1, 1_000, 2_000, 1_500, 500))],
    }),
  );
  // Home by one: the home side half won, the away side half lost.
  const classes = exposure?.classes.map(({ outcome, ...sums }) => [outcome.from, outcome.to, sums.returnMinor, sums.liabilityMinor]);
  expect(classes).toEqual([
    [null, 0, 2_000, 600],
    [1, 1, 1_100, -300],
    [2, null, 800, -600],
  ]);
  expect(exposure?.worstCaseMinor).toBe(600);
});

test('a whole line: a push gives the stakes back', () => {
  const [exposure] = exposures(
    liability({
      kind: 'total-goals',
      line: '3',
      selections: [
        { selectionId: 'over', name: 'Over', odds: '2/1' },
        { selectionId: 'under', name: 'Under', odds: '2/1' },
      ],
      liabilities: [onSelection('over', singles(1, 100, 200)), onSelection('under', singles(1, 50, 100))],
    }),
  );
  expect(exposure?.classes.map(({ liabilityMinor }) => liabilityMinor)).toEqual([-50, 0, 50]);
});

test('currencies are never added, and a market without bets has none', () => {
  expect(exposures(liability())).toEqual([]);
  const euros = onSelection('home', { currency: 'EUR', ...singles(1, 100, 200) });
  const found = exposures(liability({ liabilities: [euros, onSelection('home', singles(1, 300, 600))] }));
  expect(found.map(({ currency, worstCaseMinor }) => [currency, worstCaseMinor])).toEqual([
    ['EUR', 100],
    ['GBP', 300],
  ]);
});
