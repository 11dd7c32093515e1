// The adapters of one process on the engines: EventStoreDB, Kafka, MongoDB, Redis, Elasticsearch. Called by open-infra.ts alone.
// The settlement index stays a file of its own worker.

import { keysOf, type Adapters } from './adapters.ts';
import { openRedisCache } from './cache/redis.ts';
import type { Config } from './config.ts';
import { openKafkaBus } from './event-bus/kafka.ts';
import { openEventStoreDb } from './event-store/eventstoredb.ts';
import { componentLogger, createLogger } from './logger.ts';
import { openMongoReadModelStore } from './read-model-store/mongodb.ts';
import { openElasticsearchIndex } from './search-index/elasticsearch.ts';
import { openEmbeddedSettlementIndex } from './settlement-index/embedded.ts';

export function engineAdapters(config: Config): Adapters {
  const { eventStoreUrl, kafkaBrokers, mongoUrl, redisUrl, elasticsearchUrl, namespace } = config.engines;
  const { appendTimeoutMs, appendQueueMax } = config.eventStore;
  const logger = createLogger(config);
  return {
    async eventStore() {
      const log = componentLogger(logger, 'eventstoredb');
      const onSubscriptionLost = (error: unknown): void => log.warn({ err: error }, 'a subscription was lost and is made again');
      return openEventStoreDb({ connectionString: eventStoreUrl, appendTimeoutMs, appendQueueMax, onSubscriptionLost });
    },
    async bus() {
      const { partitionCount } = config.bus;
      return openKafkaBus({ brokers: kafkaBrokers.split(','), namespace, partitionCount, keysOf, logger: componentLogger(logger, 'kafka') });
    },
    async readModels({ readOnly }) {
      const store = openMongoReadModelStore({ url: mongoUrl, database: namespace, readOnly });
      // A query process may be up before the database: it answers 503 until then.
      if (!readOnly) await store.ready();
      return store;
    },
    search: async ({ readOnly }) => openElasticsearchIndex({ url: elasticsearchUrl, prefix: namespace, readOnly }),
    cache: async () => openRedisCache({ url: redisUrl, namespace, logger: componentLogger(logger, 'redis') }),
    settlementIndex: async () => openEmbeddedSettlementIndex({ dataDir: config.settlement.indexDir ?? config.dataDir }),
  };
}
