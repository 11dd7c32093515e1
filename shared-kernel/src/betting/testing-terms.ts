// Bets of every shape for property tests, and their lines by plain enumeration: nothing here uses the algebra that it is held against.
// Called by tests alone.

import fc from 'fast-check';
import { add, min, multiply, one, rational, subtract, zero, type Rational } from '../values/rational.ts';
import { unreachable } from '../values/unreachable.ts';
import { reduced } from './fractions.ts';
import { legOf, partFactor, type LegOutcomeTerms, type LegTerms, type Part, type ResultName } from './legs.ts';
import { legToSettle } from './settle.ts';
import type { BetSettlement } from './settlement.ts';
import type { Shape } from './shapes.ts';
import type { LegOutcome } from './slip.ts';
import { isProblem, type BetTerms, type TermsProblem } from './terms.ts';

export const seeded = { seed: 380_1270, numRuns: 300 };

export const decidedResults = ['won', 'placed', 'lost', 'void', 'half_won', 'half_lost'] as const satisfies readonly ResultName[];

export type Sample = { readonly terms: BetTerms; readonly outcomes: readonly LegOutcomeTerms[] };

const odds = fc.integer({ min: 101, max: 1_200 }).map((hundredths) => `${hundredths}/100`);
const share = fc.constantFrom('1', '1', '1/2', '1/3', '2/3');
const outcomeOf = (result: fc.Arbitrary<ResultName>): fc.Arbitrary<LegOutcomeTerms> =>
  fc.record({ result, winDeadHeat: share, placeDeadHeat: share, rule4Percent: fc.constantFrom([], ['20'], ['60', '45']) });
const leg: fc.Arbitrary<LegTerms> = fc.record({ odds, placeFraction: fc.constantFrom('1/4', '1/5', '1') });

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const foldsUpTo = (count: number): fc.Arbitrary<number[]> => fc.subarray(upTo(count).map((index) => index + 1), { minLength: 1 });

export function shapesOf(legCount: number): fc.Arbitrary<Shape> {
  const folds: fc.Arbitrary<Shape> = foldsUpTo(legCount).map((some) => ({ type: 'folds', folds: some }));
  const lines: fc.Arbitrary<Shape> = fc
    .array(fc.subarray(upTo(legCount), { minLength: 1 }), { minLength: 1, maxLength: 8 })
    .map((some) => ({ type: 'lines', lines: some }));
  if (legCount < 3) return fc.oneof(folds, lines);
  const banked: fc.Arbitrary<Shape> = foldsUpTo(legCount - 1).map((some) => ({ type: 'folds', folds: some, bankers: [1] }));
  const groups: fc.Arbitrary<Shape> = foldsUpTo(legCount - 1).map((some) => ({
    type: 'folds',
    folds: some,
    groups: [[0, 1], ...upTo(legCount).slice(2).map((index) => [index])],
  }));
  const carried: fc.Arbitrary<Shape> = fc.constantFrom<Shape>(
    { type: 'stakes-about', stakes: 1 },
    { type: 'stakes-about', stakes: 2 },
    { type: 'covers-about', folds: [2, 3] },
    ...(legCount === 3 ? ([{ type: 'rounder', stakes: 1 }, { type: 'rounder', stakes: 2 }] as const) : []),
  );
  return fc.oneof(folds, lines, banked, groups, carried);
}

export function samples(results: readonly ResultName[], eachWay: fc.Arbitrary<boolean> = fc.boolean()): fc.Arbitrary<Sample> {
  const outcome = outcomeOf(fc.constantFrom(...results));
  return fc
    .array(fc.tuple(leg, outcome), { minLength: 1, maxLength: 6 })
    .chain((legs) => {
      const unitStakeMinor = fc.integer({ min: 1, max: 9_999 });
      return fc.record({ legs: fc.constant(legs), shape: shapesOf(legs.length), isEachWay: eachWay, unitStakeMinor });
    })
    .map(({ legs, shape, isEachWay, unitStakeMinor }) => ({
      terms: { currency: 'GBP', unitStakeMinor, eachWay: isEachWay, shape, legs: legs.map(([terms]) => terms), ruleSet: 'standard@1', rules: {} },
      outcomes: legs.map(([, outcomes]) => outcomes),
    }));
}

export function accepted<Value extends object>(value: Value | TermsProblem): Value {
  if (isProblem(value)) throw new Error(`refused: ${JSON.stringify(value)}`);
  return value;
}

/** What a leg multiplies its lines by; half of a half won or half lost stake stands on a push. */
export function legFactor(odds: string, result: LegOutcome): Rational {
  const parsed = legToSettle({ odds, result });
  return reduced(partFactor(parsed, 'win', parsed.price, 'lost'));
}

export function exactReturn({ payout }: BetSettlement): Rational {
  return payout.capped;
}

/** Every subset of the items of a size that is played, each with all bankers. */
function subsets<Item>(items: readonly Item[], sizes: readonly number[]): Item[][] {
  const all = upTo(2 ** items.length).map((bits) => items.filter((_, index) => (bits & (1 << index)) !== 0));
  return all.filter((subset) => sizes.includes(subset.length));
}

type CarriedLine = readonly [first: number, rest: readonly number[], stakes: number];
type Listed = { readonly plain: readonly (readonly number[])[]; readonly carried: readonly CarriedLine[] };

export function listedLines(shape: Shape, legCount: number): Listed {
  const legs = upTo(legCount);
  const pairs = (stakes: number): Listed['carried'] =>
    legs.flatMap((first) => legs.filter((other) => other !== first).map((other) => [first, [other], stakes] as const));
  switch (shape.type) {
    case 'folds': {
      const bankers = shape.bankers ?? [];
      const items = shape.groups ?? legs.filter((index) => !bankers.includes(index)).map((index) => [index]);
      return { plain: subsets(items, shape.folds).map((subset) => [...bankers, ...subset.flat()]), carried: [] };
    }
    case 'lines':
      return { plain: shape.lines, carried: [] };
    case 'stakes-about':
      return { plain: [], carried: pairs(shape.stakes) };
    case 'covers-about':
      return { plain: subsets(legs, shape.folds), carried: pairs(1) };
    case 'rounder':
      return { plain: [], carried: legs.map((first) => [first, legs.filter((other) => other !== first), shape.stakes] as const) };
    case 'union-jack':
    case 'bet-builder':
      throw new Error(`${shape.type} is not listed here`);
    default:
      return unreachable(shape);
  }
}

const product = (factors: readonly Rational[]): Rational => factors.reduce(multiply, one);

/** Line by line, one part: what each returns per unit. `isPlayed` leaves lines out. */
export function enumerated({ terms, outcomes }: Sample, part: Part, isPlayed: (legs: readonly number[]) => boolean = () => true): readonly Rational[] {
  const factors = terms.legs.map((legTerms, index) => {
    const parsed = legOf(legTerms, outcomes[index] ?? { result: 'open' });
    return reduced(partFactor(parsed, part, parsed.price, 'lost'));
  });
  const at = (index: number): Rational => factors[index] ?? zero;
  const { plain, carried } = listedLines(terms.shape, terms.legs.length);
  return [
    ...plain.filter(isPlayed).map((line) => product(line.map(at))),
    ...carried
      .filter(([first, rest]) => isPlayed([first, ...rest]))
      .map(([first, rest, stakes]) => {
        const carriedOn = min(at(first), rational(BigInt(stakes)));
        return add(subtract(at(first), carriedOn), multiply(carriedOn, product(rest.map(at))));
      }),
  ];
}
