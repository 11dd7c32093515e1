// How exact numbers leave: odds as decimals, other rationals as "a/b" with the decimal where it ends. Called by the routes.

import { formatOdds, parseStoredOdds } from '@wagerline/shared-kernel/values/odds';
import { formatDecimal, formatRational, parseRational, type Rational } from '@wagerline/shared-kernel/values/rational';
import { assert } from '@wagerline/shared-kernel/values/unreachable';

/** `decimal` is null where it would never end. */
export type ExactText = { readonly rational: string; readonly decimal: string | null };

/** Few prices are in use at a time and a page of accumulators shows thousands of them. A full memory is emptied. */
const rememberedMax = 20_000;
const remembered = new Map<string, string>();

/** Stored "39/20" as "1.95". */
export function oddsText(stored: string): string {
  const known = remembered.get(stored);
  if (known !== undefined) return known;
  if (remembered.size >= rememberedMax) remembered.clear();
  const text = formatOdds(parseStoredOdds(stored));
  remembered.set(stored, text);
  return text;
}

export function exactText(exact: Rational): ExactText {
  const decimal = formatDecimal(exact);
  return { rational: formatRational(exact), decimal: decimal.includes('/') ? null : decimal };
}

export function storedExactText(stored: string): ExactText {
  const exact = parseRational(stored);
  assert(exact !== undefined, `a stored rational reads "a/b": ${stored.slice(0, 40)}`);
  return exactText(exact);
}
