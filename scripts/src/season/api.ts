// The season's side of the HTTP API: keep-alive connections, a refusal as a value, and patience with 503. Called by the season's files.
// A request that got no answer is sent again as it was: commands are idempotent, and money moves under its Idempotency-Key.

import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

export type Answer = { readonly status: number; readonly body: JsonObject };
export type CallOptions = { readonly body?: JsonObject; readonly key?: string; readonly minRevision?: string };

/** One user's way in. */
export type Caller = {
  /** Whatever the server answers but 503, which is tried again. */
  call(method: 'GET' | 'POST' | 'PUT', path: string, options?: CallOptions): Promise<Answer>;
  /** A success. @throws Error for any other answer */
  do(method: 'GET' | 'POST' | 'PUT', path: string, options?: CallOptions): Promise<JsonObject>;
};

export type Api = { as(token: string): Caller; close(): void };

export const connectionsMax = 64;
const triesMax = 100;
const retryDelayMs = 100;

export function openApi(url: string): Api {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  return {
    as: (token) => callerOf(agent, url, token),
    close: () => agent.destroy(),
  };
}

/** The work on every item, at most `connectionsMax` at a time, in the order of the items; the first failure ends it. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(connectionsMax, items.length) }, worker));
}

function callerOf(agent: Agent, url: string, token: string): Caller {
  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const text = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      ...(options.key !== undefined && { 'idempotency-key': options.key }),
      ...(options.minRevision !== undefined && { 'wagerline-min-revision': options.minRevision }),
    };
    let failure: unknown;
    for (let tries = 0; tries < triesMax; tries += 1) {
      try {
        const answer = await exchange(new URL(path, url), { agent, method, headers }, text);
        if (answer.status !== 503) return answer;
        failure = new Error(`503 ${String(answer.body['code'])}`);
      } catch (error) {
        failure = error;
      }
      await delay(retryDelayMs);
    }
    throw new Error(`${method} ${path}: no answer in ${triesMax} tries`, { cause: failure });
  }
  return {
    call,
    async do(method, path, options) {
      const { status, body } = await call(method, path, options);
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
      return body;
    },
  };
}

type RequestOptions = { readonly agent: Agent; readonly method: string; readonly headers: Record<string, string | number> };

function exchange(url: URL, options: RequestOptions, text: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        try {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
        } catch (error) {
          reject(error);
        }
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}
