// POST /v1/bets: the busiest route. A slip meets its schema, is judged against the market view, and becomes one command.

import { etagOf, idempotencyKeyOf, parseBody, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import { startingPrice as startingPriceText } from '@wagerline/shared-kernel/betting/legs';
import type { AccountEvent, AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import { isProblemCode, ProblemException } from '@wagerline/shared-kernel/problems';
import { betIdOf } from '@wagerline/shared-kernel/values/ids';
import { formatStoredOdds } from '@wagerline/shared-kernel/values/odds';
import { commandContextOf, refusalProblem } from '../answers.ts';
import type { Handled } from '../command-handler.ts';
import type { CommandHandlers } from '../handlers.ts';
import type { MarketView } from '../market-view.ts';
import type { BetTerms, PlaceBet, Slip } from './commands.ts';
import { moneyKeyOf } from './routes.ts';
import { shapeAndStakeOf, slipSchema, type SentSlip } from './slip-shape.ts';

export function betRoute(handlers: CommandHandlers, view: MarketView, terms: BetTerms): Route {
  async function placeBet(context: RouteContext): Promise<Answer> {
    const accountId = context.principal.sub;
    const key = idempotencyKeyOf(context.request);
    const slip = await judgedSlip(parseBody(slipSchema, context.json), view, terms);
    const betId = betIdOf(accountId, key);
    const { keyHash, requestHash } = moneyKeyOf(context, accountId, key);
    const commandAt = (at: string): PlaceBet => ({ ...slip, type: 'PlaceBet', betId, keyHash, requestHash, at });
    return betAnswer(await handlers.account.handle(accountId, commandAt, commandContextOf(context, betId)));
  }
  return { method: 'POST', path: '/v1/bets', roles: ['bettor'], body: 'json', handler: placeBet };
}

/** The slip with what is on offer for each of its legs now. @throws ProblemException for one that makes no bet */
export async function judgedSlip(sent: SentSlip, view: MarketView, terms: BetTerms): Promise<Omit<Slip, 'at'>> {
  const shapeAndStake = shapeAndStakeOf(sent);
  for (const leg of sent.legs) {
    if (leg.marketVersion !== undefined && leg.marketVersion > view.market(leg.marketId).version) await view.catchUp(leg.marketId, leg.marketVersion);
  }
  const legs = sent.legs.map(({ marketId, selectionId, odds }) => {
    return { marketId, selectionId, requestedOdds: odds, offer: view.offer(marketId, selectionId) };
  });
  const { currency, oddsChangePolicy, freeBetId } = sent;
  const slip = { currency, ...shapeAndStake, ...terms, oddsChangePolicy, legs };
  const judged = freeBetId === undefined ? slip : { ...slip, freeBetId };
  return slip.shape.type === 'bet-builder' ? withBuilder(judged, slip.shape.combinedOdds, view) : judged;
}

/** At the price on offer for these selections together, if there is one. */
function withBuilder(slip: Omit<Slip, 'at'>, requestedOdds: string, view: MarketView): Omit<Slip, 'at'> {
  const offer = slip.legs[0]?.offer;
  const fixture = offer === undefined || offer === 'stale' ? undefined : view.fixture(offer.fixture.fixtureId);
  const builders = fixture === undefined || fixture.status === 'absent' ? [] : [...fixture.builders.values()];
  const offeredOdds = builders.find(({ odds, legs }) => odds !== null && isSameLegs(legs, slip.legs))?.odds ?? undefined;
  return { ...slip, shape: { type: 'bet-builder', combinedOdds: offeredOdds ?? requestedOdds }, builder: { requestedOdds, offeredOdds } };
}

type Selected = { readonly marketId: string; readonly selectionId: string };

function isSameLegs(priced: readonly Selected[], asked: readonly Selected[]): boolean {
  if (priced.length !== asked.length) return false;
  return priced.every((leg) => asked.some(({ marketId, selectionId }) => marketId === leg.marketId && selectionId === leg.selectionId));
}

/** A pure function of the recorded event and its revision: no balance, no current status. */
function betAnswer({ answer, refusal, stream }: Handled<AccountEvent>): Answer {
  if (answer === undefined) throw refusalProblem(refusal?.code ?? 'INTERNAL_ERROR', refusal?.detail ?? {});
  const { event, revision } = answer;
  if (event.type === 'BetRefused') {
    throw refusalProblem(isProblemCode(event.code) ? event.code : 'INTERNAL_ERROR', event.detail, { betId: event.betId });
  }
  if (event.type !== 'BetPlaced') throw new ProblemException('IDEMPOTENCY_KEY_REUSED');
  return { status: 201, body: placedBody(event, revision), headers: { ETag: etagOf({ stream, revision }), Location: `/v1/bets/${event.betId}` } };
}

function placedBody(event: AccountEventOf<'BetPlaced'>, revision: number) {
  const { betId, currency, unitStakeMinor, stakeMinor, returnMaxMinor, placedAt } = event;
  const legs = event.legs.map(shownLeg);
  const body = { betId, currency, unitStakeMinor, stakeMinor, lines: event.lineCount, returnMaxMinor, placedAt, legs, revision };
  return isPlain(event) ? body : { ...body, ...moreOf(event) };
}

function shownLeg({ marketId, selectionId, requestedOdds, odds, startingPrice, placeFraction, places }: AccountEventOf<'BetPlaced'>['legs'][number]) {
  const leg = { marketId, selectionId, requestedOdds: shownOdds(requestedOdds, startingPrice), odds: shownOdds(odds, startingPrice) };
  return placeFraction === undefined ? leg : { ...leg, placeFraction, places: places ?? null };
}

function shownOdds(odds: string, atStart: true | undefined): string {
  return atStart === undefined ? formatStoredOdds(odds) : startingPriceText;
}

function isPlain({ eachWay, rules, freeBet, legs }: AccountEventOf<'BetPlaced'>): boolean {
  return !eachWay && rules === undefined && freeBet === undefined && !legs.some(({ startingPrice }) => startingPrice === true);
}

/** What only some bets have. The most that one at a starting price can return is not known. */
function moreOf({ eachWay, rules = {}, freeBet, legs }: AccountEventOf<'BetPlaced'>) {
  const isAtStart = legs.some(({ startingPrice }) => startingPrice === true);
  return { ...(eachWay && { eachWay }), ...rules, ...(freeBet !== undefined && { freeBet }), ...(isAtStart && { returnMaxMinor: null }) };
}
