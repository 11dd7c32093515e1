// A running query side over real embedded stores in a temporary folder, for tests: documents are written as a projector does,
// and asked for over HTTP with real tokens. No time passes in it: delays end at once.

import type { Role } from '@wagerline/infra/auth';
import { openTemporaryReadModels, type TemporaryReadModels } from '@wagerline/infra/testing/temporary-read-models';
import { silentLogger, startTestServer, type JsonAnswer } from '@wagerline/infra/testing/test-server';
import type { WriteBatch } from '@wagerline/shared-kernel/ports/read-model-store';
import {
  accountsCollection,
  accountStatement,
  statementLineId,
  statementLinesCollection,
  type AccountDocument,
  type AccountSummary,
  type StatementLineDocument,
} from '@wagerline/shared-kernel/read-models/account-statement';
import { betHistory, betsCollection, type BetDocument } from '@wagerline/shared-kernel/read-models/bet-history';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { fixtureSearch, fixtureSearchIndex, fixturesCollection } from '@wagerline/shared-kernel/read-models/fixture-search';
import type { FixtureDocument } from '@wagerline/shared-kernel/read-models/fixture-search';
import { liabilitiesCollection, marketLiability, type LiabilityDocument } from '@wagerline/shared-kernel/read-models/market-liability';
import { marketsCollection, oddsBoard, type MarketDocument } from '@wagerline/shared-kernel/read-models/odds-board';
import type { ReadModel } from '@wagerline/shared-kernel/read-models/read-model';
import type { ProblemCode } from '@wagerline/shared-kernel/problems';
import { accountStream, fixtureStream, marketStream } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

import { queryRoutes } from './http-app.ts';
import type { QueryCache, QueryStore } from './query-deps.ts';

export type Caller = { readonly sub: string; readonly roles: readonly Role[] };

export type RunningQuerySide = {
  readonly models: TemporaryReadModels;
  /** Of all routes, as express writes them. */
  readonly paths: readonly string[];
  /** Milliseconds on the clock that ages cached prices. */
  monotonicMs: number;
  nowMs: number;
  /** How often a document was read from the store. */
  readonly storeReads: number;
  storeIsAway: boolean;
  cacheIsAway: boolean;
  get(path: string, caller?: Caller, headers?: Readonly<Record<string, string>>): Promise<JsonAnswer>;
  bets(...bets: readonly BetDocument[]): Promise<void>;
  account(account: AccountSummary, ...lines: readonly StatementLineDocument[]): Promise<void>;
  market(market: MarketDocument): Promise<void>;
  fixtures(...fixtures: readonly FixtureDocument[]): Promise<void>;
  liability(liability: LiabilityDocument): Promise<void>;
  close(): Promise<void>;
};

export async function openQuerySide(): Promise<RunningQuerySide> {
  const models = await openTemporaryReadModels();
  for (const { name, collections, search } of readModels) {
    await models.writer.prepare({ model: name, generation: 1 }, collections);
    await models.writer.activate({ model: name, generation: 1 });
    if (search !== undefined) await models.searchWriter.prepare(1, search);
  }
  let storeReads = 0;
  const reader = async (isDocument = true): Promise<QueryStore> => {
    if (running.storeIsAway) throw new Error('connection to 10.0.0.7 refused');
    if (isDocument) storeReads += 1;
    return models.reader;
  };
  const store: QueryStore = {
    get: async (...asked) => (await reader()).get(...asked),
    getMany: async (...asked) => (await reader()).getMany(...asked),
    find: async (...asked) => (await reader()).find(...asked),
    watermarks: async (...asked) => (await reader(false)).watermarks(...asked),
    parked: async (...asked) => (await reader(false)).parked(...asked),
    liveGeneration: async (...asked) => (await reader(false)).liveGeneration(...asked),
  };
  const reachedCache = async (): Promise<QueryCache> => {
    if (running.cacheIsAway) throw new Error('connection to 10.0.0.8 refused');
    return models.cache;
  };
  const cache: QueryCache = {
    get: async (...asked) => (await reachedCache()).get(...asked),
    setIfNewer: async (...asked) => (await reachedCache()).setIfNewer(...asked),
  };
  const http = { pageSizeDefault: 50, pageSizeMax: 200, freshReadWaitMsMax: 100 };
  const routes = queryRoutes({
    store,
    search: models.search,
    cache,
    logger: silentLogger,
    http,
    delay: async () => undefined,
    clock: { nowMs: () => running.nowMs },
    monotonicMs: () => running.monotonicMs,
  });
  const server = await startTestServer(routes);

  const write = (model: ReadModel, batch: WriteBatch): Promise<void> => models.writer.write({ model: model.name, generation: 1 }, batch);
  const put = (collection: string, shard: string, id: string, version: number, document: JsonObject) => {
    return { collection, shard, id, version, document };
  };
  const at = (stream: string, revision: number) => [{ stream, revision, values: {} }];

  const running: RunningQuerySide = {
    models,
    paths: routes.map(({ path }) => path),
    monotonicMs: 0,
    get storeReads() {
      return storeReads;
    },
    storeIsAway: false,
    cacheIsAway: false,
    nowMs: Date.parse('2019-08-10T00:00:00.000Z'),
    async get(path, caller, headers = {}) {
      const token = caller && (await server.tokenFor(caller.sub, ...caller.roles));
      return server.request('GET', path, { headers, ...(token !== undefined && { token }) });
    },
    async bets(...bets) {
      const puts = bets.map((bet) => put(betsCollection.name, bet.accountId, bet.betId, bet.revision, bet));
      await write(betHistory, { puts, watermarks: bets.flatMap(({ accountId, revision }) => at(accountStream(accountId), revision)) });
    },
    async account(account, ...lines) {
      const { balanceMinor, openStakesMinor, blocked: _, ...document } = account;
      const { accountId, revision } = document;
      const into = statementLinesCollection.name;
      const linePuts = lines.map((line) => put(into, accountId, statementLineId(line.revision), line.revision, line));
      const profile: AccountDocument = document;
      const puts = [...linePuts, put(accountsCollection.name, accountId, accountId, revision, profile)];
      const watermark = { stream: accountStream(accountId), revision, values: { balanceMinor, openStakesMinor } };
      await write(accountStatement, { puts, watermarks: [watermark] });
    },
    async market(market) {
      const { marketId, version } = market;
      const puts = [put(marketsCollection.name, marketId, marketId, version, market)];
      await write(oddsBoard, { puts, watermarks: at(marketStream(marketId), version) });
    },
    async fixtures(...fixtures) {
      const puts = fixtures.map((fixture) => put(fixturesCollection.name, fixture.fixtureId, fixture.fixtureId, fixture.counter, fixture));
      const documents = fixtures.map((fixture) => ({ id: fixture.fixtureId, version: fixture.counter, document: fixture }));
      await models.searchWriter.index(fixtureSearchIndex.name, 1, documents);
      await write(fixtureSearch, { puts, watermarks: fixtures.flatMap(({ fixtureId, counter }) => at(fixtureStream(fixtureId), counter)) });
    },
    async liability(liability) {
      const { marketId, position } = liability;
      const puts = [put(liabilitiesCollection.name, marketId, marketId, position, liability)];
      await write(marketLiability, { puts, watermarks: at(marketStream(marketId), 3) });
    },
    async close() {
      await server.close();
      await models.close();
    },
  };
  return running;
}

/** What a refused answer looks like; `extensions` are further members of the problem. */
export function refusal(status: number, code: ProblemCode, extensions: JsonObject = {}) {
  return { status, json: { code, ...extensions } };
}
