// Events, keys and a collecting consumer for the contract tests of the event bus. Used by contract*.ts and the adapters' tests alone.

import { randomUUID } from 'node:crypto';
import type { BusRecord, ConsumeOptions, EventBus, PartitionBatch, Topic } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore, NewEvent, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';

export type OpenedBus = {
  readonly bus: EventBus;
  readonly eventStore: EventStore;
  /** Closes bus and event store, and opens both again on the same data. */
  reopen(): Promise<{ readonly bus: EventBus; readonly eventStore: EventStore }>;
  close(): Promise<void>;
};

export const domainPrefixes: readonly string[] = ['account-', 'market-'];

/** How the contract's events are keyed; an adapter under test is opened with it. */
export const keysOf: Readonly<Record<Topic, (event: RecordedEvent) => readonly string[]>> = {
  'by-stream': (event) => [event.stream],
  'by-market': ({ data: { markets } }) => (Array.isArray(markets) ? markets.map(String) : []),
};

/** Appends one event per stream named, in order, and answers them as recorded. */
export async function append(
  eventStore: EventStore,
  ...streams: readonly (string | readonly [stream: string, ...markets: readonly string[]])[]
): Promise<readonly RecordedEvent[]> {
  const recorded: RecordedEvent[] = [];
  for (const each of streams) {
    const [stream, ...markets] = typeof each === 'string' ? [each] : each;
    const event: NewEvent = { id: randomUUID(), type: 'StakeNoted', data: { markets }, metadata: {} };
    const result = await eventStore.append(stream, 'any', [event]);
    if (result.outcome === 'conflict') throw new Error('an unchecked append has no conflict');
    recorded.push({ ...event, stream, revision: result.revision, position: result.positions[0] ?? 0 });
  }
  return recorded;
}

export type Collected = BusRecord & { readonly partition: number };

/** Consumes until `isEnough` of what has been collected, stops, and answers it once the consumer has ended. */
export async function collect(
  bus: EventBus,
  isEnough: (collected: readonly Collected[], batch: PartitionBatch) => boolean,
  options: Partial<ConsumeOptions> = {},
): Promise<readonly Collected[]> {
  const collected: Collected[] = [];
  const stop = new AbortController();
  await bus.consume({
    group: 'collectors',
    topic: 'by-stream',
    batchSizeMax: 100,
    startOffset: async () => undefined,
    signal: stop.signal,
    ...options,
    eachBatch: async (batch) => {
      await options.eachBatch?.(batch);
      collected.push(...batch.records.map((record) => ({ ...record, partition: batch.partition })));
      if (isEnough(collected, batch)) stop.abort();
    },
  });
  return collected;
}

export function count(records: number): (collected: readonly Collected[]) => boolean {
  return (collected) => collected.length >= records;
}

export function positions(records: readonly BusRecord[]): readonly number[] {
  return records.map(({ event }) => event.position).toSorted((left, right) => left - right);
}
