// A client's line to the writer thread: sends requests, keeps what waits for an answer, and wakes who waits for news.
// Used by embedded.ts alone. A request that was sent ends in its answer or in OutcomeUnknownError, never in silence.

import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { OutcomeUnknownError, StoreUnavailableError } from '@wagerline/shared-kernel/ports/event-store';
import type { FromWriter, Reply, Request } from './embedded-messages.ts';
import type { SharedHeads } from './shared-heads.ts';

type Waiting = {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  readonly sentMs: number;
  readonly bytes: number;
};
type Listener = { readonly isNews: () => boolean; readonly wake: () => void };

/** A long turn sends so many requests before it ends: the writer makes them durable while the next ones are decided. */
const messageRequestsMax = 24;
/** News that nobody waited for: under load the next are asked for so much later, as each group of the writer would bring some. */
const otherNewsPauseMs = 10;
/** Text of all requests that wait for an answer. */
const waitingBytesMax = 64 * 1024 * 1024;

export type RequestLimits = { readonly appendTimeoutMs: number; readonly appendQueueMax: number };

export class WriterRequests {
  readonly #port: MessagePort;
  readonly #shared: SharedHeads;
  readonly #limits: RequestLimits;
  /** In the order of sending, so the first one is the first to time out. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<Listener>();
  #waitingBytes = 0;
  #lastSeq = 0;
  /** Made by the first request of a turn: a list that waits empty grows old, and then keeps the requests of its time alive. */
  #outgoing: Request[] | undefined;
  #isFlushScheduled = false;
  #timer: NodeJS.Timeout | undefined;
  #listenTimer: NodeJS.Timeout | undefined;
  /** The log's newest position when listeners were last asked. What came after it, they are told. */
  #head: number;
  /** The head that the writer was last asked to report past; undefined when no answer to that is due. */
  #listeningAfter: number | undefined;
  #closed: string | undefined;

  constructor(port: MessagePort, shared: SharedHeads, limits: RequestLimits) {
    this.#port = port;
    this.#shared = shared;
    this.#head = shared.newest;
    this.#limits = limits;
    port.on('message', (message: FromWriter) => this.#receive(message));
    port.on('close', () => this.#end('the writer of the event log has ended'));
  }

  /** `make` gets the request's number. `bytes` counts against the queue's limit. */
  send(make: (seq: number) => Request, bytes: number): Promise<Reply> {
    if (this.#closed !== undefined) return Promise.reject(new StoreUnavailableError(this.#closed));
    if (this.#waiting.size >= this.#limits.appendQueueMax || this.#waitingBytes + bytes > waitingBytesMax) {
      return Promise.reject(new StoreUnavailableError('too many appends are waiting'));
    }
    return new Promise((resolve, reject) => {
      this.#lastSeq += 1;
      this.#waiting.set(this.#lastSeq, { resolve, reject, sentMs: performance.now(), bytes });
      this.#waitingBytes += bytes;
      this.#post(make(this.#lastSeq));
    });
  }

  /** Resolves as soon as `isNews` holds (it is asked now and after each message of the writer), the signal aborts, or this line is closed. */
  news(isNews: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#head = this.#shared.newest;
      if (signal.aborted || this.#closed !== undefined || isNews()) return resolve();
      const wake = (): void => {
        this.#listeners.delete(listener);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const listener: Listener = { isNews, wake };
      this.#listeners.add(listener);
      signal.addEventListener('abort', wake, { once: true });
      this.#listen();
    });
  }

  /** Why nothing more can be sent, undefined while it can. */
  get closed(): string | undefined {
    return this.#closed;
  }

  close(): void {
    this.#end('this client of the event log is closed');
    this.#port.close();
  }

  #post(request: Request): void {
    (this.#outgoing ??= []).push(request);
    if (this.#outgoing.length >= messageRequestsMax) this.#flush();
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    // After all I/O callbacks of this turn: the requests of one turn share one message, and with it one group.
    setImmediate(() => {
      this.#isFlushScheduled = false;
      if (this.#closed !== undefined) return;
      this.#flush();
      if (this.#waiting.size > 0) this.#timer ??= setTimeout(() => this.#expire(), this.#limits.appendTimeoutMs);
    });
  }

  #flush(): void {
    const requests = this.#outgoing;
    this.#outgoing = undefined;
    if (requests !== undefined) this.#port.postMessage(requests);
  }

  #listen(): void {
    if (this.#listeningAfter !== undefined || this.#listeners.size === 0) return;
    this.#listeningAfter = this.#head;
    this.#post(['listen', 0, this.#head]);
  }

  #receive(replies: FromWriter): void {
    // Read before the listeners look: they may see more than this, and then hear of it once more.
    this.#head = this.#shared.newest;
    for (const reply of replies) {
      const seq = reply[1];
      const waiting = this.#waiting.get(seq);
      if (waiting === undefined) continue; // it timed out: the caller has gone to look for itself
      this.#waiting.delete(seq);
      this.#waitingBytes -= waiting.bytes;
      waiting.resolve(reply);
    }
    // The writer takes the request to listen as answered by any message with a newer head.
    if (this.#listeningAfter !== undefined && this.#head > this.#listeningAfter) this.#listeningAfter = undefined;
    for (const listener of this.#listeners) if (listener.isNews()) listener.wake();
    if (this.#listeningAfter === undefined && this.#listeners.size > 0) this.#listenTimer ??= setTimeout(() => this.#listenAgain(), otherNewsPauseMs);
  }

  #listenAgain(): void {
    this.#listenTimer = undefined;
    this.#listen();
  }

  /** One timer for all: it looks at the oldest request, and comes back when the next one may be due. */
  #expire(): void {
    this.#timer = undefined;
    // If this thread was busy for long, the answers may be lying at the port.
    for (let arrived = receiveMessageOnPort(this.#port); arrived !== undefined; arrived = receiveMessageOnPort(this.#port)) {
      const message: FromWriter = arrived.message;
      this.#receive(message);
    }
    const nowMs = performance.now();
    for (const [seq, waiting] of this.#waiting) {
      const leftMs = waiting.sentMs + this.#limits.appendTimeoutMs - nowMs;
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#expire(), leftMs);
        return;
      }
      this.#waiting.delete(seq);
      this.#waitingBytes -= waiting.bytes;
      waiting.reject(new OutcomeUnknownError(`no answer within ${this.#limits.appendTimeoutMs} ms`));
    }
  }

  #end(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    clearTimeout(this.#timer);
    clearTimeout(this.#listenTimer);
    for (const waiting of this.#waiting.values()) waiting.reject(new OutcomeUnknownError(reason));
    this.#waiting.clear();
    for (const listener of this.#listeners) listener.wake();
  }
}
