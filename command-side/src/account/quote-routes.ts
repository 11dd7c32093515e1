// POST /v1/bets/quote: what a slip would cost and return, and what would refuse it. Needs no key and writes nothing. Called by
// http-app.ts. The answer binds nobody: prices and balance may have moved when the slip is placed.

import { parseBody, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import { ProblemException, problems } from '@wagerline/shared-kernel/problems';
import type { StateReader } from '../command-handler.ts';
import type { MarketView } from '../market-view.ts';
import { judgedSlip } from './bet-routes.ts';
import type { BetTerms } from './commands.ts';
import type { Refusal } from './place-bet.ts';
import { quoteOf } from './quote-bet.ts';
import { slipSchema } from './slip-shape.ts';
import type { AccountState } from './state.ts';

export function quoteRoute(accounts: StateReader<AccountState>, view: MarketView, terms: BetTerms): Route {
  async function quoteBet(context: RouteContext): Promise<Answer> {
    const slip = await judgedSlip(parseBody(slipSchema, context.json), view, terms);
    if (slip.legs.some(({ offer }) => offer === 'stale')) throw new ProblemException('MARKET_VIEW_STALE');
    const { state, at } = await accounts.newest(context.principal.sub);
    if (state.status === 'absent') throw new ProblemException('ACCOUNT_NOT_FOUND');
    const { refusals, ...quote } = quoteOf({ ...slip, at }, state);
    const body = { currency: slip.currency, ...quote, refusals: refusals.map(shown) };
    return { status: 200, body, headers: { 'Cache-Control': 'no-store' } };
  }
  return { method: 'POST', path: '/v1/bets/quote', roles: ['bettor'], body: 'json', handler: quoteBet };
}

function shown({ code, detail }: Refusal) {
  return { code, title: problems[code].title, ...detail };
}
