// Runs every command: loads the aggregate, decides, appends at the expected revision, answers. Called by routes, the reactor and
// the settlement job. Commands on one aggregate run one after another in a process; those that wait are decided together and
// appended as one (run-commands.ts). The cached state moves only after the store's acknowledgement.

import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import type { CommandContext } from '@wagerline/shared-kernel/events/metadata';
import type { ProblemCode } from '@wagerline/shared-kernel/problems';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { Aggregate, Placed } from './aggregate.ts';
import { keyIndexLimits, type KeyIndexLimits } from './key-index.ts';
import { Repository } from './repository.ts';
import { CommandRunner } from './run-commands.ts';

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

export function createHandler<Command, State, Event extends DomainEvent>(
  aggregate: Aggregate<Command, State, Event>,
  options: HandlerOptions,
): CommandHandler<Command, Event> {
  const repository = new Repository(aggregate, { ...options, keyIndex: options.keyIndex ?? keyIndexLimits });
  /** In the order of last use: the first ones are the ones to forget. */
  const runners = new Map<string, CommandRunner<Command, State, Event>>();

  function runnerOf(id: string): CommandRunner<Command, State, Event> {
    let runner = runners.get(id);
    if (runner !== undefined) {
      runners.delete(id);
    } else {
      for (const [oldest, candidate] of runners) {
        if (runners.size < options.cacheEntriesMax) break;
        if (!candidate.isRunning) runners.delete(oldest);
      }
      runner = new CommandRunner(aggregate, repository, aggregate.streamOf(id), options);
    }
    runners.set(id, runner);
    return runner;
  }

  return {
    handle: (id, command, context) => new Promise((resolve, reject) => runnerOf(id).push({ command, context, resolve, reject })),
  };
}
