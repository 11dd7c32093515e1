// The relay where several processes could run it: one holds a lease in the event store and relays, the others wait to take over. For a
// part's main file; inside one process tree, relay.ts alone is enough. Two at once are harmless, they send duplicates: no clock need be exact.

import { randomUUID } from 'node:crypto';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { z } from 'zod';
import { pause as realPause } from '../persevere.ts';
import { startRelay, type Relay, type RelayOptions, type RelayStatus } from './relay.ts';

export type LeasedRelayOptions = RelayOptions & {
  readonly eventStore: Pick<EventStore, 'subscribeToAll' | 'readLeases' | 'writeLeases'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** A lease that nobody renewed for `leaseTakeoverMs`, on the taker's own clock, is free. */
  readonly config: { readonly leaseRenewMs: number; readonly leaseTakeoverMs: number };
};

export type LeasedRelayStatus = RelayStatus & {
  readonly isHolder: boolean;
  /** Of the lease; the relay's own failure is `lastFailure`. */
  readonly lastLeaseFailure: string | null;
};
export type LeasedRelay = { readonly done: Promise<void>; status(): LeasedRelayStatus };

export const relayLease = 'relay';
const leaseData = z.object({ holder: z.string().nullable(), counter: z.int() });
const free = { holder: null, counter: 0 };
const waiting: RelayStatus = { publishedThrough: -1, failures: 0, lastFailure: null };

/** `done` resolves after the signal has aborted, the relay has ended and the lease was given back; failures are repeated. */
export function startLeasedRelay(options: LeasedRelayOptions): LeasedRelay {
  const leased = new Leased(options);
  return { done: leased.run(), status: () => leased.status() };
}

class Leased {
  readonly #options: LeasedRelayOptions;
  /** Of this process's life alone: a restarted one is another holder. */
  readonly #holder = randomUUID();
  #relaying: { readonly relay: Relay; readonly stop: AbortController } | undefined;
  /** When the lease was last known to be ours, and since when it looks as it does. */
  #renewedAtMs = 0;
  #seen: { readonly version: number; readonly sinceMs: number } | undefined;
  #lastLeaseFailure: string | null = null;

  constructor(options: LeasedRelayOptions) {
    this.#options = options;
  }

  status(): LeasedRelayStatus {
    const relayed = this.#relaying?.relay.status() ?? waiting;
    return { ...relayed, isHolder: this.#relaying !== undefined, lastLeaseFailure: this.#lastLeaseFailure };
  }

  async run(): Promise<void> {
    const { signal, config, logger, pause = realPause } = this.#options;
    while (!signal.aborted) {
      try {
        if (await this.#renew()) this.#start();
        else await this.#stop();
        this.#lastLeaseFailure = null;
      } catch (error) {
        this.#lastLeaseFailure = error instanceof Error ? error.message : String(error);
        logger.error({ err: error }, "the relay's lease was not renewed");
        // By now another may have taken it.
        if (this.#now() - this.#renewedAtMs >= config.leaseTakeoverMs) await this.#stop();
      }
      await pause(config.leaseRenewMs, signal);
    }
    await this.#stop();
    await this.#release().catch((error: unknown) => logger.warn({ err: error }, "the relay's lease was not given back, others will wait for it"));
  }

  /** Whether the lease is ours now. */
  async #renew(): Promise<boolean> {
    const { leaseTakeoverMs } = this.#options.config;
    const { version, data } = await this.#read();
    const nowMs = this.#now();
    if (this.#seen?.version !== version) this.#seen = { version, sinceMs: nowMs };
    const isSilent = nowMs - this.#seen.sinceMs >= leaseTakeoverMs;
    if (data.holder !== this.#holder && data.holder !== null && !isSilent) return false;
    if (!(await this.#write(version, { holder: this.#holder, counter: data.counter + 1 }))) return false;
    this.#renewedAtMs = nowMs;
    return true;
  }

  async #release(): Promise<void> {
    const { version, data } = await this.#read();
    if (data.holder === this.#holder) await this.#write(version, { holder: null, counter: data.counter + 1 });
  }

  async #read(): Promise<{ readonly version: number; readonly data: z.infer<typeof leaseData> }> {
    const [record] = await this.#options.eventStore.readLeases([relayLease]);
    if (record === undefined || record.version === 0) return { version: 0, data: free };
    return { version: record.version, data: leaseData.parse(record.data) };
  }

  async #write(expectedVersion: number, data: z.infer<typeof leaseData>): Promise<boolean> {
    const [isWritten] = await this.#options.eventStore.writeLeases([{ name: relayLease, expectedVersion, data }]);
    return isWritten === true;
  }

  #start(): void {
    if (this.#relaying !== undefined) return;
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, stop.signal]);
    this.#relaying = { relay: startRelay({ ...this.#options, signal }), stop };
    this.#options.logger.info({ holder: this.#holder }, 'this process relays');
  }

  async #stop(): Promise<void> {
    if (this.#relaying === undefined) return;
    const { relay, stop } = this.#relaying;
    stop.abort();
    await relay.done;
    this.#relaying = undefined;
    this.#options.logger.info({ holder: this.#holder }, 'this process no longer relays');
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }
}
