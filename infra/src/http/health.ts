// The routes that look at the process itself: for the orchestrator and the metrics scraper. They carry no data of anybody.

import type { Metrics } from '../metrics.ts';
import type { Route } from './route.ts';

/** A named check: undefined when all is well, else a short reason that may be shown. */
export type HealthCheck = { readonly name: string; readonly check: () => string | undefined | Promise<string | undefined> };

/** GET /livez (the process answers), GET /readyz (every check is green, else 503 with the red ones), GET /metrics. */
export function healthRoutes(checks: readonly HealthCheck[], metrics: Metrics): readonly Route[] {
  const open = { method: 'GET', roles: 'public', body: 'none' } as const;
  return [
    { ...open, path: '/livez', handler: () => ({ status: 200, body: { status: 'live' } }) },
    {
      ...open,
      path: '/readyz',
      handler: async () => {
        const reasons = await Promise.all(checks.map(reasonOf));
        const red = checks.flatMap(({ name }, index) => (reasons[index] === undefined ? [] : [{ name, reason: reasons[index] }]));
        return red.length === 0 ? { status: 200, body: { status: 'ready' } } : { status: 503, body: { status: 'not-ready', red } };
      },
    },
    { ...open, path: '/metrics', handler: async () => ({ status: 200, text: await metrics.text(), contentType: metrics.contentType }) },
  ];
}

async function reasonOf({ check }: HealthCheck): Promise<string | undefined> {
  try {
    return await check();
  } catch {
    return 'the check itself failed';
  }
}
