// The producers of the feed over HTTP: how each does, and that somebody asked one for what was missed. It asks no producer itself.

import { parseBody, parseParams, type Route } from '@wagerline/infra/http';
import { z } from 'zod';
import type { Producers } from './producers.ts';

const path = z.strictObject({ product: z.string().regex(/^\d{1,9}$/).transform(Number) });
/** `after`: milliseconds of the producer's clock; null = all that it has. */
const request = z.strictObject({ requestId: z.union([z.int(), z.string().min(1).max(200)]).transform(String), after: z.int().min(0).nullable().default(null) });

export function producerRoutes(producers: Pick<Producers, 'status' | 'requestRecovery'>): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/feed/producers',
      roles: ['trader', 'admin'],
      body: 'none',
      async handler() {
        return { status: 200, body: { producers: (await producers.status()).map((one) => ({ ...one })) } };
      },
    },
    {
      method: 'POST',
      path: '/v1/feed/producers/:product/recovery',
      roles: ['feed', 'trader', 'admin'],
      body: 'json',
      async handler(context) {
        const { product } = parseParams(path, context.params);
        const { requestId, after } = parseBody(request, context.json);
        await producers.requestRecovery(product, requestId, after);
        return { status: 202, body: { product, requestId } };
      },
    },
  ];
}
