// Everything that the query API can ask of its stores: each route is called with every set of the parameters that its schema reads, with and
// without a cursor, and with a revision to wait for. Called by the checker of indexes and by a test; the stores only take notes.

import { createLogger } from '@wagerline/infra/logger';
import type { Route, RouteContext } from '@wagerline/infra/http';
import type { FindQuery, StoredDocument } from '@wagerline/shared-kernel/ports/read-model-store';
import type { SearchQuery } from '@wagerline/shared-kernel/ports/search-index';
import { betStatuses, betsCollection } from '@wagerline/shared-kernel/read-models/bet-history';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { accountStream, fixtureStream, marketStream } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert, unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { queryRoutes } from './http-app.ts';
import type { QueryStore } from './query-deps.ts';
import { account, ann, bet, fixture, fixtureId, idOf, liability, market, marketId, statementLine } from './testing-documents.ts';

/** `keys`: reads by shard and id; of watermarks both are the stream. */
export type Asked =
  | { readonly kind: 'find'; readonly model: string; readonly query: FindQuery }
  | { readonly kind: 'keys'; readonly model: string; readonly collection: string; readonly keys: readonly { readonly shard: string; readonly id: string }[] }
  | { readonly kind: 'search'; readonly index: string; readonly query: SearchQuery };

/** `request`: `GET /v1/bets?status&cursor`, as an example of those that ask this. */
export type SentQuery = Asked & { readonly request: string };

const betId = idOf('bet');
const pathParameters: Readonly<Record<string, string>> = { accountId: ann, betId, fixtureId, marketId };
/** The first that a route takes. A parameter that is not here stops the check: nothing may be sent that it has not seen. */
const samples: Readonly<Record<string, readonly string[]>> = {
  status: [...betStatuses, 'scheduled'],
  competition: ['premier-league'],
  sport: ['football'],
  q: ['liverpool'],
  placedFrom: ['2019-08-01T00:00:00.000Z'],
  placedBefore: ['2019-09-01T00:00:00.000Z'],
};
const http = { pageSizeDefault: 1, pageSizeMax: 1, freshReadWaitMsMax: 0 };
/** How a page is gone through, not what is on it. */
const paging = new Set(['limit', 'cursor']);

export async function sentQueries(): Promise<readonly SentQuery[]> {
  const sent = new Map<string, SentQuery>();
  let request = '';
  const note = (asked: Asked): void => {
    const key = shapeOf(asked);
    if (!sent.has(key)) sent.set(key, { ...asked, request });
  };
  const logger = createLogger({ logLevel: 'silent' });
  const cache = { get: async () => undefined, setIfNewer: async () => true };
  const search = async (index: string, _generation: number, query: SearchQuery) => {
    note({ kind: 'search', index, query });
    return { hits: [{ id: fixtureId, version: 2, document: fixture() }], cursor: 'next' };
  };
  const routes = queryRoutes({ store: notingStore(note), search: { search }, cache, logger, http, clock: { nowMs: () => 0 }, monotonicMs: () => 0 });
  for (const route of routes) {
    const ask = (query: Query, revision?: string): Promise<Outcome> => {
      request = `${route.method} ${route.path}${Object.keys(query).length > 0 ? `?${Object.keys(query).join('&')}` : ''}`;
      return outcomeOf(route, query, revision);
    };
    for (const query of await queriesOf(ask)) {
      const { cursor } = await ask(query);
      if (cursor !== undefined) await ask({ ...query, cursor });
    }
    for (const stream of [accountStream(ann), marketStream(marketId), fixtureStream(fixtureId)]) await ask({}, `${stream}@${Number.MAX_SAFE_INTEGER}`);
  }
  return [...sent.values()];
}

type Query = Readonly<Record<string, string>>;
type Outcome = { readonly cursor: string | undefined; readonly isRefused: boolean; readonly parameters: readonly string[] };

/** Every set of the parameters that the route's schema reads. */
async function queriesOf(ask: (query: Query) => Promise<Outcome>): Promise<readonly Query[]> {
  const { parameters } = await ask({});
  let queries: Query[] = [{}];
  for (const name of parameters.filter((parameter) => !paging.has(parameter))) {
    const taken = await firstTaken(name, ask);
    queries = queries.flatMap((query) => [query, { ...query, [name]: taken }]);
  }
  return queries;
}

async function firstTaken(name: string, ask: (query: Query) => Promise<Outcome>): Promise<string> {
  for (const value of samples[name] ?? []) if (!(await ask({ [name]: value })).isRefused) return value;
  throw new Error(`a route takes a parameter "${name}", and no sample of it is known here`);
}

async function outcomeOf(route: Route, query: Query, revision: string | undefined): Promise<Outcome> {
  const parameters = new Set<string>();
  const seen = new Proxy<Query>(query, {
    get(target, name) {
      if (typeof name === 'string') parameters.add(name);
      return typeof name === 'string' ? target[name] : undefined;
    },
  });
  const role = route.roles === 'public' ? undefined : route.roles.find((name) => name === 'bettor') ?? route.roles[0];
  const context: RouteContext = {
    request: { method: route.method, url: route.path, headers: revision === undefined ? {} : { 'wagerline-min-revision': revision } },
    params: Object.fromEntries([...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, pathParameters[name] ?? ''])),
    query: seen,
    json: null,
    principal: { sub: ann, roles: role === undefined ? [] : [role] },
    correlationId: 'check',
    traceparent: '',
  };
  try {
    const answer = await route.handler(context);
    const cursor = 'body' in answer ? cursorIn(answer.body) : undefined;
    return { cursor, isRefused: false, parameters: [...parameters] };
  } catch (error) {
    // A stream of others, a parameter's value, a revision that never comes: refusals. Anything else is a fault of this file or of the route.
    if (!(error instanceof ProblemException)) throw error;
    return { cursor: undefined, isRefused: true, parameters: [...parameters] };
  }
}

function cursorIn(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'nextCursor' in body && typeof body.nextCursor === 'string' ? body.nextCursor : undefined;
}

const documents: Readonly<Record<string, JsonObject>> = {
  bets: bet(betId),
  accounts: account(ann),
  lines: statementLine(ann, 1),
  markets: market(),
  fixtures: fixture(),
  liabilities: liability(),
};

/** Has everything that it is asked for, and says what it was asked. */
function notingStore(note: (asked: Asked) => void): QueryStore {
  const stored = (collection: string, shard: string, id: string): StoredDocument => {
    const document = documents[collection];
    assert(document !== undefined, `there is a sample document of ${collection}`);
    return { shard, id, version: 1, document };
  };
  return {
    liveGeneration: async () => 1,
    parked: async () => [],
    async watermarks({ model }, streams) {
      note({ kind: 'keys', model, collection: '_watermarks', keys: streams.map((stream) => ({ shard: stream, id: stream })) });
      return streams.map((stream) => ({ stream, revision: 1, values: { balanceMinor: 0, openStakesMinor: 0 } }));
    },
    async get({ model }, collection, shard, id) {
      note({ kind: 'keys', model, collection, keys: [{ shard, id }] });
      return stored(collection, shard, id);
    },
    async getMany({ model }, collection, keys) {
      note({ kind: 'keys', model, collection, keys: [...keys, ...keys.map(({ shard, id }) => ({ shard: `${shard}2`, id: `${id}2` }))] });
      return keys.map(({ shard, id }) => stored(collection, shard, id));
    },
    async find({ model }, query) {
      note({ kind: 'find', model, query });
      return Array.from({ length: query.limit }, (_, place) => found(query.collection, place));
    },
  };
}

function found(collection: string, place: number): StoredDocument {
  assert(collection === betsCollection.name, `there are sample documents of ${collection}`);
  const id = idOf(`bet ${place}`);
  return { shard: ann, id, version: 1, document: bet(id) };
}

/** The values of a filter change nothing of how it is served. */
function shapeOf(asked: Asked): string {
  switch (asked.kind) {
    case 'find': {
      const { collection, index, order, range = {}, after } = asked.query;
      return ['find', asked.model, collection, index, order, Object.keys(range).sort().join(), after === undefined ? '' : 'after'].join(' ');
    }
    case 'keys':
      return ['keys', asked.model, asked.collection, asked.keys.length > 1 ? 'many' : 'one'].join(' ');
    case 'search': {
      const { text, filters, cursor } = asked.query;
      return ['search', asked.index, text === '' ? '' : 'text', Object.keys(filters).sort().join(), cursor === undefined ? '' : 'after'].join(' ');
    }
    default:
      return unreachable(asked);
  }
}
