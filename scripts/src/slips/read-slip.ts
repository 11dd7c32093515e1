// A slip in the slip format, made into the terms and outcomes that the bet arithmetic takes. Called by answer.ts and lifecycle-lines.ts. Refuses
// with a code and a pointer; computes no return.

import { exactNumber } from '@wagerline/shared-kernel/betting/fractions';
import type { LegOutcomeTerms, LegTerms } from '@wagerline/shared-kernel/betting/legs';
import { defaultRuleSet } from '@wagerline/shared-kernel/betting/rule-sets';
import { feedOutcome } from '@wagerline/shared-kernel/betting/results/feed-outcome';
import { shapeOf } from '@wagerline/shared-kernel/betting/shape-names';
import { builderName, shapeLegsMax, type Shape } from '@wagerline/shared-kernel/betting/shapes';
import { isProblem, isStakeWithinLimit, nearestTotals, prepareBet, type BetTerms, type PreparedBet } from '@wagerline/shared-kernel/betting/terms';
import { isCurrency } from '@wagerline/shared-kernel/values/money';
import { formatDecimal, rational } from '@wagerline/shared-kernel/values/rational';
import { historySlipSchema, inputErrorOf, slipSchema, type InputError, type Slip, type SlipLeg } from './slip-schema.ts';

export type ReadSlip = {
  readonly id: string;
  readonly bet: PreparedBet;
  readonly unitStakeMinor: number;
  readonly outcomes: readonly LegOutcomeTerms[];
};

/** `withResults`: every leg says what came of it; a history's bets say nothing, their legs are open. */
export function readSlip(value: unknown, withResults: boolean): ReadSlip | InputError {
  const parsed = (withResults ? slipSchema : historySlipSchema).safeParse(value);
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
  const bankers = legs.flatMap(({ banker }, index) => (banker === true ? [index] : []));
  if (rules?.combinedOdds !== undefined && bet.type !== builderName) {
    return refused('RULES_INVALID', '/rules/combinedOdds', 'only a bet builder has combined odds');
  }
  if (bet.type === builderName && bet.folds === undefined && bet.lines === undefined && bet.groups === undefined) {
    if (bankers[0] !== undefined) return refused('BET_TYPE_INVALID', `/legs/${bankers[0]}/banker`, 'a bet builder has no bankers');
    if (rules?.combinedOdds === undefined) return refused('RULES_INVALID', '/rules/combinedOdds', 'a bet builder has combined odds');
    return { type: 'bet-builder', combinedOdds: rules.combinedOdds };
  }
  const shape = shapeOf({ ...bet, bankers }, legs.length);
  if (!('code' in shape)) return shape;
  return shape.pointer.startsWith('/legs') ? shape : refused(shape.code, `/bet${shape.pointer}`, shape.detail);
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
    const totals = nearestTotals(rational(major.n * bet.perMajor, major.d), bet.lines).map((minor) => formatDecimal(rational(minor, bet.perMajor)));
    return refused('STAKE_INDIVISIBLE', pointer, `${totalStake ?? ''} does not divide by ${lines} lines; the nearest totals that do: ${totals.join(' and ')}`);
  }
  if (!isStakeWithinLimit(Number(unit.n), bet.lines)) return refused('STAKE_INVALID', pointer, 'a total stake is at most 2^53 - 1 minor units');
  return Number(unit.n);
}
