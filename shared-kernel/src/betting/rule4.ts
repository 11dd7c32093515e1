// Rule 4: how much a withdrawn runner's price takes off the winnings of the others, as a versioned table. Called by whoever reports a withdrawal;
// what the deduction does to a price is legs.ts. The table is read and checked when the process starts.

import { z } from 'zod';

import { compare, divide, rational, subtract, type Rational } from '../values/rational.ts';
import { assert } from '../values/unreachable.ts';
import { exactNumber } from './fractions.ts';
import tattersalls1 from './rule-sets/rule4-tattersalls@1.json' with { type: 'json' };

const fractional = z.string().regex(/^\d{1,3}\/\d{1,3}$/);
const tableSchema = z.strictObject({
  id: z.string().regex(/^rule4-[a-z]+@[1-9]\d{0,4}$/),
  /** A bookmaker may waive a total as small as this, in percent. */
  waivedTotal: z.int().min(0).max(90),
  /** Fractional odds of the withdrawn runner, shortest band first, both ends included. */
  bands: z.array(z.strictObject({ percent: z.int().min(1).max(90), from: fractional, to: fractional })).min(1),
});

export type Rule4Table = z.infer<typeof tableSchema>;

/** Bands ascend and do not overlap; a shorter price takes more. */
export function parseRule4Table(file: unknown): Rule4Table {
  const table = tableSchema.parse(file);
  for (const [index, band] of table.bands.entries()) {
    const next = table.bands[index + 1];
    const ascends = next === undefined || (compare(oddsOf(band.to), oddsOf(next.from)) < 0 && next.percent < band.percent);
    if (compare(oddsOf(band.from), oddsOf(band.to)) > 0 || !ascends) throw new Error(`${table.id}: the bands ascend, ${band.from} to ${band.to} does not`);
  }
  return table;
}

export const tattersalls = parseRule4Table(tattersalls1);

/**
 * Percent off the winnings for a runner withdrawn at these decimal odds. Between two bands the shorter price's counts: 19/2 takes what 9/1
 * takes. Above the last band nothing is taken.
 */
export function rule4Percent(table: Rule4Table, withdrawnOdds: Rational): number {
  const fraction = subtract(withdrawnOdds, rational(1n));
  const last = table.bands.at(-1);
  if (last === undefined || compare(fraction, oddsOf(last.to)) > 0) return 0;
  return table.bands.findLast(({ from }) => compare(oddsOf(from), fraction) <= 0)?.percent ?? 0;
}

/** Several withdrawals: their sum, at most 90, nothing where the table waives so little. */
export function rule4Total(table: Rule4Table, percents: readonly number[]): number {
  const total = Math.min(90, percents.reduce((sum, percent) => sum + percent, 0));
  return total <= table.waivedTotal ? 0 : total;
}

function oddsOf(text: string): Rational {
  const [n, d] = text.split('/').map((part) => exactNumber(part));
  assert(n !== undefined && d !== undefined, 'fractional odds are two numbers');
  return divide(n, d);
}
