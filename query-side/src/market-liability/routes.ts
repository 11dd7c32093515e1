// GET /v1/markets/{marketId}/liability, for traders, administrators and the regulator. Called by http-app.ts.

import { parseParams, parseQuery, type Route } from '@wagerline/infra/http';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { marketLiability, type LiabilityDocument } from '@wagerline/shared-kernel/read-models/market-liability';
import { marketStream } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { amountMinorOf } from '@wagerline/shared-kernel/values/money';
import { roundToInteger } from '@wagerline/shared-kernel/values/rational';

import { exactText, oddsText } from '../exact-text.ts';
import { askedOf, type FreshReads } from '../fresh-enough.ts';
import { marketPath, noQuery } from '../parameters.ts';
import type { QueryDeps } from '../query-deps.ts';
import { staff } from '../who-may-see.ts';
import { exposures, findLiability, type Exposure } from './query.ts';

export function marketLiabilityRoutes(deps: QueryDeps, fresh: FreshReads): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/markets/:marketId/liability',
      roles: staff,
      body: 'none',
      handler: async ({ request, params, query }) => {
        const { marketId } = parseParams(marketPath, params);
        parseQuery(noQuery, query);
        const stream = marketStream(marketId);
        const asked = askedOf(request, (name) => name === stream, stream);
        const market = await fresh.read(marketLiability, asked, (target) => findLiability(deps.store, target, marketId));
        if (market === undefined) throw new ProblemException('MARKET_NOT_FOUND');
        return { status: 200, body: liabilityAnswer(market), headers: { 'Cache-Control': 'no-store' } };
      },
    },
  ];
}

/** Singles per outcome class, multiples apart: what they return depends on other markets too. One entry per currency. */
function liabilityAnswer(market: LiabilityDocument): JsonObject {
  const { marketId, fixtureId, kind, line, status, position } = market;
  const selections = market.selections.map((selection) => ({ ...selection, odds: oddsText(selection.odds) }));
  return { marketId, fixtureId, kind, line, status, position, selections, currencies: exposures(market).map(exposureAnswer) };
}

function exposureAnswer(exposure: Exposure): JsonObject {
  const { currency, singlesStakeMinor, worstCaseMinor, expected, selections } = exposure;
  return {
    currency,
    singles: {
      stakeMinor: singlesStakeMinor,
      worstCaseMinor,
      expectedMinor: amountMinorOf(roundToInteger(expected, 'half-even')),
      expectedExact: exactText(expected),
      classes: exposure.classes.map(({ outcome, probability, returnMinor, liabilityMinor }) => ({
        ...outcome,
        probability: exactText(probability),
        returnMinor,
        liabilityMinor,
      })),
      selections: selections.map(({ selectionId, singles }) => ({ selectionId, count: singles.count, stakeMinor: singles.stakeMinor })),
    },
    multiples: selections.map(({ selectionId, multiples }) => ({ selectionId, ...multiples })),
  };
}
