// Who works on which slot: one lease record per slot in the event store, which carries its checkpoint too. Used by settlement.ts.
// Takeover is by no change on the taker's own monotonic clock, or at once where the holder's process tree is known to be gone. Two
// holders at once are harmless, so nothing here needs to be exact.

import { randomUUID } from 'node:crypto';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { EventStore, LeaseRecord } from '@wagerline/shared-kernel/ports/event-store';
import { slotCount } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { z } from 'zod';

const parkedBet = z.object({ betId: z.string(), accountId: z.string(), position: z.int(), reason: z.string() });
const leaseData = z.object({ holder: z.string().nullable(), counter: z.int(), checkpoint: z.int(), parked: z.array(parkedBet) });

/** A bet that could not be settled: `position` is where it was placed. */
export type ParkedBet = Readonly<z.infer<typeof parkedBet>>;
/** What a slot leaves to its next holder. */
export type SlotState = { readonly checkpoint: number; readonly parked: readonly ParkedBet[] };
export type LeaseChanges = { readonly acquired: ReadonlyMap<number, SlotState>; readonly lost: readonly number[] };

export type LeaseOptions = {
  readonly eventStore: Pick<EventStore, 'readLeases' | 'writeLeases'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly leaseTakeoverMs: number;
  /** The one process tree that lives on this log: a holder of any other is gone. Undefined where several may live. */
  readonly tree: string | undefined;
};

const free = { holder: null, counter: 0, checkpoint: 0, parked: [] };
const slots = Array.from({ length: slotCount }, (_, slot) => slot);
const names = slots.map((slot) => `settlement-slot-${String(slot).padStart(2, '0')}`);

export class SlotLeases {
  readonly #options: LeaseOptions;
  /** Of this worker alone; begins with its tree. */
  readonly #holder: string;
  readonly #seen = new Map<number, { readonly version: number; readonly sinceMs: number }>();
  readonly #checkpoints = new Array<number>(slotCount).fill(0);

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#holder = `${treePart(options.tree)}${randomUUID()}`;
  }

  /** Renews what is held, with its newest state, and takes what is free or silent: one read and one write for all slots. */
  async renew(held: ReadonlyMap<number, SlotState>): Promise<LeaseChanges> {
    const records = await this.#read();
    const items: { readonly slot: number; readonly lease: Lease; readonly state: SlotState }[] = [];
    const lost: number[] = [];
    for (const [slot, { version, data }] of records.entries()) {
      const state = held.get(slot);
      const isOurs = data.holder === this.#holder;
      if (state !== undefined && !isOurs) lost.push(slot);
      else if (state !== undefined) items.push({ slot, lease: { version, data }, state });
      else if (isOurs || this.#isFree(data.holder, slot, version)) items.push({ slot, lease: { version, data }, state: data });
    }
    const written = await this.#write(items, this.#holder);
    const acquired = new Map<number, SlotState>();
    for (const { slot, state } of written) if (!held.has(slot)) acquired.set(slot, state);
    return { acquired, lost };
  }

  /** So that the next holder need not wait. What was taken last may not be among `held` yet. */
  async release(held: ReadonlyMap<number, SlotState>): Promise<void> {
    const records = await this.#read();
    const ours = records.flatMap((lease, slot) => (lease.data.holder === this.#holder ? [{ slot, lease, state: held.get(slot) ?? lease.data }] : []));
    await this.#write(ours, null);
  }

  /** As last read: how far slots are that others hold. */
  checkpointOf(slot: number): number {
    return this.#checkpoints[slot] ?? 0;
  }

  async #read(): Promise<readonly Lease[]> {
    const records = await this.#options.eventStore.readLeases(names);
    const leases = records.map(leaseOf);
    for (const [slot, { data }] of leases.entries()) this.#checkpoints[slot] = data.checkpoint;
    return leases;
  }

  /** Answers the items that were written: the others have changed since they were read. */
  async #write<Item extends { readonly slot: number; readonly lease: Lease; readonly state: SlotState }>(
    items: readonly Item[],
    holder: string | null,
  ): Promise<readonly Item[]> {
    if (items.length === 0) return [];
    const writes = items.map(({ slot, lease, state }) => {
      const parked = state.parked.map((bet): JsonObject => ({ ...bet }));
      const data = { holder, counter: lease.data.counter + 1, checkpoint: state.checkpoint, parked };
      return { name: names[slot] ?? '', expectedVersion: lease.version, data };
    });
    const written = await this.#options.eventStore.writeLeases(writes);
    return items.filter((_, index) => written[index] === true);
  }

  #isFree(holder: string | null, slot: number, version: number): boolean {
    const { tree } = this.#options;
    const isGone = holder === null || (tree !== undefined && !holder.startsWith(treePart(tree)));
    return isGone || this.#isSilent(slot, version);
  }

  #isSilent(slot: number, version: number): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    const seen = this.#seen.get(slot);
    if (seen?.version !== version) this.#seen.set(slot, { version, sinceMs: nowMs });
    return seen?.version === version && nowMs - seen.sinceMs >= this.#options.leaseTakeoverMs;
  }
}

function treePart(tree: string | undefined): string {
  return tree === undefined ? '' : `${tree}/`;
}

type Lease = { readonly version: number; readonly data: z.infer<typeof leaseData> };

function leaseOf({ version, data }: LeaseRecord): Lease {
  return { version, data: version === 0 ? free : leaseData.parse(data) };
}
