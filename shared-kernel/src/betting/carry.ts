// Any-to-come lines: the first leg is played alone, and of its return up to one or two unit stakes go on to the rest. Called by
// line-amounts.ts. Per unit stake, exact. The four ways of carrying an each-way return are rule-set data.

import { rational, min, add, subtract, multiply, divide, type Rational } from '../values/rational.ts';
import { unreachable } from '../values/unreachable.ts';
import { reduced, type Fraction } from './fractions.ts';
import { productOf } from './plan-sums.ts';
import type { Carry } from './plan.ts';
import type { AnyToComeMode } from './rules.ts';

export type AmountPart = 'win' | 'place' | 'both';

/** `units` is the return per unit stake, of `stakes` unit stakes. */
export type LineAmount = {
  readonly legs: readonly number[];
  readonly part: AmountPart;
  readonly units: Fraction;
  readonly stakes: 1 | 2;
  readonly times: number;
  /** Of an any-to-come line: how many unit stakes of its first leg's return go on. */
  readonly carried?: 1 | 2;
};

const two = rational(2n);

/** One part: F - c + c G with c = min(F, stakes). */
export function carriedAmount(carry: Carry, factors: readonly Fraction[], part: AmountPart): LineAmount {
  const [first, rest] = factorsOf(carry, factors);
  const carried = min(first, rational(BigInt(carry.stakes)));
  return amountOf(carry, part, add(subtract(first, carried), multiply(carried, rest)), 1);
}

export function carriedEachWay(carry: Carry, win: readonly Fraction[], place: readonly Fraction[], mode: AnyToComeMode): readonly LineAmount[] {
  if (mode === 'separate') return [carriedAmount(carry, win, 'win'), carriedAmount(carry, place, 'place')];
  const [firstWin, restWin] = factorsOf(carry, win);
  const [firstPlace, restPlace] = factorsOf(carry, place);
  const stakes = rational(BigInt(carry.stakes));
  const returned = add(firstWin, firstPlace);
  const capped = add(min(firstWin, stakes), min(firstPlace, stakes));
  switch (mode) {
    case 'pooled': {
      const carried = min(returned, multiply(two, stakes));
      return both(carry, returned, carried, divide(multiply(carried, add(restWin, restPlace)), two));
    }
    case 'part-capped':
      return both(carry, returned, capped, divide(multiply(capped, add(restWin, restPlace)), two));
    case 'win-first': {
      const onWin = min(capped, stakes);
      return both(carry, returned, capped, add(multiply(onWin, restWin), multiply(subtract(capped, onWin), restPlace)));
    }
    default:
      return unreachable(mode);
  }
}

function both(carry: Carry, returned: Rational, carried: Rational, fromRest: Rational): readonly LineAmount[] {
  return [amountOf(carry, 'both', add(subtract(returned, carried), fromRest), 2)];
}

function factorsOf({ first, rest }: Carry, factors: readonly Fraction[]): readonly [Rational, Rational] {
  return [reduced(productOf([first], factors)), reduced(productOf(rest, factors))];
}

function amountOf(carry: Carry, part: AmountPart, units: Rational, stakes: 1 | 2): LineAmount {
  return { legs: [carry.first, ...carry.rest], part, units, stakes, times: 1, carried: carry.stakes };
}
