// GET /v1/accounts/{accountId} and its statement: for the bettor himself and staff; for anybody else there is no such account.
// Called by http-app.ts.

import { z } from 'zod';

import { etagOf, parseParams, parseQuery, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { accountStatement, type AccountLimit, type AccountSummary } from '@wagerline/shared-kernel/read-models/account-statement';
import { accountStream } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { toIso } from '@wagerline/shared-kernel/values/time';

import { askedOf, type FreshReads } from '../fresh-enough.ts';
import { cursorOf, pageParameters, placeOf } from '../paging.ts';
import { accountPath, noQuery } from '../parameters.ts';
import type { QueryDeps } from '../query-deps.ts';
import { maySeeAccount, staff } from '../who-may-see.ts';
import { findAccount, findStatement } from './query.ts';

export function accountStatementRoutes(deps: QueryDeps, fresh: FreshReads): readonly Route[] {
  const statementQuery = z.strictObject(pageParameters(deps.http));

  const summary = async (context: RouteContext): Promise<Answer> => {
    const accountId = visibleAccountId(context);
    parseQuery(noQuery, context.query);
    const asked = ownRevision(context, accountId);
    const account = await fresh.read(accountStatement, asked, (target) => findAccount(deps.store, target, accountId));
    if (account === undefined) throw new ProblemException('ACCOUNT_NOT_FOUND');
    return { status: 200, body: accountAnswer(account, toIso(deps.clock.nowMs())), headers: privateHeaders(account) };
  };

  const statement = async (context: RouteContext): Promise<Answer> => {
    const accountId = visibleAccountId(context);
    const { limit, cursor } = parseQuery(statementQuery, context.query);
    const listed = { statement: accountId };
    const ask = { accountId, after: placeOf(cursor, listed), limit };
    const page = await fresh.read(accountStatement, ownRevision(context, accountId), (target) => findStatement(deps.store, target, ask));
    if (page.account === undefined) throw new ProblemException('ACCOUNT_NOT_FOUND');
    const { currency } = page.account;
    const body = { accountId, currency, lines: page.items, nextCursor: cursorOf(page.next, listed) };
    return { status: 200, body, headers: privateHeaders(page.account) };
  };

  const read = { method: 'GET', body: 'none', roles: ['bettor', ...staff] } as const;
  return [
    { ...read, path: '/v1/accounts/:accountId', handler: summary },
    { ...read, path: '/v1/accounts/:accountId/statement', handler: statement },
  ];
}

function visibleAccountId({ params, principal }: RouteContext): string {
  const { accountId } = parseParams(accountPath, params);
  if (!maySeeAccount(principal, accountId)) throw new ProblemException('ACCOUNT_NOT_FOUND');
  return accountId;
}

function ownRevision({ request }: RouteContext, accountId: string) {
  return askedOf(request, (stream) => stream === accountStream(accountId), accountStream(accountId));
}

function privateHeaders({ accountId, revision }: AccountSummary): Record<string, string> {
  return { 'Cache-Control': 'no-store', ETag: etagOf({ stream: accountStream(accountId), revision }) };
}

/** Limits and exclusion as they are in force at `now`: no event is written when a looser limit starts or an exclusion ends. */
function accountAnswer(account: AccountSummary, now: string): JsonObject {
  const { exclusion } = account;
  const isExcluded = exclusion !== null && (exclusion.until === null || now < exclusion.until);
  return { ...account, limits: account.limits.map((limit) => limitAt(limit, now)), exclusion: isExcluded ? exclusion : null };
}

function limitAt(limit: AccountLimit, now: string): AccountLimit {
  const { next } = limit;
  return next !== null && next.effectiveAt <= now ? { ...limit, amountMinor: next.amountMinor, next: null } : limit;
}
