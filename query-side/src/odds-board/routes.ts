// GET /v1/markets/{marketId}: current prices and version, for everybody. Called by http-app.ts.

import { etagOf, parseParams, parseQuery, type Route } from '@wagerline/infra/http';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import type { MarketDocument } from '@wagerline/shared-kernel/read-models/odds-board';
import { marketStream } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

import { oddsText } from '../exact-text.ts';
import { askedOf } from '../fresh-enough.ts';
import { marketPath, noQuery } from '../parameters.ts';
import { publicHeaders } from '../public-headers.ts';
import type { OddsBoard } from './query.ts';

export function oddsBoardRoutes(board: OddsBoard): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/markets/:marketId',
      roles: 'public',
      body: 'none',
      handler: async ({ request, params, query }) => {
        const { marketId } = parseParams(marketPath, params);
        parseQuery(noQuery, query);
        const stream = marketStream(marketId);
        const market = await board.market(marketId, askedOf(request, (asked) => asked === stream, stream));
        if (market === undefined) throw new ProblemException('MARKET_NOT_FOUND');
        const headers = { ...publicHeaders, ETag: etagOf({ stream, revision: market.version }) };
        return { status: 200, body: marketAnswer(market), headers };
      },
    },
  ];
}

/** `version` is what a slip names as `marketVersion`; odds as decimals. */
export function marketAnswer(market: MarketDocument): JsonObject {
  return { ...market, selections: market.selections.map(selectionAnswer) };
}

function selectionAnswer(selection: MarketDocument['selections'][number]): JsonObject {
  const { odds, startingOdds } = selection;
  return { ...selection, odds: oddsText(odds), ...(startingOdds !== undefined && { startingOdds: oddsText(startingOdds) }) };
}
