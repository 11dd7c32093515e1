// A client's line to a server that is killed and started again: a request without an answer is sent again, as it was, until it is
// answered. Used by the load and by the trader. It decides nothing: every answer but "not now" goes to who asked.

import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export type Sent = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly token: string;
  readonly key?: string;
  /** `stream@revision` that the answer has to know. */
  readonly minRevision?: string;
  readonly text?: string;
};
/** `text` is the body exactly as received. */
export type Answered = { readonly status: number; readonly text: string; readonly tries: number };

const triesMax = 1_000;
/** Short where one server is away for moments; on the engines a herd that knocks for seconds would keep them from starting. */
const retryDelayMsDefault = 20;
const answerWaitMsMax = 15_000;
const pendingShownMax = 5;

export class Line {
  readonly #agent: Agent;
  readonly #retryDelayMs: number;
  #url: string | undefined;
  #failure: Error | undefined;
  #waiting: (() => void)[] = [];
  /** What is not answered yet, with what came of the last try. */
  readonly #pending = new Map<Sent, string>();
  /** Requests sent again because there was no answer, or "not now". */
  retried = 0;

  constructor(connectionsMax: number, retryDelayMs = retryDelayMsDefault) {
    this.#retryDelayMs = retryDelayMs;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  }

  up(url: string): void {
    this.#url = url;
    this.#wake();
  }

  down(): void {
    this.#url = undefined;
  }

  /** The server will not come back: whoever waits for it gets this. */
  fail(failure: Error): void {
    this.#failure = failure;
    this.#wake();
    this.#agent.destroy();
  }

  close(): void {
    this.fail(new Error('the line is closed'));
  }

  /** `hangUpAfterMs`: on the first try the client goes away so long after sending, and comes back with the same request. */
  async ask(sent: Sent, hangUpAfterMs?: number): Promise<Answered> {
    try {
      for (let tries = 1; tries <= triesMax; tries += 1) {
        const url = await this.#ready();
        const waitMs = tries === 1 && hangUpAfterMs !== undefined ? hangUpAfterMs : answerWaitMsMax;
        const answer = await this.#exchange(url, sent, waitMs).catch(asNoAnswer);
        if (answer.status > 0 && answer.status < 500) return { ...answer, tries };
        if (answer.status >= 500 && answer.status !== 503) throw new UnexpectedAnswer(sent, answer);
        this.#pending.set(sent, `try ${tries}: ${answer.status} ${answer.text}`);
        this.retried += 1;
        await delay(this.#retryDelayMs);
      }
      throw new Error(`${sent.method} ${sent.path}: no answer in ${triesMax} tries, the last one: ${this.#pending.get(sent)}`);
    } finally {
      this.#pending.delete(sent);
    }
  }

  /** The first of the requests that were sent more than once and wait for their answer. */
  pending(): readonly string[] {
    return [...this.#pending].slice(0, pendingShownMax).map(([{ method, path }, last]) => `${method} ${path}, ${last}`);
  }

  async #ready(): Promise<string> {
    while (this.#url === undefined && this.#failure === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#failure !== undefined) throw this.#failure;
    return this.#url ?? '';
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #exchange(url: string, { method, path, token, key, minRevision, text }: Sent, waitMs: number): Promise<{ status: number; text: string }> {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(minRevision !== undefined && { 'wagerline-min-revision': minRevision }),
      ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    return new Promise((resolve, reject) => {
      const out = request(new URL(path, url), { agent: this.#agent, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        // Half an answer is none.
        response.on('close', () => (response.complete ? undefined : reject(new Error('the answer broke off'))));
        response.on('end', () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        });
      });
      const timer = setTimeout(() => out.destroy(new Error(`no answer in ${waitMs} ms`)), waitMs);
      out.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      out.end(text);
    });
  }
}

/** Status 0. */
function asNoAnswer(error: unknown): { readonly status: number; readonly text: string } {
  return { status: 0, text: error instanceof Error ? error.message : String(error) };
}

/** Neither an answer of the domain nor "not now". */
export class UnexpectedAnswer extends Error {
  override name = 'UnexpectedAnswer';

  constructor({ method, path }: Pick<Sent, 'method' | 'path'>, { status, text }: { readonly status: number; readonly text: string }) {
    super(`${method} ${path}: ${status} ${text}`);
  }
}
