// May this slip be placed? Judged against the offers in the command, then against the account. Called by decide alone.

import { quoteBet } from '@wagerline/shared-kernel/betting/quote';
import { isShapeOf } from '@wagerline/shared-kernel/betting/slip';
import { accept, refuse, type Decision } from '@wagerline/shared-kernel/decider';
import type { AccountEvent, OddsChangePolicy } from '@wagerline/shared-kernel/events/account-events';
import type { ProblemCode } from '@wagerline/shared-kernel/problems';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { formatOdds, formatStoredOdds, parseStoredOdds } from '@wagerline/shared-kernel/values/odds';
import { compare, type Rational } from '@wagerline/shared-kernel/values/rational';
import { assert, unreachable } from '@wagerline/shared-kernel/values/unreachable';
import type { Offer, PlaceBet, SlipLeg } from './commands.ts';
import { countersAt, hasLimits, isExcluded, limitAt, periods, type OpenAccountState } from './state.ts';

type Refusal = { readonly code: ProblemCode; readonly detail: JsonObject };
type JudgedLeg = { readonly leg: SlipLeg; readonly offer: Offer; readonly selection: NonNullable<Offer['selection']>; readonly odds: Rational };

export function placeBet(command: PlaceBet, state: OpenAccountState): Decision<AccountEvent> {
  const { betId, keyHash, requestHash, currency, unitStakeMinor, shape, ruleSet, oddsChangePolicy, at } = command;
  const { accountId, brand, jurisdiction } = state;
  const refused = (refusal: Refusal, stakeMinor: number): Decision<AccountEvent> => {
    const legs = command.legs.map(({ marketId, selectionId, requestedOdds }) => ({ marketId, selectionId, requestedOdds }));
    const { code, detail } = refusal;
    return refuse(code, detail, { type: 'BetRefused', at, accountId, betId, keyHash, requestHash, code, detail, currency, stakeMinor, legs });
  };
  // Nothing is recorded, so the key stays free: the same slip is judged when the view has caught up.
  if (command.legs.some(({ offer }) => offer === 'stale')) return refuse('MARKET_VIEW_STALE', {});
  const slipRefusal = refusalOfAccount(command, state) ?? refusalOfSlip(command);
  if (slipRefusal !== undefined) return refused(slipRefusal, unitStakeMinor);
  const judged: JudgedLeg[] = [];
  for (const [index, leg] of command.legs.entries()) {
    const verdict = judgeLeg(leg, command, `/legs/${index}`);
    if ('code' in verdict) return refused(verdict, unitStakeMinor);
    judged.push(verdict);
  }
  const related = relatedLegs(judged);
  if (related !== undefined) return refused(related, unitStakeMinor);
  const quote = quoteBet({ unitStakeMinor, shape, legs: judged.map(({ odds }) => ({ odds })), ruleSet, currency });
  const moneyRefusal = refusalOfStake(command, state, judged, quote);
  if (moneyRefusal !== undefined) return refused(moneyRefusal, quote.stakeMinor);
  return accept({
    type: 'BetPlaced',
    at,
    accountId,
    betId,
    currency,
    unitStakeMinor,
    stakeMinor: quote.stakeMinor,
    shape,
    lineCount: quote.lineCount,
    returnMaxMinor: quote.returnMaxMinor,
    ruleSet,
    placedAt: at,
    keyHash,
    requestHash,
    brand,
    jurisdiction,
    oddsChangePolicy,
    legs: judged.map(placedLeg),
  });
}

function placedLeg({ leg, offer, selection }: JudgedLeg): Extract<AccountEvent, { type: 'BetPlaced' }>['legs'][number] {
  const { fixtureId, sport, competition, home, away, startsAt } = offer.fixture;
  return {
    fixtureId,
    competition,
    marketId: offer.marketId,
    marketKind: offer.kind,
    line: offer.line,
    selectionId: leg.selectionId,
    odds: selection.odds,
    sport,
    home,
    away,
    startsAt,
    inPlay: offer.inPlay,
    selectionName: selection.name,
    requestedOdds: leg.requestedOdds,
    marketVersion: offer.marketVersion,
  };
}

function refusalOfAccount(command: PlaceBet, state: OpenAccountState): Refusal | undefined {
  if (state.balanceMinor < 0) return { code: 'ACCOUNT_BLOCKED', detail: {} };
  if (isExcluded(state, command.at)) return { code: 'SELF_EXCLUDED', detail: {} };
  if (command.currency !== state.currency) return { code: 'CURRENCY_MISMATCH', detail: { pointer: '/currency', currency: state.currency } };
  return undefined;
}

function refusalOfSlip(command: PlaceBet): Refusal | undefined {
  if (!isShapeOf(command.shape, command.legs.length)) return { code: 'LEGS_INVALID', detail: { pointer: '/legs' } };
  const { legs } = command;
  const repeated = firstRepeated(legs, (a, b) => a.marketId === b.marketId && a.selectionId === b.selectionId);
  return repeated < 0 ? undefined : { code: 'LEG_DUPLICATE', detail: { pointer: `/legs/${repeated}` } };
}

/** The index of the first item that is like one before it, else -1. Slips are short: comparing all pairs costs less than a set of texts. */
function firstRepeated<Item>(items: readonly Item[], isSame: (a: Item, b: Item) => boolean): number {
  return items.findIndex((item, index) => {
    for (let before = 0; before < index; before += 1) {
      const earlier = items[before];
      if (earlier !== undefined && isSame(earlier, item)) return true;
    }
    return false;
  });
}

function judgeLeg(leg: SlipLeg, command: PlaceBet, pointer: string): JudgedLeg | Refusal {
  const { offer } = leg;
  assert(offer !== 'stale', 'a slip is judged by what is on offer now');
  if (offer === undefined) return { code: 'MARKET_UNKNOWN', detail: { pointer: `${pointer}/marketId` } };
  const { selection, marketVersion } = offer;
  if (selection === undefined) return { code: 'SELECTION_NOT_FOUND', detail: { pointer: `${pointer}/selectionId` } };
  if (offer.status === 'closed') return { code: 'MARKET_CLOSED', detail: { pointer } };
  if (offer.status === 'suspended') return { code: 'MARKET_SUSPENDED', detail: { pointer } };
  if (offer.fixture.started && !offer.inPlay) return { code: 'FIXTURE_STARTED', detail: { pointer } };
  const odds = parseStoredOdds(selection.odds);
  if (selection.odds !== leg.requestedOdds && !isTaken(command.oddsChangePolicy, compare(odds, parseStoredOdds(leg.requestedOdds)))) {
    const shown = { requestedOdds: formatStoredOdds(leg.requestedOdds), currentOdds: formatOdds(odds) };
    return { code: 'ODDS_CHANGED', detail: { pointer: `${pointer}/odds`, ...shown, marketVersion } };
  }
  return { leg, offer, selection, odds };
}

/** `change`: 1 when the odds have become better for the bettor, -1 when worse. */
function isTaken(policy: OddsChangePolicy, change: -1 | 0 | 1): boolean {
  switch (policy) {
    case 'none':
      return change === 0;
    case 'better':
      return change >= 0;
    case 'any':
      return true;
    default:
      return unreachable(policy);
  }
}

function relatedLegs(judged: readonly JudgedLeg[]): Refusal | undefined {
  const index = firstRepeated(judged, (a, b) => a.offer.fixture.fixtureId === b.offer.fixture.fixtureId);
  const related = judged[index];
  return related && { code: 'LEGS_RELATED', detail: { pointer: `/legs/${index}`, fixtureId: related.offer.fixture.fixtureId } };
}

function refusalOfStake(
  command: PlaceBet,
  state: OpenAccountState,
  judged: readonly JudgedLeg[],
  quote: { readonly stakeMinor: number; readonly returnMaxMinor: number },
): Refusal | undefined {
  const { limits, at } = command;
  const { stakeMinor } = quote;
  if (stakeMinor > limits.stakeMinorMax) return { code: 'STAKE_INVALID', detail: { pointer: '/stakeMinor', stakeMinorMax: limits.stakeMinorMax } };
  for (const [index, { leg, offer }] of judged.entries()) {
    const pointer = `/legs/${index}`;
    const perBet = offer.stakeMaxPerBetMinor;
    if (perBet !== null && stakeMinor > perBet) return { code: 'STAKE_OVER_LIMIT', detail: { pointer, stakeMaxMinor: perBet } };
    const perAccount = offer.stakeMaxPerAccountMinor;
    if (perAccount !== null) {
      const left = perAccount - openStakeOn(state, leg.marketId);
      if (stakeMinor > left) return { code: 'STAKE_OVER_LIMIT', detail: { pointer, stakeMaxMinor: Math.max(0, left) } };
    }
  }
  if (quote.returnMaxMinor > limits.returnMinorMax) return { code: 'RETURN_OVER_LIMIT', detail: { returnMinorMax: limits.returnMinorMax } };
  if (state.openBets.length >= limits.openBetsMax) return { code: 'OPEN_BETS_OVER_LIMIT', detail: { openBetsMax: limits.openBetsMax } };
  const limited = refusalByOwnLimit(state, stakeMinor, at);
  if (limited !== undefined) return limited;
  return state.balanceMinor < stakeMinor ? { code: 'INSUFFICIENT_FUNDS', detail: {} } : undefined;
}

/** Open stakes count as lost: what was returned is all that has come back. */
function refusalByOwnLimit(state: OpenAccountState, stakeMinor: number, at: string): Refusal | undefined {
  if (!hasLimits(state)) return undefined;
  const counters = countersAt(state.counters, at);
  for (const period of periods) {
    const { stakedMinor, returnedMinor } = counters[period];
    const stakeLimit = limitAt(state, 'stake', period, at);
    if (stakeLimit !== null && stakedMinor + stakeMinor > stakeLimit) return { code: 'STAKE_LIMIT_EXCEEDED', detail: { period, limitMinor: stakeLimit } };
    const lossLimit = limitAt(state, 'loss', period, at);
    if (lossLimit !== null && stakedMinor - returnedMinor + stakeMinor > lossLimit) {
      return { code: 'LOSS_LIMIT_EXCEEDED', detail: { period, limitMinor: lossLimit } };
    }
  }
  return undefined;
}

function openStakeOn(state: OpenAccountState, marketId: string): number {
  let stakeMinor = 0;
  for (const bet of state.openBets) if (bet.marketIds.includes(marketId)) stakeMinor += bet.stakeMinor;
  return stakeMinor;
}
