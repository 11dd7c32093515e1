// What a leg is struck on, what can come of it, and what it multiplies the win and the place part of its lines by. Called by terms.ts,
// settlement.ts and explanation.ts. Order of operations: price, Rule 4, place price, dead heat, void share. Never rounds.

import { compare, max, type Rational } from '../values/rational.ts';
import { assert } from '../values/unreachable.ts';
import { exactNumber, none, plus, reduced, times, whole, type Fraction } from './fractions.ts';
import type { LegOutcome } from './slip.ts';

/** "SP" = the starting price, known later. Exact numbers as text. An absent place fraction is 1. */
export type LegTerms = {
  readonly odds: string;
  readonly placeFraction?: string;
  readonly fixture?: string;
  readonly market?: string;
  readonly selection?: string;
};

export const startingPrice = 'SP';

export type ResultName = LegOutcome;

/**
 * `voidFactor` is the share of the stake that is handed back, where it is not the one that the result implies: 0, 1/2 or 1.
 * Deductions are percent, each of several added up by `rule4Percent`.
 */
export type LegOutcomeTerms = {
  readonly result: ResultName;
  readonly placeResult?: ResultName;
  readonly voidFactor?: string;
  readonly winDeadHeat?: string;
  readonly placeDeadHeat?: string;
  readonly rule4Percent?: readonly string[];
  readonly startingOdds?: string;
  readonly startingRule4Percent?: readonly string[];
};

export type Leg = {
  readonly result: ResultName;
  readonly placeResult: ResultName;
  /** After Rule 4; undefined = a starting price that nobody knows yet. */
  readonly price: Rational | undefined;
  /** The better of the struck and the starting price, each after its Rule 4. */
  readonly bestPrice: Rational | undefined;
  readonly placeFraction: Rational;
  readonly voidFactor: Rational | undefined;
  readonly winDeadHeat: Rational;
  readonly placeDeadHeat: Rational;
};

export type Part = 'win' | 'place';
/** How an open leg counts: as lost for what is certain, as won for the most that can come of it. */
export type OpenAs = 'lost' | 'won';

const oneRational: Rational = { n: 1n, d: 1n };
const half: Fraction = { n: 1n, d: 2n };
/** A price that nobody knows is taken for this where only the question is whether a line can still win. */
const unknownPrice: Rational = { n: 1_000_000n, d: 1n };

export function legOf(terms: LegTerms, outcome: LegOutcomeTerms): Leg {
  const starting = outcome.startingOdds === undefined ? undefined : exact(outcome.startingOdds);
  const startingDeductions = outcome.startingRule4Percent ?? (terms.odds === startingPrice ? outcome.rule4Percent : undefined);
  const atStart = starting === undefined ? undefined : reducedPrice(starting, startingDeductions);
  const price = terms.odds === startingPrice ? atStart : reducedPrice(exact(terms.odds), outcome.rule4Percent);
  const bestPrice = price === undefined || atStart === undefined ? price : max(price, atStart);
  return {
    result: outcome.result,
    placeResult: outcome.result === 'void' ? 'void' : (outcome.placeResult ?? outcome.result),
    price,
    bestPrice,
    placeFraction: terms.placeFraction === undefined ? oneRational : exact(terms.placeFraction),
    voidFactor: outcome.voidFactor === undefined ? undefined : exact(outcome.voidFactor),
    winDeadHeat: outcome.winDeadHeat === undefined ? oneRational : exact(outcome.winDeadHeat),
    placeDeadHeat: outcome.placeDeadHeat === undefined ? oneRational : exact(outcome.placeDeadHeat),
  };
}

const rule4Max: Fraction = { n: 90n, d: 100n };

/** Rule 4: 1 + (p - 1)(1 - r), where r is the sum of the deductions and at most 0.90. */
export function reducedPrice(price: Rational, percents: readonly string[] = []): Rational {
  if (percents.length === 0) return price;
  const sum = percents.reduce<Fraction>((total, percent) => plus(total, times(exact(percent), { n: 1n, d: 100n })), none);
  const r = compare(sum, rule4Max) > 0 ? rule4Max : sum;
  return reduced(plus(whole, times({ n: price.n - price.d, d: price.d }, { n: r.d - r.n, d: r.d })));
}

/** 1 + (p - 1) x placeFraction. */
export function placePrice(price: Rational, placeFraction: Rational): Fraction {
  return plus(whole, times({ n: price.n - price.d, d: price.d }, placeFraction));
}

/** `price` is one of the leg's two; void + (1 - void) x result x price x dead heat. */
export function partFactor(leg: Leg, part: Part, price: Rational | undefined, openAs: OpenAs): Fraction {
  const result = part === 'win' ? leg.result : leg.placeResult;
  if (result === 'lost' || (result === 'open' && openAs === 'lost')) return none;
  if (result === 'void' || result === 'push') return whole;
  if (result === 'placed' && part === 'win') return none;
  // A place result of its own says by itself how much of the stake is handed back.
  const voidFactor = (result === leg.result ? leg.voidFactor : undefined) ?? (result === 'half_won' || result === 'half_lost' ? half : none);
  if (result === 'half_lost') return voidFactor;
  const shown = price ?? unknownPrice;
  const [atPrice, deadHeat] = part === 'win' ? [shown, leg.winDeadHeat] : [placePrice(shown, leg.placeFraction), leg.placeDeadHeat];
  const full = isWhole(deadHeat) ? atPrice : times(atPrice, deadHeat);
  if (voidFactor.n === 0n) return full;
  return plus(voidFactor, times({ n: voidFactor.d - voidFactor.n, d: voidFactor.d }, full));
}

function isWhole({ n, d }: Rational): boolean {
  return n === d;
}

/** The share of a stake that stands where `tied` share `position`, their best place, of `places`: 1 place for the win part. */
export function deadHeatFactor(places: number, position: number, tied: number): Fraction {
  const standing = Math.max(0, Math.min(tied, places - position + 1));
  return { n: BigInt(standing), d: BigInt(tied) };
}

export function isOpen(leg: Leg, part: Part): boolean {
  return (part === 'win' ? leg.result : leg.placeResult) === 'open';
}

/** Terms and outcomes are checked where they are read. */
export function exact(text: string): Rational {
  const value = exactNumber(text);
  assert(value !== undefined, 'numbers of terms are exact: they are checked where they are read');
  return value;
}
