// What handling a command means to whoever sends one: routes, the reactor, the settlement job. Made by handle-command.ts.

import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { CommandContext } from '@wagerline/shared-kernel/events/metadata';
import type { ProblemCode } from '@wagerline/shared-kernel/problems';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { Placed } from './aggregate.ts';
import type { KeyIndexLimits } from './key-index.ts';

export type Handled<Event> = {
  readonly stream: string;
  /** Revision of the stream that shows this command's effect. */
  readonly revision: number;
  /** The event that answers the command: written now or, for a command that was answered before, then. */
  readonly answer: Placed<Event> | undefined;
  readonly refusal: { readonly code: ProblemCode; readonly detail: JsonObject } | undefined;
};

export type CommandHandler<Command, Event> = {
  /**
   * `command` is given `at`: never earlier than the stream's last event. It is asked again when the decision is made again.
   * @throws ProblemException STORE_UNAVAILABLE, CONTENTION, or what `command` throws
   */
  handle(id: string, command: (at: string) => Command, context: CommandContext): Promise<Handled<Event>>;
};

/** For questions that write nothing and bind nobody: the state as the store has it now. `at` is never earlier than its last event. */
export type StateReader<State> = { newest(id: string): Promise<{ readonly state: State; readonly at: string }> };

export type HandlerOptions = {
  readonly eventStore: EventStore;
  readonly clock: Clock;
  readonly cacheEntriesMax: number;
  readonly snapshotEveryEvents: number;
  readonly appendRetriesMax: number;
  /** A snapshot that could not be read or written costs speed only. */
  readonly onSnapshotFailure: (error: unknown) => void;
  readonly keyIndex?: KeyIndexLimits;
};
