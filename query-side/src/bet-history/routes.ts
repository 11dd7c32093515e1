// GET /v1/bets and /v1/bets/{betId} for the bettor himself, the same below /v1/accounts/{accountId} for staff. Called by http-app.ts.
// The account comes from the token or from a staff path, and is the shard: another bettor's bet cannot even be looked for.

import { z } from 'zod';

import { etagOf, parseParams, parseQuery, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import { slug } from '@wagerline/shared-kernel/events/schema';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { betHistory, betStatuses, type BetDocument } from '@wagerline/shared-kernel/read-models/bet-history';
import { startingPrice } from '@wagerline/shared-kernel/betting/legs';
import { nameOf } from '@wagerline/shared-kernel/betting/shape-names';
import { accountStream } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

import { oddsText, storedExactText } from '../exact-text.ts';
import { askedOf, type FreshReads } from '../fresh-enough.ts';
import { cursorOf, pageParameters, placeOf } from '../paging.ts';
import { accountBetPath, accountPath, betPath, instantParameter, noQuery } from '../parameters.ts';
import type { QueryDeps } from '../query-deps.ts';
import { staff } from '../who-may-see.ts';
import { explanationOf, returnMaxOf } from './explanation.ts';
import { findBet, findBets } from './query.ts';

export function betHistoryRoutes(deps: QueryDeps, fresh: FreshReads): readonly Route[] {
  const listQuery = z.strictObject({
    status: z.enum(betStatuses).optional(),
    competition: slug.optional(),
    placedFrom: instantParameter.optional(),
    placedBefore: instantParameter.optional(),
    ...pageParameters(deps.http),
  });

  const list = async ({ request, query }: RouteContext, accountId: string, mustExist: boolean): Promise<Answer> => {
    const { limit, cursor, ...filters } = parseQuery(listQuery, query);
    const listed = { bets: accountId, ...filters };
    const ask = { accountId, filters, after: placeOf(cursor, listed), limit };
    const page = await fresh.read(betHistory, ownRevision(request, accountId), (target) => findBets(deps.store, target, ask));
    if (page.revision === undefined && mustExist) throw new ProblemException('ACCOUNT_NOT_FOUND');
    const body = { bets: page.items.map(betAnswer), nextCursor: cursorOf(page.next, listed) };
    return { status: 200, body, headers: privateHeaders(accountId, page.revision) };
  };

  const one = async ({ request, query }: RouteContext, accountId: string, betId: string): Promise<Answer> => {
    parseQuery(noQuery, query);
    const bet = await fresh.read(betHistory, ownRevision(request, accountId), (target) => findBet(deps.store, target, accountId, betId));
    if (bet === undefined) throw new ProblemException('BET_NOT_FOUND');
    return { status: 200, body: { ...betAnswer(bet), explanation: explanationOf(bet) }, headers: privateHeaders(accountId, bet.revision) };
  };

  const read = { method: 'GET', body: 'none' } as const;
  return [
    { ...read, path: '/v1/bets', roles: ['bettor'], handler: (context) => list(context, context.principal.sub, false) },
    {
      ...read,
      path: '/v1/bets/:betId',
      roles: ['bettor'],
      handler: (context) => one(context, context.principal.sub, parseParams(betPath, context.params).betId),
    },
    {
      ...read,
      path: '/v1/accounts/:accountId/bets',
      roles: staff,
      handler: (context) => list(context, parseParams(accountPath, context.params).accountId, true),
    },
    {
      ...read,
      path: '/v1/accounts/:accountId/bets/:betId',
      roles: staff,
      handler: (context) => {
        const { accountId, betId } = parseParams(accountBetPath, context.params);
        return one(context, accountId, betId);
      },
    },
  ];
}

function ownRevision(request: RouteContext['request'], accountId: string) {
  return askedOf(request, (stream) => stream === accountStream(accountId), accountStream(accountId));
}

function privateHeaders(accountId: string, revision: number | undefined): Record<string, string> {
  const etag = revision === undefined ? {} : { ETag: etagOf({ stream: accountStream(accountId), revision }) };
  return { 'Cache-Control': 'no-store', ...etag };
}

/** Amounts in minor units of `currency`; odds as decimals; `returnExact` is the return before rounding, in minor units. */
function betAnswer(bet: BetDocument): JsonObject {
  const { competitions: _index, returnExact, legs, ...shown } = bet;
  return {
    ...shown,
    type: nameOf(bet.shape, legs.length) ?? null,
    legs: legs.map(legAnswer),
    ...(legs.some(({ corrected }) => corrected !== undefined) && bet.status === 'open' && { returnMaxMinor: returnMaxOf(bet) }),
    ...(legs.some(({ startingPrice }) => startingPrice === true) && bet.status === 'open' && { returnMaxMinor: null }),
    returnExact: returnExact === null ? null : storedExactText(returnExact),
  };
}

/** A leg at the starting price shows that, and beside it the odds that were on the board; one that was re-priced shows both odds. */
function legAnswer({ odds, requestedOdds, detail, corrected, ...leg }: BetDocument['legs'][number]): JsonObject {
  const struck =
    leg.startingPrice === true
      ? { odds: startingPrice, boardOdds: oddsText(odds), requestedOdds: startingPrice }
      : { odds: oddsText(odds), requestedOdds: oddsText(requestedOdds) };
  const shown = { ...struck, ...(corrected !== undefined && { corrected: { ...corrected, odds: oddsText(corrected.odds) } }) };
  if (detail === undefined) return { ...leg, ...shown };
  const { startingOdds } = detail;
  return { ...leg, ...shown, detail: { ...detail, ...(startingOdds !== undefined && { startingOdds: oddsText(startingOdds) }) } };
}
