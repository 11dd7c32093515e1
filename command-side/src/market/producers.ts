// What is known of the producers of the feed: when each was last heard, whether it sends, and how far its recovery is. Called by the feed's
// routes. Kept in one record of the event store, so that every process says the same and a restart forgets nothing. No bet depends on it.

import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { toIso } from '@wagerline/shared-kernel/values/time';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { z } from 'zod';

/** One message, as far as it says something of its producer. Times are the producer's. */
export type Heard = {
  readonly product: number;
  readonly timestampMs: number;
  readonly requestId?: string;
  /** Of a sign of life: whether it sends what happens. */
  readonly isSending?: boolean;
  /** All that was asked for with this `requestId` has been sent. */
  readonly isComplete?: boolean;
};

const recovery = z.strictObject({
  requestId: z.string(),
  requestedAtMs: z.int(),
  /** From that time of the producer on; null: all that it has. */
  afterMs: z.int().nullable(),
  messages: z.int(),
  completedAtMs: z.int().nullable(),
  /** Nothing is missing up to that time of the producer. */
  completeUntilMs: z.int().nullable(),
});
const producer = z.strictObject({
  product: z.int(),
  heardAtMs: z.int().nullable(),
  timestampMs: z.int().nullable(),
  isSending: z.boolean(),
  recovery: recovery.nullable(),
});
const stored = z.strictObject({ producers: z.array(producer) });
type Producer = Readonly<z.infer<typeof producer>>;

export type ProducerStatus = {
  readonly product: number;
  /** It sends, was heard in time, and is not being recovered. */
  readonly isUp: boolean;
  /** Silent for longer than `WAGERLINE_FEED_STALE_MS_MAX`, or never heard. */
  readonly isStale: boolean;
  readonly isInRecovery: boolean;
  readonly lastMessageAt: string | null;
  /** The newest time of the producer itself. */
  readonly lastTimestamp: string | null;
  readonly recovery: {
    readonly requestId: string;
    readonly requestedAt: string;
    readonly after: string | null;
    readonly messages: number;
    readonly completedAt: string | null;
    readonly completeUntil: string | null;
  } | null;
};

/** A lease by its form only: nobody holds it, each writer changes what it has read. */
const recordName = 'feed-producers';
const producersMax = 100;
const triesMax = 50;

export class Producers {
  readonly #eventStore: Pick<EventStore, 'readLeases' | 'writeLeases'>;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #staleMsMax: number;

  constructor(eventStore: Pick<EventStore, 'readLeases' | 'writeLeases'>, clock: Pick<Clock, 'nowMs'>, staleMsMax: number) {
    this.#eventStore = eventStore;
    this.#clock = clock;
    this.#staleMsMax = staleMsMax;
  }

  hear(all: readonly Heard[]): Promise<void> {
    const nowMs = this.#clock.nowMs();
    return this.#change((producers) => all.reduce((known, heard) => changed(known, heard.product, (one) => afterHearing(one, heard, nowMs)), producers));
  }

  /** Whoever asks the producer for what was missed says so here. The newest request is the one that counts; the same one again changes nothing. */
  requestRecovery(product: number, requestId: string, afterMs: number | null): Promise<void> {
    const requestedAtMs = this.#clock.nowMs();
    const asked = { requestId, requestedAtMs, afterMs, messages: 0, completedAtMs: null, completeUntilMs: null };
    const request = (one: Producer): Producer => (one.recovery?.requestId === requestId ? one : { ...one, recovery: asked });
    return this.#change((producers) => changed(producers, product, request));
  }

  async status(): Promise<readonly ProducerStatus[]> {
    const nowMs = this.#clock.nowMs();
    const { producers } = await this.#read();
    return producers.map((one) => statusOf(one, nowMs, this.#staleMsMax)).toSorted((a, b) => a.product - b.product);
  }

  async #read(): Promise<{ readonly version: number; readonly producers: readonly Producer[] }> {
    const [record] = await this.#eventStore.readLeases([recordName]);
    if (record === undefined || record.version === 0) return { version: 0, producers: [] };
    return { version: record.version, producers: stored.parse(record.data).producers };
  }

  async #change(change: (producers: readonly Producer[]) => readonly Producer[]): Promise<void> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const { version, producers } = await this.#read();
      const data = { producers: change(producers).map((one) => ({ ...one })) };
      const [isWritten] = await this.#eventStore.writeLeases([{ name: recordName, expectedVersion: version, data }]);
      if (isWritten === true) return;
    }
    throw new ProblemException('STORE_UNAVAILABLE');
  }
}

/** Of more than `producersMax` the ones that were heard last stay. */
function changed(producers: readonly Producer[], product: number, change: (one: Producer) => Producer): readonly Producer[] {
  const known = producers.find((one) => one.product === product);
  const changedOne = change(known ?? { product, heardAtMs: null, timestampMs: null, isSending: true, recovery: null });
  const others = producers.filter((one) => one.product !== product).toSorted((a, b) => (b.heardAtMs ?? 0) - (a.heardAtMs ?? 0));
  return [changedOne, ...others].slice(0, producersMax);
}

function afterHearing(one: Producer, { timestampMs, requestId, isSending = one.isSending, isComplete }: Heard, nowMs: number): Producer {
  const heard = { ...one, isSending, heardAtMs: Math.max(nowMs, one.heardAtMs ?? 0), timestampMs: Math.max(timestampMs, one.timestampMs ?? timestampMs) };
  const asked = one.recovery;
  if (asked === null || requestId !== asked.requestId || asked.completedAtMs !== null) return heard;
  if (isComplete === true) return { ...heard, recovery: { ...asked, completedAtMs: nowMs, completeUntilMs: timestampMs } };
  return { ...heard, recovery: { ...asked, messages: asked.messages + 1 } };
}

function statusOf({ product, heardAtMs, timestampMs, isSending, recovery: asked }: Producer, nowMs: number, staleMsMax: number): ProducerStatus {
  const isStale = heardAtMs === null || nowMs - heardAtMs > staleMsMax;
  const isInRecovery = asked !== null && asked.completedAtMs === null;
  return {
    product,
    isUp: isSending && !isStale && !isInRecovery,
    isStale,
    isInRecovery,
    lastMessageAt: isoOrNull(heardAtMs),
    lastTimestamp: isoOrNull(timestampMs),
    recovery: asked && {
      requestId: asked.requestId,
      requestedAt: toIso(asked.requestedAtMs),
      after: isoOrNull(asked.afterMs),
      messages: asked.messages,
      completedAt: isoOrNull(asked.completedAtMs),
      completeUntil: isoOrNull(asked.completeUntilMs),
    },
  };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : toIso(ms);
}
