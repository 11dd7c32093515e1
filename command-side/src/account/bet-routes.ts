// POST /v1/bets: the busiest route. A slip meets its schema, is judged against the market view, and becomes one command.

import { etagOf, idempotencyKeyOf, parseBody, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import { defaultRuleSet } from '@wagerline/shared-kernel/betting/rule-sets';
import { betTypeNames, legCountMax, shapeOf } from '@wagerline/shared-kernel/betting/slip';
import { oddsChangePolicy, type AccountEvent, type AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import { slug } from '@wagerline/shared-kernel/events/schema';
import { isProblemCode, ProblemException } from '@wagerline/shared-kernel/problems';
import { betIdOf } from '@wagerline/shared-kernel/values/ids';
import { formatStoredOdds } from '@wagerline/shared-kernel/values/odds';
import { z } from 'zod';
import { commandContextOf, refusalProblem } from '../answers.ts';
import type { Handled } from '../command-handler.ts';
import type { CommandHandlers } from '../handlers.ts';
import type { MarketView } from '../market-view.ts';
import { decimalOdds } from '../market/routes.ts';
import type { PlaceBet } from './commands.ts';
import { moneyKeyOf } from './routes.ts';

/** A slip of 1 to 20 legs; `stakeMinor` is the stake of one line, which a single or an accumulator has exactly one of. */
export const slipSchema = z.strictObject({
  type: z.enum(betTypeNames),
  currency: z.string().regex(/^[A-Z]{3}$/),
  stakeMinor: z.number().refine((stake) => Number.isSafeInteger(stake) && stake > 0, {
    message: 'a positive whole number of minor units',
    params: { code: 'STAKE_INVALID' },
  }),
  oddsChangePolicy: oddsChangePolicy.default('none'),
  legs: z
    .array(
      z.strictObject({
        marketId: slug,
        selectionId: slug,
        odds: decimalOdds,
        /** The market version that these odds were read at. */
        marketVersion: z.int().min(0).optional(),
      }),
    )
    .min(1)
    .max(legCountMax),
});

export function betRoute(handlers: CommandHandlers, view: MarketView, limits: PlaceBet['limits']): Route {
  async function placeBet(context: RouteContext): Promise<Answer> {
    const accountId = context.principal.sub;
    const key = idempotencyKeyOf(context.request);
    const slip = parseBody(slipSchema, context.json);
    const shape = shapeOf(slip.type, slip.legs.length);
    if (shape === undefined) throw refusalProblem('LEGS_INVALID', { pointer: '/legs' });
    for (const leg of slip.legs) {
      if (leg.marketVersion !== undefined && leg.marketVersion > view.market(leg.marketId).version) await view.catchUp(leg.marketId, leg.marketVersion);
    }
    const legs = slip.legs.map(({ marketId, selectionId, odds }) => {
      return { marketId, selectionId, requestedOdds: odds, offer: view.offer(marketId, selectionId) };
    });
    const betId = betIdOf(accountId, key);
    const { keyHash, requestHash } = moneyKeyOf(context, accountId, key);
    const { currency, stakeMinor: unitStakeMinor, oddsChangePolicy } = slip;
    const commandAt = (at: string): PlaceBet => {
      return { type: 'PlaceBet', betId, keyHash, requestHash, currency, unitStakeMinor, shape, ruleSet: defaultRuleSet, oddsChangePolicy, legs, limits, at };
    };
    return betAnswer(await handlers.account.handle(accountId, commandAt, commandContextOf(context, betId)));
  }
  return { method: 'POST', path: '/v1/bets', roles: ['bettor'], body: 'json', handler: placeBet };
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
  const { betId, currency, stakeMinor, returnMaxMinor, placedAt } = event;
  const legs = event.legs.map(({ marketId, selectionId, requestedOdds, odds }) => {
    return { marketId, selectionId, requestedOdds: formatStoredOdds(requestedOdds), odds: formatStoredOdds(odds) };
  });
  return { betId, currency, stakeMinor, lines: event.lineCount, returnMaxMinor, placedAt, legs, revision };
}
