// The engines there are, by name. A new one is a folder with its file, and a line here.

import type { EngineName } from '@wagerline/infra/testing/engines-names';
import type { Engine } from './engine.ts';
import { elasticsearch } from './elasticsearch/elasticsearch.ts';
import { eventstoredb } from './eventstoredb/eventstoredb.ts';
import { kafka } from './kafka/kafka.ts';
import { mongodb } from './mongodb/mongodb.ts';
import { redis } from './redis/redis.ts';

export const allEngines: Readonly<Record<EngineName, Engine>> = { eventstoredb, kafka, mongodb, redis, elasticsearch };
