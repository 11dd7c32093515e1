// The shape of a route: what it takes, who may call it, what it answers. Written as data in every routes.ts, served by http.ts.

import type { Request } from 'express';

import type { Json } from '@wagerline/shared-kernel/values/json';

import type { Principal, Role } from '../auth.ts';

/** What a handler sees of a request. `params` and `query` are as sent: they meet a schema through parseParams and parseQuery. */
export type RouteContext = {
  readonly request: Pick<Request, 'headers' | 'method' | 'url'>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** The received body, null for a route without one. */
  readonly json: Json;
  /** On a public route: nobody, without roles. */
  readonly principal: Principal;
  readonly correlationId: string;
  /** W3C traceparent: the caller's, or a new one. */
  readonly traceparent: string;
};

export type AnswerHeaders = Readonly<Record<string, string>>;

/** JSON, or a text that is sent as it is. Refusals and failures are not answers: they are thrown as ProblemException. */
export type Answer =
  | { readonly status: number; readonly body: Json; readonly headers?: AnswerHeaders }
  | { readonly status: number; readonly text: string; readonly contentType: string; readonly headers?: AnswerHeaders };

export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As express 5 writes paths: `/v1/bets/:betId`. */
  readonly path: string;
  /** Any one of these roles is enough; `public` asks for no token. */
  readonly roles: readonly Role[] | 'public';
  /** `json`: the body is read and parsed before the handler runs. */
  readonly body: 'json' | 'none';
  readonly handler: (context: RouteContext) => Answer | Promise<Answer>;
};
