// The day and the cap of a bet under a rule set with a daily cap, and what is withheld.

import { expect, test } from 'vitest';

import { cappedDayOf, withheldMinor } from './daily-cap.ts';

const struck = { ruleSet: 'promotions@1', currency: 'GBP' };

test('the day is that of the acceptance, by the clocks of the rule set', () => {
  const dayOf = (placedAt: string) => cappedDayOf({ ...struck, placedAt })?.day;
  // London is an hour ahead of UTC in summer, and is not in winter.
  expect([dayOf('2019-08-09T22:59:59.999Z'), dayOf('2019-08-09T23:00:00.000Z')]).toEqual(['2019-08-09', '2019-08-10']);
  expect([dayOf('2019-12-09T23:59:59.999Z'), dayOf('2019-12-10T00:00:00.000Z')]).toEqual(['2019-12-09', '2019-12-10']);
});

test('the cap is in minor units of the currency', () => {
  const placedAt = '2019-08-09T12:00:00.000Z';
  expect(cappedDayOf({ ...struck, placedAt })).toEqual({ ruleSet: 'promotions@1', day: '2019-08-09', capMinor: 800_000 });
  expect(cappedDayOf({ ...struck, ruleSet: 'standard@1', placedAt })).toBeUndefined();
});

test('what is above the cap is withheld', () => expect([withheldMinor(99, 100), withheldMinor(100, 100), withheldMinor(101, 100)]).toEqual([0, 0, 1]));
