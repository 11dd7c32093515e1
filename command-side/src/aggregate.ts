// What handle-command needs to know of an aggregate, and the state of one instance between two commands.

import type { Decider } from '@wagerline/shared-kernel/decider';
import { decode, UnknownEventError } from '@wagerline/shared-kernel/events/codec';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import type { EventStore, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { findPositions, sealSegments, type ChunkCache, type SegmentRef } from './key-index.ts';

/** An event with its place in its stream: what an answer is made of. */
export type Placed<Event> = { readonly event: Event; readonly revision: number };

export type Aggregate<Command, State, Event extends DomainEvent> = {
  readonly decider: Decider<Command, State, Event>;
  readonly streamOf: (id: string) => string;
  readonly isEvent: (event: DomainEvent) => event is Event;
  /** The key under which an earlier answer to this very command is kept, and the hash of the body that it came with. */
  readonly answerKey?: (command: Command) => { readonly key: string; readonly requestHash: string } | undefined;
  readonly snapshots?: {
    /** Names the state schema and the evolve version; a snapshot with another name is ignored. */
    readonly version: string;
    readonly toJson: (state: State) => JsonObject;
    readonly fromJson: (json: JsonObject) => State;
  };
};

/** Moves only after the store's acknowledgement. `tail`: keys since the last snapshot, with the position of their newest event. */
export type Loaded<State> = {
  state: State;
  revision: number;
  lastAt: string;
  tail: Map<string, number>;
  segments: readonly SegmentRef[];
  sealedRevision: number;
};

const readPageEvents = 500;

export function decodeOf<Event extends DomainEvent>(isEvent: (event: DomainEvent) => event is Event, recorded: RecordedEvent): Event {
  const event = decode(recorded);
  if (!isEvent(event)) throw new UnknownEventError(`${recorded.type} does not belong in ${recorded.stream}`);
  return event;
}

/** Newest snapshot, if it is of this version, and the events after it. `snapshotEveryEvents` bounds what is read next time. */
export async function load<Command, State, Event extends DomainEvent>(
  aggregate: Aggregate<Command, State, Event>,
  store: EventStore,
  chunks: ChunkCache,
  stream: string,
  snapshotEveryEvents: number,
): Promise<Loaded<State>> {
  const loaded = (await fromSnapshot(aggregate, store, stream)) ?? blank(aggregate);
  await catchUp(aggregate, store, chunks, stream, loaded, snapshotEveryEvents);
  return loaded;
}

/** Reads and folds what others appended since. */
export async function catchUp<Command, State, Event extends DomainEvent>(
  aggregate: Aggregate<Command, State, Event>,
  store: EventStore,
  chunks: ChunkCache,
  stream: string,
  loaded: Loaded<State>,
  snapshotEveryEvents: number,
): Promise<void> {
  for (;;) {
    const page = await store.readStream(stream, { fromRevision: loaded.revision + 1, maxCount: readPageEvents });
    for (const recorded of page) apply(aggregate, loaded, decodeOf(aggregate.isEvent, recorded), recorded.position);
    await snapshotIfDue(aggregate, store, chunks, stream, loaded, snapshotEveryEvents);
    if (page.length < readPageEvents) return;
  }
}

export function apply<Command, State, Event extends DomainEvent>(
  aggregate: Aggregate<Command, State, Event>,
  loaded: Loaded<State>,
  event: Event,
  position: number,
): void {
  loaded.state = aggregate.decider.evolve(loaded.state, event);
  note(aggregate, loaded, event, position);
}

/** Everything but the state: for events whose state is known already. */
export function note<Command, State, Event extends DomainEvent>(
  aggregate: Aggregate<Command, State, Event>,
  loaded: Loaded<State>,
  event: Event,
  position: number,
): void {
  loaded.revision += 1;
  loaded.lastAt = event.at;
  for (const key of aggregate.decider.keysOf(event)) loaded.tail.set(key, position);
}

/** The newest event under a key: tail first, then the segments; each candidate is checked against the event itself. */
export async function recall<Command, State, Event extends DomainEvent>(
  aggregate: Aggregate<Command, State, Event>,
  store: EventStore,
  chunks: ChunkCache,
  loaded: Loaded<State>,
  key: string,
): Promise<Placed<Event> | undefined> {
  const recent = loaded.tail.get(key);
  if (recent === undefined && loaded.segments.length === 0) return undefined;
  const candidates = recent === undefined ? await findPositions(store, chunks, loaded.segments, key) : [recent];
  for (const position of candidates) {
    const recorded = await store.readAt(position);
    if (recorded === undefined) continue;
    const event = decode(recorded);
    if (aggregate.isEvent(event) && aggregate.decider.keysOf(event).includes(key)) return { event, revision: recorded.revision };
  }
  return undefined;
}

export async function snapshotIfDue<Command, State, Event extends DomainEvent>(
  aggregate: Aggregate<Command, State, Event>,
  store: EventStore,
  chunks: ChunkCache,
  stream: string,
  loaded: Loaded<State>,
  snapshotEveryEvents: number,
): Promise<void> {
  const { snapshots } = aggregate;
  if (snapshots === undefined || loaded.revision - loaded.sealedRevision < snapshotEveryEvents) return;
  const segments = await sealSegments(store, chunks, loaded.segments, loaded.tail, `${stream}@${loaded.revision}`);
  const { revision, lastAt } = loaded;
  await store.writeSnapshot(stream, { version: snapshots.version, revision, lastAt, state: snapshots.toJson(loaded.state), segments: JSON.stringify(segments) });
  loaded.segments = segments;
  loaded.tail = new Map();
  loaded.sealedRevision = revision;
}

async function fromSnapshot<Command, State, Event extends DomainEvent>(
  { snapshots }: Aggregate<Command, State, Event>,
  store: EventStore,
  stream: string,
): Promise<Loaded<State> | undefined> {
  if (snapshots === undefined) return undefined;
  const data = await store.readSnapshot(stream);
  if (data === undefined || data['version'] !== snapshots.version) return undefined;
  const { revision, lastAt, state, segments } = data as { revision: number; lastAt: string; state: JsonObject; segments: string };
  return { state: snapshots.fromJson(state), revision, lastAt, tail: new Map(), segments: JSON.parse(segments) as SegmentRef[], sealedRevision: revision };
}

function blank<Command, State, Event extends DomainEvent>({ decider }: Aggregate<Command, State, Event>): Loaded<State> {
  return { state: decider.initial, revision: -1, lastAt: '', tail: new Map(), segments: [], sealedRevision: -1 };
}
