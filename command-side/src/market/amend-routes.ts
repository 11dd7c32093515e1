// What traders amend of bets that are struck already, over HTTP: prices that were palpable errors, and outcomes that are paid early, which a feed
// may say too.

import { parseBody, parseParams, type Route } from '@wagerline/infra/http';
import { instant, slug } from '@wagerline/shared-kernel/events/schema';
import { z } from 'zod';
import type { DecideByHand } from './by-hand-routes.ts';
import { decimalOdds } from './routes.ts';

const marketPath = z.strictObject({ marketId: slug });
const errorPath = z.strictObject({ marketId: slug, errorId: slug });
const version = z.int().min(0);
const correction = z
  .strictObject({
    selectionId: slug,
    odds: decimalOdds,
    from: instant.exactOptional(),
    until: instant.exactOptional(),
    fromVersion: version.exactOptional(),
    untilVersion: version.exactOptional(),
    reason: slug,
  })
  .refine(({ from = '', until }) => until === undefined || from < until, { path: ['until'], message: 'an instant after `from`' })
  .refine(({ fromVersion = -1, untilVersion }) => untilVersion === undefined || fromVersion < untilVersion, {
    path: ['untilVersion'],
    message: 'a version above `fromVersion`',
  });
const takenBack = z.strictObject({ odds: z.null(), reason: slug });
const early = z.strictObject({ selectionId: slug, reason: slug });

export function amendRoutes(decide: DecideByHand): readonly Route[] {
  return [
    {
      method: 'PUT',
      path: '/v1/markets/:marketId/price-errors/:errorId',
      roles: ['trader', 'admin'],
      body: 'json',
      handler(context) {
        const { marketId, errorId } = parseParams(errorPath, context.params);
        const { reason, ...said } = parseBody(isTakenBack(context.json) ? takenBack : correction, context.json);
        const corrected = said.odds === null ? null : said;
        return decide(context, marketId, (byHand, at) => ({ type: 'DeclarePriceError', errorId, correction: corrected, reason, byHand, at }));
      },
    },
    {
      method: 'POST',
      path: '/v1/markets/:marketId/early-payouts',
      roles: ['trader', 'feed', 'admin'],
      body: 'json',
      handler(context) {
        const { marketId } = parseParams(marketPath, context.params);
        const body = parseBody(early, context.json);
        return decide(context, marketId, (byHand, at) => ({ type: 'PayEarly', ...body, byHand, at }));
      },
    },
  ];
}

function isTakenBack(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'odds' in body && body.odds === null;
}
