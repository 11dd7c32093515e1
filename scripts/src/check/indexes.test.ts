// What the checker of indexes says of a query that is served, and of one that is not.

import { betHistory, betsCollection } from '@wagerline/shared-kernel/read-models/bet-history';
import { fixtureSearchIndex } from '@wagerline/shared-kernel/read-models/fixture-search';
import { expect, test } from 'vitest';
import { lineOf } from './indexes.ts';

test('a find is served by the index of its name, and aimed at its owner', () => {
  const query = { collection: betsCollection.name, shard: 'ann', index: 'by-status', equals: ['open'], order: 'descending', limit: 5 } as const;
  const { text, fault } = lineOf({ kind: 'find', model: betHistory.name, request: 'GET /v1/bets', query });
  expect(fault).toBeUndefined();
  expect(text).toBe(
    'GET /v1/bets | bet-history.bets | filter shard =, document.status =, document.placedAt is there | sort document.placedAt descending, _id descending' +
      ' | index by-status (shard, document.status, document.placedAt, _id) | shard key accountId',
  );
});

test('reads by key and searches have a line too; a search by a field that is not declared is a finding', () => {
  const keys = { kind: 'keys', model: betHistory.name, collection: '_watermarks', keys: [{ shard: 's', id: 's' }], request: 'GET /v1/bets' } as const;
  expect(lineOf(keys)).toMatchObject({ text: expect.stringContaining('index _id_ (_id) | shard key stream'), fault: undefined });
  const searched = (field: string) =>
    lineOf({ kind: 'search', index: fixtureSearchIndex.name, request: 'GET /v1/fixtures', query: { text: 'a', filters: { [field]: 'x' }, limit: 1 } });
  expect(searched('sport').fault).toBeUndefined();
  expect(searched('home').fault).toContain('home');
  expect(searched('home').text).toContain('NOT SERVED');
});
