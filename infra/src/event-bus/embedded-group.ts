// A running consumer group of the embedded bus: who its members are, which of them has which partition, and its offsets.
// Used by embedded.ts and embedded-consumer.ts; it exists only while the group has members.

import type { Topic } from '@wagerline/shared-kernel/ports/event-bus';
import type { EmbeddedOffsets } from './embedded-offsets.ts';

/** After so many positions the offsets are saved while members read on: what a crash takes is handed over again. */
const unsavedPositionsMax = 1_000;

/** What a group knows of a member. */
export type Member = { wake(): void };
type Offsets = Pick<EmbeddedOffsets, 'read' | 'write'>;

export class ConsumerGroup {
  readonly name: string;
  readonly topic: Topic;
  /** Per partition the offset to go on from, as committed. */
  readonly committed: readonly (number | undefined)[];
  readonly #offsets: Offsets;
  readonly #committed: (number | undefined)[];
  readonly #unsaved = new Map<number, number>();
  #saveAt = 0;
  readonly #members: Member[] = [];
  readonly #owners = new Map<number, Member>();

  constructor(name: string, topic: Topic, offsets: Offsets) {
    this.name = name;
    this.topic = topic;
    this.#offsets = offsets;
    this.#committed = offsets.read(name, topic);
    this.committed = this.#committed;
  }

  get memberCount(): number {
    return this.#members.length;
  }

  join(member: Member): void {
    this.#members.push(member);
    this.#wakeAll();
  }

  /** Also where the offsets cannot be saved: a member that is gone must not keep its partitions from the next one. */
  leave(member: Member): void {
    try {
      this.save();
    } finally {
      this.#members.splice(this.#members.indexOf(member), 1);
      for (const [partition, owner] of this.#owners) if (owner === member) this.#owners.delete(partition);
      this.#wakeAll();
    }
  }

  /** Partitions go round the members in the order in which they joined. */
  isFor(partition: number, member: Member): boolean {
    return this.#members[partition % this.#members.length] === member;
  }

  /** False while another member still has the partition: it gives it up after its running batch, and everyone is woken. */
  take(partition: number, member: Member): boolean {
    if (this.#owners.has(partition)) return false;
    this.#owners.set(partition, member);
    return true;
  }

  release(partition: number): void {
    this.save();
    this.#owners.delete(partition);
    this.#wakeAll();
  }

  commit(partition: number, offset: number): void {
    this.#committed[partition] = offset;
    this.#unsaved.set(partition, offset);
  }

  /** After a read; one write for all partitions. */
  saveIfDue(): void {
    const furthest = Math.max(...this.#unsaved.values());
    if (furthest < this.#saveAt) return;
    this.save();
    this.#saveAt = furthest + unsavedPositionsMax;
  }

  save(): void {
    if (this.#unsaved.size === 0) return;
    this.#offsets.write(this.name, this.topic, this.#unsaved);
    this.#unsaved.clear();
  }

  #wakeAll(): void {
    for (const member of this.#members) member.wake();
  }
}
