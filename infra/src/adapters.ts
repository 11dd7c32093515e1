// One way to open each port, whichever adapter serves it. Made by embedded-adapters.ts or engine-adapters.ts, called by open-infra.ts.

import { marketsOf } from '@wagerline/shared-kernel/events/markets-of';
import type { Cache } from '@wagerline/shared-kernel/ports/cache';
import type { EventBus } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import type { SearchIndex } from '@wagerline/shared-kernel/ports/search-index';
import type { SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';

/** Keys of an event's records on the bus, per topic. */
export const keysOf = { 'by-stream': (event: { readonly stream: string }) => [event.stream], 'by-market': marketsOf };

/** `readOnly`: for queries. */
export type Use = { readonly readOnly: boolean };

/** How a thread follows the whole log: the relay for positions where the bus reads the log itself, the settlement job for events. */
export type Following = { readonly follows: 'positions' | 'events' };

export type Adapters = {
  eventStore(following?: Following): Promise<EventStore>;
  /** `eventStore` is the caller's own, opened before. */
  bus(eventStore: Pick<EventStore, 'readAll'>): Promise<EventBus>;
  readModels(use: Use): Promise<ReadModelStore>;
  search(use: Use): Promise<SearchIndex>;
  cache(): Promise<Cache>;
  settlementIndex(): Promise<SettlementIndex>;
};

/** Things that are opened one after another and closed in the reverse order, also when one of them cannot be opened. */
export class Opened {
  readonly #parts: { close(): Promise<void> }[] = [];

  async add<Part extends { close(): Promise<void> }>(opening: Promise<Part>): Promise<Part> {
    try {
      const part = await opening;
      this.#parts.push(part);
      return part;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) await part.close();
  }
}
