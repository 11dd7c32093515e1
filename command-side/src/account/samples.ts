// Test data for decisions about accounts: one account, offers and slips to vary. Used by tests alone.

import type { AccountEvent, AccountEventOf, JudgedLeg } from '@wagerline/shared-kernel/events/account-events';
import { betIdOf, sha256Hex } from '@wagerline/shared-kernel/values/ids';
import type { LegVerdict, Offer, PlaceBet, SettleBet, SlipLeg } from './commands.ts';

export const at = '2019-08-09T12:00:00.000Z';
export const accountId = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
export const opened: AccountEvent = { type: 'AccountOpened', at, accountId, currency: 'GBP', brand: 'demo', jurisdiction: 'GB' };

export function moneyKey(key: string): { keyHash: string; requestHash: string } {
  return { keyHash: sha256Hex(`${accountId}:${key}`), requestHash: sha256Hex(`body of ${key}`) };
}

export function deposited(amountMinor: number, when = at): AccountEvent {
  return { type: 'FundsDeposited', at: when, accountId, amountMinor, currency: 'GBP', ...moneyKey(`deposit ${amountMinor} ${when}`) };
}

export function offer(change: Partial<Offer> = {}, fixtureId = 'liv-nor'): Offer {
  return {
    marketId: 'm1',
    marketVersion: 3,
    status: 'open',
    kind: 'match-result',
    line: null,
    inPlay: false,
    stakeMaxPerBetMinor: null,
    stakeMaxPerAccountMinor: null,
    selection: { name: 'Liverpool', odds: '39/20' },
    fixture: { fixtureId, sport: 'football', competition: 'E0', home: 'Liverpool', away: 'Norwich', startsAt: '2019-08-09T19:00:00.000Z', started: false },
    ...change,
  };
}

/** A leg on a market that is on offer. */
export type OfferedLeg = SlipLeg & { readonly offer: Offer };

export function slipLeg(marketId = 'm1', change: Partial<Offer> = {}, requestedOdds = '39/20'): OfferedLeg {
  return { marketId, selectionId: 'home', requestedOdds, offer: offer({ marketId, ...change }, `fixture-of-${marketId}`) };
}

export function placeBet(key: string, change: Partial<PlaceBet> = {}): PlaceBet {
  const legs = change.legs ?? [slipLeg()];
  return {
    type: 'PlaceBet',
    ...moneyKey(key),
    betId: betIdOf(accountId, key),
    currency: 'GBP',
    unitStakeMinor: 500,
    shape: { type: 'folds', folds: [legs.length] },
    ruleSet: 'standard@1',
    oddsChangePolicy: 'none',
    limits: { openBetsMax: 500, stakeMinorMax: 1_000_000, returnMinorMax: 100_000_000, linesMax: 10_000 },
    at,
    ...change,
    legs,
  };
}

/** What an accepted `placeBet` records. */
export function placed(key: string, change: Partial<AccountEventOf<'BetPlaced'>> = {}, legs: readonly OfferedLeg[] = [slipLeg()]): AccountEventOf<'BetPlaced'> {
  return {
    type: 'BetPlaced',
    at,
    accountId,
    betId: betIdOf(accountId, key),
    currency: 'GBP',
    unitStakeMinor: 500,
    stakeMinor: 500,
    shape: { type: 'folds', folds: [legs.length] },
    eachWay: false,
    lineCount: 1,
    returnMaxMinor: 975,
    ruleSet: 'standard@1',
    placedAt: at,
    ...moneyKey(key),
    brand: 'demo',
    jurisdiction: 'GB',
    oddsChangePolicy: 'none',
    legs: legs.map((leg) => ({
      fixtureId: leg.offer.fixture.fixtureId,
      competition: 'E0',
      marketId: leg.marketId,
      marketKind: 'match-result',
      line: null,
      selectionId: leg.selectionId,
      odds: leg.offer.selection?.odds ?? '',
      sport: 'football',
      home: 'Liverpool',
      away: 'Norwich',
      startsAt: '2019-08-09T19:00:00.000Z',
      inPlay: leg.offer.inPlay,
      selectionName: 'Liverpool',
      requestedOdds: leg.requestedOdds,
      marketVersion: 3,
    })),
    ...change,
  };
}

/** Of every settlement here. */
export const why = { reason: 'result', decidedBy: { role: 'trader', id: 'trader-1' } } as const;

export function verdict(result: LegVerdict['result'], resultRevision: number | null = 5, late = false): LegVerdict {
  return { result, resultRevision, late };
}

export function settle(key: string, ...legs: readonly LegVerdict[]): SettleBet {
  return { type: 'SettleBet', betId: betIdOf(accountId, key), legs, ...why, returnApprovalMinor: 1_000_000, at };
}

/** What the settlement of `placed(key)` records, with one result per leg. */
export function settled(key: string, settlement: number, returnMinor: number, results: readonly JudgedLeg['result'][]): AccountEventOf<'BetSettled'> {
  const legs = results.map((_, index) => slipLeg(`m${index + 1}`));
  const { keyHash: _k, requestHash: _r, brand: _b, jurisdiction: _j, oddsChangePolicy: _o, ...bet } = placed(key, {}, legs);
  return {
    ...bet,
    type: 'BetSettled',
    legs: bet.legs.map(({ fixtureId, competition, marketId, marketKind, line, selectionId, odds, startsAt }, index) => {
      const result = results[index] ?? 'open';
      const struck = { fixtureId, competition, marketId, marketKind, line, selectionId, odds, startsAt };
      return { ...struck, result, resultRevision: result === 'open' ? null : 5, late: false };
    }),
    ...why,
    settlement,
    state: returnMinor === 0 ? 'lost' : results.every((result) => result === 'void') ? 'void' : 'returned',
    returnExact: `${returnMinor}/1`,
    returnMinor,
    rounding: 'half-even',
  };
}

/** What takes that settlement back. */
export function reversed(settlement: AccountEventOf<'BetSettled'>, reason: string = why.reason): AccountEventOf<'BetSettlementReversed'> {
  const { state: _s, returnExact: _e, rounding: _r, ...rest } = settlement;
  return { ...rest, type: 'BetSettlementReversed', reason };
}

/** What voids that bet by hand. */
export function voided(settlement: AccountEventOf<'BetSettled'>, change: Partial<AccountEventOf<'BetVoided'>> = {}): AccountEventOf<'BetVoided'> {
  const { state: _s, returnExact: _e, rounding: _r, returnMinor: _m, ...rest } = settlement;
  return { ...rest, type: 'BetVoided', reason: 'by-hand', ...change };
}
