// The newest events that this thread has read, as rows of text, for all its subscriptions. Objects that outlive their batch would cost
// the garbage collector more than reading them again.
// Used by embedded-reads.ts. It only ever saves work: what is not here is read from the file. An event that was trimmed since
// (heartbeats) may still come from here, as it would have to a reader a moment earlier.

import { int, type Row } from './embedded-schema.ts';
import { bytesOf } from './logged-event.ts';

const slotCount = 2048;
const bytesMax = 4 * 1024 * 1024;

type Slot = { readonly position: number; readonly row: Row; readonly bytes: number };

/**
 * A ring: an event's slot is its position modulo `slotCount`. All that counts lies in [lowest, newest], a window of at
 * most `slotCount` positions, so no two events of the window want one slot.
 */
export class EventCache {
  readonly #slots = new Array<Slot | undefined>(slotCount).fill(undefined);
  #bytesHeld = 0;
  #lowest = 1;
  #newest = 0;
  #coveredAfter = 0;
  #coveredThrough = 0;

  get(position: number): Row | undefined {
    if (position < this.#lowest) return undefined;
    const slot = this.#slots[position % slotCount];
    return slot?.position === position ? slot.row : undefined;
  }

  /** Keeps the event, unless it lies behind the window. */
  put(row: Row): void {
    const position = int(row[0]);
    const bytes = bytesOf(row);
    if (position < this.#lowest) return;
    this.#newest = Math.max(this.#newest, position);
    this.#lowest = Math.max(this.#lowest, this.#newest - slotCount + 1);
    const index = position % slotCount;
    this.#bytesHeld += bytes - (this.#slots[index]?.bytes ?? 0);
    this.#slots[index] = { position, row, bytes };
    // Ends with the window empty at the latest; slots of an earlier turn of the ring go with it.
    for (; this.#bytesHeld > bytesMax && this.#lowest <= this.#newest; this.#lowest += 1) {
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
