// GET /v1/fixtures (search), /v1/fixtures/{fixtureId} and its markets with prices, for everybody. Called by http-app.ts.

import { z } from 'zod';

import { parseParams, parseQuery, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import { slug } from '@wagerline/shared-kernel/events/schema';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { fixtureSearch, type FixtureDocument } from '@wagerline/shared-kernel/read-models/fixture-search';
import { fixtureStream } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

import { askedOf, type FreshReads } from '../fresh-enough.ts';
import type { OddsBoard } from '../odds-board/query.ts';
import { marketAnswer } from '../odds-board/routes.ts';
import { cursorOf, pageParameters, placeOf } from '../paging.ts';
import { fixturePath, noQuery } from '../parameters.ts';
import { publicHeaders } from '../public-headers.ts';
import type { QueryDeps } from '../query-deps.ts';
import { findFixture, searchFixtures } from './query.ts';

const statuses = ['scheduled', 'postponed', 'started', 'ended', 'abandoned'] as const;

export function fixtureSearchRoutes(deps: QueryDeps, fresh: FreshReads, board: OddsBoard): readonly Route[] {
  const searchQuery = z.strictObject({
    q: z.string().max(200).default(''),
    competition: slug.optional(),
    sport: slug.optional(),
    status: z.enum(statuses).optional(),
    ...pageParameters(deps.http),
  });

  const search = async ({ request, query }: RouteContext): Promise<Answer> => {
    const { q, limit, cursor, ...given } = parseQuery(searchQuery, query);
    const asked = askedOf(request, isTradingStream, 'a fixture- or market- stream');
    const filters = Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
    const listed = { fixtures: q, ...filters };
    const ask = { text: q, filters, limit, cursor: placeOf(cursor, listed)?.value };
    const hits = await fresh.read(fixtureSearch, asked, (target) => searchFixtures(deps.search, target, ask));
    const next = hits.cursor === undefined ? undefined : { value: hits.cursor, id: '' };
    const body = { fixtures: hits.fixtures.map(fixtureAnswer), nextCursor: cursorOf(next, listed) };
    return { status: 200, body, headers: publicHeaders };
  };

  const fixtureOfPath = async ({ request, params, query }: RouteContext): Promise<FixtureDocument> => {
    const { fixtureId } = parseParams(fixturePath, params);
    parseQuery(noQuery, query);
    const asked = askedOfFixture(request, fixtureId);
    const fixture = await fresh.read(fixtureSearch, asked, (target) => findFixture(deps.store, target, fixtureId));
    if (fixture === undefined) throw new ProblemException('FIXTURE_NOT_FOUND');
    return fixture;
  };

  const one = async (context: RouteContext): Promise<Answer> => {
    return { status: 200, body: fixtureAnswer(await fixtureOfPath(context)), headers: publicHeaders };
  };

  const marketsOfOne = async (context: RouteContext): Promise<Answer> => {
    const fixture = await fixtureOfPath(context);
    const asked = askedOfFixture(context.request, fixture.fixtureId);
    // Prices are in a model of markets alone, so a fixture's own revision was waited for above.
    const askedOfMarket = asked?.stream.startsWith('market-') === true ? asked : undefined;
    const markets = await board.markets(fixture.markets.map((market) => market.marketId), askedOfMarket);
    return { status: 200, body: { fixtureId: fixture.fixtureId, markets: markets.map(marketAnswer) }, headers: publicHeaders };
  };

  const read = { method: 'GET', roles: 'public', body: 'none' } as const;
  return [
    { ...read, path: '/v1/fixtures', handler: search },
    { ...read, path: '/v1/fixtures/:fixtureId', handler: one },
    { ...read, path: '/v1/fixtures/:fixtureId/markets', handler: marketsOfOne },
  ];
}

const isTradingStream = (stream: string): boolean => stream.startsWith('fixture-') || stream.startsWith('market-');

/** Which markets a fixture has is what one may be waiting for, so any market's revision may be asked. */
function askedOfFixture(request: RouteContext['request'], fixtureId: string) {
  const own = fixtureStream(fixtureId);
  return askedOf(request, (stream) => stream === own || stream.startsWith('market-'), `${own} or a market- stream`);
}

function fixtureAnswer(fixture: FixtureDocument): JsonObject {
  const { counter: _version, applied: _applied, ...shown } = fixture;
  return shown;
}
