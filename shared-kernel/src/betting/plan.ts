// What the lines of a shape are, without listing them: covers, lines given one by one, any-to-come lines. Called by terms.ts once per
// bet. Two legs of one fixture in one line are found here. Knows no price.

import { unreachable } from '../values/unreachable.ts';
import { combinationCount } from './slip.ts';
import type { CarriedStakes, Shape } from './shapes.ts';

/** Every combination of k items for each k of `folds`, each with all bankers. An item is one leg, or a group of legs. */
export type Cover = {
  readonly items: readonly (readonly number[])[];
  readonly bankers: readonly number[];
  readonly folds: readonly number[];
  /** Per item, as bits, the items that may not stand in a line with it; undefined = no item has any. */
  readonly conflicts?: readonly number[];
};

/** `first` is played alone; of its return up to `stakes` units go on to `rest`. */
export type Carry = { readonly first: number; readonly rest: readonly number[]; readonly stakes: CarriedStakes };

export type Plan = {
  readonly covers: readonly Cover[];
  readonly lines: readonly (readonly number[])[];
  readonly carries: readonly Carry[];
  /** Lines that are struck, not doubled for each-way. */
  readonly lineCount: number;
  /** A pair of legs of one fixture that a line of the shape would hold; such lines are left out of the plan. */
  readonly related: readonly [number, number] | undefined;
};

type Fixtures = readonly (string | undefined)[];
type Parts = Pick<Plan, 'covers' | 'lines' | 'carries'>;

const board = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]] as const;

/** The shape must fit its legs: `shapeProblem`. A bet builder is one line of all its legs, and its legs are of one fixture by design. */
export function planOf(shape: Shape, fixtures: Fixtures): Plan {
  const parts = partsOf(shape, fixtures.length);
  const isRelatable = shape.type !== 'bet-builder' && isAnyShared(fixtures);
  const { covers, lines, carries, related } = isRelatable ? withoutRelated(parts, fixtures) : { ...parts, related: undefined };
  const lineCount = covers.reduce((count, cover) => count + linesOfCover(cover), lines.length + carries.length);
  return { covers, lines, carries, lineCount, related };
}

function isAnyShared(fixtures: Fixtures): boolean {
  const named = fixtures.filter((fixture) => fixture !== undefined);
  return named.length > 1 && new Set(named).size < named.length;
}

function partsOf(shape: Shape, legCount: number): Parts {
  const all = Array.from({ length: legCount }, (_, index) => index);
  const empty = { covers: [], lines: [], carries: [] };
  switch (shape.type) {
    case 'folds': {
      const bankers = shape.bankers ?? [];
      const items = shape.groups ?? all.filter((leg) => !bankers.includes(leg)).map((leg) => [leg]);
      // Nearly every bet is a single line, which costs less as one.
      if (shape.folds.length === 1 && shape.folds[0] === items.length) return { ...empty, lines: [[...bankers, ...items.flat()]] };
      return { ...empty, covers: [{ items, bankers, folds: shape.folds.toSorted((a, b) => a - b) }] };
    }
    case 'lines':
      return { ...empty, lines: shape.lines };
    case 'stakes-about':
      return { ...empty, carries: pairsOf(all, shape.stakes) };
    case 'covers-about':
      return { ...empty, covers: [coverOf(all, shape.folds)], carries: pairsOf(all, 1) };
    case 'rounder':
      return { ...empty, carries: all.map((first) => ({ first, rest: all.filter((leg) => leg !== first), stakes: shape.stakes })) };
    case 'union-jack':
      if (shape.each === 'treble') return { ...empty, lines: board };
      return {
        ...empty,
        covers: board.map((treble) => coverOf(treble, shape.each === 'patent' ? [1, 2, 3] : [2, 3])),
        carries: shape.each === 'round-robin' ? board.flatMap((treble) => pairsOf(treble, 1)) : [],
      };
    case 'bet-builder':
      return { ...empty, lines: [all] };
    default:
      return unreachable(shape);
  }
}

function coverOf(legs: readonly number[], folds: readonly number[]): Cover {
  return { items: legs.map((leg) => [leg]), bankers: [], folds };
}

/** Both directions of every pair: n (n - 1) lines. */
function pairsOf(legs: readonly number[], stakes: CarriedStakes): readonly Carry[] {
  return legs.flatMap((first) => legs.filter((leg) => leg !== first).map((other) => ({ first, rest: [other], stakes })));
}

function withoutRelated({ covers, lines, carries }: Parts, fixtures: Fixtures): Parts & Pick<Plan, 'related'> {
  const pairs: (readonly [number, number])[] = [];
  const stands = (legs: readonly number[]): boolean => {
    const pair = relatedPair(legs, fixtures);
    if (pair !== undefined) pairs.push(pair);
    return pair === undefined;
  };
  const kept = {
    covers: covers.flatMap((cover) => coverWithoutRelated(cover, stands)),
    lines: lines.filter(stands),
    carries: carries.filter(({ first, rest }) => stands([first, ...rest])),
  };
  return { ...kept, related: pairs.toSorted((a, b) => a[1] - b[1] || a[0] - b[0])[0] };
}

function coverWithoutRelated(cover: Cover, stands: (legs: readonly number[]) => boolean): readonly Cover[] {
  const { bankers, folds } = cover;
  if (!stands(bankers)) return [];
  const items = cover.items.filter((item) => stands([...bankers, ...item]));
  const hasPairs = folds.some((fold) => fold > 1);
  const conflicts = items.map((item, index) =>
    items.reduce((bits, other, place) => (hasPairs && place !== index && !stands([...item, ...other]) ? bits | (1 << place) : bits), 0),
  );
  return conflicts.some((bits) => bits !== 0) ? [{ ...cover, items, conflicts }] : [{ ...cover, items }];
}

/** Lower index first. */
function relatedPair(legs: readonly number[], fixtures: Fixtures): readonly [number, number] | undefined {
  const seen = new Map<string, number>();
  for (const leg of legs) {
    const fixture = fixtures[leg];
    if (fixture === undefined) continue;
    const other = seen.get(fixture);
    if (other !== undefined && other !== leg) return other < leg ? [other, leg] : [leg, other];
    seen.set(fixture, leg);
  }
  return undefined;
}

/** Independent sets of k items are counted as `sumOfCover` sums them, with every factor 1. */
export function linesOfCover(cover: Cover): number {
  const { items, folds, conflicts } = cover;
  if (conflicts === undefined) return folds.reduce((count, fold) => count + combinationCount(items.length, fold), 0);
  const counts = independentCounts(conflicts, (2 ** items.length) - 1, new Map());
  return folds.reduce((count, fold) => count + (counts[fold] ?? 0), 0);
}

function independentCounts(conflicts: readonly number[], remaining: number, known: Map<number, readonly number[]>): readonly number[] {
  if (remaining === 0) return [1];
  const found = known.get(remaining);
  if (found !== undefined) return found;
  const item = 31 - Math.clz32(remaining);
  const others = remaining & ~(1 << item);
  const without = independentCounts(conflicts, others, known);
  const withItem = independentCounts(conflicts, others & ~(conflicts[item] ?? 0), known);
  const counts = Array.from({ length: Math.max(without.length, withItem.length + 1) }, (_, size) => (without[size] ?? 0) + (withItem[size - 1] ?? 0));
  known.set(remaining, counts);
  return counts;
}
