// Indexes of one test on Elasticsearch, under a prefix of their own. Used by the elasticsearch tests alone.

import { randomUUID } from 'node:crypto';
import { Client } from '@elastic/elasticsearch';
import type { SearchIndex } from '@wagerline/shared-kernel/ports/search-index';
import { engineUrl } from '../testing/engines.ts';
import { openElasticsearchIndex, type ElasticsearchIndexOptions } from './elasticsearch.ts';

export type TestIndexes = {
  readonly client: Client;
  readonly prefix: string;
  open(options?: Partial<ElasticsearchIndexOptions>): SearchIndex;
  /** Closes what was opened here, and removes every index of the prefix. */
  close(): Promise<void>;
};

export function openTestIndexes(): TestIndexes {
  const [url, prefix] = [engineUrl('elasticsearch'), `t${randomUUID()}`];
  const client = new Client({ node: url });
  const opened: SearchIndex[] = [];
  return {
    client,
    prefix,
    open(options = {}) {
      const index = openElasticsearchIndex({ url, prefix, refreshIntervalMs: 50, ...options });
      opened.push(index);
      return index;
    },
    async close() {
      for (const index of opened) await index.close();
      // By name: an engine refuses to delete by a pattern.
      const index = Object.keys(await client.indices.get({ index: `${prefix}-*` }));
      if (index.length > 0) await client.indices.delete({ index });
      await client.indices.deleteIndexTemplate({ name: prefix }, { ignore: [404] });
      await client.close();
    },
  };
}
