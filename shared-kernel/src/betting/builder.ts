// Bet builders: several legs of one fixture at one combined price. Called by line-amounts.ts and settlement.ts. What a void or half leg
// does to the combined price is the policy stored on the bet.

import { compare, divide, multiply, rational, type Rational } from '../values/rational.ts';
import { unreachable } from '../values/unreachable.ts';
import { reduced, whole, type Fraction } from './fractions.ts';
import { partFactor, type Leg, type OpenAs } from './legs.ts';
import type { VoidPolicy } from './shapes.ts';

export type Builder = { readonly combinedOdds: Rational; readonly policy: VoidPolicy; readonly odds: readonly Rational[] };

const isVoid = ({ result }: Leg): boolean => result === 'void' || result === 'push';
const isHalf = (leg: Leg): boolean => leg.result === 'half_won' || leg.result === 'half_lost';

/** What a unit stake returns. */
export function builderFactor(builder: Builder, legs: readonly Leg[], openAs: OpenAs): Fraction {
  const { policy } = builder;
  const voids = legs.filter(isVoid).length;
  if (voids === legs.length || (policy === 'void-all' && voids > 0)) return whole;
  const factors = legs.map((leg) => reduced(partFactor(leg, 'win', leg.price, openAs)));
  if (factors.some(({ n }) => n === 0n)) return rational(0n);
  const halves = legs.some(isHalf);
  switch (policy) {
    case 'straight':
      return voids > 0 || halves ? factors.reduce(multiply) : shortened(builder, factors);
    case 'divide': {
      // Voids multiply by 1, so the product is the one leg's own factor.
      if (voids === legs.length - 1) return factors.reduce(multiply);
      const left = shortened(builder, factors);
      return voids > 0 && !halves && compare(left, whole) < 0 ? whole : left;
    }
    case 'void-all':
      return shortened(builder, factors);
    default:
      return unreachable(policy);
  }
}

/** The combined price, less what each leg's factor is below its own price. All won = the combined price. */
function shortened({ combinedOdds, odds }: Builder, factors: readonly Rational[]): Rational {
  return factors.reduce((product, factor, index) => multiply(product, divide(factor, odds[index] ?? factor)), combinedOdds);
}

export function builderState(builder: Builder, legs: readonly Leg[]): 'open' | 'void' | 'decided' {
  const someVoid = legs.some(({ result }) => result === 'void');
  if (builder.policy === 'void-all' && legs.some(isVoid)) return someVoid ? 'void' : 'decided';
  const isLost = legs.some((leg) => partFactor(leg, 'win', leg.price, 'won').n === 0n);
  const open = legs.some(({ result }) => result === 'open');
  if (open && (!isLost || builder.policy === 'void-all')) return 'open';
  return legs.every(({ result }) => result === 'void') ? 'void' : 'decided';
}
