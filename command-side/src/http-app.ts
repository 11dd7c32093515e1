// The routes of the command side, the busiest first. start.ts and the process tree serve them.

import type { Route } from '@wagerline/infra/http';
import type { Ids } from '@wagerline/shared-kernel/ports/clock';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { approvalRoutes } from './account/approval-routes.ts';
import { betRoute } from './account/bet-routes.ts';
import type { BetTerms } from './account/commands.ts';
import { quoteRoute } from './account/quote-routes.ts';
import { accountRoutes } from './account/routes.ts';
import { fixtureRoutes } from './fixture/routes.ts';
import type { CommandHandlers } from './handlers.ts';
import type { MarketView } from './market-view.ts';
import { amendRoutes } from './market/amend-routes.ts';
import { decideByHand, decisionRoutes } from './market/by-hand-routes.ts';
import { feedRoute } from './market/feed-routes.ts';
import { producerRoutes } from './market/producer-routes.ts';
import type { Producers } from './market/producers.ts';
import { marketRoutes } from './market/routes.ts';

export type CommandRouteOptions = {
  readonly handlers: CommandHandlers;
  readonly view: MarketView;
  readonly eventStore: EventStore;
  readonly ids: Ids;
  readonly betTerms: BetTerms;
  readonly depositMinorMax: number;
  readonly voidApprovalMinor: number;
  readonly marketApprovalMinor: number;
  readonly decisionWaitMsMax: number;
  readonly producers: Producers;
};

export function commandRoutes(options: CommandRouteOptions): readonly Route[] {
  const { handlers, view, eventStore, ids, betTerms, depositMinorMax, voidApprovalMinor, producers } = options;
  const decide = decideByHand(options);
  return [
    betRoute(handlers, view, betTerms),
    quoteRoute(handlers.accountStates, view, betTerms),
    ...accountRoutes(handlers, ids, depositMinorMax),
    ...approvalRoutes({ handlers, view, ids, voidApprovalMinor }),
    ...marketRoutes(handlers, eventStore, ids, decide),
    ...amendRoutes(decide),
    ...decisionRoutes(options),
    feedRoute(handlers, producers),
    ...producerRoutes(producers),
    ...fixtureRoutes(handlers, ids),
  ];
}
