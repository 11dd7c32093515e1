// A small JSON client of Wagerline's own HTTP API, for tools. An answer that is no success is an ApiError with its problem.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';

export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly problem: JsonObject;

  constructor(method: string, path: string, status: number, problem: JsonObject) {
    super(`${method} ${path}: ${status} ${String(problem['code'] ?? '')} ${String(problem['detail'] ?? '')}`);
    this.status = status;
    this.problem = problem;
  }
}

export type Reply = { readonly status: number; readonly body: JsonObject; readonly etag: string | null };
export type CallOptions = { readonly body?: JsonObject; readonly idempotencyKey?: string; readonly minRevision?: string };
export type ApiClient = { call(method: 'GET' | 'POST' | 'PUT', path: string, options?: CallOptions): Promise<Reply> };

export function apiClient(url: string, token: string): ApiClient {
  return {
    async call(method, path, { body, idempotencyKey, minRevision } = {}) {
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
          ...(minRevision !== undefined && { 'wagerline-min-revision': minRevision }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const answer = (await response.json()) as JsonObject;
      if (!response.ok) throw new ApiError(method, path, response.status, answer);
      return { status: response.status, body: answer, etag: response.headers.get('etag') };
    },
  };
}
