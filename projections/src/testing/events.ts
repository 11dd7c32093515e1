// Sample events for the tests of projections: one fixture, its markets, one account and its bets. Plain values, no randomness.

import type { AccountEventOf, JudgedLeg, PlacedLeg } from '@wagerline/shared-kernel/events/account-events';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';

export type EventNamed<Type extends DomainEvent['type']> = Extract<DomainEvent, { type: Type }>;

export const accountId = '0b9f8f4e-7a59-4ac8-9c0b-0d3c1a6a1f52';
export const betId = 'c2c5d9a4-3c88-5d4e-9a55-1f0a7e6b2d11';
export const at = '2019-08-09T12:00:00.000Z';
export const later = '2019-08-09T21:00:00.000Z';
const hash = 'a'.repeat(64);

export const fixtureScheduled: EventNamed<'FixtureScheduled'> = {
  type: 'FixtureScheduled',
  at,
  fixtureId: 'liverpool-norwich',
  sport: 'football',
  competition: 'premier-league',
  home: 'Liverpool',
  away: 'Norwich',
  startsAt: '2019-08-09T19:00:00.000Z',
};

export const marketOpened: EventNamed<'MarketOpened'> = {
  type: 'MarketOpened',
  at,
  marketId: 'liverpool-norwich.1x2',
  fixtureId: 'liverpool-norwich',
  kind: 'match-result',
  line: null,
  inPlay: false,
  selections: [
    { selectionId: 'home', name: 'Liverpool', odds: '57/50' },
    { selectionId: 'draw', name: 'Draw', odds: '10/1' },
    { selectionId: 'away', name: 'Norwich', odds: '19/1' },
  ],
  stakeMaxPerBetMinor: 100_000,
  stakeMaxPerAccountMinor: null,
};
const { marketId, fixtureId } = marketOpened;
const market = { at: later, marketId, fixtureId };

export const pricesChanged: EventNamed<'PricesChanged'> = { type: 'PricesChanged', ...market, prices: [{ selectionId: 'home', odds: '6/5' }] };
export const marketSuspended: EventNamed<'MarketSuspended'> = { type: 'MarketSuspended', ...market, reason: 'goal' };
export const marketResumed: EventNamed<'MarketResumed'> = { type: 'MarketResumed', ...market };
export const marketClosed: EventNamed<'MarketClosed'> = { type: 'MarketClosed', ...market, reason: 'started' };
export const marketVoided: EventNamed<'MarketVoided'> = { type: 'MarketVoided', ...market, reason: 'abandoned' };
export const marketResulted: EventNamed<'MarketResulted'> = {
  type: 'MarketResulted',
  ...market,
  results: [
    { selectionId: 'home', result: 'won' },
    { selectionId: 'draw', result: 'lost' },
    { selectionId: 'away', result: 'lost' },
  ],
};
export const marketResultCorrected: EventNamed<'MarketResultCorrected'> = {
  type: 'MarketResultCorrected',
  ...market,
  reason: 'var',
  results: [
    { selectionId: 'home', result: 'lost' },
    { selectionId: 'draw', result: 'won' },
    { selectionId: 'away', result: 'lost' },
  ],
};

export const accountOpened: EventNamed<'AccountOpened'> = { type: 'AccountOpened', at, accountId, currency: 'GBP', brand: 'wagerline', jurisdiction: 'gb' };
const movement = { at, accountId, currency: 'GBP', keyHash: hash, requestHash: hash };
export const fundsDeposited: EventNamed<'FundsDeposited'> = { type: 'FundsDeposited', ...movement, amountMinor: 10_000 };
export const fundsWithdrawn: EventNamed<'FundsWithdrawn'> = { type: 'FundsWithdrawn', ...movement, amountMinor: 4_000 };
export const selfExcluded: EventNamed<'SelfExcluded'> = { type: 'SelfExcluded', at, accountId, until: null };

const legTerms = {
  fixtureId,
  competition: fixtureScheduled.competition,
  marketId,
  marketKind: marketOpened.kind,
  line: marketOpened.line,
  selectionId: 'home',
  odds: '57/50',
};
export const placedLeg: PlacedLeg = {
  ...legTerms,
  sport: 'football',
  home: 'Liverpool',
  away: 'Norwich',
  startsAt: fixtureScheduled.startsAt,
  inPlay: false,
  selectionName: 'Liverpool',
  requestedOdds: '57/50',
  marketVersion: 0,
};
const terms = {
  accountId,
  betId,
  currency: 'GBP',
  unitStakeMinor: 500,
  stakeMinor: 500,
  shape: { type: 'folds' as const, folds: [1] },
  eachWay: false,
  lineCount: 1,
  returnMaxMinor: 570,
  ruleSet: 'standard@1',
  placedAt: at,
};
export const betPlaced: EventNamed<'BetPlaced'> = {
  type: 'BetPlaced',
  at,
  ...terms,
  keyHash: hash,
  requestHash: hash,
  brand: 'wagerline',
  jurisdiction: 'gb',
  oddsChangePolicy: 'any',
  legs: [placedLeg],
};

/** The bet's legs with one result for all of them. */
export function judgedLegs(result: JudgedLeg['result'], resultRevision: number | null, legs: readonly PlacedLeg[] = betPlaced.legs): JudgedLeg[] {
  return legs.map(({ fixtureId, competition, marketId, marketKind, line, selectionId, odds }) => {
    return { fixtureId, competition, marketId, marketKind, line, selectionId, odds, result, resultRevision, late: false };
  });
}

const decidedBy = { role: 'trader', id: 'trader-1' } as const;

export const betSettled: EventNamed<'BetSettled'> = {
  type: 'BetSettled',
  at: later,
  ...terms,
  legs: judgedLegs('won', 2),
  reason: 'result',
  decidedBy,
  settlement: 1,
  state: 'returned',
  returnExact: '570/1',
  returnMinor: 570,
  rounding: 'half-even',
};
export const betReversed: AccountEventOf<'BetSettlementReversed'> = {
  type: 'BetSettlementReversed',
  at: later,
  ...terms,
  legs: judgedLegs('lost', 3),
  settlement: 1,
  returnMinor: 570,
  reason: 'result-changed',
  decidedBy,
};
export const betConfirmed: EventNamed<'BetResultConfirmed'> = {
  type: 'BetResultConfirmed',
  at: later,
  ...terms,
  legs: judgedLegs('won', 4),
  settlement: 1,
  state: 'returned',
  returnExact: '570/1',
  returnMinor: 570,
};
/** To a market of another season, while the bet is open. */
export const placeMovedTo = { fixtureId: 'liverpool-norwich-2020', marketId: 'liverpool-norwich-2020.1x2' };
export const betMoved: EventNamed<'BetMoved'> = {
  type: 'BetMoved',
  at: later,
  ...terms,
  legs: judgedLegs('open', 2).map((leg) => ({ ...leg, movedTo: { ...placeMovedTo, revisions: [null] } })),
  reason: 'feed-cancel',
  decidedBy,
  settlement: 0,
  isLive: true,
  moves: [{ leg: 0, from: { fixtureId, marketId }, to: placeMovedTo }],
};
export const betVoided: EventNamed<'BetVoided'> = {
  type: 'BetVoided',
  at: later,
  ...terms,
  legs: judgedLegs('open', null),
  settlement: 0,
  reason: 'palpable-error',
  decidedBy,
};
