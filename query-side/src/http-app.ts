// All routes of the query side, and the app that serves them alone. Called by start.ts, and by a process that carries both sides:
// it puts these routes beside the command side's, as `/v1/bets` is asked with GET and placed with POST.

import type { Express } from 'express';

import { httpApp, type HttpAppOptions, type Route } from '@wagerline/infra/http';

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

export type QueryAppOptions = Omit<HttpAppOptions, 'routes'> & { readonly healthRoutes?: readonly Route[] };

export function createQueryApp(deps: QueryDeps, { healthRoutes = [], ...options }: QueryAppOptions): Express {
  return httpApp({ ...options, routes: [...queryRoutes(deps), ...healthRoutes] });
}
