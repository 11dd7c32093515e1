// The choices that bookmakers make differently, as one list of fields with their defaults. A rule set is such a list under a name
// (rule-sets.ts), a slip may override fields of it. Called by terms.ts and by readers of slips. All amounts are in major units.

import { z } from 'zod';

import { roundingModes } from '../values/rational.ts';
import { compare, type Rational } from '../values/rational.ts';
import { exactNumber, exactTextLengthMax } from './fractions.ts';
import { voidPolicies } from './shapes.ts';

export const eachWayFormulas = ['win-place', 'equally-divided'] as const;
export const anyToComeModes = ['pooled', 'part-capped', 'win-first', 'separate'] as const;
export type AnyToComeMode = (typeof anyToComeModes)[number];

const boostTiersMax = 50;
const zero = { n: 0n, d: 1n };
const exact = (says: string, isRight: (value: Rational) => boolean): z.ZodType<string, string> =>
  z.string().max(exactTextLengthMax).refine((text) => {
    const value = exactNumber(text);
    return value !== undefined && isRight(value);
  }, says);
export const amount = exact('an exact amount of at least 0, as a string', (value) => compare(value, zero) >= 0);
const percent = exact('an exact percentage of at least 0, as a string', (value) => compare(value, zero) >= 0);
const multiplier = exact('an exact multiplier of at least 1, as a string', ({ n, d }) => n >= d);

/** A bet of fewer legs has no such bonus; absent = 1. */
const legsMin = z.int().min(1).max(20).exactOptional();

/** Every field may be left out: `ruleDefaults` says what then holds; without a default there is no such bonus or limit. */
export const ruleFields = {
  /** How the exact return becomes a multiple of `roundTo` (default: the currency's minor unit). */
  rounding: z.enum(roundingModes).exactOptional(),
  roundPer: z.enum(['bet', 'line']).exactOptional(),
  roundTo: exact('an exact amount above 0, as a string', ({ n }) => n > 0n).exactOptional(),
  /** Two legs of one fixture in one line: the bet is refused, or such lines are left out. */
  related: z.enum(['refuse', 'skip']).exactOptional(),
  eachWayFormula: z.enum(eachWayFormulas).exactOptional(),
  anyToComeEachWay: z.enum(anyToComeModes).exactOptional(),
  placeOnly: z.boolean().exactOptional(),
  voidInBuilder: z.enum(voidPolicies).exactOptional(),
  bestOddsGuaranteed: z.boolean().exactOptional(),
  bestOddsTopUpMax: amount.exactOptional(),
  oneWinner: z.union([z.strictObject({ multiplier, legsMin }), z.strictObject({ percent, legsMin })]).exactOptional(),
  allWinners: z.strictObject({ percent, legsMin }).exactOptional(),
  accumulatorBoost: z.array(z.strictObject({ folds: z.int().min(1).max(100), percent })).max(boostTiersMax).readonly().exactOptional(),
  bonusMax: amount.exactOptional(),
  returnCap: amount.exactOptional(),
  /** What becomes of a leg whose season was replaced by another. */
  supercededBy: z.enum(['void', 'move']).exactOptional(),
  /** Which certainty of a result pays. */
  settleAt: z.enum(['live', 'confirmed']).exactOptional(),
};

export const rulesSchema = z.strictObject(ruleFields);

export type Rules = Readonly<z.infer<typeof rulesSchema>>;

export const ruleDefaults = {
  rounding: 'half-even',
  roundPer: 'bet',
  related: 'refuse',
  eachWayFormula: 'win-place',
  anyToComeEachWay: 'pooled',
  placeOnly: false,
  voidInBuilder: 'divide',
  bestOddsGuaranteed: false,
  supercededBy: 'void',
  settleAt: 'live',
} as const satisfies Rules;

export type RulesInForce = Omit<Rules, keyof typeof ruleDefaults> & { readonly [Name in keyof typeof ruleDefaults]: NonNullable<Rules[Name]> };

export function rulesInForce(ruleSet: Rules, overrides: Rules): RulesInForce {
  return { ...ruleDefaults, ...ruleSet, ...overrides };
}
