// Catch-up subscriptions on EventStoreDB that do not end, and pages of the filtered log. Used by eventstoredb.ts.
// A subscription that fails, ends or falls silent is made again from where it was: nothing is left out and nothing comes twice.

import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailableError, type StreamFilter, type SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import type { EventStoreDbConnection } from './eventstoredb-connection.ts';
import { Feed } from './eventstoredb-feed.ts';

export type FollowOptions = {
  /** A subscription that hears nothing for this long asks whether it should have. Its position also moves on that often. */
  readonly quietMsMax: number;
  readonly retryDelayMs: number;
  readonly retryDelayMsMax: number;
  /** For logs and counters: why a subscription is made again. */
  readonly onSubscriptionLost: (error: unknown) => void;
};

const batchEventsMax = 500;

/** Ends when `signal` aborts. @throws StoreUnavailableError when `closed` aborts */
export async function* follow(
  connection: EventStoreDbConnection,
  start: { readonly after: number; readonly filter: StreamFilter },
  signals: { readonly signal: AbortSignal; readonly closed: AbortSignal },
  options: FollowOptions,
): AsyncGenerator<SubscriptionBatch> {
  const { signal, closed } = signals;
  const either = AbortSignal.any([signal, closed]);
  let position = start.after;
  for (let losses = 0; !either.aborted; losses += 1) {
    let feed: Feed | undefined;
    try {
      feed = await Feed.open(connection, position, start.filter);
      for await (const batch of batchesOf(connection, feed, { after: position, filter: start.filter }, either, options.quietMsMax)) {
        position = batch.position;
        losses = 0;
        yield batch;
        if (signal.aborted) return;
      }
    } catch (error) {
      if (!either.aborted) options.onSubscriptionLost(error);
    } finally {
      feed?.close();
    }
    const delayMs = Math.min(options.retryDelayMsMax, options.retryDelayMs * 2 ** Math.min(losses, 20));
    // Up to as much again by chance, so that not everybody comes back at once.
    await delay(delayMs * (1 + Math.random()), undefined, { signal: either }).catch(() => undefined);
  }
  if (!signal.aborted) throw new StoreUnavailableError('this client of the event store is closed');
}

/** Ends when the signal aborts. @throws when the subscription is of no more use */
async function* batchesOf(
  connection: EventStoreDbConnection,
  feed: Feed,
  start: { readonly after: number; readonly filter: StreamFilter },
  signal: AbortSignal,
  quietMsMax: number,
): AsyncGenerator<SubscriptionBatch> {
  let { after } = start;
  let missed = 0;
  while (!signal.aborted) {
    const batch = feed.take(batchEventsMax);
    if (batch !== undefined) {
      after = batch.position;
      missed = 0;
      yield batch;
      continue;
    }
    if (await feed.wait(quietMsMax, signal)) continue;
    if (signal.aborted || (await connection.head()) <= after) continue;
    // The log has moved on and the subscription is quiet: either nothing matches, or it is dead without a word.
    const page = await readPage(connection, after, start.filter, 1);
    if (page.events.length === 0) {
      after = page.position;
      feed.advance(after);
      yield page;
    } else {
      missed += 1;
      if (missed > 1) throw new StoreUnavailableError('the subscription has fallen silent');
    }
  }
}

/**
 * A page is a subscription that is left at its end: the client's reads of $all cannot filter, and would fetch every snapshot.
 * @throws StoreUnavailableError
 */
export async function readPage(connection: EventStoreDbConnection, after: number, filter: StreamFilter, maxCount: number): Promise<SubscriptionBatch> {
  const feed = await Feed.open(connection, after, filter);
  try {
    const events = [];
    for (;;) {
      const batch = feed.take(maxCount - events.length);
      if (batch !== undefined) {
        events.push(...batch.events);
        if (batch.caughtUp || events.length >= maxCount) return { ...batch, events };
      } else if (!(await feed.wait(connection.readTimeoutMs, undefined))) {
        throw new StoreUnavailableError(`nothing within ${connection.readTimeoutMs} ms`);
      }
    }
  } finally {
    feed.close();
  }
}
