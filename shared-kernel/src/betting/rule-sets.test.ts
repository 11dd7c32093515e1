import { expect, test } from 'vitest';

import { defaultRuleSet, everyPlayBy, isUnplayed, parseRuleSets, playBy, ruleSet, ruleSetIds } from './rule-sets.ts';

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

const startsAt = '2019-08-09T19:00:00.000Z';

test('competition-hours@1 stays as it is', () => {
  const competitions = { E0: 24, E1: 24, 'FA-cup': 72, 'horse-racing': 12 };
  const says = { id: 'competition-hours@1', rounding: 'half-even', roundPer: 'bet', related: 'refuse', playWithin: { hours: 48, competitions } };
  expect(ruleSet('competition-hours@1')).toEqual(says);
});

test('a fixture has to be played within the hours of its competition, of all others, or within 48', () => {
  const byCompetition = ruleSet('competition-hours@1');
  expect(playBy(byCompetition, 'E0', startsAt)).toBe('2019-08-10T19:00:00.000Z');
  expect(playBy(byCompetition, 'constructor', startsAt)).toBe('2019-08-11T19:00:00.000Z');
  expect(playBy(ruleSet('standard@1'), 'E0', startsAt)).toBe('2019-08-11T19:00:00.000Z');
  expect(everyPlayBy('E0', startsAt)).toEqual(['2019-08-10T19:00:00.000Z', '2019-08-11T19:00:00.000Z']);
});

test('a leg is unplayed when its own time is up, not before', () => {
  const leg = { competition: 'E0', startsAt };
  expect(isUnplayed('standard@1', leg, undefined)).toBe(false);
  expect(isUnplayed('standard@1', leg, '2019-08-11T18:59:59.999Z')).toBe(false);
  expect(isUnplayed('standard@1', leg, '2019-08-11T19:00:00.000Z')).toBe(true);
  expect(isUnplayed('competition-hours@1', leg, '2019-08-10T19:00:00.000Z')).toBe(true);
  expect(isUnplayed('standard@1', { competition: 'E0' }, '2029-01-01T00:00:00.000Z')).toBe(false);
});

test('hours are whole and at most a year', () => {
  const within = (playWithin: unknown) => () => parseRuleSets([{ ...valid, playWithin }]);
  expect(within({ hours: 1 })().get('house@2')?.playWithin).toEqual({ hours: 1 });
  for (const broken of [{ hours: 0 }, { hours: 1.5 }, { hours: 9_000 }, { hours: 48, competitions: { 'E 0': 2 } }, { competitions: {} }]) {
    expect(within(broken)).toThrow();
  }
});
