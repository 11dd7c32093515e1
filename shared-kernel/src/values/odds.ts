// Decimal odds as exact rationals: read from a slip or a trader's price, stored in events as "a/b", shown as decimals.
// Never a float, never fractional odds: "6/4" from a client is refused here.

import { formatDecimal, parseRational, type Rational } from './rational.ts';
import { assert } from './unreachable.ts';

export const oddsDecimalsMax = 4;
export const oddsMax = 100_000;

/** Markets share few prices, so nearly every text has been read before. A full memory is emptied: simpler than an order of use. */
const rememberedMax = 20_000;
const rememberedDecimal = new Map<string, Rational>();
const rememberedStored = new Map<string, Rational>();
const rememberedShown = new Map<string, string>();

const decimalOdds = /^[1-9]\d{0,5}(\.\d{1,4})?$/;

/** "1.95" or "3": above 1, at most 100000, at most four decimals; no sign, exponent, space or leading zero. Else undefined. */
export function parseDecimalOdds(text: string): Rational | undefined {
  const known = rememberedDecimal.get(text);
  if (known !== undefined) return known;
  if (text.length > 11 || !decimalOdds.test(text)) return undefined;
  const odds = parseRational(text);
  if (odds === undefined || !isOdds(odds)) return undefined;
  remember(rememberedDecimal, text, odds);
  return odds;
}

/** Odds as an event stores them ("39/20"). What an event holds was checked when it was written: anything else is a broken log. */
export function parseStoredOdds(text: string): Rational {
  const known = rememberedStored.get(text);
  if (known !== undefined) return known;
  const odds = parseRational(text);
  assert(odds !== undefined && isOdds(odds), `stored odds are above 1 and at most ${oddsMax}: ${text.slice(0, 40)}`);
  remember(rememberedStored, text, odds);
  return odds;
}

/** As shown to people and sent over HTTP: "1.95", "3". */
export function formatOdds(odds: Rational): string {
  return formatDecimal(odds);
}

/** Odds as an event stores them, as they are shown: `formatOdds(parseStoredOdds(text))`. */
export function formatStoredOdds(text: string): string {
  let shown = rememberedShown.get(text);
  if (shown === undefined) {
    shown = formatOdds(parseStoredOdds(text));
    remember(rememberedShown, text, shown);
  }
  return shown;
}

function isOdds(odds: Rational): boolean {
  return odds.n > odds.d && odds.n <= BigInt(oddsMax) * odds.d;
}

function remember<Value>(memory: Map<string, Value>, text: string, value: Value): void {
  if (memory.size >= rememberedMax) memory.clear();
  memory.set(text, value);
}
