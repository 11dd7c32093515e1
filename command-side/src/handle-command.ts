// Runs every command: loads the aggregate, decides, appends at the expected revision, answers. Called by routes, the reactor and
// the settlement job. Commands on one aggregate run one after another in a process; those that wait are decided together and
// appended as one (run-commands.ts). The cached state moves only after the store's acknowledgement.

import { randomIds } from '@wagerline/infra/ids';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import type { Aggregate } from './aggregate.ts';
import type { CommandHandler, HandlerOptions, StateReader } from './command-handler.ts';
import { keyIndexLimits } from './key-index.ts';
import { Repository } from './repository.ts';
import { CommandRunner } from './run-commands.ts';

export function createHandler<Command, State, Event extends DomainEvent>(
  aggregate: Aggregate<Command, State, Event>,
  options: HandlerOptions,
): CommandHandler<Command, Event> & StateReader<State> {
  const repository = new Repository(aggregate, { ...options, keyIndex: options.keyIndex ?? keyIndexLimits });
  const handlerId = randomIds.random();
  let drafts = 0;
  const runnerOptions = { ...options, aggregate, repository, nextDraftId: () => `${handlerId}.${(drafts += 1)}` };
  /** About in the order of last use: the first ones are the ones to forget. */
  const runners = new Map<string, { readonly runner: CommandRunner<Command, State, Event>; movedAtUse: number }>();
  let uses = 0;

  function runnerOf(id: string): CommandRunner<Command, State, Event> {
    uses += 1;
    const known = runners.get(id);
    if (known === undefined) {
      forgetOldest();
      const runner = new CommandRunner(runnerOptions, aggregate.streamOf(id));
      runners.set(id, { runner, movedAtUse: uses });
      return runner;
    }
    // Moving costs as much as a look-up or two, so what stands in the newer part of the map stays where it is.
    if (uses - known.movedAtUse > options.cacheEntriesMax / 2) {
      known.movedAtUse = uses;
      runners.delete(id);
      runners.set(id, known);
    }
    return known.runner;
  }

  function forgetOldest(): void {
    for (const [id, { runner }] of runners) {
      if (runners.size < options.cacheEntriesMax) return;
      if (!runner.isRunning) runners.delete(id);
    }
  }

  return {
    handle: (id, command, context) => new Promise((resolve, reject) => runnerOf(id).push({ command, context, resolve, reject })),
    newest: (id) => runnerOf(id).newest(),
  };
}
