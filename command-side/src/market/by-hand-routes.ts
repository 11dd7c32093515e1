// Decisions by hand over HTTP: what one person decides takes effect at once, or is answered 202 and waits for a second one, who approves or declines it
// here. Called by the routes of markets. Nothing here knows a sum: the settlement job tells it to the market.

import { parseBody, parseParams, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import type { MarketDecision } from '@wagerline/shared-kernel/events/market-events';
import { slug } from '@wagerline/shared-kernel/events/schema';
import type { Ids } from '@wagerline/shared-kernel/ports/clock';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { uuid } from '../account/routes.ts';
import { actorOf, commandContextOf, refusalProblem, revisionAnswer } from '../answers.ts';
import type { CommandHandlers } from '../handlers.ts';
import type { MarketView } from '../market-view.ts';
import type { ByHand, MarketCommand } from './commands.ts';

export type ByHandOptions = {
  readonly handlers: Pick<CommandHandlers, 'market'>;
  readonly view: Pick<MarketView, 'market' | 'catchUp'>;
  readonly ids: Ids;
  readonly marketApprovalMinor: number;
  readonly decisionWaitMsMax: number;
};
type Decides = Extract<MarketCommand, { type: 'ResultMarket' | 'CorrectResult' | 'VoidMarket' | 'PayEarly' }>;
/** Sends the command and answers when it has taken effect, or that it waits. */
export type DecideByHand = (context: RouteContext, marketId: string, command: (byHand: ByHand, at: string) => Decides) => Promise<Answer>;

/** Between two looks whether the market has been told what was bet on it: it takes some milliseconds where nothing is behind. */
const lookMs = 5;
const lookMsMax = 50;
const path = z.strictObject({ marketId: slug });
const approval = z.strictObject({ decisionId: uuid });
const refusal = z.strictObject({ decisionId: uuid, reason: slug });
const approvers = ['trader', 'settler', 'admin'] as const;
const decisionsOf: Readonly<Record<Decides['type'], readonly MarketDecision['type'][]>> = {
  ResultMarket: ['result', 'correction'],
  CorrectResult: ['result', 'correction'],
  VoidMarket: ['void'],
  PayEarly: ['early-payout'],
};

export function decideByHand({ handlers, view, ids, marketApprovalMinor, decisionWaitMsMax }: ByHandOptions): DecideByHand {
  /** Of the market as the log has it now. */
  async function newest(marketId: string) {
    await view.catchUp(marketId, Number.MAX_SAFE_INTEGER);
    const { state, version } = view.market(marketId);
    return state.status === 'absent' ? { version, waiting: undefined, ended: undefined } : { version, waiting: state.waiting, ended: state.ended };
  }

  return async (context, marketId, command) => {
    const byHand: ByHand = { decisionId: ids.random(), by: actorOf(context), approvalAboveMinor: marketApprovalMinor };
    const handled = await handlers.market.handle(marketId, (at) => command(byHand, at), commandContextOf(context, ids.random()));
    if (handled.refusal !== undefined) throw refusalProblem(handled.refusal.code, handled.refusal.detail);
    const kinds = decisionsOf[command(byHand, '').type];
    for (let [waitedMs, nextMs] = [0, lookMs]; ; nextMs = Math.min(2 * nextMs, lookMsMax)) {
      const { version, waiting, ended } = await newest(marketId);
      if (ended?.decisionId === byHand.decisionId && ended.isDeclined) throw refusalProblem('APPROVAL_NOT_PENDING', {});
      const answer = (body: JsonObject = {}): Answer => revisionAnswer({ ...handled, revision: version }, { marketId, version, ...body });
      if (waiting === undefined || !kinds.includes(waiting.decision.type)) return answer();
      if (waiting.isHeld || waitedMs >= decisionWaitMsMax) {
        const { decisionId, approvalAboveMinor, stakes } = waiting;
        return { ...answer({ waitsFor: 'approval', decisionId, approvalAboveMinor, stakes: stakes && [...stakes] }), status: 202 };
      }
      await delay(nextMs);
      waitedMs += nextMs;
    }
  };
}

export function decisionRoutes({ handlers, ids }: Pick<ByHandOptions, 'handlers' | 'ids'>): readonly Route[] {
  async function handle(context: RouteContext, command: (at: string) => MarketCommand): Promise<Answer> {
    const { marketId } = parseParams(path, context.params);
    const handled = await handlers.market.handle(marketId, command, commandContextOf(context, ids.random()));
    return revisionAnswer(handled, { marketId, version: handled.revision });
  }
  return [
    {
      method: 'POST',
      path: '/v1/markets/:marketId/decision/approve',
      roles: approvers,
      body: 'json',
      handler(context) {
        const { decisionId } = parseBody(approval, context.json);
        return handle(context, (at) => ({ type: 'ApproveDecision', decisionId, by: actorOf(context), at }));
      },
    },
    {
      method: 'POST',
      path: '/v1/markets/:marketId/decision/decline',
      roles: approvers,
      body: 'json',
      handler(context) {
        const { decisionId, reason } = parseBody(refusal, context.json);
        return handle(context, (at) => ({ type: 'DeclineDecision', decisionId, reason, by: actorOf(context), at }));
      },
    },
  ];
}
