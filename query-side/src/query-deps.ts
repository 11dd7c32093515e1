// What the query side is given: the three stores that projections fill, and its limits. Called by every file of the query side.
// There is no event store here: a query reads what is projected, or says that it is not there yet.

import type { Config } from '@wagerline/infra/config';
import type { Logger } from '@wagerline/infra/logger';
import type { Cache } from '@wagerline/shared-kernel/ports/cache';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import type { SearchIndex } from '@wagerline/shared-kernel/ports/search-index';

/** The parts of the stores that only read. */
export type QueryStore = Pick<ReadModelStore, 'get' | 'getMany' | 'find' | 'watermarks' | 'parked' | 'liveGeneration'>;
export type QuerySearch = Pick<SearchIndex, 'search'>;
/** The cache is filled by whoever reads the store, so that the next one need not. */
export type QueryCache = Pick<Cache, 'get' | 'setIfNewer'>;

export type Delay = (ms: number) => Promise<void>;

export type QueryDeps = {
  readonly store: QueryStore;
  readonly search: QuerySearch;
  readonly cache: QueryCache;
  /** Says what is in force now: limits, exclusions. It may be driven by a tool and stand still, so no wait and no age depends on it. */
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
  readonly http: Pick<Config['http'], 'pageSizeDefault' | 'pageSizeMax' | 'freshReadWaitMsMax'>;
  /** The machine's own time; tests hand in theirs. */
  readonly delay?: Delay;
  readonly monotonicMs?: () => number;
};
