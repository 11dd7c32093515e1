// All routes of the query side. Called by main.ts, and by a process that carries both sides: it puts these routes beside the
// command side's, as `/v1/bets` is asked with GET and placed with POST.

import type { Route } from '@wagerline/infra/http';

import { accountStatementRoutes } from './account-statement/routes.ts';
import { betHistoryRoutes } from './bet-history/routes.ts';
import { fixtureSearchRoutes } from './fixture-search/routes.ts';
import { FreshReads } from './fresh-enough.ts';
import { marketLiabilityRoutes } from './market-liability/routes.ts';
import { OddsBoard } from './odds-board/query.ts';
import { oddsBoardRoutes } from './odds-board/routes.ts';
import type { QueryDeps } from './query-deps.ts';

/** The busiest first. */
export function queryRoutes(deps: QueryDeps): readonly Route[] {
  const fresh = new FreshReads(deps);
  const board = new OddsBoard(deps, fresh);
  return [
    ...oddsBoardRoutes(board),
    ...betHistoryRoutes(deps, fresh),
    ...accountStatementRoutes(deps, fresh),
    ...fixtureSearchRoutes(deps, fresh, board),
    ...marketLiabilityRoutes(deps, fresh),
  ];
}
