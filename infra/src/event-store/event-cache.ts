// The newest events that this thread has read, parsed once and shared by all its subscriptions.
// Used by embedded-reads.ts. It only ever saves work: what is not here is read from the file. An event that was trimmed since
// (heartbeats) may still come from here, as it would have to a reader a moment earlier.

import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';

const slotCount = 2048;
const defaultBytesMax = 4 * 1024 * 1024;

type Slot = { readonly event: RecordedEvent; readonly bytes: number };

/**
 * A ring: an event's slot is its position modulo `slotCount`. All that counts lies in [lowest, newest], a window of at
 * most `slotCount` positions, so no two events of the window want one slot.
 */
export class EventCache {
  readonly #bytesMax: number;
  readonly #slots = new Array<Slot | undefined>(slotCount).fill(undefined);
  #bytesHeld = 0;
  #lowest = 1;
  #newest = 0;
  #coveredAfter = 0;
  #coveredThrough = 0;

  constructor(bytesMax = defaultBytesMax) {
    this.#bytesMax = bytesMax;
  }

  get(position: number): RecordedEvent | undefined {
    if (position < this.#lowest) return undefined;
    const slot = this.#slots[position % slotCount];
    return slot?.event.position === position ? slot.event : undefined;
  }

  /** Keeps the event, unless it lies behind the window. */
  put(event: RecordedEvent, bytes: number): void {
    const { position } = event;
    if (position < this.#lowest) return;
    this.#newest = Math.max(this.#newest, position);
    this.#lowest = Math.max(this.#lowest, this.#newest - slotCount + 1);
    const index = position % slotCount;
    this.#bytesHeld += bytes - (this.#slots[index]?.bytes ?? 0);
    this.#slots[index] = { event, bytes };
    // Ends with the window empty at the latest; slots of an earlier turn of the ring go with it.
    for (; this.#bytesHeld > this.#bytesMax && this.#lowest <= this.#newest; this.#lowest += 1) {
      const dropped = this.#lowest % slotCount;
      this.#bytesHeld -= this.#slots[dropped]?.bytes ?? 0;
      this.#slots[dropped] = undefined;
    }
  }

  /** Says that every event in (after, through] was put. Of two ranges that do not touch, the one further ahead is remembered. */
  cover(after: number, through: number): void {
    const touches = after <= this.#coveredThrough && through >= this.coveredAfter;
    if (touches) {
      this.#coveredAfter = Math.min(after, this.coveredAfter);
      this.#coveredThrough = Math.max(through, this.#coveredThrough);
    } else if (through > this.#coveredThrough) {
      this.#coveredAfter = after;
      this.#coveredThrough = through;
    }
  }

  /** Every event of the log in (coveredAfter, coveredThrough] is here: a position there that `get` does not know was deleted. */
  get coveredAfter(): number {
    return Math.max(this.#coveredAfter, this.#lowest - 1);
  }

  get coveredThrough(): number {
    return this.#coveredThrough;
  }
}
