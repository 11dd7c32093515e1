// Decisions by hand over HTTP: what one person decides takes effect at once, or is answered 202 and waits for a second one, who approves or declines it
// here. Called by the routes of markets. Nothing here knows a sum: the settlement job tells it to the market.

import { parseBody, parseParams, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import type { WaitingDecision } from '@wagerline/shared-kernel/betting/results/waiting-decision';
import { slug } from '@wagerline/shared-kernel/events/schema';
import type { Ids } from '@wagerline/shared-kernel/ports/clock';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
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
type Decides = Extract<
  MarketCommand,
  { type: 'ResultMarket' | 'CorrectResult' | 'VoidMarket' | 'PayEarly' | 'WithdrawSelection' | 'DeclarePriceError' | 'SetStartingPrices' }
>;
/** Sends the command and answers when it has taken effect, or that it waits. */
export type DecideByHand = (context: RouteContext, marketId: string, command: (byHand: ByHand, at: string) => Decides) => Promise<Answer>;

/** Between two looks whether the market has been told what was bet on it: it takes some milliseconds where nothing is behind. */
const lookMs = 5;
const lookMsMax = 50;
const path = z.strictObject({ marketId: slug });
const approval = z.strictObject({ decisionId: uuid });
const refusal = z.strictObject({ decisionId: uuid, reason: slug });
const approvers = ['trader', 'settler', 'admin'] as const;

export function decideByHand({ handlers, view, ids, marketApprovalMinor, decisionWaitMsMax }: ByHandOptions): DecideByHand {
  /** Of the market as the log has it now. */
  async function newest(marketId: string) {
    await view.catchUp(marketId, Number.MAX_SAFE_INTEGER);
    const { state, version } = view.market(marketId);
    return state.status === 'absent' ? { version, waiting: undefined, ended: undefined } : { version, waiting: state.waiting, ended: state.ended };
  }

  return async (context, marketId, command) => {
    const byHand: ByHand = { decisionId: ids.random(), by: actorOf(context), approvalAboveMinor: marketApprovalMinor };
    const isTimeLeft = patience(decisionWaitMsMax);
    const send = () => handlers.market.handle(marketId, (at) => command(byHand, at), commandContextOf(context, ids.random()));
    let handled = await send();
    // Another one that is only being counted is over at once: two people who decide in one moment need not know of each other.
    while (handled.refusal?.code === 'DECISION_WAITS' && (await newest(marketId)).waiting?.isHeld !== true && (await isTimeLeft())) handled = await send();
    if (handled.refusal !== undefined) throw refusalProblem(handled.refusal.code, handled.refusal.detail);
    for (;;) {
      const { version, waiting, ended } = await newest(marketId);
      if (ended?.get(byHand.decisionId) === 'declined') throw refusalProblem('APPROVAL_NOT_PENDING', {});
      const answer = (body: JsonObject = {}): Answer => revisionAnswer({ ...handled, revision: version }, { marketId, version, ...body });
      if (waiting === undefined || !isAsked(waiting, command(byHand, ''))) return answer();
      if (waiting.isHeld || !(await isTimeLeft())) {
        const { decisionId, approvalAboveMinor, stakes } = waiting;
        return { ...answer({ waitsFor: 'approval', decisionId, approvalAboveMinor, stakes: stakes && [...stakes] }), status: 202 };
      }
    }
  };
}

/** What waits is about what the command is about; what it says has been compared by the market. */
function isAsked({ decision }: WaitingDecision, command: Decides): boolean {
  switch (command.type) {
    case 'ResultMarket':
    case 'CorrectResult':
      return decision.type === 'result' || decision.type === 'correction';
    case 'VoidMarket':
      return decision.type === 'void';
    case 'PayEarly':
      return decision.type === 'early-payout' && decision.selectionId === command.selectionId;
    case 'WithdrawSelection':
      return decision.type === 'withdrawal' && decision.selectionId === command.selectionId;
    case 'DeclarePriceError':
      return decision.type === 'price-error' && decision.errorId === command.errorId;
    case 'SetStartingPrices':
      return decision.type === 'starting-prices';
    default:
      return unreachable(command);
  }
}

/** Waits a moment, a longer one each time; false when there is no time left. */
function patience(msMax: number): () => Promise<boolean> {
  let [waitedMs, nextMs] = [0, lookMs];
  return async () => {
    if (waitedMs >= msMax) return false;
    await delay(nextMs);
    waitedMs += nextMs;
    nextMs = Math.min(2 * nextMs, lookMsMax);
    return true;
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
