// Voids of bets by hand, and what a second person approves: traders ask, settlers and admins approve or decline.

import { parseBody, parseParams, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import { slug } from '@wagerline/shared-kernel/events/schema';
import type { Ids } from '@wagerline/shared-kernel/ports/clock';
import { z } from 'zod';
import { actorOf, commandContextOf, revisionAnswer } from '../answers.ts';
import type { CommandHandlers } from '../handlers.ts';
import type { MarketView } from '../market-view.ts';
import type { AccountCommand } from './commands.ts';
import { uuid } from './routes.ts';

const path = z.strictObject({ accountId: uuid, betId: uuid });
const reasoned = z.strictObject({ reason: slug });
const nothing = z.strictObject({});
const approvers = ['settler', 'admin'] as const;

export type ApprovalRouteOptions = {
  readonly handlers: Pick<CommandHandlers, 'account' | 'accountStates'>;
  readonly view: Pick<MarketView, 'market'>;
  readonly ids: Ids;
  /** Stakes above it are voided by two people. */
  readonly voidApprovalMinor: number;
};

export function approvalRoutes({ handlers, view, ids, voidApprovalMinor }: ApprovalRouteOptions): readonly Route[] {
  /** 202: a second person has to approve. */
  async function handle(context: RouteContext, command: (betId: string, at: string) => AccountCommand): Promise<Answer> {
    const { accountId, betId } = parseParams(path, context.params);
    const handled = await handlers.account.handle(accountId, (at) => command(betId, at), commandContextOf(context, ids.random()));
    const isRequest = handled.answer?.event.type === 'BetVoidRequested';
    const answer = revisionAnswer(handled, { accountId, betId, ...(isRequest && { waitsFor: 'approval' }) });
    return isRequest ? { ...answer, status: 202 } : answer;
  }

  /** The account learns of a result when it decides the bet; the view knows it before. */
  async function isOutcomeKnown(context: RouteContext): Promise<boolean> {
    const { accountId, betId } = parseParams(path, context.params);
    const { state } = await handlers.accountStates.newest(accountId);
    const bet = state.status === 'open' ? state.openBets.find((open) => open.betId === betId) : undefined;
    return (bet?.marketIds ?? []).some((marketId) => ['resulted', 'voided'].includes(view.market(marketId).state.status));
  }

  const bets = '/v1/accounts/:accountId/bets/:betId';
  const approve = (type: 'ApproveReturn' | 'ApproveVoid') => (context: RouteContext) => {
    parseBody(nothing, context.json);
    return handle(context, (betId, at) => ({ type, betId, approvedBy: actorOf(context), at }));
  };
  const decline = (type: 'DeclineReturn' | 'DeclineVoid') => (context: RouteContext) => {
    const { reason } = parseBody(reasoned, context.json);
    return handle(context, (betId, at) => ({ type, betId, reason, declinedBy: actorOf(context), at }));
  };
  return [
    {
      method: 'POST',
      path: `${bets}/void`,
      roles: ['trader', 'admin'],
      body: 'json',
      async handler(context) {
        const { reason } = parseBody(reasoned, context.json);
        const known = await isOutcomeKnown(context);
        return handle(context, (betId, at) => ({ type: 'VoidBet', betId, reason, decidedBy: actorOf(context), isOutcomeKnown: known, voidApprovalMinor, at }));
      },
    },
    { method: 'POST', path: `${bets}/void/approve`, roles: approvers, body: 'json', handler: approve('ApproveVoid') },
    { method: 'POST', path: `${bets}/void/decline`, roles: approvers, body: 'json', handler: decline('DeclineVoid') },
    { method: 'POST', path: `${bets}/return/decline`, roles: approvers, body: 'json', handler: decline('DeclineReturn') },
    { method: 'POST', path: `${bets}/return/approve`, roles: approvers, body: 'json', handler: approve('ApproveReturn') },
  ];
}
