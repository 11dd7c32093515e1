// A slip in the slip format, made into the terms and outcomes that the bet arithmetic takes. Called by answer.ts and lifecycle-lines.ts. Refuses
// with a code and a pointer; computes no return.

import { exactNumber } from '@wagerline/shared-kernel/betting/fractions';
import type { LegOutcomeTerms, LegTerms } from '@wagerline/shared-kernel/betting/legs';
import { defaultRuleSet } from '@wagerline/shared-kernel/betting/rule-sets';
import { feedOutcome } from '@wagerline/shared-kernel/betting/results/feed-outcome';
import { builderName, namedShape, shapeLegsMax, type Shape } from '@wagerline/shared-kernel/betting/shapes';
import { isProblem, isStakeWithinLimit, prepareBet, type BetTerms, type PreparedBet } from '@wagerline/shared-kernel/betting/terms';
import { isCurrency } from '@wagerline/shared-kernel/values/money';
import { formatDecimal, rational } from '@wagerline/shared-kernel/values/rational';
import { inputErrorOf, slipSchema, type InputError, type Slip, type SlipLeg } from './slip-schema.ts';

export type ReadSlip = {
  readonly id: string;
  readonly bet: PreparedBet;
  readonly unitStakeMinor: number;
  readonly outcomes: readonly LegOutcomeTerms[];
};

/** `withResults`: every leg says what came of it; a history's bets say nothing, their legs are open. */
export function readSlip(value: unknown, withResults: boolean): ReadSlip | InputError {
  const parsed = slipSchema.safeParse(value);
  if (!parsed.success) return inputErrorOf(parsed.error);
  const slip = parsed.data;
  if (!isCurrency(slip.currency)) return refused('CURRENCY_UNKNOWN', '/currency', `${JSON.stringify(slip.currency)} is no currency known here`);
  if (slip.legs.length > shapeLegsMax) return refused('LEGS_INVALID', '/legs', `a bet has 1 to ${shapeLegsMax} legs`);
  const outcomes: LegOutcomeTerms[] = [];
  for (const [index, leg] of slip.legs.entries()) {
    const outcome = outcomeOf(leg, `/legs/${index}`, withResults);
    if ('code' in outcome) return outcome;
    outcomes.push(outcome);
  }
  const shape = shapeOfSlip(slip);
  if ('code' in shape) return shape;
  const terms = termsOf(slip, slip.currency, shape);
  const bet = prepareBet(terms);
  if (isProblem(bet)) return bet;
  const stake = unitStakeOf(slip, bet);
  if (typeof stake !== 'number') return stake;
  return { id: slip.id, bet, unitStakeMinor: stake, outcomes };
}

export function isInputError(value: object): value is InputError {
  return 'code' in value && 'pointer' in value;
}

function refused(code: InputError['code'], pointer: string, detail: string): InputError {
  return { code, detail, pointer };
}

function termsOf(slip: Slip, currency: BetTerms['currency'], shape: Shape): Omit<BetTerms, 'unitStakeMinor'> {
  const { combinedOdds: _, ...rules } = slip.rules ?? {};
  const freeBet = slip.freeBet === undefined ? {} : { freeBet: slip.freeBet };
  return { currency, eachWay: slip.eachWay ?? false, ...freeBet, shape, legs: slip.legs.map(legTermsOf), ruleSet: defaultRuleSet, rules };
}

function legTermsOf({ odds, placeFraction, fixture, market, selection }: SlipLeg): LegTerms {
  return {
    odds,
    ...(placeFraction === undefined ? {} : { placeFraction }),
    ...(fixture === undefined ? {} : { fixture }),
    ...(market === undefined ? {} : { market }),
    ...(selection === undefined ? {} : { selection }),
  };
}

function outcomeOf(leg: SlipLeg, pointer: string, withResults: boolean): LegOutcomeTerms | InputError {
  const { placeResult, winDeadHeat, placeDeadHeat, rule4Percent, startingOdds, startingRule4Percent, uof } = leg;
  if (leg.result !== undefined && uof !== undefined) return refused('RESULT_INVALID', `${pointer}/uof`, 'a leg has result or uof, not both');
  if (!withResults && ((leg.result ?? 'open') !== 'open' || uof !== undefined)) {
    return refused('RESULT_INVALID', `${pointer}/${uof === undefined ? 'result' : 'uof'}`, 'results come from the feed here');
  }
  if (withResults && leg.result === undefined && uof === undefined) return refused('RESULT_INVALID', `${pointer}/result`, 'a leg has result or uof');
  if (winDeadHeat !== undefined && uof?.deadHeatFactor !== undefined) {
    return refused('RESULT_INVALID', `${pointer}/winDeadHeat`, 'the dead heat stands in uof already');
  }
  return {
    ...(uof === undefined ? { result: leg.result ?? 'open' } : feedOutcome(uof)),
    ...(placeResult === undefined ? {} : { placeResult }),
    ...(winDeadHeat === undefined ? {} : { winDeadHeat }),
    ...(placeDeadHeat === undefined ? {} : { placeDeadHeat }),
    ...(rule4Percent === undefined ? {} : { rule4Percent }),
    ...(startingOdds === undefined ? {} : { startingOdds }),
    ...(startingRule4Percent === undefined ? {} : { startingRule4Percent }),
  };
}

function shapeOfSlip({ bet, legs, rules }: Slip): Shape | InputError {
  const { type, folds, lines, groups } = bet;
  const bankers = legs.flatMap(({ banker }, index) => (banker === true ? [index] : []));
  const given = [type, lines, folds].filter((field) => field !== undefined).length;
  if (given !== 1 || (groups !== undefined && folds === undefined)) {
    return refused('BET_TYPE_INVALID', '/bet', 'a bet is a type, or folds (with or without groups), or lines');
  }
  if (rules?.combinedOdds !== undefined && type !== builderName) return refused('RULES_INVALID', '/rules/combinedOdds', 'only a bet builder has combined odds');
  if (folds !== undefined) return { type: 'folds', folds, ...(bankers.length === 0 ? {} : { bankers }), ...(groups === undefined ? {} : { groups }) };
  if (lines !== undefined) {
    const left = bankers.find((banker) => !lines.every((line) => line.includes(banker)));
    return left === undefined ? { type: 'lines', lines } : refused('BET_TYPE_INVALID', `/legs/${left}/banker`, 'a banker is in every line');
  }
  if (type === builderName) {
    if (bankers[0] !== undefined) return refused('BET_TYPE_INVALID', `/legs/${bankers[0]}/banker`, 'a bet builder has no bankers');
    if (rules?.combinedOdds === undefined) return refused('RULES_INVALID', '/rules/combinedOdds', 'a bet builder has combined odds');
    return { type: 'bet-builder', combinedOdds: rules.combinedOdds };
  }
  const named = namedShape(type ?? '', legs.length, bankers);
  return 'shape' in named ? named.shape : refused('BET_TYPE_INVALID', '/bet/type', named.problem);
}

/** In minor units: a total divides by the lines, or the two that are nearest and do are named. */
function unitStakeOf({ unitStake, totalStake }: Slip, bet: PreparedBet): number | InputError {
  if (unitStake === undefined && totalStake === undefined) return refused('STAKE_INVALID', '/unitStake', 'a slip has unitStake or totalStake');
  if (unitStake !== undefined && totalStake !== undefined) return refused('STAKE_INVALID', '/totalStake', 'a slip has unitStake or totalStake, not both');
  const pointer = unitStake === undefined ? '/totalStake' : '/unitStake';
  const major = exactNumber(unitStake ?? totalStake ?? '') ?? rational(0n);
  const lines = unitStake === undefined ? BigInt(bet.lines) : 1n;
  const unit = rational(major.n * bet.perMajor, major.d * lines);
  if (unit.d !== 1n) {
    if (unitStake !== undefined) return refused('STAKE_INVALID', pointer, `a stake is a multiple of ${formatDecimal(rational(1n, bet.perMajor))}`);
    const below = (unit.n / unit.d || 1n) * lines;
    const totals = [below, below + lines].map((minor) => formatDecimal(rational(minor, bet.perMajor)));
    return refused('STAKE_INDIVISIBLE', pointer, `${totalStake ?? ''} does not divide by ${lines} lines; the nearest totals that do: ${totals.join(' and ')}`);
  }
  if (!isStakeWithinLimit(Number(unit.n), bet.lines)) return refused('STAKE_INVALID', pointer, 'a total stake is at most 2^53 - 1 minor units');
  return Number(unit.n);
}
