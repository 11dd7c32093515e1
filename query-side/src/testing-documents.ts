// Documents as the projections write them, for the tests of the query side: everything fixed, what a test is about is overridden.

import type { AccountSummary, StatementLineDocument } from '@wagerline/shared-kernel/read-models/account-statement';
import type { BetDocument, BetLegDocument } from '@wagerline/shared-kernel/read-models/bet-history';
import type { FixtureDocument } from '@wagerline/shared-kernel/read-models/fixture-search';
import type { LiabilityDocument, SelectionLiability } from '@wagerline/shared-kernel/read-models/market-liability';
import type { MarketDocument } from '@wagerline/shared-kernel/read-models/odds-board';
import { uuidV5 } from '@wagerline/shared-kernel/values/ids';

const namespace = '7a1f3c52-93a7-4c7e-8f6e-0b7b1d2c3e4f';
export const idOf = (name: string): string => uuidV5(namespace, name);

export const ann = idOf('ann');
export const ben = idOf('ben');
export const fixtureId = 'liverpool-norwich';
export const marketId = 'liverpool-norwich-1x2';

export const leg: BetLegDocument = {
  fixtureId,
  sport: 'football',
  competition: 'premier-league',
  home: 'Liverpool',
  away: 'Norwich',
  startsAt: '2019-08-09T19:00:00.000Z',
  inPlay: false,
  marketId,
  marketKind: 'match-result',
  line: null,
  selectionId: 'home',
  selectionName: 'Liverpool',
  odds: '39/20',
  requestedOdds: '2/1',
  marketVersion: 3,
  result: 'open',
  resultRevision: null,
  late: false,
};

export function bet(betId: string, given: Partial<BetDocument> = {}): BetDocument {
  return {
    accountId: ann,
    betId,
    currency: 'GBP',
    brand: 'wagerline',
    jurisdiction: 'gb',
    unitStakeMinor: 500,
    stakeMinor: 500,
    shape: { type: 'folds', folds: [1] },
    eachWay: false,
    lineCount: 1,
    returnMaxMinor: 975,
    ruleSet: 'standard@1',
    oddsChangePolicy: 'better',
    placedAt: '2019-08-09T12:00:00.000Z',
    legs: [leg],
    competitions: ['premier-league'],
    status: 'open',
    returnMinor: null,
    returnExact: null,
    settledAt: null,
    settlementCount: 0,
    history: [],
    revision: 2,
    ...given,
  };
}

export function account(accountId: string, given: Partial<AccountSummary> = {}): AccountSummary {
  return {
    accountId,
    currency: 'GBP',
    brand: 'wagerline',
    jurisdiction: 'gb',
    openedAt: '2019-08-01T09:00:00.000Z',
    balanceMinor: 9_500,
    openStakesMinor: 500,
    blocked: false,
    limits: [],
    exclusion: null,
    revision: 2,
    ...given,
  };
}

export function statementLine(accountId: string, revision: number, given: Partial<StatementLineDocument> = {}): StatementLineDocument {
  return {
    accountId,
    revision,
    type: 'FundsDeposited',
    at: '2019-08-01T09:00:00.000Z',
    currency: 'GBP',
    amountMinor: 100,
    balanceAfterMinor: 100 * revision,
    betId: null,
    reason: null,
    postings: [
      { account: `bettor:${accountId}`, currency: 'GBP', amountMinor: 100 },
      { account: 'payments', currency: 'GBP', amountMinor: -100 },
    ],
    ...given,
  };
}

export function market(given: Partial<MarketDocument> = {}): MarketDocument {
  return {
    marketId,
    fixtureId,
    kind: 'match-result',
    line: null,
    inPlay: false,
    status: 'open',
    reason: null,
    selections: [
      { selectionId: 'home', name: 'Liverpool', odds: '57/50', result: null },
      { selectionId: 'draw', name: 'Draw', odds: '10/1', result: null },
      { selectionId: 'away', name: 'Norwich', odds: '19/1', result: null },
    ],
    stakeMaxPerBetMinor: null,
    stakeMaxPerAccountMinor: null,
    openedAt: '2019-08-05T09:00:00.000Z',
    changedAt: '2019-08-09T09:00:00.000Z',
    version: 3,
    ...given,
  };
}

export function fixture(given: Partial<FixtureDocument> = {}): FixtureDocument {
  return {
    fixtureId,
    sport: 'football',
    competition: 'premier-league',
    home: 'Liverpool',
    away: 'Norwich',
    startsAt: '2019-08-09T19:00:00.000Z',
    status: 'scheduled',
    score: null,
    markets: [{ marketId, kind: 'match-result', line: null, inPlay: false, status: 'open' }],
    counter: 2,
    ...given,
  };
}

const noReturns = { wonMinor: 0, halfWonMinor: 0, backMinor: 0, halfLostMinor: 0 };

export function onSelection(selectionId: string, given: Partial<Omit<SelectionLiability, 'selectionId'>> = {}): SelectionLiability {
  return {
    selectionId,
    currency: 'GBP',
    singles: { count: 0, stakeMinor: 0, returns: noReturns },
    multiples: { count: 0, stakeMinor: 0, returnMaxMinor: 0 },
    ...given,
  };
}

export function liability(given: Partial<LiabilityDocument> = {}): LiabilityDocument {
  return {
    marketId,
    fixtureId,
    kind: 'match-result',
    line: null,
    status: 'open',
    selections: [
      { selectionId: 'home', name: 'Liverpool', odds: '2/1' },
      { selectionId: 'draw', name: 'Draw', odds: '4/1' },
      { selectionId: 'away', name: 'Norwich', odds: '4/1' },
    ],
    liabilities: [],
    position: 40,
    ...given,
  };
}
