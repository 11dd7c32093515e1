// May this slip be placed? Judged against the offers in the command, then against the account. Called by decide, and by quote-bet.ts,
// which asks the same of a slip that nobody places.

import { quoteBet, type Quote } from '@wagerline/shared-kernel/betting/quote';
import { startingPrice } from '@wagerline/shared-kernel/betting/legs';
import type { StruckBet } from '@wagerline/shared-kernel/betting/settle';
import { isProblem, type TermsProblem } from '@wagerline/shared-kernel/betting/terms';
import { accept, refuse, type Decision } from '@wagerline/shared-kernel/decider';
import type { AccountEvent, AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import type { FreeBetToken } from '@wagerline/shared-kernel/events/free-bet-tokens';
import type { ProblemCode } from '@wagerline/shared-kernel/problems';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { formatOdds, formatStoredOdds, parseStoredOdds } from '@wagerline/shared-kernel/values/odds';
import { compare, type Rational } from '@wagerline/shared-kernel/values/rational';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { Offer, PlaceBet, Slip, SlipLeg } from './commands.ts';
import { tokenOf, usedFreeBet } from './free-bets.ts';
import { isTaken, refusalOfBuilder } from './odds-change.ts';
import { countersAt, hasLimits, isExcluded, limitAt, periods, type OpenAccountState } from './state.ts';

export type Refusal = { readonly code: ProblemCode; readonly detail: JsonObject };
export type JudgedLeg = { readonly leg: SlipLeg; readonly offer: Offer; readonly selection: NonNullable<Offer['selection']>; readonly odds: Rational };

export function placeBet(command: PlaceBet, state: OpenAccountState): Decision<AccountEvent> {
  const { betId, keyHash, requestHash, currency, shape, ruleSet, oddsChangePolicy, at } = command;
  const { accountId, brand, jurisdiction } = state;
  const refused = (refusal: Refusal, stakeMinor: number): Decision<AccountEvent> => {
    const legs = command.legs.map(({ marketId, selectionId, requestedOdds }) => ({ marketId, selectionId, requestedOdds }));
    const { code, detail } = refusal;
    return refuse(code, detail, { type: 'BetRefused', at, accountId, betId, keyHash, requestHash, code, detail, currency, stakeMinor, legs });
  };
  // Nothing is recorded, so the key stays free: the same slip is judged when the view has caught up.
  if (command.legs.some(({ offer }) => offer === 'stale')) return refuse('MARKET_VIEW_STALE', {});
  const asked = command.unitStakeMinor ?? command.totalStakeMinor ?? 0;
  const slipRefusal = refusalOfAccount(command, state) ?? refusalOfSlip(command);
  if (slipRefusal !== undefined) return refused(slipRefusal, asked);
  const judged: JudgedLeg[] = [];
  for (const [index, leg] of command.legs.entries()) {
    const verdict = judgeLeg(leg, command, `/legs/${index}`);
    if ('code' in verdict) return refused(verdict, asked);
    judged.push(verdict);
  }
  const builderRefusal = refusalOfBuilder(command, judged);
  if (builderRefusal !== undefined) return refused(builderRefusal, asked);
  const free = tokenOf(command, state);
  if (free !== undefined && 'code' in free) return refused(free, asked);
  const quote = quoteSlip(command, judged, free?.token);
  if ('code' in quote) return refused(quote, asked);
  const moneyRefusal = refusalOfStake(command, state, judged, quote, free?.token);
  if (moneyRefusal !== undefined) return refused(moneyRefusal, quote.stakeMinor);
  return accept({
    type: 'BetPlaced',
    at,
    accountId,
    betId,
    currency,
    unitStakeMinor: quote.unitStakeMinor,
    stakeMinor: quote.stakeMinor,
    shape,
    eachWay: command.eachWay === true,
    lineCount: quote.lineCount,
    returnMaxMinor: quote.returnMaxMinor,
    ruleSet,
    ...(command.rules !== undefined && { rules: command.rules }),
    ...(free !== undefined && { freeBet: usedFreeBet(free.token) }),
    placedAt: at,
    keyHash,
    requestHash,
    brand,
    jurisdiction,
    oddsChangePolicy,
    legs: isPlacePlayed(command) ? judged.map(placedLegWithPlace) : judged.map(placedLeg),
  });
}

type PlacedLeg = AccountEventOf<'BetPlaced'>['legs'][number];

function placedLeg({ leg, offer, selection }: JudgedLeg): PlacedLeg {
  const { fixtureId, sport, competition, home, away, startsAt } = offer.fixture;
  const placed: PlacedLeg = {
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
  if (leg.requestedOdds === startingPrice) placed.startingPrice = true;
  if (offer.antePost !== undefined) placed.antePost = true;
  return placed;
}

function placedLegWithPlace(judged: JudgedLeg): PlacedLeg {
  const terms = judged.offer.placeTerms;
  assert(terms !== undefined, 'a place part is played on a market with place terms');
  return { ...placedLeg(judged), placeFraction: terms.fraction, places: terms.places };
}

/** With a place part, beside the win part or alone. */
function isPlacePlayed({ eachWay, rules }: Slip): boolean {
  return eachWay === true || rules?.placeOnly === true;
}

export function refusalOfAccount(command: Slip, state: OpenAccountState): Refusal | undefined {
  if (state.balanceMinor < 0) return { code: 'ACCOUNT_BLOCKED', detail: {} };
  if (isExcluded(state, command.at)) return { code: 'SELF_EXCLUDED', detail: {} };
  if (command.currency !== state.currency) return { code: 'CURRENCY_MISMATCH', detail: { pointer: '/currency', currency: state.currency } };
  return undefined;
}

export function refusalOfSlip({ legs }: Slip): Refusal | undefined {
  const repeated = legs.findIndex((leg, index) => isRepeated(legs, leg, index));
  return repeated < 0 ? undefined : { code: 'LEG_DUPLICATE', detail: { pointer: `/legs/${repeated}` } };
}

/** Slips are short: comparing all pairs costs less than a set of texts. */
function isRepeated(legs: readonly SlipLeg[], { marketId, selectionId }: SlipLeg, index: number): boolean {
  for (let before = 0; before < index; before += 1) {
    if (legs[before]?.marketId === marketId && legs[before]?.selectionId === selectionId) return true;
  }
  return false;
}

export function judgeLeg(leg: SlipLeg, command: Slip, pointer: string): JudgedLeg | Refusal {
  const { offer } = leg;
  assert(offer !== 'stale', 'a slip is judged by what is on offer now');
  if (offer === undefined) return { code: 'MARKET_UNKNOWN', detail: { pointer: `${pointer}/marketId` } };
  const { selection, marketVersion } = offer;
  if (selection === undefined) return { code: 'SELECTION_NOT_FOUND', detail: { pointer: `${pointer}/selectionId` } };
  if (offer.status === 'closed') return { code: 'MARKET_CLOSED', detail: { pointer } };
  if (offer.status === 'suspended') return { code: 'MARKET_SUSPENDED', detail: { pointer } };
  if (offer.fixture.started && !offer.inPlay) return { code: 'FIXTURE_STARTED', detail: { pointer } };
  if (offer.fixture.postponed === true) return { code: 'FIXTURE_POSTPONED', detail: { pointer } };
  if (offer.withdrawn === true) return { code: 'SELECTION_WITHDRAWN', detail: { pointer: `${pointer}/selectionId` } };
  if (offer.placeTerms === undefined && isPlacePlayed(command)) return { code: 'EACH_WAY_UNAVAILABLE', detail: { pointer } };
  const odds = parseStoredOdds(selection.odds);
  if (leg.requestedOdds === startingPrice) {
    return offer.kind === 'winner' ? { leg, offer, selection, odds } : { code: 'STARTING_PRICE_UNAVAILABLE', detail: { pointer: `${pointer}/odds` } };
  }
  // A bet builder is priced as a whole.
  const isPriced = selection.odds === leg.requestedOdds || command.builder !== undefined;
  if (!isPriced && !isTaken(command.oddsChangePolicy, compare(odds, parseStoredOdds(leg.requestedOdds)))) {
    const shown = { requestedOdds: formatStoredOdds(leg.requestedOdds), currentOdds: formatOdds(odds) };
    return { code: 'ODDS_CHANGED', detail: { pointer: `${pointer}/odds`, ...shown, marketVersion } };
  }
  return { leg, offer, selection, odds };
}

/** The lines and what they cost and return, or why these legs make no such bet. Related legs are found here, by their fixtures. */
export function quoteSlip(slip: Slip, judged: readonly JudgedLeg[], free?: FreeBetToken): Quote | Refusal {
  const { unitStakeMinor, totalStakeMinor, shape, ruleSet, currency, limits } = slip;
  assert(unitStakeMinor !== null || totalStakeMinor !== undefined, 'a slip has a stake');
  const legs = judged.map(({ offer, selection }) => ({ odds: selection.odds, fixtureId: offer.fixture.fixtureId }));
  const plain: StruckBet = { shape, legs, ruleSet, currency };
  const played = isPlacePlayed(slip) ? withPlaces(slip, plain, judged) : plain;
  const terms = free === undefined ? played : { ...played, freeBet: free };
  const quote = quoteBet(unitStakeMinor === null ? { ...terms, totalStakeMinor: totalStakeMinor ?? 0 } : { ...terms, unitStakeMinor });
  if (isProblem(quote)) return termsRefusal(quote, judged);
  if (quote.lineCount > limits.linesMax) {
    return { code: 'LINES_OVER_LIMIT', detail: { pointer: '/legs', lines: quote.lineCount, linesMax: limits.linesMax } };
  }
  return quote;
}

function withPlaces({ eachWay, rules }: Slip, plain: StruckBet, judged: readonly JudgedLeg[]): StruckBet {
  const legs = plain.legs.map((leg, index) => ({ ...leg, placeFraction: judged[index]?.offer.placeTerms?.fraction ?? '1/1' }));
  return { ...plain, legs, eachWay: eachWay === true, ...(rules !== undefined && { rules }) };
}

/** What terms call the bet and its rules is the slip itself here. */
function termsRefusal({ code, pointer, nearestTotalsMinor }: TermsProblem, judged: readonly JudgedLeg[]): Refusal {
  if (code === 'LEGS_RELATED') {
    const leg = judged[Number(pointer.slice('/legs/'.length))];
    return { code, detail: { pointer, ...(leg !== undefined && { fixtureId: leg.offer.fixture.fixtureId }) } };
  }
  if (nearestTotalsMinor !== undefined) return { code, detail: { pointer: '/totalStakeMinor', nearestTotalsMinor } };
  return { code, detail: { pointer: pointer.startsWith('/bet/') ? pointer.slice('/bet'.length) : '/legs' } };
}

export function refusalOfStake(
  command: Slip,
  state: OpenAccountState,
  judged: readonly JudgedLeg[],
  quote: Quote,
  free?: FreeBetToken,
): Refusal | undefined {
  const { limits, at } = command;
  const { stakeMinor } = quote;
  if (free !== undefined && stakeMinor !== free.amountMinor) {
    return { code: 'FREE_BET_STAKE', detail: { pointer: '/freeBetId', amountMinor: free.amountMinor, stakeMinor } };
  }
  if (stakeMinor > limits.stakeMinorMax) {
    const pointer = command.unitStakeMinor === null ? '/totalStakeMinor' : '/stakeMinor';
    return { code: 'STAKE_INVALID', detail: { pointer, stakeMinorMax: limits.stakeMinorMax } };
  }
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
  if (quote.uncappedReturnMaxMinor > limits.returnMinorMax) return { code: 'RETURN_OVER_LIMIT', detail: { returnMinorMax: limits.returnMinorMax } };
  if (state.openBets.length >= limits.openBetsMax) return { code: 'OPEN_BETS_OVER_LIMIT', detail: { openBetsMax: limits.openBetsMax } };
  // The bettor stakes nothing of his own.
  if (free !== undefined) return undefined;
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
