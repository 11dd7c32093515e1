// The settlement job and the fixture reactor together: one worker's thread or process, with what it answers about itself.
// Called by settlement/main.ts and by the process tree; any number may run side by side.

import { completeThrough } from '@wagerline/infra/complete-through';
import type { Config } from '@wagerline/infra/config';
import type { Logger } from '@wagerline/infra/logger';
import type { SettlementInfra } from '@wagerline/infra/open-infra';
import type { Requests } from '@wagerline/infra/part';
import type { IndexedDecision } from '@wagerline/shared-kernel/ports/settlement-index';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { startReactor } from '../fixture/reactor.ts';
import { handlersOf } from '../start.ts';
import { startSettlement } from './settlement.ts';

const decisionsShownMax = 1_000;
/** The reactor reads no accounts. */
const reactorPrefixes = ['market-', 'fixture-'];

export type SettlementPartOptions = { readonly infra: SettlementInfra; readonly config: Config; readonly logger: Logger; readonly signal: AbortSignal };

export function startSettlementPart({ infra, config, logger, signal }: SettlementPartOptions): { readonly requests: Requests; readonly done: Promise<void> } {
  const { eventStore, index, clock, tree } = infra;
  const handlers = handlersOf({ eventStore, config, clock, logger });
  const { marketApprovalMinor } = config.betting;
  const reactor = startReactor({ eventStore, handlers, clock, marketApprovalMinor, signal, logger });
  const settlement = startSettlement({ eventStore, handlers, market: handlers.market, index, clock, config: config.settlement, signal, logger, tree });
  return {
    requests: {
      async progress() {
        const { settledThrough, heldMarkets, ...progress } = settlement.progress();
        const complete = await completeThrough(eventStore, settledThrough, domainPrefixes);
        return { ...progress, settledThrough: complete, heldMarkets: heldMarkets.map((market) => ({ ...market })) };
      },
      decisions: () => ({ indexedPosition: index.position(), decisions: index.decisions(decisionsShownMax).map(shownDecision) }),
      async status() {
        const [reacted, settled] = [reactor.status(), settlement.status()];
        const position = await completeThrough(eventStore, reacted.position, reactorPrefixes);
        const settledThrough = await completeThrough(eventStore, settled.settledThrough, domainPrefixes);
        return { reactor: { ...reacted, position }, settlement: { ...settled, settledThrough } };
      },
    },
    done: Promise.all([reactor.done, settlement.done]).then(() => undefined),
  };
}

/** Whoever approves it sees what it says. The reason code is in it; results and starting prices are their own. */
function shownDecision({ marketId, decisionId, decision, requestedBy, requestedAt, approvalAboveMinor, isHeld, staked }: IndexedDecision): JsonObject {
  const stakes = staked.map((stake) => ({ ...stake }));
  const { type } = decision;
  const reason = 'reason' in decision ? decision.reason : type;
  const waitsFor = isHeld ? 'approval' : 'stakes';
  return { marketId, decisionId, type, reason, decision, requestedBy, requestedAt, approvalAboveMinor, stakes, waitsFor };
}
