// How a return came about, step by step, for people and tools; apart from settlement.ts because a settlement job has no reader for it.
// The amounts add up to the rounded return exactly. Called by explain.ts and the tools.

import { formatAmount } from '../values/money.ts';
import { formatDecimal, rational, subtract, type Rational } from '../values/rational.ts';
import { unreachable } from '../values/unreachable.ts';
import type { AmountPart, LineAmount } from './carry.ts';
import { none, plus, reduced, times, type Fraction } from './fractions.ts';
import type { Leg, LegOutcomeTerms } from './legs.ts';
import { builderLine, carriedLines, paidUnits, partViews, viewUnits, type PartView } from './line-amounts.ts';
import { listLines } from './plan-lines.ts';
import { productOf } from './plan-sums.ts';
import { linesOfCover, type Plan } from './plan.ts';
import { legsOf, outcomesProblem, settlePrepared, type BetSettlement } from './settlement.ts';
import { isProblem, prepareBet, type BetTerms, type PreparedBet, type TermsProblem } from './terms.ts';

export type ExplanationStep = {
  /** `price` and `early-payout` say why the lines are what they are: their amounts are 0. */
  readonly step: 'price' | 'early-payout' | 'line' | 'top-up' | 'bonus' | 'cap' | 'rounding';
  /** Zero-based, in the order of the slip. */
  readonly legs: readonly number[];
  readonly part: AmountPart;
  /** In minor units, exact. */
  readonly amount: Rational;
  readonly text: string;
};

/** Above this many lines, each part counted, there is one step per fold and part. */
export const linesListedMax = 256;

export function explain(terms: BetTerms, outcomes: readonly LegOutcomeTerms[]): readonly ExplanationStep[] | TermsProblem {
  const bet = prepareBet(terms);
  if (isProblem(bet)) return bet;
  const missing = outcomesProblem(bet, outcomes);
  if (missing !== undefined) return missing;
  const legs = legsOf(bet, outcomes);
  return explainPrepared(bet, terms.unitStakeMinor, legs, settlePrepared(bet, terms.unitStakeMinor, legs));
}

export function explainPrepared(bet: PreparedBet, unitStakeMinor: number, legs: readonly Leg[], settled: BetSettlement): readonly ExplanationStep[] {
  const views = partViews(bet, legs, 'lost');
  const unit = rational(BigInt(unitStakeMinor));
  const stake = formatAmount(unitStakeMinor, bet.terms.currency);
  const context: Context = { bet, legs, views, unit, stake, less: bet.terms.freeBet === 'stake-not-returned' ? ', less the stake' : '' };
  const steps = bet.lines <= linesListedMax ? eachLine(context) : eachFold(context);
  return [...steps, ...stepsAbove(context, settled)];
}

type Context = {
  readonly bet: PreparedBet;
  readonly legs: readonly Leg[];
  readonly views: readonly PartView[];
  readonly unit: Rational;
  readonly stake: string;
  readonly less: string;
};

function eachLine(context: Context): ExplanationStep[] {
  const { bet, legs, views, stake, less } = context;
  const shown = views.map((view) => view.factors.map((factor, index) => `${formatDecimal(reduced(factor))} (${resultText(legs[index], view.part)})`));
  const steps: ExplanationStep[] = [];
  for (const line of views.length === 0 ? [] : listLines(bet.plan)) {
    for (const [place, view] of views.entries()) {
      const units = times(productOf(line, view.factors), { n: BigInt(view.stakes), d: 1n });
      let text = view.stakes === 2 ? `2 x ${stake}` : stake;
      for (const leg of line) text += ` x ${shown[place]?.[leg] ?? ''}`;
      steps.push(lineStep(context, line, view.part, paidUnits(bet, units, view.stakes), text + less));
    }
  }
  for (const line of builderLine(bet, legs, 'lost')) {
    const results = legs.map((leg) => resultText(leg, 'win')).join(', ');
    const text = `${stake} x ${formatDecimal(reduced(line.units))} (combined ${formatDecimal(bet.builder?.combinedOdds ?? none)}: ${results})${less}`;
    steps.push(lineStep(context, line.legs, 'win', paidUnits(bet, line.units, line.stakes), text));
  }
  for (const line of carriedLines(bet, legs, 'lost')) {
    steps.push(lineStep(context, line.legs, line.part, paidUnits(bet, line.units, line.stakes), carriedText(context, line)));
  }
  return steps;
}

function carriedText({ legs, stake, less }: Context, line: LineAmount): string {
  const [first, ...rest] = line.legs.map((leg) => `leg ${leg + 1} (${resultText(legs[leg], line.part)})`);
  return `${stake} on ${first ?? ''}, up to ${line.carried ?? 1} x ${stake} of its return on ${rest.join(' and ')}${less}`;
}

/** A result of the win and the place part of a leg, as people say it. */
function resultText(leg: Leg | undefined, part: AmountPart): string {
  if (leg === undefined) return '';
  const [win, place] = [leg.result.replace('_', ' '), leg.placeResult.replace('_', ' ')];
  switch (part) {
    case 'win':
      return win;
    case 'place':
      return place === 'won' ? 'placed' : place;
    case 'both':
      return win === place ? win : `${win}, ${place === 'won' ? 'placed' : place}`;
    default:
      return unreachable(part);
  }
}

function eachFold(context: Context): ExplanationStep[] {
  const { bet, legs, views, stake, less } = context;
  const steps: ExplanationStep[] = [];
  for (const { plan, fold, count } of foldsOf(bet.plan)) {
    const inLines = [...plan.lines.flat(), ...plan.covers.flatMap(({ bankers, items }) => [...bankers, ...items.flat()])];
    const inFold = [...new Set(inLines)].toSorted((a, b) => a - b);
    for (const view of views) {
      const text = `${count} lines of ${fold} at ${view.stakes === 2 ? `2 x ${stake}` : stake}${less}`;
      steps.push(lineStep(context, inFold, view.part, viewUnits(bet, plan, view), text));
    }
  }
  const sums = new Map<AmountPart, { units: Fraction; count: number }>();
  for (const { part, units, stakes } of carriedLines(bet, legs, 'lost')) {
    const known = sums.get(part) ?? { units: none, count: 0 };
    sums.set(part, { units: reduced(plus(known.units, paidUnits(bet, units, stakes))), count: known.count + 1 });
  }
  const all = legs.map((_, index) => index);
  for (const [part, { units, count }] of sums) steps.push(lineStep(context, all, part, units, `${count} any-to-come lines at ${stake}${less}`));
  return steps;
}

/** The plan cut into its folds: one cover and fold each, given lines by their length. */
function foldsOf(plan: Plan): readonly { readonly plan: Plan; readonly fold: number; readonly count: number }[] {
  const part = (covers: Plan['covers'], lines: Plan['lines']): Plan => ({ covers, lines, carries: [], lineCount: 0, related: undefined });
  const covers = plan.covers.flatMap((cover) =>
    cover.folds.map((fold) => {
      const alone = { ...cover, folds: [fold] };
      return { plan: part([alone], []), fold: fold + cover.bankers.length, count: linesOfCover(alone) };
    }),
  );
  const lengths = [...new Set(plan.lines.map((line) => line.length))].toSorted((a, b) => a - b);
  return [
    ...covers,
    ...lengths.map((fold) => {
      const lines = plan.lines.filter((line) => line.length === fold);
      return { plan: part([], lines), fold, count: lines.length };
    }),
  ];
}

function lineStep({ unit }: Context, legs: readonly number[], part: AmountPart, units: Fraction, text: string): ExplanationStep {
  return { step: 'line', legs, part, amount: reduced(times(unit, units)), text };
}

/** What comes after the lines: top-up, bonuses, caps, rounding; a step that changes nothing is left out. */
function stepsAbove({ bet, unit }: Context, { payout }: BetSettlement): readonly ExplanationStep[] {
  const { rules } = bet;
  const part: AmountPart = bet.terms.eachWay ? 'both' : rules.placeOnly ? 'place' : 'win';
  const steps: ExplanationStep[] = [];
  const push = (step: ExplanationStep['step'], of: AmountPart, amount: Rational, text: string): void => {
    if (amount.n !== 0n) steps.push({ step, legs: [], part: of, amount, text });
  };
  const major = (minor: Rational): string => formatDecimal(rational(minor.n, minor.d * bet.perMajor));
  push('top-up', part, payout.topUp, 'best odds: the better of the struck and the starting price on each leg');
  let promised = rational(0n);
  for (const { rule, units } of payout.bonuses) {
    const amount = reduced(times(unit, units));
    promised = reduced(plus(promised, amount));
    push('bonus', 'win', amount, bonusTexts[rule]);
  }
  push('cap', 'win', subtract(payout.bonus, promised), `bonuses are at most ${rules.bonusMax ?? ''}`);
  push('cap', part, subtract(payout.capped, payout.uncapped), `the whole return is at most ${rules.returnCap ?? ''}`);
  const per = rules.roundPer === 'line' ? ' line by line' : '';
  push('rounding', part, subtract(payout.rounded, payout.capped), `rounded ${rules.rounding}${per} to ${major(payout.rounded)}`);
  return steps;
}

const bonusTexts = {
  oneWinner: 'bonus for the only winner, on its single',
  allWinners: 'bonus for all winners, on the winnings of the win part',
  accumulatorBoost: 'accumulator boost, on the winnings of the win part',
} as const;
