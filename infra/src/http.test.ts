// The HTTP edge as a client sees it: every way in which a request can end, over a real socket.

import { Writable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { OutcomeUnknownError, StoreUnavailableError } from '@wagerline/shared-kernel/ports/event-store';
import { ProblemException, problems, type ProblemCode } from '@wagerline/shared-kernel/problems';
import type { Json } from '@wagerline/shared-kernel/values/json';

import type { Answer, AnswerHeaders, Route, RouteContext } from './http.ts';
import { createLogger } from './logger.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

const logLines: string[] = [];
const logger = createLogger(
  { logLevel: 'info' },
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      logLines.push(chunk.toString());
      done();
    },
  }),
);

const seen = ({ json, params, query, principal, correlationId, traceparent }: RouteContext): Json => ({
  json,
  params: JSON.parse(JSON.stringify(params)),
  query: JSON.parse(JSON.stringify(query)),
  sub: principal.sub,
  roles: principal.roles,
  correlationId,
  traceparent,
});

const open = { roles: 'public', body: 'none' } as const;
const ok = (body: Json, status = 200, headers: AnswerHeaders = {}): Answer => ({ status, body, headers });
const cacheable = { 'Cache-Control': 'public, max-age=1', ETag: '"a@1"' };
const page: Answer = { status: 200, text: '<p>Zürich</p>', contentType: 'text/html; charset=utf-8' };
const failing = new Map<string, () => never>();
const fail = (how: unknown): Answer => failing.get(String(how))?.() ?? ok(null);
const routes: readonly Route[] = [
  { method: 'POST', path: '/v1/bets', roles: ['bettor'], body: 'json', handler: (context) => ok(seen(context), 201) },
  { method: 'GET', path: '/v1/bets/:betId', roles: ['bettor', 'regulator'], body: 'none', handler: (context) => ok(seen(context)) },
  { ...open, method: 'GET', path: '/later', handler: (context) => Promise.resolve(ok(seen(context))) },
  { ...open, method: 'GET', path: '/cached', handler: () => ok(1, 200, cacheable) },
  { ...open, method: 'GET', path: '/page', handler: () => page },
  { ...open, method: 'GET', path: '/fail/:how', handler: ({ params }) => fail(params['how']) },
  { ...open, method: 'GET', path: '/reject/:how', handler: async ({ params }) => fail(params['how']) },
  { ...open, method: 'GET', path: '/unsendable', handler: () => ok(1, 200, { 'X-Broken': 'a\nb' }) },
];

let server: TestServer;
let bettor: string;

beforeAll(async () => {
  server = await startTestServer(routes, { logger });
  bettor = await server.tokenFor('account-1', 'bettor');
});
afterAll(() => server.close());

describe('an answer', () => {
  test('carries the JSON, its length and no header that express adds by itself', async () => {
    const { status, headers, json } = await server.request('POST', '/v1/bets', { token: bettor, body: { stakeMinor: 500 } });
    expect(status).toBe(201);
    expect(json).toMatchObject({ json: { stakeMinor: 500 }, sub: 'account-1', roles: ['bettor'] });
    expect(headers.get('content-type')).toBe('application/json');
    expect(Number(headers.get('content-length'))).toBe(JSON.stringify(json).length);
    for (const name of ['x-powered-by', 'etag', 'cache-control', 'x-correlation-id']) expect(headers.get(name)).toBeNull();
  });

  test('to a GET is not stored by anybody unless the route says so', async () => {
    expect((await server.request('GET', '/later')).headers.get('cache-control')).toBe('no-store');
    const cached = await server.request('GET', '/cached');
    expect(cached.headers.get('cache-control')).toBe('public, max-age=1');
    expect(cached.headers.get('etag')).toBe('"a@1"');
  });

  test('may be any text, measured in bytes', async () => {
    const { headers, json } = await server.request('GET', '/page');
    expect(json).toBe('<p>Zürich</p>');
    expect(headers.get('content-length')).toBe('14');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  test('to HEAD is the header of the one to GET', async () => {
    const { status, headers, json } = await server.request('HEAD', '/page');
    expect([status, headers.get('content-length'), json]).toEqual([200, '14', '']);
  });
});

describe('the context', () => {
  test('has path and query parameters as sent', async () => {
    const { json } = await server.request('GET', '/v1/bets/b%20%2F1?limit=5&status=open&status=void', { token: bettor });
    expect(json).toMatchObject({ params: { betId: 'b /1' }, query: { limit: '5', status: ['open', 'void'] }, json: null });
  });

  test('keeps the names that the caller gave to the request', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const named = await server.request('GET', '/later', { headers: { traceparent, 'X-Correlation-Id': 'order-66' } });
    expect(named.json).toMatchObject({ traceparent, correlationId: 'order-66' });
    const traced = await server.request('GET', '/later', { headers: { traceparent } });
    expect(traced.json).toMatchObject({ traceparent, correlationId: '0af7651916cd43dd8448eb211c80319c' });
  });

  test('has new names where the caller gave none or malformed ones', async () => {
    const bad = await server.request('GET', '/later', { headers: { traceparent: '00-xyz-1-01', 'X-Correlation-Id': 'John Smith <j@x>' } });
    const none = await server.request('GET', '/later');
    const pattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/;
    expect(bad.json).toMatchObject({ traceparent: expect.stringMatching(pattern), correlationId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(none.json).toMatchObject({ traceparent: expect.stringMatching(pattern) });
    expect(none.json).not.toMatchObject({ traceparent: Object(bad.json).traceparent });
  });
});

describe('who asks', () => {
  test.each([
    ['no header', {}, 'TOKEN_MISSING', 'Bearer'],
    ['another scheme', { Authorization: 'Basic abc' }, 'TOKEN_MISSING', 'Bearer'],
    ['no token', { Authorization: 'Bearer ' }, 'TOKEN_MISSING', 'Bearer'],
    ['no JWT', { Authorization: 'Bearer abc' }, 'TOKEN_INVALID', 'Bearer error="invalid_token"'],
  ])('%s: 401', async (_name, headers, code, challenge) => {
    const answer = await server.request('POST', '/v1/bets', { headers, body: {} });
    expect([answer.status, answer.json]).toMatchObject([401, { code, status: 401 }]);
    expect(answer.headers.get('www-authenticate')).toBe(challenge);
  });

  test('a token of another role: 403, of any of the named roles: welcome, at first and again', async () => {
    const regulator = await server.tokenFor('r-1', 'regulator');
    for (const _turn of ['verified', 'remembered']) {
      const refused = await server.request('POST', '/v1/bets', { token: regulator, body: {} });
      expect(refused).toMatchObject({ status: 403, json: { code: 'ROLE_FORBIDDEN' } });
      expect(await server.request('GET', '/v1/bets/b', { token: regulator })).toMatchObject({ status: 200, json: { sub: 'r-1' } });
    }
  });
});

describe('a problem', () => {
  const statuses: Partial<Record<ProblemCode, number>> = {
    BODY_INVALID: 400,
    TOKEN_EXPIRED: 401,
    ROLE_FORBIDDEN: 403,
    BET_NOT_FOUND: 404,
    ODDS_CHANGED: 409,
    REVISION_MISMATCH: 412,
    BODY_TOO_LARGE: 413,
    CONTENT_TYPE_UNSUPPORTED: 415,
    ODDS_INVALID: 422,
    MARKET_VIEW_STALE: 503,
    PART_UNAVAILABLE: 503,
  };

  test.each(Object.entries(statuses))('%s is told with %i, thrown or rejected', async (name, status) => {
    const code = codeNamed(name);
    failing.set('problem', () => {
      throw new ProblemException(code);
    });
    for (const path of ['/fail/problem', '/reject/problem']) {
      const answer = await server.request('GET', path);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.json).toEqual({ type: `urn:wagerline:problem:${code}`, title: problems[code].title, status, code });
      expect(answer.headers.get('retry-after')).toBe(problems[code].retryable ? '1' : null);
      expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  test('shows detail, errors and extensions, which cannot replace what the RFC names', async () => {
    failing.set('rich', () => {
      const errors = [{ pointer: '/legs/0/odds', detail: 'now 1.85' }];
      const extensions = { currentOdds: '1.85', status: 200, code: 'FINE' };
      throw new ProblemException('ODDS_CHANGED', { detail: 'The price moved', errors, extensions, retryAfterSeconds: 7 });
    });
    const { status, headers, json } = await server.request('GET', '/fail/rich');
    expect([status, headers.get('retry-after')]).toEqual([409, '7']);
    expect(json).toMatchObject({ status: 409, code: 'ODDS_CHANGED', detail: 'The price moved', currentOdds: '1.85' });
    expect(json).toMatchObject({ errors: [{ pointer: '/legs/0/odds', detail: 'now 1.85' }] });
  });

  test.each([new StoreUnavailableError('disk full'), new OutcomeUnknownError('time-out')])('%s is 503 and says no more', async (error) => {
    failing.set('store', () => {
      throw error;
    });
    const { status, headers, json } = await server.request('GET', '/reject/store');
    expect([status, headers.get('retry-after'), json]).toMatchObject([503, '1', { code: 'STORE_UNAVAILABLE' }]);
    expect(JSON.stringify(json)).not.toContain(error.message);
  });
});

describe('an unknown error', () => {
  test.each(['/fail/defect', '/reject/defect'])('on %s is a 500 with an id; the message is in the log under that id only', async (path) => {
    failing.set('defect', () => {
      throw new Error('password is hunter2');
    });
    const { status, json } = await server.request('GET', path);
    expect([status, json]).toMatchObject([500, { code: 'INTERNAL_ERROR', instance: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/) }]);
    expect(JSON.stringify(json)).not.toContain('hunter2');
    expect(logLines.filter((line) => line.includes(Object(json).instance) && line.includes('hunter2'))).toHaveLength(1);
  });

  test('in an answer that cannot be written is a 500 as well', async () => {
    expect(await server.request('GET', '/unsendable')).toMatchObject({ status: 500, json: { code: 'INTERNAL_ERROR' } });
  });
});

describe('an address', () => {
  test('that nobody serves: 404', async () => {
    for (const path of ['/', '/v1', '/v1/bets/1/2', '/V1/BETS']) {
      expect(await server.request('GET', path)).toMatchObject({ status: 404, json: { code: 'ROUTE_UNKNOWN' } });
    }
  });

  test('that does not take the method: 405 and what it takes', async () => {
    for (const method of ['GET', 'DELETE', 'OPTIONS', 'PATCH']) {
      const answer = await server.request(method, '/v1/bets');
      expect(answer).toMatchObject({ status: 405, json: { code: 'METHOD_NOT_ALLOWED', status: 405 } });
      expect(answer.headers.get('allow')).toBe('POST');
    }
    expect((await server.request('POST', '/v1/bets/1')).headers.get('allow')).toBe('GET, HEAD');
  });

  test('that cannot be decoded: 400', async () => {
    expect(await server.request('GET', '/v1/bets/%zz')).toMatchObject({ status: 400, json: { code: 'PATH_INVALID' } });
  });
});

function codeNamed(name: string): ProblemCode {
  const isCode = (text: string): text is ProblemCode => Object.hasOwn(problems, text);
  if (!isCode(name)) throw new Error(`${name} is not registered`);
  return name;
}
