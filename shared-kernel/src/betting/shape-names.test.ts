import { expect, test } from 'vitest';

import { nameOf, shapeOf } from './shape-names.ts';
import { namedCovers, namedShape, shapeNames } from './shapes.ts';

const legCounts = new Map<string, number>([
  ...namedCovers.map(({ name, legs }) => [name, legs] as const),
  ...['accumulator', 'single-stakes-about', 'double-stakes-about'].map((name) => [name, 5] as const),
  ...['round-robin', 'rounder', 'roundabout'].map((name) => [name, 3] as const),
  ['flag', 4],
  ['super-flag', 5],
]);

test('a named shape has the name that it was asked for by', () => {
  for (const name of shapeNames.filter((each) => each !== 'bet-builder')) {
    const legs = legCounts.get(name) ?? 9;
    const shape = shapeOf({ type: name, bankers: [] }, legs);
    if ('code' in shape) throw new Error(`${name}: ${shape.detail}`);
    // Two names of one bet: the older one is shown.
    expect(nameOf(shape, legs)).toBe(name === 'super-yankee' ? 'canadian' : name);
  }
});

test('bankers are not counted by a cover, and one line is named by all its legs', () => {
  const named = (type: string, legs: number): string | undefined => {
    const found = namedShape(type, legs, [0]);
    return 'shape' in found ? nameOf(found.shape, legs) : undefined;
  };
  expect(named('trixie', 4)).toBe('trixie');
  expect(named('accumulator', 3)).toBe('treble');
  expect(named('single', 2)).toBe('double');
});

test('a shape without a name', () => {
  expect(nameOf({ type: 'folds', folds: [2] }, 3)).toBeUndefined();
  expect(nameOf({ type: 'folds', folds: [1, 2] }, 2)).toBeUndefined();
  expect(nameOf({ type: 'folds', folds: [2], groups: [[0], [1]] }, 2)).toBeUndefined();
  expect(nameOf({ type: 'lines', lines: [[0]] }, 1)).toBeUndefined();
  expect(nameOf({ type: 'bet-builder', combinedOdds: '4' }, 2)).toBe('bet-builder');
});

test('exactly one of type, folds and lines', () => {
  const refused = { code: 'BET_TYPE_INVALID', pointer: '' };
  expect(shapeOf({ bankers: [] }, 1)).toMatchObject(refused);
  expect(shapeOf({ type: 'single', folds: [1], bankers: [] }, 1)).toMatchObject(refused);
  expect(shapeOf({ groups: [[0]], bankers: [] }, 1)).toMatchObject(refused);
  expect(shapeOf({ lines: [[0, 1], [0]], bankers: [0] }, 2)).toEqual({ type: 'lines', lines: [[0, 1], [0]] });
});
