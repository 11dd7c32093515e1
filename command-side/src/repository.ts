// The state of an aggregate between two commands: loaded from snapshot and log, moved by acknowledged events, saved now and then.
// Called by handle-command. Snapshots and key segments only ever save time: without them everything is folded from zero.

import { decode, UnknownEventError } from '@wagerline/shared-kernel/events/codec';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import type { EventStore, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { z } from 'zod';
import type { Aggregate, Placed } from './aggregate.ts';
import { hashOf, KeyIndex, keyIndexVersion, KeyTail, LostSegmentError, segmentsSchema, type KeyIndexLimits, type Segment } from './key-index.ts';

/** Moves only after the store's acknowledgement. `tail` holds the keys of the events after `sealedRevision`, `segments` those before. */
export type Loaded<State> = {
  readonly stream: string;
  state: State;
  revision: number;
  lastAt: string;
  tail: KeyTail;
  segments: readonly Segment[];
  sealedRevision: number;
  snapshotDueRevision: number;
  /** Segments could not be merged because one is gone: this must be loaded from zero. */
  hasLostSegments: boolean;
  /** By position, what the newest read brought, until the batch is over: an account that is loaded to be settled has its bets here. */
  justRead: ReadonlyMap<number, RecordedEvent> | undefined;
};

export type RepositoryOptions = {
  readonly eventStore: EventStore;
  readonly snapshotEveryEvents: number;
  readonly keyIndex: KeyIndexLimits;
  /** A snapshot that could not be read or written costs speed only. */
  readonly onSnapshotFailure: (error: unknown) => void;
};

const readPageEvents = 500;

const snapshotSchema = z.strictObject({
  version: z.string(),
  revision: z.int().min(0),
  lastAt: z.string(),
  state: z.record(z.string(), z.json()),
  segments: segmentsSchema,
});

export class Repository<Command, State, Event extends DomainEvent> {
  readonly #aggregate: Aggregate<Command, State, Event>;
  readonly #options: RepositoryOptions;
  readonly #keys: KeyIndex;
  readonly #version: string;

  constructor(aggregate: Aggregate<Command, State, Event>, options: RepositoryOptions) {
    this.#aggregate = aggregate;
    this.#options = options;
    this.#keys = new KeyIndex(options.eventStore, options.keyIndex);
    this.#version = `${aggregate.snapshots?.version ?? ''}:${keyIndexVersion}`;
  }

  /** The newest snapshot, if it is of this version, and the events after it. */
  async load(stream: string): Promise<Loaded<State>> {
    const loaded = (await this.#fromSnapshot(stream)) ?? this.#blank(stream);
    await this.catchUp(loaded);
    return loaded;
  }

  /** For an account whose key segments are lost: everything from the log, writing snapshot and segments anew. */
  async loadFromZero(stream: string): Promise<Loaded<State>> {
    const loaded = this.#blank(stream);
    await this.catchUp(loaded);
    return loaded;
  }

  /** Reads and folds what others appended since. */
  async catchUp(loaded: Loaded<State>): Promise<void> {
    const { eventStore } = this.#options;
    for (;;) {
      const page = await eventStore.readStream(loaded.stream, { fromRevision: loaded.revision + 1, maxCount: readPageEvents });
      for (const recorded of page) {
        const event = this.#decode(recorded);
        loaded.state = this.#aggregate.decider.evolve(loaded.state, event);
        this.#note(loaded, event, recorded.position);
      }
      loaded.justRead = new Map(page.map((recorded) => [recorded.position, recorded]));
      // A long stream is saved on the way: what is read next time stays bounded, and so does the tail.
      await this.saveIfDue(loaded);
      if (page.length < readPageEvents) return;
    }
  }

  /** `known` and what was appended since. Nothing is kept and no snapshot is written. */
  async newest(stream: string, known: Loaded<State> | undefined): Promise<{ readonly state: State; readonly lastAt: string }> {
    let { state, lastAt, revision } = known ?? (await this.#fromSnapshot(stream)) ?? this.#blank(stream);
    for (;;) {
      const page = await this.#options.eventStore.readStream(stream, { fromRevision: revision + 1, maxCount: readPageEvents });
      for (const event of page.map((recorded) => this.#decode(recorded))) {
        state = this.#aggregate.decider.evolve(state, event);
        lastAt = event.at;
      }
      revision += page.length;
      if (page.length < readPageEvents) return { state, lastAt };
    }
  }

  /** Takes in events that the store has acknowledged; `state` is what they lead to. */
  advance(loaded: Loaded<State>, state: State, events: readonly Event[], positions: readonly number[]): void {
    loaded.state = state;
    for (let index = 0; index < events.length; index += 1) {
      const event = events[index];
      const position = positions[index];
      if (event === undefined || position === undefined) throw new Error('every appended event has its position');
      this.#note(loaded, event, position);
    }
  }

  /** The newest event under a key. Undefined, without a promise, where there is certainly none. @throws LostSegmentError */
  recall(loaded: Loaded<State>, key: string): Promise<Placed<Event> | undefined> | undefined {
    const hash = hashOf(key);
    const recent = loaded.tail.find(hash);
    const older = this.#keys.find(loaded.segments, hash);
    if (recent.length === 0 && !(older instanceof Promise) && older.length === 0) return undefined;
    return this.#checked(key, recent, older, loaded.justRead);
  }

  /** Saves the state when enough events have come since the last time, else not even a promise: it is asked after every batch. */
  saveIfDue(loaded: Loaded<State>): Promise<void> | undefined {
    const { snapshots } = this.#aggregate;
    return snapshots === undefined || loaded.revision < loaded.snapshotDueRevision ? undefined : this.#save(loaded, snapshots);
  }

  /** A failure is told, and tried again as many events later. */
  async #save(loaded: Loaded<State>, snapshots: NonNullable<Aggregate<Command, State, Event>['snapshots']>): Promise<void> {
    const { eventStore, snapshotEveryEvents, onSnapshotFailure } = this.#options;
    const { stream, revision, lastAt, state, tail } = loaded;
    loaded.snapshotDueRevision = revision + snapshotEveryEvents;
    try {
      const segments = await this.#keys.seal(stream, loaded.segments, tail, { from: loaded.sealedRevision + 1, to: revision });
      await eventStore.writeSnapshot(stream, { version: this.#version, revision, lastAt, state: snapshots.toJson(state), segments });
      loaded.segments = segments;
      loaded.tail = new KeyTail();
      loaded.sealedRevision = revision;
    } catch (error) {
      onSnapshotFailure(error);
      loaded.hasLostSegments ||= error instanceof LostSegmentError;
    }
  }

  async #checked(
    key: string,
    recent: readonly number[],
    older: readonly number[] | Promise<readonly number[]>,
    justRead: Loaded<State>['justRead'],
  ): Promise<Placed<Event> | undefined> {
    return (await this.#firstWith(key, recent, justRead)) ?? (await this.#firstWith(key, await older, justRead));
  }

  async #firstWith(key: string, positions: readonly number[], justRead: Loaded<State>['justRead']): Promise<Placed<Event> | undefined> {
    const { decider } = this.#aggregate;
    for (const position of positions) {
      const recorded = justRead?.get(position) ?? (await this.#options.eventStore.readAt(position));
      if (recorded === undefined) continue;
      const event = decode(recorded);
      if (this.#aggregate.isEvent(event) && decider.keysOf(event).includes(key)) return { event, revision: recorded.revision };
    }
    return undefined;
  }

  #note(loaded: Loaded<State>, event: Event, position: number): void {
    loaded.revision += 1;
    loaded.lastAt = event.at;
    for (const key of this.#aggregate.decider.keysOf(event)) loaded.tail.add(hashOf(key), position);
  }

  #decode(recorded: RecordedEvent): Event {
    const event = decode(recorded);
    if (!this.#aggregate.isEvent(event)) throw new UnknownEventError(`${recorded.type} does not belong in ${recorded.stream}`);
    return event;
  }

  /** Anything wrong with a snapshot makes it as good as absent. */
  async #fromSnapshot(stream: string): Promise<Loaded<State> | undefined> {
    const { snapshots } = this.#aggregate;
    if (snapshots === undefined) return undefined;
    try {
      const data = await this.#options.eventStore.readSnapshot(stream);
      if (data === undefined || data['version'] !== this.#version) return undefined;
      const { revision, lastAt, state, segments } = snapshotSchema.parse(data);
      return { ...this.#blank(stream, revision), state: snapshots.fromJson(state), lastAt, segments };
    } catch (error) {
      this.#options.onSnapshotFailure(error);
      return undefined;
    }
  }

  #blank(stream: string, revision = -1): Loaded<State> {
    return {
      stream,
      state: this.#aggregate.decider.initial,
      revision,
      lastAt: '',
      tail: new KeyTail(),
      segments: [],
      sealedRevision: revision,
      snapshotDueRevision: revision + this.#options.snapshotEveryEvents,
      hasLostSegments: false,
      justRead: undefined,
    };
  }
}
