// What operators and tools ask of a running server. Role admin; what rehearses a fault or moves time is refused in production mode.

import type { Config } from '@wagerline/infra/config';
import { parseBody, parseParams, parseQuery, type Answer, type Route } from '@wagerline/infra/http';
import { instant } from '@wagerline/shared-kernel/events/schema';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { toMs } from '@wagerline/shared-kernel/values/time';
import { z } from 'zod';
import { statusParts, type Operations } from './operations.ts';

const nothing = z.strictObject({});
/** `?of=marketView,settlement`; without it everything. */
const statusQuery = z.strictObject({
  of: z.string().transform((text) => text.split(',')).pipe(z.array(z.enum(statusParts)).min(1)).default([...statusParts]),
});
const streamPath = z.strictObject({ stream: z.string().regex(/^[\x21-\x7e]{1,200}$/) });
const streamQuery = z.strictObject({ from: z.coerce.number().int().min(0).default(0), limit: z.coerce.number().int().min(1).max(500).default(100) });
const logQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0), limit: z.coerce.number().int().min(1).max(1_000).default(500) });
const clockBody = z.strictObject({ at: instant });

export function adminRoutes(operations: Operations, config: Pick<Config, 'mode' | 'betting'>): readonly Route[] {
  const admin = { roles: ['admin'], body: 'json' } as const;
  const done: Answer = { status: 200, body: {} };
  const holdMsMax = config.betting.marketViewStaleMsMax;

  const status: Route = {
    ...admin,
    method: 'GET',
    path: '/admin/status',
    body: 'none',
    async handler({ query }) {
      return { status: 200, body: { pid: process.pid, ...(await operations.status(parseQuery(statusQuery, query).of)) } };
    },
  };
  const stream: Route = {
    ...admin,
    method: 'GET',
    path: '/admin/streams/:stream',
    body: 'none',
    async handler({ params, query }) {
      const { stream: name } = parseParams(streamPath, params);
      const { from, limit } = parseQuery(streamQuery, query);
      const events = await operations.readStream(name, from, limit);
      return { status: 200, body: { events: events.map((event) => ({ ...event })) } };
    },
  };
  const log: Route = {
    ...admin,
    method: 'GET',
    path: '/admin/log',
    body: 'none',
    async handler({ query }) {
      const { after, limit } = parseQuery(logQuery, query);
      const { events, position, caughtUp } = await operations.readLog(after, limit);
      return { status: 200, body: { events: events.map((event) => ({ ...event })), position, caughtUp } };
    },
  };
  const settlement: Route = {
    roles: ['trader', 'admin'],
    method: 'GET',
    path: '/admin/settlement',
    body: 'none',
    handler: async () => ({ status: 200, body: { ...(await operations.settlementProgress()) } }),
  };
  const decisions: Route = {
    roles: ['trader', 'settler', 'admin'],
    method: 'GET',
    path: '/admin/settlement/decisions',
    body: 'none',
    handler: async () => ({ status: 200, body: { decisions: [...(await operations.waitingDecisions())] } }),
  };
  if (config.mode === 'production') return [status, stream, log, settlement, decisions];

  const holdBody = z.strictObject({ forMs: z.int().min(1).max(holdMsMax - 1) });
  return [
    status,
    stream,
    log,
    settlement,
    decisions,
    {
      ...admin,
      method: 'POST',
      path: '/admin/market-view/hold',
      async handler({ json }) {
        await operations.holdView(parseBody(holdBody, json).forMs);
        return done;
      },
    },
    {
      ...admin,
      method: 'POST',
      path: '/admin/market-view/release',
      async handler({ json }) {
        parseBody(nothing, json);
        await operations.releaseView();
        return done;
      },
    },
    {
      ...admin,
      method: 'POST',
      path: '/admin/clock',
      async handler({ json }) {
        const { at } = parseBody(clockBody, json);
        const { clock } = operations;
        if (clock === undefined) throw new ProblemException('CLOCK_NOT_DRIVEN');
        if (toMs(at) < clock.nowMs()) throw new ProblemException('CLOCK_NOT_DRIVEN', { detail: 'time goes forward only' });
        await clock.advanceTo(toMs(at));
        return done;
      },
    },
  ];
}
