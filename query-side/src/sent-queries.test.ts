// The checker of indexes sees what the API sends: every list with each of its filters, every read by key, every search.

import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { expect, test } from 'vitest';
import { sentQueries } from './testing-sent-queries.ts';

test('every collection is asked, every declared index used, and every filter of a list is in it', async () => {
  const sent = await sentQueries();
  const used = new Set(
    sent.map((one) => {
      if (one.kind === 'search') return one.index;
      return one.kind === 'find' ? `${one.query.collection} ${one.query.index}` : one.collection;
    }),
  );
  for (const { collections, search } of readModels) {
    for (const { name, indexes } of collections) {
      if (indexes.length === 0) expect(used).toContain(name);
      for (const index of indexes) expect(used).toContain(`${name} ${index.name}`);
    }
    if (search !== undefined) expect(used).toContain(search.name);
  }
  const ranges = sent.flatMap((one) => (one.kind === 'find' ? [Object.keys(one.query.range ?? {}).sort().join()] : []));
  expect(new Set(ranges)).toEqual(new Set(['', 'from', 'before', 'before,from']));
  const filters = new Set(sent.flatMap((one) => (one.kind === 'search' ? Object.keys(one.query.filters) : [])));
  expect(filters).toEqual(new Set(['competition', 'sport', 'status']));
  for (const kind of ['find', 'search'] as const) {
    const cursors = sent.filter((one) => one.kind === kind && one.request.includes('cursor'));
    expect(cursors.length).toBeGreaterThan(0);
  }
});
