// What operators and tools ask of a running server. Role admin; what rehearses a fault or moves time is refused in production mode.

import type { DrivenClock } from '@wagerline/infra/clock';
import type { Config } from '@wagerline/infra/config';
import { parseBody, parseParams, parseQuery, type Answer, type Route } from '@wagerline/infra/http';
import type { MarketView } from '@wagerline/command-side/market-view';
import { instant } from '@wagerline/shared-kernel/events/schema';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { toMs } from '@wagerline/shared-kernel/values/time';
import { z } from 'zod';
import type { Part } from './part.ts';

export type AdminRouteOptions = {
  readonly config: Config;
  readonly eventStore: EventStore;
  readonly view: MarketView;
  readonly projections: Part;
  readonly settlement: Part;
  readonly drivenClock: DrivenClock | undefined;
};

const nothing = z.strictObject({});
const streamPath = z.strictObject({ stream: z.string().regex(/^[\x21-\x7e]{1,200}$/) });
const streamQuery = z.strictObject({ from: z.coerce.number().int().min(0).default(0), limit: z.coerce.number().int().min(1).max(500).default(100) });
const clockBody = z.strictObject({ at: instant });

export function adminRoutes(options: AdminRouteOptions): readonly Route[] {
  const { config, eventStore, view, projections, settlement, drivenClock } = options;
  const admin = { roles: ['admin'], body: 'json' } as const;
  const done: Answer = { status: 200, body: {} };
  const holdMsMax = config.betting.marketViewStaleMsMax;

  const status: Route = {
    ...admin,
    method: 'GET',
    path: '/admin/status',
    body: 'none',
    async handler() {
      const head = await eventStore.head();
      const [projected, settled] = await Promise.all([projections.request('status'), settlement.request('status')]);
      const marketView = { fresh: view.isFresh(), through: view.through() };
      return { status: 200, body: { head, pid: process.pid, marketView, projections: projected, settlement: settled } };
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
      const events = await eventStore.readStream(name, { fromRevision: from, maxCount: limit });
      return { status: 200, body: { events: events.map((event) => ({ ...event })) } };
    },
  };
  if (config.mode === 'production') return [status, stream];

  const holdBody = z.strictObject({ forMs: z.int().min(1).max(holdMsMax - 1) });
  let release: (() => void) | undefined;
  const letGo = (): void => {
    release?.();
    release = undefined;
  };
  return [
    status,
    stream,
    {
      ...admin,
      method: 'POST',
      path: '/admin/market-view/hold',
      handler({ json }) {
        const { forMs } = parseBody(holdBody, json);
        letGo();
        release = view.hold();
        setTimeout(letGo, forMs).unref();
        return done;
      },
    },
    {
      ...admin,
      method: 'POST',
      path: '/admin/market-view/release',
      handler({ json }) {
        parseBody(nothing, json);
        letGo();
        return done;
      },
    },
    {
      ...admin,
      method: 'POST',
      path: '/admin/clock',
      handler({ json }) {
        const { at } = parseBody(clockBody, json);
        if (drivenClock === undefined) throw new ProblemException('CLOCK_NOT_DRIVEN');
        if (toMs(at) < drivenClock.nowMs()) throw new ProblemException('CLOCK_NOT_DRIVEN', { detail: 'time goes forward only' });
        drivenClock.advanceTo(toMs(at));
        return done;
      },
    },
  ];
}
