// The shapes of bets beyond plain folds, as plain JSON that a bet stores, and the names that people use for them. Called by plan.ts and
// by whoever reads a slip. Knows nothing of prices: what its lines are is plan.ts.

import { unreachable } from '../values/unreachable.ts';

/** 1 = the carried stake is one unit, 2 = it is doubled. */
export type CarriedStakes = 1 | 2;

/** What is played on each of the eight trebles of a 3 x 3 board. */
export type BoardBet = 'treble' | 'trixie' | 'patent' | 'round-robin';

export const voidPolicies = ['divide', 'straight', 'void-all'] as const;
export type VoidPolicy = (typeof voidPolicies)[number];

/**
 * `folds`: every combination of k legs that are no bankers (of k groups, where there are groups). `lines`: counted as given.
 * `stakes-about`: both directions of every pair. `covers-about`: folds, and single-stakes-about on every pair. `rounder`: each of three
 * legs as a single, then the double on the other two. `bet-builder`: one fixture at one combined price.
 */
export type Shape =
  | { readonly type: 'folds'; readonly folds: readonly number[]; readonly bankers?: readonly number[]; readonly groups?: readonly (readonly number[])[] }
  | { readonly type: 'lines'; readonly lines: readonly (readonly number[])[] }
  | { readonly type: 'stakes-about'; readonly stakes: CarriedStakes }
  | { readonly type: 'covers-about'; readonly folds: readonly number[] }
  | { readonly type: 'rounder'; readonly stakes: CarriedStakes }
  | { readonly type: 'union-jack'; readonly each: BoardBet }
  | { readonly type: 'bet-builder'; readonly combinedOdds: string };

export const shapeLegsMax = 20;
export const givenLinesMax = 4_096;

const upTo = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Named covers: how many legs, and which folds of them. */
const covers: ReadonlyMap<string, readonly [legs: number, folds: readonly number[]]> = new Map([
  ['single', [1, [1]]],
  ['double', [2, [2]]],
  ['treble', [3, [3]]],
  ['trixie', [3, upTo(2, 3)]],
  ['patent', [3, upTo(1, 3)]],
  ['yankee', [4, upTo(2, 4)]],
  ['lucky15', [4, upTo(1, 4)]],
  ['canadian', [5, upTo(2, 5)]],
  ['super-yankee', [5, upTo(2, 5)]],
  ['lucky31', [5, upTo(1, 5)]],
  ['heinz', [6, upTo(2, 6)]],
  ['lucky63', [6, upTo(1, 6)]],
  ['super-heinz', [7, upTo(2, 7)]],
  ['goliath', [8, upTo(2, 8)]],
]);

type Named = { readonly legs: number | 'two-or-more'; readonly shape: Shape };

const others: ReadonlyMap<string, Named> = new Map<string, Named>([
  ['single-stakes-about', { legs: 'two-or-more', shape: { type: 'stakes-about', stakes: 1 } }],
  ['double-stakes-about', { legs: 'two-or-more', shape: { type: 'stakes-about', stakes: 2 } }],
  ['round-robin', { legs: 3, shape: { type: 'covers-about', folds: upTo(2, 3) } }],
  ['flag', { legs: 4, shape: { type: 'covers-about', folds: upTo(2, 4) } }],
  ['super-flag', { legs: 5, shape: { type: 'covers-about', folds: upTo(2, 5) } }],
  ['rounder', { legs: 3, shape: { type: 'rounder', stakes: 1 } }],
  ['roundabout', { legs: 3, shape: { type: 'rounder', stakes: 2 } }],
  ['union-jack', { legs: 9, shape: { type: 'union-jack', each: 'treble' } }],
  ['union-jack-trixie', { legs: 9, shape: { type: 'union-jack', each: 'trixie' } }],
  ['union-jack-patent', { legs: 9, shape: { type: 'union-jack', each: 'patent' } }],
  ['union-jack-round-robin', { legs: 9, shape: { type: 'union-jack', each: 'round-robin' } }],
]);

/** Where two names say the same, the older one comes first. */
export const namedCovers = [...covers].map(([name, [legs, folds]]) => ({ name, legs, folds }));

export const builderName = 'bet-builder';

/** Every name of a bet; a bet builder's shape needs its combined odds and is made by whoever reads them. */
export const shapeNames: readonly string[] = [...covers.keys(), 'accumulator', ...others.keys(), builderName];

export type NamedShape = { readonly shape: Shape } | { readonly problem: string };

/** `bankers` are not counted by the folds of a cover; other shapes have none. */
export function namedShape(name: string, legCount: number, bankers: readonly number[]): NamedShape {
  const free = legCount - bankers.length;
  const withBankers = bankers.length === 0 ? {} : { bankers };
  if (name === 'accumulator') {
    if (legCount < 2 || free < 1) return { problem: 'an accumulator has two legs or more, and not all of them bankers' };
    return { shape: { type: 'folds', folds: [free], ...withBankers } };
  }
  const cover = covers.get(name);
  if (cover !== undefined) {
    const [legs, folds] = cover;
    if (free !== legs) return { problem: `a ${name} has ${count(legs, 'leg')}${bankers.length === 0 ? '' : ' besides its bankers'}, not ${free}` };
    return { shape: { type: 'folds', folds, ...withBankers } };
  }
  const other = others.get(name);
  if (other === undefined) return { problem: `there is no bet of type ${JSON.stringify(name.slice(0, 40))}` };
  if (bankers.length > 0) return { problem: `a ${name} has no bankers` };
  if (other.legs === 'two-or-more' ? legCount < 2 : legCount !== other.legs) {
    return { problem: `a ${name} has ${other.legs === 'two-or-more' ? 'two legs or more' : count(other.legs, 'leg')}, not ${legCount}` };
  }
  return { shape: other.shape };
}

/** A shape that does not fit its legs, with a pointer into the shape; undefined when it fits. */
export function shapeProblem(shape: Shape, legCount: number): { readonly pointer: string; readonly detail: string } | undefined {
  switch (shape.type) {
    case 'folds':
      return groupsProblem(shape, legCount) ?? foldsProblem(shape, legCount);
    case 'lines':
      return linesProblem(shape.lines, legCount);
    case 'stakes-about':
      return legCount >= 2 ? undefined : { pointer: '/type', detail: 'stakes about needs two legs or more' };
    case 'covers-about':
      return foldsProblem({ type: 'folds', folds: shape.folds }, legCount);
    case 'rounder':
      return legCount === 3 ? undefined : { pointer: '/type', detail: 'a rounder or roundabout has three legs' };
    case 'union-jack':
      return legCount === 9 ? undefined : { pointer: '/type', detail: 'a union jack has nine legs' };
    case 'bet-builder':
      return legCount >= 2 ? undefined : { pointer: '/type', detail: 'a bet builder has two legs or more' };
    default:
      return unreachable(shape);
  }
}

type Folds = Extract<Shape, { type: 'folds' }>;

function foldsProblem(shape: Folds, legCount: number): { readonly pointer: string; readonly detail: string } | undefined {
  const items = shape.groups?.length ?? legCount - (shape.bankers?.length ?? 0);
  if (shape.folds.length === 0) return { pointer: '/folds', detail: 'at least one fold' };
  for (const [index, fold] of shape.folds.entries()) {
    const pointer = `/folds/${index}`;
    if (!Number.isInteger(fold) || fold < 1 || fold > items) return { pointer, detail: `a fold is a whole number from 1 to ${items}` };
    if (shape.folds.indexOf(fold) !== index) return { pointer, detail: 'a fold stands once' };
  }
  return undefined;
}

function groupsProblem({ groups, folds, bankers = [] }: Folds, legCount: number): { readonly pointer: string; readonly detail: string } | undefined {
  const seen = new Set<number>(bankers);
  for (const [index, group] of (groups ?? []).entries()) {
    const pointer = `/groups/${index}`;
    if (group.length === 0) return { pointer, detail: 'a group has a leg' };
    const problem = indexProblem(group, legCount, pointer);
    if (problem !== undefined) return problem;
    // Two groups that share a leg may stand beside each other in singles, never in one line.
    const repeated = group.findIndex((leg) => seen.has(leg) && (bankers.includes(leg) || folds.some((fold) => fold > 1)));
    if (repeated >= 0) return { pointer: `${pointer}/${repeated}`, detail: 'this leg would be in one line twice' };
    for (const leg of group) seen.add(leg);
  }
  return undefined;
}

function linesProblem(lines: readonly (readonly number[])[], legCount: number): { readonly pointer: string; readonly detail: string } | undefined {
  if (lines.length === 0) return { pointer: '/lines', detail: 'at least one line' };
  for (const [index, line] of lines.entries()) {
    if (line.length === 0) return { pointer: `/lines/${index}`, detail: 'a line has a leg' };
    const problem = indexProblem(line, legCount, `/lines/${index}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function indexProblem(legs: readonly number[], legCount: number, pointer: string): { readonly pointer: string; readonly detail: string } | undefined {
  for (const [place, leg] of legs.entries()) {
    if (!Number.isInteger(leg) || leg < 0 || leg >= legCount) {
      return { pointer: `${pointer}/${place}`, detail: `a leg is named by its place, 0 to ${legCount - 1}` };
    }
    if (legs.indexOf(leg) !== place) return { pointer: `${pointer}/${place}`, detail: 'this leg is in one line twice' };
  }
  return undefined;
}

function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? '' : 's'}`;
}
