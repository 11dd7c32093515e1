// The HTTP edge: routes, written as data, become one express app. Called by http-app.ts of every side; routes.ts takes its helpers.
// The only module that turns a problem kind into a status (RFC 9457). An unknown error leaves as a 500 with an id, never its message.

import express, { type Express, type NextFunction, type Request, type Response } from 'express';

import { ProblemException, problems, type ProblemKind } from '@wagerline/shared-kernel/problems';

import type { TokenVerifier } from './auth.ts';
import { Exchange, type Site } from './http/exchange.ts';
import type { Answer, Route } from './http/route.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

export { decodeCursor, encodeCursor } from './http/cursors.ts';
export { etagOf, headerInvalid, idempotencyKeyOf, minRevisionOf, type StreamRevision } from './http/headers.ts';
export { healthRoutes, type HealthCheck } from './http/health.ts';
export { parseBody, parseParams, parseQuery } from './http/parse.ts';
export type { Answer, AnswerHeaders, Route, RouteContext } from './http/route.ts';
export { startHttpServer, type HttpServer, type HttpServerOptions } from './http/server.ts';

export type HttpAppOptions = {
  /** Matched in this order: the busiest first. */
  readonly routes: readonly Route[];
  readonly verifier: TokenVerifier;
  readonly bodyBytesMax: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
};

const statusOfKind: Readonly<Record<ProblemKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  absent: 404,
  conflict: 409,
  precondition: 412,
  'too-large': 413,
  'media-type': 415,
  unprocessable: 422,
  throttled: 429,
  internal: 500,
  unavailable: 503,
};

const retryAfterSecondsDefault = 1;
const tokenRefused = 'Bearer error="invalid_token"';

/** One express app for these routes: any other method on a known path is 405 with Allow, any other path 404 ROUTE_UNKNOWN. */
export function httpApp(options: HttpAppOptions): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple').enable('case sensitive routing');
  for (const [path, routes] of Map.groupBy(options.routes, ({ path }) => path)) {
    const served = app.route(path);
    for (const route of routes) {
      const site = siteOf(route, options, route.method);
      served[expressVerbs[route.method]]((request: Request, response: Response) => new Exchange(site, request, response).start());
    }
    const refused = siteOf(notAllowed(path, routes), options, 'other');
    served.all((request, response) => new Exchange(refused, request, response).start());
  }
  const unknown = siteOf(unknownRoute, options, 'any');
  app.use((request, response) => new Exchange(unknown, request, response).start());
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    // Express itself fails only on a path that cannot be decoded; whatever else comes here is a defect.
    new Exchange(unknown, request, response).failed(error instanceof URIError ? new ProblemException('PATH_INVALID') : error);
  });
  return app;
}

/** RFC 9457. The members that the RFC names cannot be replaced by an extension. */
function problemAnswer(problem: ProblemException, instance?: string): Answer {
  const { kind, title, retryable } = problems[problem.code];
  // A known address with another method is as absent as an unknown one, but RFC 9110 gives it a status of its own.
  const status = problem.code === 'METHOD_NOT_ALLOWED' ? 405 : statusOfKind[kind];
  const body = {
    ...problem.extensions,
    type: `urn:wagerline:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    ...(problem.detail !== undefined && { detail: problem.detail }),
    ...(instance !== undefined && { instance }),
    ...(problem.errors.length > 0 && { errors: problem.errors }),
  };
  const retryAfterSeconds = problem.retryAfterSeconds ?? (retryable ? retryAfterSecondsDefault : undefined);
  const headers: Record<string, string> = {};
  if (retryAfterSeconds !== undefined) headers['Retry-After'] = String(retryAfterSeconds);
  if (kind === 'unauthenticated') headers['WWW-Authenticate'] = problem.code === 'TOKEN_MISSING' ? 'Bearer' : tokenRefused;
  return { status, text: JSON.stringify(body), contentType: 'application/problem+json', headers };
}

/** `method` is the label in the metrics: a method as sent could be anything, and labels must be few. */
function siteOf(route: Route, { verifier, bodyBytesMax, logger, metrics }: HttpAppOptions, method: string): Site {
  return { route, verifier, bodyBytesMax, logger, timer: metrics.requestTimer(method, route.path), tell: problemAnswer };
}

const expressVerbs = { GET: 'get', POST: 'post', PUT: 'put', DELETE: 'delete' } as const;

const unknownRoute: Route = {
  method: 'GET',
  path: 'unknown',
  roles: 'public',
  body: 'none',
  handler: () => {
    throw new ProblemException('ROUTE_UNKNOWN');
  },
};

function notAllowed(path: string, routes: readonly Route[]): Route {
  const methods = routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const { headers, ...answer } = problemAnswer(new ProblemException('METHOD_NOT_ALLOWED'));
  const refusal: Answer = { ...answer, headers: { ...headers, Allow: methods.join(', ') } };
  return { method: 'GET', path, roles: 'public', body: 'none', handler: () => refusal };
}
