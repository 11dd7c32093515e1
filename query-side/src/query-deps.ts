// What the query side is given: the three stores that projections fill, and its limits. Made by start.ts or by a process that carries both sides.
// There is no event store here: a query reads what is projected, or says that it is not there yet.

import type { Config } from '@wagerline/infra/config';
import type { Logger } from '@wagerline/infra/logger';
import type { Cache } from '@wagerline/shared-kernel/ports/cache';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import type { SearchIndex } from '@wagerline/shared-kernel/ports/search-index';

export type Delay = (ms: number) => Promise<void>;

export type QueryDeps = {
  readonly store: ReadModelStore;
  readonly search: SearchIndex;
  readonly cache: Cache;
  /** Says what is in force now: limits, exclusions. It may be driven by a tool and stand still, so no wait and no age depends on it. */
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
  readonly http: Pick<Config['http'], 'pageSizeDefault' | 'pageSizeMax' | 'freshReadWaitMsMax'>;
  /** The machine's own time; tests hand in theirs. */
  readonly delay?: Delay;
  readonly monotonicMs?: () => number;
};
