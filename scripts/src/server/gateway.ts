// One address in front of many processes: queries (GET) go to the query APIs, everything else and the feed's own state to the command APIs, in turn.
// Called by engine-server.ts. A proxy for one machine; a cluster has an ingress. It never repeats a request that may have arrived, and waits
// for no process for longer than a living one takes.

import { Agent, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { problems } from '@wagerline/shared-kernel/problems';

/** Who takes the feed's messages knows how its producers do. */
const feedPath = '/v1/feed/';

export type Upstreams = { readonly command: readonly (string | undefined)[]; readonly query: readonly (string | undefined)[] };

const connectionsMax = 256;
/** Parts that live answer within 2 s, also while their engines are away; one that hangs is known by its silence alone. */
export const answerMsMaxDefault = 5_000;
/** So long a process that was silent is asked after the others. */
const restMs = 5_000;
/** Of one hop; what the other side says of its own connection is not passed on. */
const hopHeaders = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade'];

export class Gateway {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  readonly #upstreams: Upstreams;
  readonly #answerMsMax: number;
  /** Until when each process rests that was silent. */
  readonly #restsUntilMs = new Map<string, number>();
  #turn = 0;

  /** Addresses change as processes end and start: undefined = not there now. */
  constructor(upstreams: Upstreams, answerMsMax = answerMsMaxDefault) {
    this.#upstreams = upstreams;
    this.#answerMsMax = answerMsMax;
  }

  handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { command, query } = this.#upstreams;
    const isFeed = incoming.url?.startsWith(feedPath) === true;
    const isQuery = !isFeed && (incoming.method === 'GET' || incoming.method === 'HEAD');
    this.#turn += 1;
    const urls = inTurn(isQuery ? query : command, this.#turn);
    this.#send(incoming, outgoing, urls.toSorted((left, right) => Number(this.#rests(left)) - Number(this.#rests(right))));
  }

  close(): void {
    this.#agent.destroy();
  }

  /** A process that refuses the connection has seen nothing: the next one is asked. */
  #send(incoming: IncomingMessage, outgoing: ServerResponse, urls: readonly string[]): void {
    const [url, ...others] = urls;
    if (url === undefined) return unavailable(outgoing);
    const { method, headers } = incoming;
    const sent = request(new URL(incoming.url ?? '/', url), { agent: this.#agent, ...(method !== undefined && { method }), headers: passedOn(headers) });
    const silence = setTimeout(() => {
      // Who has not sent the whole request is who is waited for.
      if (incoming.complete) this.#restsUntilMs.set(url, performance.now() + restMs);
      sent.destroy(new Error(`no answer within ${this.#answerMsMax} ms`));
    }, this.#answerMsMax);
    sent.once('close', () => clearTimeout(silence));
    sent.once('response', (answer) => {
      clearTimeout(silence);
      this.#restsUntilMs.delete(url);
      outgoing.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
      pipeline(answer, outgoing, () => undefined);
    });
    sent.once('error', (error) => {
      const isUnseen = 'code' in error && error.code === 'ECONNREFUSED';
      if (isUnseen && others.length > 0) this.#send(incoming, outgoing, others);
      else if (outgoing.headersSent) outgoing.destroy();
      else unavailable(outgoing);
    });
    outgoing.once('close', () => sent.destroy());
    // A refused connection has taken nothing of the body yet.
    sent.once('socket', (socket) => {
      const send = (): void => void incoming.pipe(sent);
      if (socket.connecting) socket.once('connect', send);
      else send();
    });
  }

  #rests(url: string): boolean {
    return performance.now() < (this.#restsUntilMs.get(url) ?? 0);
  }
}

function inTurn(urls: readonly (string | undefined)[], turn: number): readonly string[] {
  const known = urls.filter((url) => url !== undefined);
  const first = known.length === 0 ? 0 : turn % known.length;
  return [...known.slice(first), ...known.slice(0, first)];
}

function passedOn(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopHeaders.includes(name)));
}

function unavailable(outgoing: ServerResponse): void {
  const code = 'PART_UNAVAILABLE';
  const body = JSON.stringify({ type: `urn:wagerline:problem:${code}`, title: problems[code].title, status: 503, code });
  outgoing.writeHead(503, { 'Content-Type': 'application/problem+json', 'Content-Length': Buffer.byteLength(body), 'Retry-After': '1' });
  outgoing.end(body);
}
