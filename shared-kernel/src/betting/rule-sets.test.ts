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
