import { randomUUID } from 'node:crypto';
import { Client } from '@elastic/elasticsearch';
import { describeEngine, engineUrl } from '../testing/engines.ts';
import { searchIndexContract } from './contract.ts';
import { openElasticsearchIndex } from './elasticsearch.ts';

async function removeAll(prefix: string): Promise<void> {
  const client = new Client({ node: engineUrl('elasticsearch') });
  const found = await client.indices.get({ index: `${prefix}-*`, allow_no_indices: true });
  const index = Object.keys(found);
  if (index.length > 0) await client.indices.delete({ index });
  await client.indices.deleteIndexTemplate({ name: prefix }, { ignore: [404] });
  await client.close();
}

describeEngine('elasticsearch', () => {
  searchIndexContract('elasticsearch', async () => {
    const options = { url: engineUrl('elasticsearch'), prefix: `t${randomUUID()}`, refreshIntervalMs: 50 };
    let index = openElasticsearchIndex(options);
    return {
      index,
      reopen: async () => {
        await index.close();
        return (index = openElasticsearchIndex(options));
      },
      close: async () => {
        await index.close();
        await removeAll(options.prefix);
      },
    };
  });
});
