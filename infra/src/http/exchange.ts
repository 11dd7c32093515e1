// One request on its way to one answer: authenticate, check roles, read the body, run the handler, send. Made by http.ts per request.
// It is the hot path of placing a bet: no middleware, no response helpers, no promise where none is needed.

import { randomUUID } from 'node:crypto';

import type { Request, Response } from 'express';

import { OutcomeUnknownError, StoreUnavailableError } from '@wagerline/shared-kernel/ports/event-store';
import { ProblemException, problems } from '@wagerline/shared-kernel/problems';
import type { Json } from '@wagerline/shared-kernel/values/json';

import type { Principal, TokenVerifier } from '../auth.ts';
import type { Logger } from '../logger.ts';
import type { RequestTimer } from '../metrics.ts';
import { readJson, type JsonReceiver } from './read-json.ts';
import type { Answer, Route, RouteContext } from './route.ts';
import { correlationIdFrom, traceparentFrom } from './trace.ts';

const nobody: Principal = { sub: 'nobody', roles: [] };

/** A route with what every request on it needs, made once. */
export type Site = {
  readonly route: Route;
  readonly verifier: TokenVerifier;
  readonly bodyBytesMax: number;
  readonly logger: Logger;
  readonly timer: RequestTimer;
  /** The problem as it is told to the client; `instance` names one occurrence of a failure. */
  readonly tell: (problem: ProblemException, instance?: string) => Answer;
};

/**
 * One request on its way to one answer, and at the same time the context that its handler sees: one object instead of a chain of
 * closures. The steps are start -> admit -> (received) -> run -> answer, each of which may end in `failed` instead.
 */
export class Exchange implements RouteContext, JsonReceiver {
  readonly request: Request;
  json: Json = null;
  principal: Principal = nobody;
  private readonly response: Response;
  private readonly site: Site;
  private readonly startedMs = performance.now();
  private trace: string | undefined;
  private correlation: string | undefined;

  constructor(site: Site, request: Request, response: Response) {
    this.site = site;
    this.request = request;
    this.response = response;
  }

  get params(): Readonly<Record<string, unknown>> {
    return this.request.params;
  }

  get query(): Readonly<Record<string, unknown>> {
    return this.request.query;
  }

  get traceparent(): string {
    return (this.trace ??= traceparentFrom(this.request.headers['traceparent']));
  }

  get correlationId(): string {
    return (this.correlation ??= correlationIdFrom(this.request.headers['x-correlation-id'], this.traceparent));
  }

  start(): void {
    const { route, verifier } = this.site;
    try {
      if (route.roles === 'public') return this.enter();
      const principal = verifier.authenticate(this.request.headers.authorization);
      if (principal instanceof Promise) principal.then((verified) => this.admit(verified)).catch((error: unknown) => this.failed(error));
      else this.admit(principal);
    } catch (error) {
      this.failed(error);
    }
  }

  received(json: Json): void {
    this.json = json;
    this.run();
  }

  failed(error: unknown): void {
    try {
      this.send(this.problemOf(error));
    } catch (unsendable) {
      // The answer was under way already, or cannot be written at all: the connection is the only thing left to end.
      this.site.logger.error({ err: unsendable, route: this.site.route.path }, 'an answer could not be sent');
      this.response.destroy();
    }
  }

  private admit(principal: Principal): void {
    const { roles } = this.site.route;
    if (roles !== 'public' && !roles.some((role) => principal.roles.includes(role))) throw new ProblemException('ROLE_FORBIDDEN');
    this.principal = principal;
    this.enter();
  }

  private enter(): void {
    const { route, bodyBytesMax } = this.site;
    if (route.body === 'json') readJson(this.request, bodyBytesMax, this);
    else this.run();
  }

  private run(): void {
    try {
      const answer = this.site.route.handler(this);
      if (answer instanceof Promise) {
        answer.then(
          (later) => this.answer(later),
          (error: unknown) => this.failed(error),
        );
      } else this.answer(answer);
    } catch (error) {
      this.failed(error);
    }
  }

  private answer(answer: Answer): void {
    try {
      this.send(answer);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Written with writeHead and one end(): the header and a string body leave in one piece. */
  private send(answer: Answer): void {
    const isJson = 'body' in answer;
    const text = isJson ? JSON.stringify(answer.body) : answer.text;
    const bytes = Buffer.byteLength(text);
    const headers = ['Content-Type', isJson ? 'application/json' : answer.contentType, 'Content-Length', String(bytes)];
    // Only an answer to a GET would be cached without being asked, and only a refused client asks us what happened.
    if (this.request.method === 'GET' && answer.headers?.['Cache-Control'] === undefined) headers.push('Cache-Control', 'no-store');
    if (answer.status >= 400) headers.push('X-Correlation-Id', this.correlationId);
    for (const name in answer.headers) headers.push(name, answer.headers[name] ?? '');
    this.response.writeHead(answer.status, headers);
    // What is ASCII alone is the same bytes either way, and written as they lie there.
    this.response.end(text, bytes === text.length ? 'latin1' : 'utf8');
    this.site.timer.observe(answer.status, (performance.now() - this.startedMs) / 1_000);
  }

  private problemOf(error: unknown): Answer {
    const { route, logger, tell } = this.site;
    if (error instanceof ProblemException && problems[error.code].kind !== 'internal') return tell(error);
    if (error instanceof StoreUnavailableError || error instanceof OutcomeUnknownError) {
      return tell(new ProblemException('STORE_UNAVAILABLE'));
    }
    const instance = `urn:uuid:${randomUUID()}`;
    const where = { method: route.method, route: route.path, correlationId: this.correlationId };
    logger.error({ err: error, instance, ...where }, 'a request failed');
    return tell(new ProblemException('INTERNAL_ERROR'), instance);
  }
}
