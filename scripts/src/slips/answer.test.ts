// What the slip format refuses, with which code and pointer; and the states that a bet can be in.

import { describe, expect, test } from 'vitest';
import { answerLine, answerSlip, type Answer } from './answer.ts';

type Fields = Readonly<Record<string, unknown>>;

const leg = (result: string, more: Fields = {}): Fields => ({ odds: '2', result, ...more });
const slip = (type: string, legs: readonly Fields[], more: Fields = {}): Fields => {
  return { id: 'a', currency: 'GBP', unitStake: '5', bet: { type }, legs, ...more };
};
const single = (more: Fields = {}, ofLeg: Fields = {}): Fields => slip('single', [leg('won', ofLeg)], more);
const won = (count: number): Fields[] => Array.from({ length: count }, () => leg('won'));

function answered(value: unknown): Answer {
  const answer = answerSlip(value);
  if ('error' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

describe('refused', () => {
  test.each<[string, unknown, code: string, pointer: string]>([
    ['a list', [], 'BODY_INVALID', ''],
    ['no id', { ...single(), id: undefined }, 'BODY_INVALID', '/id'],
    ['an unknown field', single({ stake: '5' }), 'BODY_INVALID', '/stake'],
    ['an unknown field of a leg, escaped', single({}, { 'a/b~c': 1 }), 'BODY_INVALID', '/legs/0/a~1b~0c'],
    ['an unknown rule', single({ rules: { bogus: true } }), 'BODY_INVALID', '/rules/bogus'],
    ['an unknown currency', single({ currency: 'XXX' }), 'CURRENCY_UNKNOWN', '/currency'],
    ['a stake that is a number', single({ unitStake: 5 }), 'STAKE_INVALID', '/unitStake'],
    ['a stake of nothing', single({ unitStake: '0' }), 'STAKE_INVALID', '/unitStake'],
    ['a stake below the minor unit', single({ unitStake: '0.005' }), 'STAKE_INVALID', '/unitStake'],
    ['two stakes', single({ totalStake: '5' }), 'STAKE_INVALID', '/totalStake'],
    ['no stake', single({ unitStake: undefined }), 'STAKE_INVALID', '/unitStake'],
    ['a stake beyond exact numbers', single({ unitStake: '90071992547409.92' }), 'STAKE_INVALID', '/unitStake'],
    ['a total that does not divide', slip('trixie', won(3), { unitStake: undefined, totalStake: '5.01' }), 'STAKE_INDIVISIBLE', '/totalStake'],
    ['odds that are a number', single({}, { odds: 2.5 }), 'ODDS_INVALID', '/legs/0/odds'],
    ['odds of 1', single({}, { odds: '1' }), 'ODDS_INVALID', '/legs/0/odds'],
    ['odds in words', single({}, { odds: 'evens' }), 'ODDS_INVALID', '/legs/0/odds'],
    ['odds over nothing', single({}, { odds: '2/0' }), 'ODDS_INVALID', '/legs/0/odds'],
    ['odds of endless digits', single({}, { odds: `2.${'1'.repeat(60)}` }), 'ODDS_INVALID', '/legs/0/odds'],
    ['a result that nobody knows', slip('single', [leg('drawn')]), 'RESULT_INVALID', '/legs/0/result'],
    ['no result', slip('single', [{ odds: '2' }]), 'RESULT_INVALID', '/legs/0/result'],
    ['two results', single({}, { uof: { result: 1 } }), 'RESULT_INVALID', '/legs/0/uof'],
    ['a void factor above 1', slip('single', [{ odds: '2', uof: { result: 1, voidFactor: '3/2' } }]), 'RESULT_INVALID', '/legs/0/uof/voidFactor'],
    ['a dead heat above 1', single({}, { winDeadHeat: '2' }), 'RESULT_INVALID', '/legs/0/winDeadHeat'],
    ['a deduction above 100', single({}, { rule4Percent: [10, '101'] }), 'RESULT_INVALID', '/legs/0/rule4Percent/1'],
    ['a winner at an unknown starting price', single({}, { odds: 'SP' }), 'RESULT_INVALID', '/legs/0/startingOdds'],
    ['an unknown type', slip('quadrixie', won(3)), 'BET_TYPE_INVALID', '/bet/type'],
    ['too few legs', slip('trixie', won(2)), 'BET_TYPE_INVALID', '/bet/type'],
    ['too many legs', slip('accumulator', won(21)), 'LEGS_INVALID', '/legs'],
    ['no legs', slip('single', []), 'LEGS_INVALID', '/legs'],
    ['type and folds', single({ bet: { type: 'single', folds: [1] } }), 'BET_TYPE_INVALID', '/bet'],
    ['a fold twice', slip('x', won(3), { bet: { folds: [2, 2] } }), 'BET_TYPE_INVALID', '/bet/folds/1'],
    ['a fold that is too long', slip('x', won(3), { bet: { folds: [4] } }), 'BET_TYPE_INVALID', '/bet/folds/0'],
    ['a leg twice in a line', slip('x', won(2), { bet: { lines: [[0, 1], [1, 1]] } }), 'BET_TYPE_INVALID', '/bet/lines/1/1'],
    ['a leg twice by its groups', slip('x', won(2), { bet: { groups: [[0, 1], [1]], folds: [2] } }), 'BET_TYPE_INVALID', '/bet/groups/1/0'],
    ['a leg that is not there', slip('x', won(2), { bet: { lines: [[0, 2]] } }), 'BET_TYPE_INVALID', '/bet/lines/0/1'],
    ['a banker of an any-to-come bet', slip('rounder', [leg('won', { banker: true }), ...won(2)]), 'BET_TYPE_INVALID', '/bet/type'],
    ['place-only and each-way', single({ eachWay: true, rules: { placeOnly: true } }), 'RULES_INVALID', '/rules/placeOnly'],
    ['a builder without a price', slip('bet-builder', won(2)), 'RULES_INVALID', '/rules/combinedOdds'],
    ['a combined price of a double', slip('double', won(2), { rules: { combinedOdds: '3' } }), 'RULES_INVALID', '/rules/combinedOdds'],
    ['a bonus that is a number', single({ rules: { oneWinner: { multiplier: 2 } } }), 'RULES_INVALID', '/rules/oneWinner/multiplier'],
    ['related legs', slip('double', [leg('won', { fixture: 'F' }), leg('won', { fixture: 'F' })]), 'LEGS_RELATED', '/legs/1'],
    ['rounding half a million lines', slip('x', won(20), { bet: { folds: [9, 10, 11] }, rules: { roundPer: 'line' } }), 'LINES_OVER_LIMIT', '/rules/roundPer'],
  ])('%s', (_, value, code, pointer) => {
    const refused = answerLine(JSON.stringify(value));
    expect(refused).toMatchObject({ error: { code, pointer } });
  });

  test('what is no JSON', () => expect(answerLine('{"id":')).toMatchObject({ id: null, error: { code: 'BODY_NOT_JSON', pointer: '' } }));
  test('a total names the nearest two that divide', () => {
    const total = (totalStake: string): Fields => slip('trixie', won(3), { unitStake: undefined, totalStake, eachWay: true });
    const detail = (says: string) => ({ id: 'a', error: { detail: expect.stringContaining(says) } });
    expect(answerLine(JSON.stringify(total('5.01')))).toMatchObject(detail('4.96 and 5.04'));
    expect(answerLine(JSON.stringify(total('0.01')))).toMatchObject(detail('0.08 and 0.16'));
    expect(answered(JSON.parse(JSON.stringify(total('5.04'))))).toMatchObject({ lines: 8, totalStake: '5.04' });
  });
});

describe('states', () => {
  test.each<[string, Fields, Partial<Answer>]>([
    ['lost at once, whatever is open', slip('double', [leg('lost'), leg('open')]), { state: 'lost', return: '0', returnMax: '0' }],
    ['an each-way line lives on in its place part', slip('double', [leg('placed'), leg('open')], { eachWay: true }), { state: 'open', returnMax: '20' }],
    ['an open starting price has no maximum', slip('single', [leg('open', { odds: 'SP' })]), { state: 'open', returnMax: null }],
    ['any-to-come keeps what it did not carry', slip('single-stakes-about', [leg('won', { odds: '3' }), leg('lost')]), { state: 'returned', return: '10' }],
    ['any-to-come is open while its first leg is', slip('single-stakes-about', [leg('open', { odds: '3' }), leg('lost')]), { state: 'open', returnMax: '10' }],
    ['it cannot win when all of it would be carried', slip('double-stakes-about', [leg('open'), leg('lost')]), { state: 'lost', returnMax: '0' }],
    ['a void bet is never capped', single({ rules: { returnCap: '1' } }, { result: 'void' }), { state: 'void', return: '5', returnMax: '5' }],
    ['a void free bet gives the token back', single({ freeBet: 'stake-not-returned' }, { result: 'void' }), { state: 'void', return: '0', totalStake: '5' }],
    ['a free bet with its stake is cash', single({ freeBet: 'stake-returned' }), { state: 'returned', return: '10' }],
    ['void where every line is, whatever a leg outside is', slip('x', [leg('void'), leg('won')], { bet: { lines: [[0]] } }), { state: 'void', return: '5' }],
    ['some lines void are returned', slip('patent', [leg('void'), leg('void'), leg('lost')]), { state: 'returned', return: '15' }],
    ['two may win yet', slip('patent', [leg('won'), leg('lost'), leg('open')], { rules: { oneWinner: { multiplier: '2' } } }), { bonus: '0' }],
    ['no bonus while open', slip('double', [leg('won'), leg('open')], { rules: { allWinners: { percent: '10' } } }), { bonus: '0', returnMax: '21.5' }],
    ['place-only: placed is won', single({ rules: { placeOnly: true } }, { result: 'placed', placeFraction: '1/4' }), { state: 'returned', return: '6.25' }],
    ['a half result of the feed', slip('single', [{ odds: '3', uof: { result: 1, voidFactor: '0.5' } }]), { state: 'returned', return: '10' }],
    ['to the nearest 0.05', single({ unitStake: '0.33', rules: { roundTo: '0.05' } }), { returnExact: '0.66', return: '0.65' }],
    ['a capped bet', single({ rules: { returnCap: '7' } }), { uncappedReturn: '10', returnExact: '7', return: '7', state: 'returned' }],
  ])('%s', (_, value, expected) => expect(answered(value)).toMatchObject(expected));

  test.each<[policy: string, results: readonly string[], Partial<Answer>]>([
    ['divide', ['won', 'won'], { state: 'returned', return: '15' }],
    ['divide', ['won', 'void'], { state: 'returned', return: '10' }],
    ['divide', ['open', 'lost'], { state: 'lost' }],
    ['straight', ['won', 'half_won'], { state: 'returned', return: '15' }],
    ['void-all', ['void', 'lost'], { state: 'void', return: '5' }],
    ['void-all', ['void', 'open'], { state: 'void', return: '5' }],
    ['void-all', ['open', 'lost'], { state: 'open', return: '0' }],
    ['void-all', ['void', 'void'], { state: 'void' }],
  ])('a builder that is %s with %s', (voidInBuilder, results, expected) => {
    const built = slip('bet-builder', results.map((result) => leg(result)), { rules: { combinedOdds: '3', voidInBuilder } });
    expect(answered(built)).toMatchObject(expected);
  });
});

test('the lines of every named bet', () => {
  const counts = Object.entries({
    'single-stakes-about': [4, 12],
    'double-stakes-about': [2, 2],
    'round-robin': [3, 10],
    flag: [4, 23],
    'super-flag': [5, 46],
    rounder: [3, 3],
    roundabout: [3, 3],
    'union-jack': [9, 8],
    'union-jack-trixie': [9, 32],
    'union-jack-patent': [9, 56],
    'union-jack-round-robin': [9, 80],
    trixie: [3, 4],
    patent: [3, 7],
    yankee: [4, 11],
    lucky15: [4, 15],
    canadian: [5, 26],
    'super-yankee': [5, 26],
    lucky31: [5, 31],
    heinz: [6, 57],
    lucky63: [6, 63],
    'super-heinz': [7, 120],
    goliath: [8, 247],
  });
  for (const [type, [legs = 0, lines = 0]] of counts) {
    const { explanation, ...answer } = answered(slip(type, won(legs)));
    expect([type, answer.lines, explanation.length]).toEqual([type, lines, lines]);
  }
  expect(answered(slip('goliath', won(8), { eachWay: true })).explanation).toHaveLength(14);
});

test('bankers are in every line of a named cover, and in none twice', () => {
  const banked = slip('trixie', [leg('won', { odds: '3', banker: true }), ...won(3)]);
  expect(answered(banked)).toMatchObject({ lines: 4, return: '300' });
});
