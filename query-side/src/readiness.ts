// Whether queries can be answered at all: for /readyz of a query process and of a server that carries both sides.

import type { HealthCheck } from '@wagerline/infra/http';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import type { QueryStore } from './query-deps.ts';

/** Red until every read model has a live generation; red too while the store is away. */
export function readModelCheck(store: QueryStore): HealthCheck {
  return {
    name: 'read-models',
    async check() {
      const generations = await Promise.all(readModels.map(({ name }) => store.liveGeneration(name)));
      const missing = readModels.filter((_, index) => generations[index] === 0).map(({ name }) => name);
      return missing.length === 0 ? undefined : `not built yet: ${missing.join(', ')}`;
    },
  };
}
