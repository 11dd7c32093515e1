// One filtered subscription to EventStoreDB's $all, as batches that are taken when there is something. Used by eventstoredb-follow.ts.
// It ends with the connection: whoever uses it subscribes again. No error of the client's leaves it but through `take`.

import { streamNameFilter, type AllStreamResolvedEvent, type AllStreamSubscription } from '@eventstore/db-client';
import { StoreUnavailableError, type RecordedEvent, type StreamFilter, type SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import { recordedFrom, startOrAfter, type EventStoreDbConnection } from './eventstoredb-connection.ts';

/** The server looks at so many events at once, and reports its position after as many. */
const searchWindowEvents = 256;
const bufferEventsMax = 512;
/** On the way to the end, what has come is handed on after so long even if the batch is not full. */
const gatherMsMax = 500;

export class Feed {
  readonly #subscription: AllStreamSubscription;
  #gathered: RecordedEvent[] = [];
  #gatheredSinceMs = performance.now();
  #position: number;
  /** As last handed on. */
  #toldPosition: number;
  /** How far the server has looked. The client tells this as soon as it arrives, ahead of events that it still holds. */
  #checkpoint: number;
  #isCaughtUp = false;
  /** Caught up, and not told yet. */
  #isCaughtUpNews = false;
  #failure: unknown;
  #isOver = false;
  #wake: () => void = () => undefined;

  /** Events after `after`. @throws StoreUnavailableError */
  static async open(connection: EventStoreDbConnection, after: number, filter: StreamFilter): Promise<Feed> {
    // Whatever was there before the subscription began has been delivered when it is caught up.
    const head = await connection.head();
    return new Feed(connection, after, filter, head);
  }

  private constructor({ client }: EventStoreDbConnection, after: number, { prefixes }: StreamFilter, head: number) {
    this.#position = this.#toldPosition = this.#checkpoint = after;
    const end = (failure?: unknown): void => {
      this.#failure ??= failure;
      this.#isOver = true;
      this.#wake();
    };
    const reached = (position: number): void => {
      this.#checkpoint = Math.max(this.#checkpoint, position);
      this.#wake();
    };
    const filter = streamNameFilter({
      prefixes: [...prefixes],
      maxSearchWindow: searchWindowEvents,
      checkpointInterval: 1,
      // If this failed, the client would stall without a word.
      checkpointReached: async (_subscription, { commit }) => (commit <= Number.MAX_SAFE_INTEGER ? reached(Number(commit)) : end()),
    });
    this.#subscription = client.subscribeToAll({ fromPosition: startOrAfter(after), filter }, { highWaterMark: bufferEventsMax });
    // The listener for errors stays for good: an error that nobody listens to ends the process.
    this.#subscription.on('error', end);
    this.#subscription.on('end', () => end());
    this.#subscription.on('close', () => end());
    this.#subscription.on('caughtUp', () => {
      this.#isCaughtUp = this.#isCaughtUpNews = true;
      reached(head);
    });
    this.#subscription.on('readable', () => this.#wake());
  }

  /**
   * What has come, undefined when that is nothing, or when more is sure to come: batches are full until the log's end is reached.
   * @throws StoreUnavailableError when the subscription is over and all of it was taken
   */
  take(eventsMax: number): SubscriptionBatch | undefined {
    this.#gather(eventsMax);
    const isFull = this.#gathered.length >= eventsMax;
    const isDue = this.#isCaughtUp || this.#isOver || isFull || performance.now() - this.#gatheredSinceMs >= gatherMsMax;
    const caughtUp = this.#isCaughtUp && this.#subscription.readableLength === 0;
    const isNews = this.#gathered.length > 0 || this.#position > this.#toldPosition || (this.#isCaughtUpNews && caughtUp);
    if (!isDue || !isNews) {
      if (this.#isOver && !isNews) throw new StoreUnavailableError('the subscription has ended', { cause: this.#failure });
      return undefined;
    }
    const events = this.#gathered;
    this.#gathered = [];
    this.#gatheredSinceMs = performance.now();
    this.#toldPosition = this.#position;
    this.#isCaughtUpNews &&= !caughtUp;
    return { events, position: this.#position, caughtUp };
  }

  #gather(eventsMax: number): void {
    while (this.#gathered.length < eventsMax) {
      const resolved: AllStreamResolvedEvent | null = this.#subscription.read();
      if (resolved === null) break;
      if (resolved.event === undefined) continue;
      const event = recordedFrom(resolved.event);
      this.#position = event.position;
      this.#gathered.push(event);
    }
    // Only with nothing left unread is everything before the checkpoint here.
    if (this.#subscription.readableLength === 0) this.advance(this.#checkpoint);
  }

  /** Nothing that matches lies up to this position, as was learned elsewhere. */
  advance(position: number): void {
    this.#position = Math.max(this.#position, position);
  }

  /** Resolves true when `take` may have something to say, false after the limit or when the signal aborts. */
  wait(limitMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#isOver || this.#isCaughtUpNews || this.#subscription.readableLength > 0 || this.#checkpoint > this.#position) return Promise.resolve(true);
    if (signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (isNews: boolean): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#wake = () => undefined;
        resolve(isNews);
      };
      const abort = (): void => settle(false);
      const timer = setTimeout(abort, limitMs);
      signal?.addEventListener('abort', abort);
      this.#wake = () => settle(true);
    });
  }

  close(): void {
    this.#isOver = true;
    // When the call was never made there is nothing to cancel, and the client says so with an error.
    this.#subscription.unsubscribe().catch(() => undefined);
    // The client holds on to a call until all that came has been read: what is not wanted any more is read, too.
    this.#subscription.removeAllListeners('readable');
    this.#subscription.resume();
  }
}
