// A slip as a bettor sends it, and what shape and stake it asks for. Called by bet-routes.ts and quote-routes.ts before anything is
// decided: what is refused here leaves no trace, and the key unused. Knows no market and no price.

import { shapeLegsMax, shapeNames, shapeProblem, builderName } from '@wagerline/shared-kernel/betting/shapes';
import { startingPrice } from '@wagerline/shared-kernel/betting/legs';
import { eachWayFormulas } from '@wagerline/shared-kernel/betting/rules';
import { shapeOf } from '@wagerline/shared-kernel/betting/shape-names';
import { oddsChangePolicy } from '@wagerline/shared-kernel/events/account-events';
import type { BetShape } from '@wagerline/shared-kernel/events/bet-shape';
import { slug } from '@wagerline/shared-kernel/events/schema';
import { ProblemException, type ProblemCode } from '@wagerline/shared-kernel/problems';
import { z } from 'zod';
import { decimalOdds, slipOdds } from '../market/routes.ts';
import type { Slip } from './commands.ts';

/** Every event of a bet carries its lines, and up to 64 events are one append of at most 1 MiB. */
const linesGivenMax = 256;
const placesGivenMax = 2_000;

const positiveMinor = z.number().refine((stake) => Number.isSafeInteger(stake) && stake > 0, {
  message: 'a positive whole number of minor units',
  params: { code: 'STAKE_INVALID' },
});
const place = z.int().min(0).max(shapeLegsMax - 1);
const places = z.array(place).min(1).max(shapeLegsMax);

/**
 * Exactly one of `type`, `folds` (of legs, or of `groups`) and `lines`; legs are named by their places in the slip. Exactly one of
 * `stakeMinor`, the stake of each line, and `totalStakeMinor`, which must divide by the lines.
 */
export const slipSchema = z.strictObject({
  type: z.enum(shapeNames).optional(),
  /** The price of a bet builder's selections together. */
  combinedOdds: decimalOdds.optional(),
  folds: z.array(z.int().min(1).max(shapeLegsMax)).min(1).max(shapeLegsMax).optional(),
  groups: z.array(places).min(1).max(shapeLegsMax).optional(),
  lines: z.array(places).min(1).max(linesGivenMax).optional(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  stakeMinor: positiveMinor.optional(),
  totalStakeMinor: positiveMinor.optional(),
  eachWay: z.boolean().optional(),
  /** Of an each-way bet; without it the rule set's. */
  eachWayFormula: z.enum(eachWayFormulas).optional(),
  /** Every line on the place part alone. */
  placeOnly: z.boolean().optional(),
  /** A token of the account; the slip's total stake is its amount. */
  freeBetId: z.uuid().optional(),
  oddsChangePolicy: oddsChangePolicy.default('none'),
  legs: z
    .array(
      z.strictObject({
        marketId: slug,
        selectionId: slug,
        /** Decimal, or `SP`. */
        odds: slipOdds,
        /** The market version that these odds were read at. */
        marketVersion: z.int().min(0).optional(),
        /** In every line, and not counted by the folds. */
        banker: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(shapeLegsMax),
});

export type SentSlip = z.infer<typeof slipSchema>;

/** @throws ProblemException for a slip that makes no bet, whatever its markets */
export function shapeAndStakeOf(slip: SentSlip): Pick<Slip, 'shape' | 'unitStakeMinor' | 'totalStakeMinor' | 'eachWay' | 'rules'> {
  const plain = { shape: shapeOfSlip(slip), ...stakeOf(slip) };
  const { eachWay, eachWayFormula, placeOnly } = slip;
  if (eachWay !== true && eachWayFormula === undefined && placeOnly !== true) return plain;
  if (eachWay !== true && eachWayFormula !== undefined) throw refused('RULES_INVALID', '/eachWayFormula', 'only an each-way bet has a formula');
  if (placeOnly === true) {
    if (eachWay === true) throw refused('RULES_INVALID', '/placeOnly', 'a place-only bet is not each-way');
    return { ...plain, rules: { placeOnly } };
  }
  return { ...plain, eachWay: true, ...(eachWayFormula !== undefined && { rules: { eachWayFormula } }) };
}

function stakeOf({ stakeMinor, totalStakeMinor }: SentSlip): Pick<Slip, 'unitStakeMinor' | 'totalStakeMinor'> {
  if (stakeMinor === undefined) {
    if (totalStakeMinor === undefined) throw refused('STAKE_INVALID', '/stakeMinor', 'a slip has stakeMinor or totalStakeMinor');
    return { unitStakeMinor: null, totalStakeMinor };
  }
  if (totalStakeMinor !== undefined) throw refused('STAKE_INVALID', '/totalStakeMinor', 'a slip has stakeMinor or totalStakeMinor, not both');
  return { unitStakeMinor: stakeMinor };
}

function shapeOfSlip(slip: SentSlip): BetShape {
  const { type, folds, groups, lines, legs } = slip;
  if (type === builderName) return builderShape(slip);
  if (slip.combinedOdds !== undefined) throw refused('BET_TYPE_INVALID', '/combinedOdds', 'only a bet builder has one price');
  const bankers = legs.flatMap(({ banker }, index) => (banker === true ? [index] : []));
  const shape = shapeOf({ type, folds, groups, lines, bankers }, legs.length);
  if ('code' in shape) {
    // A name says how many legs it wants.
    if (shape.pointer === '/type') throw refused('LEGS_INVALID', '/legs', shape.detail);
    throw refused(shape.code, shape.pointer, shape.detail);
  }
  const wrong = shapeProblem(shape, legs.length);
  if (wrong !== undefined) throw refused('BET_TYPE_INVALID', wrong.pointer, wrong.detail);
  const given = lines ?? (groups === undefined ? undefined : [...groups, bankers]);
  if (given !== undefined) checkGiven(given, legs.length, lines === undefined ? '/groups' : '/lines');
  return shape;
}

function builderShape({ combinedOdds, folds, groups, lines, eachWay, placeOnly, legs }: SentSlip): BetShape {
  if (combinedOdds === undefined) throw refused('ODDS_INVALID', '/combinedOdds', 'a bet builder has one price');
  if (folds !== undefined || groups !== undefined || lines !== undefined) throw refused('BET_TYPE_INVALID', '', 'a bet builder is one line of all its legs');
  if (eachWay === true || placeOnly === true) throw refused('RULES_INVALID', eachWay === true ? '/eachWay' : '/placeOnly', 'a bet builder has no place part');
  const other = legs.findIndex(({ banker, odds }) => banker === true || odds === startingPrice);
  if (other >= 0) throw refused('BET_TYPE_INVALID', `/legs/${other}`, 'a leg of a bet builder has a price, and is no banker');
  const shape = { type: 'bet-builder', combinedOdds } as const;
  const wrong = shapeProblem(shape, legs.length);
  if (wrong !== undefined) throw refused('LEGS_INVALID', '/legs', wrong.detail);
  return shape;
}

function checkGiven(given: readonly (readonly number[])[], legCount: number, pointer: string): void {
  const used = given.flat();
  if (used.length > placesGivenMax) throw refused('LINES_OVER_LIMIT', pointer, `at most ${placesGivenMax} legs are named in them all`);
  for (let leg = 0; leg < legCount; leg += 1) {
    if (!used.includes(leg)) throw refused('BET_TYPE_INVALID', `/legs/${leg}`, 'this leg is in no line');
  }
}

function refused(code: ProblemCode, pointer: string, detail: string): ProblemException {
  return new ProblemException(code, { detail, errors: [{ code, pointer, detail }] });
}
