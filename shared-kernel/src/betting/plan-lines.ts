// The lines of a plan one by one: as legs, for people, or as products of factors, for rounding per line. Called by line-amounts.ts and
// explanation.ts, which have bounded how many there are. Any-to-come lines are carry.ts.

import { times, whole, type Fraction } from './fractions.ts';
import type { Cover, Plan } from './plan.ts';
import { productOf } from './plan-sums.ts';
import { combinationCount } from './slip.ts';

/** Short folds first, then in the order of the slip. */
export function listLines(plan: Plan): readonly (readonly number[])[] {
  return [...plan.covers.flatMap((cover) => cover.folds.flatMap((fold) => listFold(cover, fold))), ...plan.lines];
}

function listFold(cover: Cover, fold: number): readonly (readonly number[])[] {
  const found: (readonly number[])[] = [];
  const walk = (from: number, missing: number, legs: readonly number[], excluded: number): void => {
    if (missing === 0) {
      found.push(legs.toSorted((a, b) => a - b));
      return;
    }
    for (let place = from; place <= cover.items.length - missing; place += 1) {
      if ((excluded & (1 << place)) !== 0) continue;
      walk(place + 1, missing - 1, [...legs, ...(cover.items[place] ?? [])], excluded | (cover.conflicts?.[place] ?? 0));
    }
  };
  walk(0, fold, cover.bankers, 0);
  return found;
}

type Visit = (product: Fraction, count: bigint) => void;

/** Lines that return nothing are left out; lines that are equal because their factors are come once, with their count. */
export function visitProducts(plan: Plan, factors: readonly Fraction[], visit: Visit): void {
  for (const cover of plan.covers) {
    const banked = productOf(cover.bankers, factors);
    if (banked.n === 0n) continue;
    for (const fold of cover.folds) {
      if (cover.conflicts === undefined) visitClasses(classesOf(cover, factors), fold, banked, visit);
      else visitItems(cover, factors, fold, banked, visit);
    }
  }
  for (const line of plan.lines) {
    const product = productOf(line, factors);
    if (product.n !== 0n) visit(product, 1n);
  }
}

type ItemClass = { readonly factor: Fraction; count: number };

function classesOf(cover: Cover, factors: readonly Fraction[]): readonly ItemClass[] {
  const classes = new Map<string, ItemClass>();
  for (const item of cover.items) {
    const factor = productOf(item, factors);
    if (factor.n === 0n) continue;
    const key = `${factor.n}/${factor.d}`;
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { factor, count: 1 });
    else known.count += 1;
  }
  return [...classes.values()];
}

/** From each class some of its equal items: as many ways as there are combinations of them. */
function visitClasses(classes: readonly ItemClass[], fold: number, banked: Fraction, visit: Visit): void {
  const available = classes.reduceRight<number[]>((sums, { count }) => [count + (sums[0] ?? 0), ...sums], [0]);
  const walk = (place: number, missing: number, product: Fraction, ways: bigint): void => {
    if (missing === 0) return visit(product, ways);
    const itemClass = classes[place];
    if (itemClass === undefined || (available[place] ?? 0) < missing) return undefined;
    let chosen = product;
    for (let taken = 0; taken <= Math.min(itemClass.count, missing); taken += 1) {
      walk(place + 1, missing - taken, chosen, ways * BigInt(combinationCount(itemClass.count, taken)));
      chosen = times(chosen, itemClass.factor);
    }
    return undefined;
  };
  walk(0, fold, banked, 1n);
}

function visitItems(cover: Cover, factors: readonly Fraction[], fold: number, banked: Fraction, visit: Visit): void {
  const products = cover.items.map((item) => productOf(item, factors));
  const walk = (from: number, missing: number, product: Fraction, excluded: number): void => {
    if (missing === 0) return visit(product, 1n);
    for (let place = from; place <= products.length - missing; place += 1) {
      const factor = products[place] ?? whole;
      if (factor.n === 0n || (excluded & (1 << place)) !== 0) continue;
      walk(place + 1, missing - 1, times(product, factor), excluded | (cover.conflicts?.[place] ?? 0));
    }
    return undefined;
  };
  walk(0, fold, banked, 0);
}
