// What the process says of itself to the orchestrator and to the metrics scraper.

import { describe, expect, test } from 'vitest';

import { createMetrics } from '../metrics.ts';
import { startTestServer } from '../testing/test-server.ts';
import { healthRoutes } from './health.ts';
import type { Route } from './route.ts';

const later: Route = { method: 'GET', path: '/later', roles: 'public', body: 'none', handler: async () => ({ status: 200, body: null }) };

describe('the process itself', () => {
  test('is live always, ready when every check is green, and says which are not', async () => {
    let reason: string | undefined = 'replaying';
    const checks = [
      { name: 'event-log', check: () => undefined },
      { name: 'market-view', check: () => Promise.resolve(reason) },
      {
        name: 'bus',
        check: () => {
          if (reason !== undefined) throw new Error('secret path /var/x');
          return undefined;
        },
      },
    ];
    const own = await startTestServer(healthRoutes(checks, createMetrics()));
    expect(await own.request('GET', '/livez')).toMatchObject({ status: 200, json: { status: 'live' } });
    const red = [
      { name: 'market-view', reason: 'replaying' },
      { name: 'bus', reason: 'the check itself failed' },
    ];
    expect(await own.request('GET', '/readyz')).toMatchObject({ status: 503, json: { status: 'not-ready', red } });
    reason = undefined;
    expect(await own.request('GET', '/readyz')).toMatchObject({ status: 200, json: { status: 'ready' } });
    await own.close();
  });

  test('counts its requests by route, never by address as sent', async () => {
    const metrics = createMetrics();
    const own = await startTestServer([later, ...healthRoutes([], metrics)], { metrics });
    await own.request('GET', '/later');
    await own.request('GET', '/later');
    await own.request('GET', '/secret-name');
    const { headers, json } = await own.request('GET', '/metrics');
    expect(headers.get('content-type')).toContain('text/plain');
    expect(json).toContain('wagerline_http_request_seconds_count{method="GET",route="/later",status="200"} 2\n');
    expect(json).toContain('wagerline_http_request_seconds_bucket{method="GET",route="/later",status="200",le="+Inf"} 2\n');
    expect(json).toContain('wagerline_http_request_seconds_count{method="any",route="unknown",status="404"} 1\n');
    expect(json).toMatch(/\nwagerline_process_resident_bytes \d+\n/);
    expect(json).not.toContain('secret-name');
    await own.close();
  });
});
