// Runs every command: loads the aggregate, decides, appends at the expected revision, answers. Called by routes, the reactor and
// the settlement job. Commands on one aggregate run one after another in a process; those that wait are decided together
// and appended as one. The cached state moves only after the store's acknowledgement.

import { OutcomeUnknownError, StoreUnavailableError, type AppendResult, type EventStore, type NewEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import { encode } from '@wagerline/shared-kernel/events/codec';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import type { CommandContext } from '@wagerline/shared-kernel/events/metadata';
import { ProblemException, type ProblemCode } from '@wagerline/shared-kernel/problems';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { toIso } from '@wagerline/shared-kernel/values/time';
import { catchUp, load, note, recall, snapshotIfDue, type Aggregate, type Loaded, type Placed } from './aggregate.ts';
import type { ChunkCache } from './key-index.ts';

export type Handled<Event> = {
  readonly stream: string;
  /** Revision of the stream that shows this command's effect. */
  readonly revision: number;
  /** The event that answers the command: written now or, for a command that was answered before, then. */
  readonly answer: Placed<Event> | undefined;
  readonly refusal: { readonly code: ProblemCode; readonly detail: JsonObject } | undefined;
};

export type CommandHandler<Command, Event> = {
  /** `command` is given `at`: never earlier than the stream's last event. @throws ProblemException STORE_UNAVAILABLE, CONTENTION */
  handle(id: string, command: (at: string) => Command, context: CommandContext): Promise<Handled<Event>>;
};

export type HandlerOptions = {
  readonly eventStore: EventStore;
  readonly clock: Clock;
  readonly cacheEntriesMax: number;
  readonly snapshotEveryEvents: number;
  readonly appendRetriesMax: number;
  /** A snapshot that could not be written costs speed only. */
  readonly onSnapshotFailure: (error: unknown) => void;
};

type Job<Command, Event> = {
  readonly command: (at: string) => Command;
  readonly context: CommandContext;
  readonly resolve: (handled: Handled<Event>) => void;
  readonly reject: (error: unknown) => void;
};
type Instance<Command, State, Event> = { readonly id: string; readonly stream: string; loaded?: Loaded<State>; waiting: Job<Command, Event>[]; running: boolean };

const batchCommandsMax = 64;
const retryAfterSeconds = 1;

export function createHandler<Command, State, Event extends DomainEvent>(
  aggregate: Aggregate<Command, State, Event>,
  options: HandlerOptions,
): CommandHandler<Command, Event> {
  const instances = new Map<string, Instance<Command, State, Event>>();
  const chunks: ChunkCache = new Map();

  function touch(id: string): Instance<Command, State, Event> {
    const instance = instances.get(id) ?? { id, stream: aggregate.streamOf(id), waiting: [], running: false };
    instances.delete(id);
    instances.set(id, instance);
    if (instances.size > options.cacheEntriesMax) {
      for (const [oldest, candidate] of instances) {
        if (candidate.running) continue;
        instances.delete(oldest);
        break;
      }
    }
    return instance;
  }

  async function run(instance: Instance<Command, State, Event>): Promise<void> {
    while (instance.waiting.length > 0) {
      const jobs = instance.waiting.splice(0, batchCommandsMax);
      try {
        await handleTogether(aggregate, options, chunks, instance, jobs);
      } catch (error) {
        delete instance.loaded;
        for (const job of jobs) job.reject(asProblem(error));
      }
      if (instance.loaded !== undefined) await snapshot(instance.stream, instance.loaded);
    }
    instance.running = false;
  }

  async function snapshot(stream: string, loaded: Loaded<State>): Promise<void> {
    try {
      await snapshotIfDue(aggregate, options.eventStore, chunks, stream, loaded, options.snapshotEveryEvents);
    } catch (error) {
      options.onSnapshotFailure(error);
    }
  }

  return {
    handle(id, command, context) {
      return new Promise((resolve, reject) => {
        const instance = touch(id);
        instance.waiting.push({ command, context, resolve, reject });
        if (instance.running) return;
        instance.running = true;
        void run(instance);
      });
    },
  };
}

/** Decides the jobs in order on a copy of the state, appends all their events at once, and answers each. */
async function handleTogether<Command, State, Event extends DomainEvent>(
  aggregate: Aggregate<Command, State, Event>,
  options: HandlerOptions,
  chunks: ChunkCache,
  instance: Instance<Command, State, Event>,
  jobs: readonly Job<Command, Event>[],
): Promise<void> {
  const { eventStore, snapshotEveryEvents } = options;
  const { stream } = instance;
  for (let attempt = 0; attempt <= options.appendRetriesMax; attempt += 1) {
    instance.loaded ??= await load(aggregate, eventStore, chunks, stream, snapshotEveryEvents);
    const { loaded } = instance;
    const events: Event[] = [];
    const encoded: NewEvent[] = [];
    const answers: (() => void)[] = [];
    let state = loaded.state;
    const now = toIso(options.clock.nowMs());
    const at = now > loaded.lastAt ? now : loaded.lastAt;
    const fresh = new Map<string, Placed<Event>>();
    for (const job of jobs) {
      const command = job.command(at);
      const recalled = new Map<string, Placed<Event>>();
      for (const key of aggregate.decider.recalls(command)) {
        const placed = fresh.get(key) ?? (await recall(aggregate, eventStore, chunks, loaded, key));
        if (placed !== undefined) recalled.set(key, placed);
      }
      const earlier = earlierAnswer(aggregate, command, recalled);
      if (earlier !== undefined) {
        answers.push(() => job.resolve({ stream, ...earlier }));
        continue;
      }
      const decision = decideSafely(aggregate, command, state, recalled, job);
      if (decision === undefined) continue;
      const first = loaded.revision + 1 + events.length;
      for (const [index, event] of decision.events.entries()) {
        state = aggregate.decider.evolve(state, event);
        for (const key of aggregate.decider.keysOf(event)) fresh.set(key, { event, revision: first + index });
        encoded.push(encode(event, job.context, index));
        events.push(event);
      }
      const [event] = decision.events;
      const revision = loaded.revision + events.length;
      const refusal = decision.outcome === 'refused' ? { code: decision.code, detail: decision.detail } : undefined;
      answers.push(() => job.resolve({ stream, revision, answer: event && { event, revision: first }, refusal }));
    }
    const result = await appendSurely(options, stream, loaded.revision, encoded);
    if (result.outcome === 'conflict') {
      await catchUp(aggregate, eventStore, chunks, stream, loaded, snapshotEveryEvents);
      continue;
    }
    loaded.state = state;
    for (const [index, event] of events.entries()) note(aggregate, loaded, event, result.positions[index] ?? 0);
    for (const answer of answers) answer();
    return;
  }
  throw new ProblemException('CONTENTION', { retryAfterSeconds });
}

/** An assertion that fails in one command's decision is that command's failure, not its neighbours'. */
function decideSafely<Command, State, Event extends DomainEvent>(
  { decider }: Aggregate<Command, State, Event>,
  command: Command,
  state: State,
  recalled: ReadonlyMap<string, Placed<Event>>,
  job: Job<Command, Event>,
) {
  try {
    return decider.decide(command, state, (key) => recalled.get(key)?.event);
  } catch (error) {
    job.reject(error);
    return undefined;
  }
}

/** The same key and body: the same answer for ever. The same key, another body: refused, and nothing is recorded. */
function earlierAnswer<Command, State, Event extends DomainEvent>(
  aggregate: Aggregate<Command, State, Event>,
  command: Command,
  recalled: ReadonlyMap<string, Placed<Event>>,
): Omit<Handled<Event>, 'stream'> | undefined {
  const asked = aggregate.answerKey?.(command);
  const answer = asked && recalled.get(asked.key);
  if (asked === undefined || answer === undefined) return undefined;
  const { revision } = answer;
  if ('requestHash' in answer.event && answer.event.requestHash === asked.requestHash) return { revision, answer, refusal: undefined };
  return { revision, answer: undefined, refusal: { code: 'IDEMPOTENCY_KEY_REUSED', detail: {} } };
}

/** "Unknown" is not "refused": the stream is read again and, if the events are not there, the same append is sent again. */
async function appendSurely(options: HandlerOptions, stream: string, revision: number, events: readonly NewEvent[]): Promise<AppendResult> {
  if (events.length === 0) return { outcome: 'appended', revision, positions: [] };
  const { eventStore } = options;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await eventStore.append(stream, revision === -1 ? 'no-stream' : revision, events);
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError) || attempt >= options.appendRetriesMax) throw error;
    }
    const written = await eventStore.readStream(stream, { fromRevision: revision + 1, maxCount: events.length });
    if (written.length === events.length && written.every((recorded, index) => recorded.id === events[index]?.id)) {
      return { outcome: 'appended', revision: revision + events.length, positions: written.map((recorded) => recorded.position) };
    }
  }
}

function asProblem(error: unknown): unknown {
  if (error instanceof StoreUnavailableError || error instanceof OutcomeUnknownError) return new ProblemException('STORE_UNAVAILABLE', { retryAfterSeconds });
  return error;
}
