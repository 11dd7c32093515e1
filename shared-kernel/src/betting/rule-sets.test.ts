import { expect, test } from 'vitest';

import { defaultRuleSet, parseRuleSets, ruleSet, ruleSetIds } from './rule-sets.ts';

const valid = { id: 'house@2', rounding: 'down', roundPer: 'bet', related: 'refuse' };

// Bets in the log were struck under it: a change here is a new version, never an edit.
test('standard@1 stays as it is', () => {
  expect(ruleSet('standard@1')).toEqual({ id: 'standard@1', rounding: 'half-even', roundPer: 'bet', related: 'refuse' });
  expect(ruleSetIds()).toContain(defaultRuleSet);
});

test('skip-related@1 stays as it is', () => {
  expect(ruleSet('skip-related@1')).toEqual({ id: 'skip-related@1', rounding: 'half-even', roundPer: 'bet', related: 'skip' });
});

test('confirmed-results@1 stays as it is', () => {
  const says = { id: 'confirmed-results@1', rounding: 'half-even', roundPer: 'bet', related: 'refuse', settleAt: 'confirmed' };
  expect(ruleSet('confirmed-results@1')).toEqual(says);
});

test('an unknown rule set is a failure', () => {
  expect(() => ruleSet('standard@2')).toThrow('no rule set standard@2');
  expect(() => ruleSet('')).toThrow('no rule set');
});

test('a broken file stops the start', () => {
  expect(parseRuleSets([valid]).get('house@2')).toEqual(valid);
  for (const broken of [{ ...valid, rounding: 'nearest' }, { ...valid, id: 'house' }, { ...valid, bonus: '5' }, { id: 'house@2' }, null]) {
    expect(() => parseRuleSets([broken])).toThrow();
  }
  expect(() => parseRuleSets([valid, valid])).toThrow('two rule sets');
});

test('equally-divided@1 and promotions@1 stay as they are', () => {
  const plain = { rounding: 'half-even', roundPer: 'bet', related: 'refuse' };
  expect(ruleSet('equally-divided@1')).toEqual({ id: 'equally-divided@1', ...plain, eachWayFormula: 'equally-divided' });
  expect(ruleSet('promotions@1')).toEqual({
    id: 'promotions@1', ...plain, bestOddsGuaranteed: true, bestOddsTopUpMax: '500',
    oneWinner: { multiplier: '2', legsMin: 4 }, allWinners: { percent: '10', legsMin: 4 },
    accumulatorBoost: [{ folds: 4, percent: '5' }, { folds: 6, percent: '10' }],
    bonusMax: '1000', returnCap: '5000', dailyCap: { amount: '8000', timeZone: 'Europe/London' },
  });
});

test('a daily cap needs an amount and a zone that there is', () => {
  const capped = (dailyCap: unknown) => () => parseRuleSets([{ ...valid, dailyCap }]);
  expect(capped({ amount: '100.50', timeZone: 'UTC' })().get('house@2')?.dailyCap).toEqual({ amount: '100.50', timeZone: 'UTC' });
  expect(capped({ amount: '-1', timeZone: 'UTC' })).toThrow();
  expect(capped({ amount: 100, timeZone: 'UTC' })).toThrow();
  expect(capped({ amount: '100' })).toThrow();
  expect(capped({ amount: '100', timeZone: 'Europe/Nowhere' })).toThrow();
});
