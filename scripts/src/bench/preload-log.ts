// Writes straight into the event log of a data folder that no server runs on: how a benchmark gets a store of a million events in
// seconds. Called by preload.ts. What it writes is what commands would have written, made by the same deciders and codec.

import { loadConfig } from '@wagerline/infra/config';
import { openHttpInfra, openInfraRoot } from '@wagerline/infra/open-infra';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { encode } from '@wagerline/shared-kernel/events/codec';
import type { EventStore, NewEvent } from '@wagerline/shared-kernel/ports/event-store';
import { commandIdOf, slotCount } from '@wagerline/shared-kernel/values/ids';
import { assert } from '@wagerline/shared-kernel/values/unreachable';

/** Appends on their way to the writer; more would only wait there. */
const inFlightMax = 64;
const appendTimeoutMs = 60_000;
const system = { role: 'system', id: 'bench' } as const;

export class PreloadLog {
  readonly #store: EventStore;
  readonly #close: () => Promise<void>;
  readonly #inFlight = new Set<Promise<void>>();
  #failure: Error | undefined;
  eventCount = 0;

  constructor(store: EventStore, close: () => Promise<void>) {
    this.#store = store;
    this.#close = close;
  }

  /** Resolves when there is room for more; what fails later is told by the next call. `revision`: of the stream's last event, -1 = none. */
  async append(stream: string, revision: number, events: readonly NewEvent[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.eventCount += events.length;
    const appended = this.#append(stream, revision, events).catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    });
    const done: Promise<void> = appended.finally(() => this.#inFlight.delete(done));
    this.#inFlight.add(done);
    if (this.#inFlight.size >= inFlightMax) await Promise.race(this.#inFlight);
  }

  async #append(stream: string, revision: number, events: readonly NewEvent[]): Promise<void> {
    const { outcome } = await this.#store.append(stream, revision === -1 ? 'no-stream' : revision, events);
    assert(outcome === 'appended', `${stream} is at revision ${revision}`);
  }

  /** Facts of a market or fixture, which need no decision. */
  async record(stream: string, revision: number, ...events: readonly DomainEvent[]): Promise<void> {
    const commandId = commandIdOf('bench', stream, revision);
    const context = { commandId, causationId: commandId, correlationId: commandId, traceparent: '', actor: system };
    await this.append(
      stream,
      revision,
      events.map((event, index) => encode(event, context, index)),
    );
  }

  /** Everything appended is durable. */
  async written(): Promise<void> {
    await Promise.all(this.#inFlight);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The results here were settled here: the settlement job need not look at them, as if it had done so and stopped. */
  async markSettled(): Promise<void> {
    await this.written();
    const names = Array.from({ length: slotCount }, (_, slot) => `settlement-slot-${String(slot).padStart(2, '0')}`);
    const checkpoint = await this.#store.head();
    const leases = await this.#store.readLeases(names);
    const items = names.map((name, slot) => {
      return { name, expectedVersion: leases[slot]?.version ?? 0, data: { ...leases[slot]?.data, checkpoint } };
    });
    assert(items.every(({ expectedVersion }) => expectedVersion > 0), 'a server has run on this folder and has left its leases');
    assert((await this.#store.writeLeases(items)).every(Boolean), 'nobody else writes leases');
  }

  async close(): Promise<void> {
    await this.#close();
  }
}

export async function openPreloadLog(dataDir: string): Promise<PreloadLog> {
  const root = await openInfraRoot(loadConfig({}, { dataDir, eventStore: { appendTimeoutMs } }));
  const infra = await openHttpInfra(root.connect());
  return new PreloadLog(infra.eventStore, async () => {
    await infra.close();
    await root.close();
  });
}
