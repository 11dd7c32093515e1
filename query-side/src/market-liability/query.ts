// What the live bets on a market could cost: per currency and outcome class, exact. Called by routes.ts alone. `exposures` is pure.

import { classProbabilities, outcomeClasses, type OutcomeClass } from '@wagerline/shared-kernel/betting/outcome-classes';
import type { LegResult } from '@wagerline/shared-kernel/betting/slip';
import type { ModelGeneration } from '@wagerline/shared-kernel/ports/read-model-store';
import {
  liabilitiesCollection,
  liabilityOf,
  type LiabilityDocument,
  type SelectionLiability,
  type SingleReturns,
} from '@wagerline/shared-kernel/read-models/market-liability';
import { addMinor } from '@wagerline/shared-kernel/values/money';
import { parseStoredOdds } from '@wagerline/shared-kernel/values/odds';
import { add, multiply, rational, zero, type Rational } from '@wagerline/shared-kernel/values/rational';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';

import type { QueryStore } from '../query-deps.ts';

/** `liabilityMinor`: returns minus stakes of all singles if this class comes true; above zero the house pays. */
export type ClassExposure = {
  readonly outcome: OutcomeClass;
  readonly probability: Rational;
  readonly returnMinor: number;
  readonly liabilityMinor: number;
};

export type Exposure = {
  readonly currency: string;
  readonly singlesStakeMinor: number;
  readonly classes: readonly ClassExposure[];
  readonly worstCaseMinor: number;
  /** Weighted by current odds without margin, in minor units. */
  readonly expected: Rational;
  readonly selections: readonly SelectionLiability[];
};

export async function findLiability(store: QueryStore, target: ModelGeneration, marketId: string): Promise<LiabilityDocument | undefined> {
  const stored = await store.get(target, liabilitiesCollection.name, marketId, marketId);
  return stored && liabilityOf(stored.document);
}

/** One per currency that live bets are in: amounts of different currencies are never added. */
export function exposures(market: LiabilityDocument): readonly Exposure[] {
  const outcomes = outcomeClasses(market.kind, market.line, market.selections.map(({ selectionId }) => selectionId));
  const odds = Object.fromEntries(market.selections.map((selection) => [selection.selectionId, parseStoredOdds(selection.odds)]));
  const probabilities = classProbabilities(outcomes, odds);
  return [...Map.groupBy(market.liabilities, (liability) => liability.currency)].map(([currency, selections]) => {
    const singlesStakeMinor = sumMinor(selections, (selection) => selection.singles.stakeMinor);
    const classes = outcomes.map((outcome, index) => {
      const returnMinor = sumMinor(selections, (selection) => returnOf(selection.singles.returns, outcome.results[selection.selectionId]));
      return { outcome, probability: probabilities[index] ?? zero, returnMinor, liabilityMinor: addMinor(returnMinor, -singlesStakeMinor) };
    });
    const worstCaseMinor = Math.max(...classes.map((each) => each.liabilityMinor));
    const expected = classes.map((each) => multiply(each.probability, rational(BigInt(each.liabilityMinor)))).reduce(add, zero);
    return { currency, singlesStakeMinor, classes, worstCaseMinor, expected, selections };
  });
}

function sumMinor(selections: readonly SelectionLiability[], of: (selection: SelectionLiability) => number): number {
  return selections.reduce((sum, selection) => addMinor(sum, of(selection)), 0);
}

function returnOf(returns: SingleReturns, result: LegResult | undefined): number {
  switch (result) {
    case 'won':
      return returns.wonMinor;
    case 'half_won':
      return returns.halfWonMinor;
    case 'push':
    case 'void':
      return returns.backMinor;
    case 'half_lost':
      return returns.halfLostMinor;
    case 'lost':
    case 'placed':
      return 0;
    case undefined:
      throw new Error('a bet stands on a selection that its kind of market does not have');
    default:
      return unreachable(result);
  }
}
