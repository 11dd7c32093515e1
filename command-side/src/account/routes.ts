// Accounts over HTTP: a bettor's own, or any for the staff who may. Another bettor's account is as absent as none.

import { idempotencyKeyOf, etagOf, parseBody, parseParams, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import { freeBetKind, limitKind, limitPeriod, type AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import { instant, slug } from '@wagerline/shared-kernel/events/schema';
import type { Ids } from '@wagerline/shared-kernel/ports/clock';
import { isProblemCode, ProblemException } from '@wagerline/shared-kernel/problems';
import { commandIdOf, isUuid, requestHashOf, sha256Hex } from '@wagerline/shared-kernel/values/ids';
import { z } from 'zod';
import { commandContextOf, refusalProblem, revisionAnswer } from '../answers.ts';
import type { Handled } from '../command-handler.ts';
import type { CommandHandlers } from '../handlers.ts';
import type { AccountCommand, MoneyKey, MoveFunds } from './commands.ts';

/** Lower case only: the id is part of a stream's name. */
export const uuid = z.string().refine(isUuid, 'a UUID in lower case');
const accountPath = z.strictObject({ accountId: uuid });
const limitPath = z.strictObject({ accountId: uuid, kind: limitKind, period: limitPeriod });
const currency = z.string().regex(/^[A-Z]{3}$/);
const positiveMinor = z.number().refine((amount) => Number.isSafeInteger(amount) && amount > 0, {
  message: 'a positive whole number of minor units',
  params: { code: 'AMOUNT_INVALID' },
});
const opening = z.strictObject({ currency, brand: slug, jurisdiction: slug });
const movement = z.strictObject({ amountMinor: positiveMinor, currency });
const limit = z.strictObject({ amountMinor: positiveMinor.nullable() });
const exclusion = z.strictObject({ until: instant.nullable() });
const freeBetPath = z.strictObject({ accountId: uuid, freeBetId: uuid });
const freeBet = z.strictObject({ kind: freeBetKind.default('stake-not-returned'), amountMinor: positiveMinor, currency, expiresAt: instant });

/** The account in the path, if this caller may act on it. @throws ProblemException ACCOUNT_NOT_FOUND */
function accountOf(context: RouteContext, accountId: string): string {
  const { principal } = context;
  if (principal.roles.includes('admin') || principal.sub === accountId) return accountId;
  throw new ProblemException('ACCOUNT_NOT_FOUND');
}

/** Only for a body that its schema has taken: hashing goes as deep as the body does. */
export function moneyKeyOf(context: RouteContext, accountId: string, key: string): MoneyKey {
  return { keyHash: sha256Hex(`${accountId}:${key}`), requestHash: requestHashOf(context.json) };
}

export function accountRoutes(handlers: CommandHandlers, ids: Ids, depositMinorMax: number): readonly Route[] {
  async function handle(context: RouteContext, accountId: string, command: (at: string) => AccountCommand): Promise<Answer> {
    const handled = await handlers.account.handle(accountId, command, commandContextOf(context, ids.random()));
    return revisionAnswer(handled, { accountId });
  }

  async function moveFunds(context: RouteContext, type: MoveFunds['type'], amountMinorMax: number): Promise<Answer> {
    const accountId = accountOf(context, parseParams(accountPath, context.params).accountId);
    const idempotencyKey = idempotencyKeyOf(context.request);
    const body = parseBody(movement, context.json);
    const key = moneyKeyOf(context, accountId, idempotencyKey);
    const command = (at: string): AccountCommand => ({ type, ...body, ...key, amountMinorMax, at });
    const commandId = commandIdOf(type, accountId, key.keyHash);
    return fundsAnswer(await handlers.account.handle(accountId, command, commandContextOf(context, commandId)), type);
  }

  return [
    {
      method: 'POST',
      path: '/v1/accounts/:accountId/deposits',
      roles: ['bettor', 'admin'],
      body: 'json',
      handler: (context) => moveFunds(context, 'Deposit', depositMinorMax),
    },
    {
      method: 'POST',
      path: '/v1/accounts/:accountId/withdrawals',
      roles: ['bettor', 'admin'],
      body: 'json',
      handler: (context) => moveFunds(context, 'Withdraw', Number.MAX_SAFE_INTEGER),
    },
    {
      method: 'PUT',
      path: '/v1/accounts/:accountId',
      roles: ['bettor', 'admin'],
      body: 'json',
      handler(context) {
        const accountId = accountOf(context, parseParams(accountPath, context.params).accountId);
        const body = parseBody(opening, context.json);
        return handle(context, accountId, (at) => ({ type: 'OpenAccount', accountId, ...body, at }));
      },
    },
    {
      method: 'PUT',
      path: '/v1/accounts/:accountId/limits/:kind/:period',
      roles: ['bettor', 'admin'],
      body: 'json',
      handler(context) {
        const { kind, period, ...path } = parseParams(limitPath, context.params);
        const accountId = accountOf(context, path.accountId);
        const { amountMinor } = parseBody(limit, context.json);
        return handle(context, accountId, (at) => ({ type: 'SetLimit', kind, period, amountMinor, at }));
      },
    },
    {
      method: 'POST',
      path: '/v1/accounts/:accountId/self-exclusion',
      roles: ['bettor', 'admin'],
      body: 'json',
      handler(context) {
        const accountId = accountOf(context, parseParams(accountPath, context.params).accountId);
        const { until } = parseBody(exclusion, context.json);
        return handle(context, accountId, (at) => ({ type: 'SelfExclude', until, at }));
      },
    },
    {
      method: 'PUT',
      path: '/v1/accounts/:accountId/free-bets/:freeBetId',
      roles: ['trader', 'admin'],
      body: 'json',
      handler(context) {
        const { accountId, freeBetId } = parseParams(freeBetPath, context.params);
        const body = parseBody(freeBet, context.json);
        return handle(context, accountId, (at) => ({ type: 'GrantFreeBet', freeBetId, ...body, at }));
      },
    },
  ];
}

/** A pure function of the recorded event and its revision: the same for the first request and for every repetition. */
function fundsAnswer(handled: Handled<AccountEvent>, type: MoveFunds['type']): Answer {
  const { answer, refusal, stream } = handled;
  const [moved, refused] = type === 'Deposit' ? (['FundsDeposited', 'DepositRefused'] as const) : (['FundsWithdrawn', 'WithdrawalRefused'] as const);
  if (answer === undefined) throw refusalProblem(refusal?.code ?? 'INTERNAL_ERROR', refusal?.detail ?? {});
  const { event, revision } = answer;
  if (event.type === refused) throw refusalProblem(isProblemCode(event.code) ? event.code : 'INTERNAL_ERROR', event.detail);
  if (event.type !== moved) throw new ProblemException('IDEMPOTENCY_KEY_REUSED');
  const { accountId, amountMinor, currency, at } = event;
  const body = { accountId, amountMinor, currency, at, revision };
  return { status: 201, body, headers: { ETag: etagOf({ stream, revision }) } };
}
