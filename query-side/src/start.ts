// The query side as a process of its own: its routes, health and metrics on one port. Called by a main file with opened adapters; a server
// that carries both sides takes queryRoutes from http-app.ts instead.

import type { TokenVerifier } from '@wagerline/infra/auth';
import type { Config } from '@wagerline/infra/config';
import { healthRoutes, startHttpServer, type HttpServer } from '@wagerline/infra/http';
import type { Metrics } from '@wagerline/infra/metrics';

import { createQueryApp } from './http-app.ts';
import type { QueryDeps } from './query-deps.ts';
import { readModelCheck } from './readiness.ts';

export type QuerySideOptions = QueryDeps & { readonly http: Config['http']; readonly verifier: TokenVerifier; readonly metrics: Metrics };

export async function startQuerySide(options: QuerySideOptions): Promise<HttpServer> {
  const { http, verifier, metrics, logger, store } = options;
  const health = healthRoutes([readModelCheck(store)], metrics);
  const app = createQueryApp(options, { verifier, metrics, logger, bodyBytesMax: http.bodyBytesMax, healthRoutes: health });
  return startHttpServer(app, http);
}
