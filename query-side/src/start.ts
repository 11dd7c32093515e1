// The query side as a process of its own: its routes, health and metrics on one port. Called by a main file with opened adapters; a server
// that carries both sides takes queryRoutes from http-app.ts instead.

import type { TokenVerifier } from '@wagerline/infra/auth';
import type { Config } from '@wagerline/infra/config';
import { healthRoutes, startHttpServer, type HealthCheck, type HttpServer } from '@wagerline/infra/http';
import type { Metrics } from '@wagerline/infra/metrics';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';

import { createQueryApp } from './http-app.ts';
import type { QueryDeps, QueryStore } from './query-deps.ts';

export type QuerySideOptions = QueryDeps & { readonly http: Config['http']; readonly verifier: TokenVerifier; readonly metrics: Metrics };

export async function startQuerySide(options: QuerySideOptions): Promise<HttpServer> {
  const { http, verifier, metrics, logger, store } = options;
  const health = healthRoutes([readModelCheck(store)], metrics);
  const app = createQueryApp(options, { verifier, metrics, logger, bodyBytesMax: http.bodyBytesMax, healthRoutes: health });
  return startHttpServer(app, http);
}

/** Red until every read model has a live generation; red too while the store is away. */
function readModelCheck(store: QueryStore): HealthCheck {
  return {
    name: 'read-models',
    async check() {
      const generations = await Promise.all(readModels.map(({ name }) => store.liveGeneration(name)));
      const missing = readModels.filter((_, index) => generations[index] === 0).map(({ name }) => name);
      return missing.length === 0 ? undefined : `not built yet: ${missing.join(', ')}`;
    },
  };
}
