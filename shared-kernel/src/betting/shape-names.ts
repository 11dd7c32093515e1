// From what a slip says of its shape (a name, folds, groups, lines, bankers) to the shape that a bet stores, and from a stored shape back
// to the name that people use. Called by readers of slips and by the query side. Whether folds and lines fit the legs is shapes.ts.

import type { ProblemCode } from '../problems.ts';
import { unreachable } from '../values/unreachable.ts';
import { builderName, namedCovers, namedShape, type Shape } from './shapes.ts';

/** Exactly one of `type`, `folds` and `lines`; `groups` only beside `folds`. Legs are named by their places. */
export type GivenShape = {
  readonly type?: string | undefined;
  readonly folds?: readonly number[] | undefined;
  readonly groups?: readonly (readonly number[])[] | undefined;
  readonly lines?: readonly (readonly number[])[] | undefined;
  readonly bankers: readonly number[];
};

/** `pointer` is into the slip where it begins with /legs, else into what says the shape. */
export type ShapeProblem = { readonly code: ProblemCode; readonly pointer: string; readonly detail: string };

export function shapeOf(given: GivenShape, legCount: number): Shape | ShapeProblem {
  const { type, folds, groups, lines, bankers } = given;
  const count = [type, lines, folds].filter((field) => field !== undefined).length;
  if (count !== 1 || (groups !== undefined && folds === undefined)) {
    return refused('', 'a bet is a type, or folds (with or without groups), or lines');
  }
  const banked = bankers.length === 0 ? {} : { bankers };
  if (folds !== undefined) return { type: 'folds', folds, ...banked, ...(groups === undefined ? {} : { groups }) };
  if (lines !== undefined) {
    const left = bankers.find((banker) => !lines.every((line) => line.includes(banker)));
    return left === undefined ? { type: 'lines', lines } : refused(`/legs/${left}/banker`, 'a banker is in every line');
  }
  const named = namedShape(type ?? '', legCount, bankers);
  return 'shape' in named ? named.shape : refused('/type', named.problem);
}

function refused(pointer: string, detail: string): ShapeProblem {
  return { code: 'BET_TYPE_INVALID', pointer, detail };
}

/** Undefined for a shape that people have no name for. */
export function nameOf(shape: Shape, legCount: number): string | undefined {
  switch (shape.type) {
    case 'folds':
      return shape.groups === undefined ? coverName(shape.folds, legCount - (shape.bankers?.length ?? 0), legCount) : undefined;
    case 'lines':
      return undefined;
    case 'stakes-about':
      return shape.stakes === 1 ? 'single-stakes-about' : 'double-stakes-about';
    case 'covers-about':
      return shape.folds.length === legCount - 1 ? ['round-robin', 'flag', 'super-flag'][legCount - 3] : undefined;
    case 'rounder':
      return shape.stakes === 1 ? 'rounder' : 'roundabout';
    case 'union-jack':
      return shape.each === 'treble' ? 'union-jack' : `union-jack-${shape.each}`;
    case 'bet-builder':
      return builderName;
    default:
      return unreachable(shape);
  }
}

/** One line is named by all its legs, a cover by those that are no bankers. */
function coverName(folds: readonly number[], free: number, legCount: number): string | undefined {
  if (folds.length === 1 && folds[0] === free) return ['single', 'double', 'treble'][legCount - 1] ?? 'accumulator';
  return namedCovers.find((cover) => cover.legs === free && cover.folds.length === folds.length && cover.folds.every((fold) => folds.includes(fold)))?.name;
}
