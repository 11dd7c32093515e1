// Examples of every family of shapes: what placing one records, what results make of it, and which slips make no bet.

import { namedShape } from '@wagerline/shared-kernel/betting/shapes';
import type { AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import type { BetShape } from '@wagerline/shared-kernel/events/bet-shape';
import type { ProblemCode } from '@wagerline/shared-kernel/problems';
import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { describe, expect, test } from 'vitest';
import type { LegVerdict, PlaceBet } from './commands.ts';
import { accountDecider } from './decide.ts';
import { deposited, offer, opened, placeBet, placed, settle, slipLeg, verdict, type OfferedLeg } from './samples.ts';

const given = scenarioOf(accountDecider);
const rich = [opened, deposited(10_000_000)];
const open = verdict('open', null);
const [won, lost] = [verdict('won'), verdict('lost')];

/** Legs at 2.0: a line of k won legs returns 2 to the k units. */
function legsOf(count: number): readonly OfferedLeg[] {
  return Array.from({ length: count }, (_, index) => slipLeg(`m${index}`, { selection: { name: 'Liverpool', odds: '2/1' } }, '2/1'));
}

function named(name: string, legCount: number, bankers: readonly number[] = []): BetShape {
  const found = namedShape(name, legCount, bankers);
  if (!('shape' in found) || found.shape.type === 'bet-builder') throw new Error(`no shape for ${name}`);
  return found.shape;
}

const doublesOfGroups: BetShape = { type: 'folds', folds: [2], groups: [[0, 1], [2], [3]] };
const givenLines: BetShape = { type: 'lines', lines: [[0, 1], [0, 2], [0]] };
const shapes: readonly (readonly [name: string, shape: BetShape, legs: number, lines: number, maxUnits: number])[] = [
  ['trixie', named('trixie', 3), 3, 4, 20],
  ['patent', named('patent', 3), 3, 7, 26],
  ['yankee', named('yankee', 4), 4, 11, 72],
  ['yankee with a banker', named('yankee', 5, [0]), 5, 11, 144],
  ['lucky15', named('lucky15', 4), 4, 15, 80],
  ['canadian', named('canadian', 5), 5, 26, 232],
  ['heinz', named('heinz', 6), 6, 57, 716],
  ['lucky63', named('lucky63', 6), 6, 63, 728],
  ['super-heinz', named('super-heinz', 7), 7, 120, 2_172],
  ['goliath', named('goliath', 8), 8, 247, 6_544],
  ['doubles of groups', doublesOfGroups, 4, 3, 20],
  ['given lines', givenLines, 3, 3, 10],
  ['single-stakes-about', named('single-stakes-about', 2), 2, 2, 6],
  ['double-stakes-about', named('double-stakes-about', 2), 2, 2, 8],
  ['round-robin', named('round-robin', 3), 3, 10, 38],
  ['flag', named('flag', 4), 4, 23, 108],
  ['super-flag', named('super-flag', 5), 5, 46, 292],
  ['rounder', named('rounder', 3), 3, 3, 15],
  ['roundabout', named('roundabout', 3), 3, 3, 24],
  ['union-jack', named('union-jack', 9), 9, 8, 64],
  ['union-jack-trixie', named('union-jack-trixie', 9), 9, 32, 160],
  ['union-jack-patent', named('union-jack-patent', 9), 9, 56, 208],
  ['union-jack-round-robin', named('union-jack-round-robin', 9), 9, 80, 304],
];

describe.each(shapes)('%s', (_, shape, legCount, lineCount, maxUnits) => {
  const legs = legsOf(legCount);
  const terms = { shape, lineCount, unitStakeMinor: 100, stakeMinor: 100 * lineCount, returnMaxMinor: 100 * maxUnits };
  const struck = placed('a', terms, legs);
  const settledBy = (...verdicts: readonly LegVerdict[]): readonly AccountEvent[] => given(...rich, struck).when(settle('a', ...verdicts)).decision.events;
  const all = (verdictOf: LegVerdict): readonly LegVerdict[] => legs.map(() => verdictOf);

  test('is placed at the stake of each line', () => given(...rich).when(placeBet('a', { legs, shape, unitStakeMinor: 100 })).then(struck));
  test('is placed at a total that divides', () => {
    given(...rich).when(placeBet('a', { legs, shape, unitStakeMinor: null, totalStakeMinor: 100 * lineCount })).then(struck);
  });
  test('waits while nothing is lost and a leg is open', () => expect(settledBy(...all(won).with(-1, open))).toEqual([]));
  test('all won returns the maximum', () => {
    expect(settledBy(...all(won))).toMatchObject([{ type: 'BetSettled', state: 'returned', returnMinor: 100 * maxUnits, shape, lineCount }]);
  });
  test('all lost is lost', () => expect(settledBy(...all(lost))).toMatchObject([{ state: 'lost', returnMinor: 0 }]));
  test('all void gives the stake back', () => {
    expect(settledBy(...all(verdict('void')))).toMatchObject([{ state: 'void', returnMinor: 100 * lineCount }]);
  });
});

describe('what is certain, and what is left', () => {
  const settled = (shape: BetShape, legCount: number, verdicts: readonly LegVerdict[]): readonly AccountEvent[] => {
    const struck = placed('a', { shape, unitStakeMinor: 100 }, legsOf(legCount));
    return given(...rich, struck).when(settle('a', ...verdicts)).decision.events;
  };

  test('a lost banker loses at once, whatever is open', () => {
    expect(settled(named('yankee', 5, [0]), 5, [lost, open, open, open, open])).toMatchObject([{ state: 'lost', returnMinor: 0 }]);
  });
  test('a heinz with two winners of six is decided; with one of six open it is not', () => {
    expect(settled(named('heinz', 6), 6, [won, won, lost, lost, lost, lost])).toMatchObject([{ state: 'returned', returnMinor: 400 }]);
    expect(settled(named('heinz', 6), 6, [won, open, lost, lost, lost, lost])).toEqual([]);
  });
  test('a yankee that no double can win any more is lost before its last leg', () => {
    expect(settled(named('yankee', 4), 4, [lost, lost, lost, open])).toMatchObject([{ state: 'lost', returnMinor: 0 }]);
  });
  test('stakes about keeps what it did not carry', () => {
    expect(settled(named('single-stakes-about', 2), 2, [won, lost])).toMatchObject([{ state: 'returned', returnMinor: 100 }]);
  });
  test('half results and a push, exactly', () => {
    // Factors 3/2, 1/2, 1: 100 x ((5/2)(3/2)(2) - 1) = 650.
    const verdicts = [verdict('half_won'), verdict('half_lost'), verdict('push')];
    expect(settled(named('patent', 3), 3, verdicts)).toMatchObject([{ state: 'returned', returnExact: '650/1', returnMinor: 650 }]);
  });
  test('a correction takes back and settles again in one', () => {
    const struck = placed('a', { shape: named('trixie', 3), lineCount: 4, unitStakeMinor: 100, stakeMinor: 400, returnMaxMinor: 2_000 }, legsOf(3));
    const first = given(...rich, struck).when(settle('a', won, won, lost)).decision.events;
    expect(first).toMatchObject([{ type: 'BetSettled', settlement: 1, returnMinor: 400 }]);
    const again = given(...rich, struck, ...first).when(settle('a', won, won, verdict('won', 6))).decision.events;
    expect(again).toMatchObject([
      { type: 'BetSettlementReversed', settlement: 1, returnMinor: 400 },
      { type: 'BetSettled', settlement: 2, returnMinor: 2_000 },
    ]);
  });
});

describe('refused', () => {
  const refused = (change: Partial<PlaceBet>, code: ProblemCode, detail: JsonObject): void => {
    const { decision } = given(...rich).when(placeBet('a', { legs: legsOf(3), unitStakeMinor: 100, ...change }));
    expect(decision).toMatchObject({ outcome: 'refused', code, detail, events: [{ type: 'BetRefused', code, detail }] });
  };
  const related = [...legsOf(2), { ...slipLeg('m9'), offer: offer({ marketId: 'm9' }, 'fixture-of-m0') }];

  test('a fold of more legs than there are', () => refused({ shape: { type: 'folds', folds: [2, 4] } }, 'BET_TYPE_INVALID', { pointer: '/folds/1' }));
  test('a leg twice in a line', () => refused({ shape: { type: 'lines', lines: [[0], [1, 2, 1]] } }, 'BET_TYPE_INVALID', { pointer: '/lines/1/2' }));
  test('a total that does not divide names the nearest two', () => {
    const stake = { unitStakeMinor: null, totalStakeMinor: 1_000 };
    refused({ shape: named('patent', 3), ...stake }, 'STAKE_INDIVISIBLE', { pointer: '/totalStakeMinor', nearestTotalsMinor: [994, 1_001] });
  });
  test('more lines than are taken', () => {
    const limits = { ...placeBet('a').limits, linesMax: 6 };
    refused({ shape: named('patent', 3), limits }, 'LINES_OVER_LIMIT', { pointer: '/legs', lines: 7, linesMax: 6 });
  });
  test('a total stake above the limit of the house', () => {
    const limits = { ...placeBet('a').limits, stakeMinorMax: 699 };
    refused({ shape: named('patent', 3), limits }, 'STAKE_INVALID', { pointer: '/stakeMinor', stakeMinorMax: 699 });
    refused({ shape: named('patent', 3), limits, unitStakeMinor: null, totalStakeMinor: 700 }, 'STAKE_INVALID', { pointer: '/totalStakeMinor' });
  });
  test('a return of all lines together above the limit', () => {
    const limits = { ...placeBet('a').limits, returnMinorMax: 2_599 };
    refused({ shape: named('patent', 3), limits }, 'RETURN_OVER_LIMIT', { returnMinorMax: 2_599 });
  });
  test('related legs in one line', () => {
    refused({ legs: related, shape: named('trixie', 3) }, 'LEGS_RELATED', { pointer: '/legs/2', fixtureId: 'fixture-of-m0' });
  });
  test('related legs in lines of their own stand', () => {
    const singles = placeBet('a', { legs: related, shape: { type: 'folds', folds: [1] } });
    expect(given(...rich).when(singles).decision).toMatchObject({ outcome: 'accepted', events: [{ type: 'BetPlaced', lineCount: 3 }] });
  });
  test('a rule set may leave related lines out, at placement and for ever', () => {
    const command = placeBet('a', { legs: related, shape: named('trixie', 3), ruleSet: 'skip-related@1', unitStakeMinor: 100 });
    const { events } = given(...rich).when(command).decision;
    // Of the trixie's four lines the double 0-2 and the treble hold both.
    expect(events).toMatchObject([{ type: 'BetPlaced', lineCount: 2, stakeMinor: 200, ruleSet: 'skip-related@1' }]);
    const again = given(...rich, ...events).when(settle('a', won, won, won)).decision.events;
    expect(again).toMatchObject([{ type: 'BetSettled', returnMinor: 100 * 4 + 195 * 2, ruleSet: 'skip-related@1' }]);
    const none = { shape: { type: 'lines' as const, lines: [[0, 2], [0, 1, 2]] }, ruleSet: 'skip-related@1' };
    refused({ legs: related, ...none }, 'LEGS_RELATED', { pointer: '/legs/2' });
  });
});
