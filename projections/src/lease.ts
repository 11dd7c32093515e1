// A lease in the event store: of the processes that run a read model, who builds it, and who writes one that needs a single writer.
// Used by running-model.ts. Two holders at once are harmless, they only do the same work twice: nothing here needs to be exact.

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ProjectionsInfra } from './projector.ts';

export type Hold = {
  /** Takes it where it is free or silent, keeps it where it is ours; answers whether it is ours now. */
  renew(): Promise<boolean>;
  /** As renew, but waits until it is clear whether another holder is alive. */
  acquire(signal: AbortSignal): Promise<boolean>;
  /** So that the next holder need not wait. */
  release(): Promise<void>;
};

/** Of a process that is alone. */
export const alwaysHeld: Hold = { renew: async () => true, acquire: async () => true, release: async () => {} };

const leaseData = z.object({ holder: z.string().nullable(), counter: z.int() });
type Read = { readonly version: number; readonly holder: string | null; readonly counter: number };

export type LeaseTimes = { readonly lookMs: number; readonly leaseTakeoverMs: number };

export class Lease implements Hold {
  readonly #name: string;
  readonly #infra: Pick<ProjectionsInfra, 'eventStore' | 'clock'>;
  readonly #times: LeaseTimes;
  /** Of this process's life alone: a restarted one is another holder. */
  readonly #holder = randomUUID();
  #seen: { readonly version: number; readonly sinceMs: number } | undefined;

  constructor(name: string, infra: Pick<ProjectionsInfra, 'eventStore' | 'clock'>, times: LeaseTimes) {
    this.#name = name;
    this.#infra = infra;
    this.#times = times;
  }

  async renew(): Promise<boolean> {
    const { version, holder, counter } = await this.#read();
    const nowMs = this.#infra.clock.monotonicMs();
    if (this.#seen?.version !== version) this.#seen = { version, sinceMs: nowMs };
    const isSilent = nowMs - this.#seen.sinceMs >= this.#times.leaseTakeoverMs;
    if (holder !== this.#holder && holder !== null && !isSilent) return false;
    return this.#write(version, this.#holder, counter + 1);
  }

  async acquire(signal: AbortSignal): Promise<boolean> {
    for (let first: number | undefined; !signal.aborted; ) {
      if (await this.renew()) return true;
      first ??= this.#seen?.version;
      if (first !== this.#seen?.version) return false;
      await delay(this.#times.lookMs, undefined, { signal }).catch(() => {});
    }
    return false;
  }

  async release(): Promise<void> {
    const { version, holder, counter } = await this.#read();
    if (holder === this.#holder) await this.#write(version, null, counter + 1);
  }

  async #read(): Promise<Read> {
    const [record] = await this.#infra.eventStore.readLeases([this.#name]);
    if (record === undefined || record.version === 0) return { version: 0, holder: null, counter: 0 };
    return { version: record.version, ...leaseData.parse(record.data) };
  }

  async #write(expectedVersion: number, holder: string | null, counter: number): Promise<boolean> {
    const [isWritten] = await this.#infra.eventStore.writeLeases([{ name: this.#name, expectedVersion, data: { holder, counter } }]);
    return isWritten === true;
  }
}
