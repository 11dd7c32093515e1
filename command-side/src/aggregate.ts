// What handle-command needs to know of an aggregate: its decider, its stream, and how an earlier answer and a snapshot are kept.

import type { Decider } from '@wagerline/shared-kernel/decider';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

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
    /** @throws for JSON that is no such state */
    readonly fromJson: (json: JsonObject) => State;
  };
};
