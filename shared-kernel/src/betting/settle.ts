// What a bet of the server returns. A stored bet says by itself what it was struck on: its legs' odds and fixtures, its shape, stake and
// rule set; this puts them in front of settlement.ts. Called by the account's decide, by projections and by the query side. Pure.

import { amountMinorMax, amountMinorOf, isCurrency } from '../values/money.ts';
import { parseStoredOdds } from '../values/odds.ts';
import { rational, type Rational } from '../values/rational.ts';
import { assert } from '../values/unreachable.ts';
import { exact, legOf, startingPrice, type Leg, type LegOutcomeTerms } from './legs.ts';
import { settlePrepared, type BetState } from './settlement.ts';
import type { Shape } from './shapes.ts';
import type { LegOutcome, LegResult } from './slip.ts';
import type { Rules } from './rules.ts';
import { isProblem, prepareBet, type FreeBet, type PreparedBet, type TermsProblem } from './terms.ts';

/** `odds` as an event stores them, "a/b"; legs of one `fixtureId` are related. `startingPrice`: paid at that, whatever `odds` were shown. */
export type StruckLeg = {
  readonly odds: string;
  readonly startingPrice?: true;
  readonly fixtureId?: string;
  readonly placeFraction?: string;
  /** In the place of odds that were a palpable error. */
  readonly corrected?: { readonly odds: string; readonly reason: string };
};

/** Without its stake, so that a total can be divided by the lines. */
export type StruckBet = {
  readonly shape: Shape;
  readonly eachWay?: boolean;
  readonly legs: readonly StruckLeg[];
  /** Name and version. */
  readonly ruleSet: string;
  /** What the bet itself agrees otherwise. */
  readonly rules?: Rules;
  readonly freeBet?: { readonly kind: FreeBet };
  readonly currency: string;
};

/** What of a leg's outcome neither its result nor its shares say; exact numbers as "a/b". */
export type LegDetail = {
  readonly placeResult?: LegResult;
  readonly placeDeadHeat?: string;
  readonly rule4Percent?: number;
  readonly startingOdds?: string;
  readonly startingRule4Percent?: number;
};

export type BetToSettle = Omit<StruckBet, 'legs'> & {
  readonly unitStakeMinor: number;
  readonly legs: readonly (StruckLeg & {
    readonly result: LegOutcome;
    readonly voidFactor?: string;
    readonly winDeadHeat?: string;
    readonly detail?: LegDetail;
    /** The rule by which it was won before its market was decided. */
    readonly paidEarly?: string;
  })[];
};

export type { BetState };

/** While open, the returns count what is certain already (open legs taken as lost); `returnMaxMinor` takes them as won. */
export type Settlement = {
  readonly state: BetState;
  readonly decided: boolean;
  /** In minor units, before rounding. */
  readonly returnExact: Rational;
  readonly returnMinor: number;
  /** Rounded; at most 2^53 - 1, whatever the odds. Equals `returnMinor` when decided; null while a starting price is missing. */
  readonly returnMaxMinor: number | null;
};

export function settleBet(bet: BetToSettle): Settlement {
  const { state, payout, returnMax } = settlePrepared(preparedBet(bet), bet.unitStakeMinor, bet.legs.map(legToSettle));
  const returnMinor = amountMinorOf(wholeMinor(payout.rounded));
  const returnMaxMinor = returnMax === null ? null : boundedMinor(wholeMinor(returnMax));
  return { state, decided: state !== 'open', returnExact: payout.capped, returnMinor, returnMaxMinor };
}

/** Of a bet that was struck: its terms were checked then. */
export function preparedBet(bet: StruckBet): PreparedBet {
  const prepared = prepareStruck(bet);
  assert(!isProblem(prepared), `the terms of a bet were checked when it was struck${isProblem(prepared) ? `: ${prepared.detail}` : ''}`);
  return prepared;
}

/**
 * One line of all legs has the same plan whatever its prices, and is nearly every bet: it is made once per rule set, currency and number
 * of legs. Bounded by what there is of these.
 */
const oneLiners = new Map<string, Map<string, PreparedBet[]>>();

export function prepareStruck(bet: StruckBet): PreparedBet | TermsProblem {
  const { legs, ruleSet, currency } = bet;
  if (!isOneLine(bet)) return prepared(bet);
  const known = oneLiners.get(ruleSet)?.get(currency)?.[legs.length];
  if (known !== undefined) return known;
  const made = prepared(bet);
  if (isProblem(made)) return made;
  const ofRuleSet = oneLiners.get(ruleSet) ?? new Map<string, PreparedBet[]>();
  const ofCurrency = ofRuleSet.get(currency) ?? [];
  ofCurrency[legs.length] = made;
  oneLiners.set(ruleSet, ofRuleSet.set(currency, ofCurrency));
  return made;
}

/** Its prices come with its legs: what is prepared knows no more of them than their fixtures. */
function prepared({ currency, shape, eachWay, legs, ruleSet, rules = {}, freeBet }: StruckBet): PreparedBet | TermsProblem {
  assert(isCurrency(currency), 'a bet is in a currency that we know');
  // A bet builder's price is shortened by those of its legs.
  const oddsOf = (odds: string): string => (shape.type === 'bet-builder' ? odds : startingPrice);
  const fixtures = legs.map(({ fixtureId, ...leg }) => ({ odds: oddsOf(oddsInForce(leg)), ...(fixtureId === undefined ? {} : { fixture: fixtureId }) }));
  const free = freeBet === undefined ? {} : { freeBet: freeBet.kind };
  return prepareBet({ currency, eachWay: eachWay ?? false, shape, legs: fixtures, ruleSet, rules, ...free });
}

function isOneLine({ shape, eachWay, legs, rules, freeBet }: StruckBet): boolean {
  if (rules !== undefined || freeBet !== undefined) return false;
  if (shape.type !== 'folds' || shape.folds.length !== 1 || shape.folds[0] !== legs.length || eachWay === true) return false;
  if (shape.bankers !== undefined || shape.groups !== undefined) return false;
  for (let index = 1; index < legs.length; index += 1) {
    const fixture = legs[index]?.fixtureId;
    for (let earlier = 0; earlier < index; earlier += 1) if (fixture !== undefined && legs[earlier]?.fixtureId === fixture) return false;
  }
  return true;
}

/** What the leg is settled at. */
export function oddsInForce({ odds, corrected }: { readonly odds: string; readonly corrected?: { readonly odds: string } }): string {
  return corrected?.odds ?? odds;
}

const one = rational(1n);

export function legToSettle(leg: BetToSettle['legs'][number]): Leg {
  const { placeFraction, result, voidFactor, winDeadHeat } = leg;
  if (leg.detail !== undefined || leg.startingPrice !== undefined) return legOfMore(leg);
  const price = parseStoredOdds(oddsInForce(leg));
  return {
    result,
    placeResult: result,
    price,
    bestPrice: price,
    placeFraction: placeFraction === undefined ? one : exact(placeFraction),
    voidFactor: voidFactor === undefined ? undefined : exact(voidFactor),
    winDeadHeat: winDeadHeat === undefined ? one : exact(winDeadHeat),
    placeDeadHeat: one,
  };
}

/** A withdrawal before the start is in the starting price already: off that goes only what was taken off it by itself. */
function legOfMore(leg: BetToSettle['legs'][number]): Leg {
  const { startingPrice: atStart, placeFraction, result, voidFactor, winDeadHeat, detail = {} } = leg;
  const { rule4Percent, startingRule4Percent = 0, ...rest } = detail;
  const outcome: LegOutcomeTerms = {
    ...rest,
    result,
    ...(voidFactor === undefined ? {} : { voidFactor }),
    ...(winDeadHeat === undefined ? {} : { winDeadHeat }),
    startingRule4Percent: [`${startingRule4Percent}`],
    ...(rule4Percent === undefined ? {} : { rule4Percent: [`${rule4Percent}`] }),
  };
  return legOf({ odds: atStart === undefined ? oddsInForce(leg) : startingPrice, ...(placeFraction === undefined ? {} : { placeFraction }) }, outcome);
}

/** An amount that may be beyond every limit: then it is 2^53 - 1, which no limit on returns reaches. */
export function boundedMinor(amount: bigint): number {
  return amount > BigInt(amountMinorMax) ? amountMinorMax : Number(amount);
}

export function wholeMinor(amount: Rational): bigint {
  assert(amount.d === 1n, 'a rounded amount is a whole number of minor units');
  return amount.n;
}
