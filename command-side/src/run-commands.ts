// The commands on one aggregate, one batch after another: decided in order on a draft of the state, appended at once, answered.
// Made by handle-command. Answers nothing before the store has acknowledged it, and nothing from a state that others have moved on.

import { OutcomeUnknownError, StoreUnavailableError, type AppendResult, type EventStore, type NewEvent } from '@wagerline/shared-kernel/ports/event-store';
import { encode } from '@wagerline/shared-kernel/events/codec';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import type { CommandContext } from '@wagerline/shared-kernel/events/metadata';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { toIso } from '@wagerline/shared-kernel/values/time';
import type { Aggregate, Placed } from './aggregate.ts';
import type { Handled, HandlerOptions } from './command-handler.ts';
import { LostSegmentError } from './key-index.ts';
import type { Loaded, Repository } from './repository.ts';

export type Job<Command, Event> = {
  readonly command: (at: string) => Command;
  readonly context: CommandContext;
  readonly resolve: (handled: Handled<Event>) => void;
  readonly reject: (error: unknown) => void;
};

/** `isRecorded`: from an event of an earlier command, which nothing can change any more. */
type Outcome<Event> =
  | { readonly handled: Handled<Event>; readonly isRecorded: boolean }
  | { readonly failure: unknown };

/** What the decider may ask for, by key. Undefined: nothing, as for nearly every new bet. */
type Recalled<Event> = Map<string, Placed<Event>> | undefined;

/** What a batch would write, and the state that it leads to. */
type Draft<State, Event> = {
  /** Unlike that of any other draft, of any process. */
  readonly id: string;
  readonly at: string;
  readonly baseRevision: number;
  state: State;
  readonly events: Event[];
  readonly encoded: NewEvent[];
  /** Events of this batch by key, where more than one command is in it. */
  readonly recent: Map<string, Placed<Event>> | undefined;
};

/** The largest slips and settlements, so many times, stay below the store's limit of 1 MiB per append. */
const batchCommandsMax = 32;

/** What all runners of one handler have in common. */
export type RunnerOptions<Command, State, Event extends DomainEvent> = HandlerOptions & {
  readonly aggregate: Aggregate<Command, State, Event>;
  readonly repository: Repository<Command, State, Event>;
  /** Another id for every draft, and others in every process. */
  readonly nextDraftId: () => string;
};

export class CommandRunner<Command, State, Event extends DomainEvent> {
  readonly #options: RunnerOptions<Command, State, Event>;
  readonly #stream: string;
  #loaded: Loaded<State> | undefined;
  /**
   * Undefined, never an empty list, while nobody waits: a list that has grown old with its runner would, when it is thrown away, keep
   * whatever was put into it (the job, and through it the request) out of reach of the collector of the young.
   */
  #waiting: Job<Command, Event>[] | undefined;
  isRunning = false;

  constructor(options: RunnerOptions<Command, State, Event>, stream: string) {
    this.#options = options;
    this.#stream = stream;
  }

  /** Bounded by whoever sends: a client waits for its answer. */
  push(job: Job<Command, Event>): void {
    if (this.#waiting === undefined) this.#waiting = [job];
    else this.#waiting.push(job);
    if (this.isRunning) return;
    this.isRunning = true;
    void this.#run();
  }

  /** Beside the queue: what is decided at this moment is not in it until it is acknowledged. */
  async newest(): Promise<{ readonly state: State; readonly at: string }> {
    const { state, lastAt } = await this.#options.repository.newest(this.#stream, this.#loaded);
    const now = toIso(this.#options.clock.nowMs());
    return { state, at: now > lastAt ? now : lastAt };
  }

  async #run(): Promise<void> {
    // Not in this turn: commands that are sent together become one batch.
    await Promise.resolve();
    for (let jobs = this.#waiting; jobs !== undefined; jobs = this.#waiting) {
      this.#waiting = jobs.length > batchCommandsMax ? jobs.splice(batchCommandsMax) : undefined;
      try {
        const outcomes = await this.#handle(jobs);
        for (let index = 0; index < jobs.length; index += 1) answer(jobs[index], outcomes[index]);
      } catch (error) {
        // After a refused append the state still stands; after anything unforeseen nobody knows.
        if (!(error instanceof StoreUnavailableError)) this.#loaded = undefined;
        for (const job of jobs) job.reject(asProblem(error));
      }
      const saved = this.#loaded && this.#options.repository.saveIfDue(this.#loaded);
      if (saved !== undefined) await saved;
    }
    if (this.#loaded !== undefined) this.#loaded.justRead = undefined;
    this.isRunning = false;
  }

  async #handle(jobs: readonly Job<Command, Event>[]): Promise<readonly Outcome<Event>[]> {
    const { repository, appendRetriesMax } = this.#options;
    // The revision that the store was last seen at in this batch.
    let seenRevision: number | undefined;
    for (let attempt = 0; attempt <= appendRetriesMax; attempt += 1) {
      if (this.#loaded === undefined || this.#loaded.hasLostSegments) {
        this.#loaded = await (this.#loaded === undefined ? repository.load(this.#stream) : repository.loadFromZero(this.#stream));
        seenRevision = this.#loaded.revision;
      }
      const loaded = this.#loaded;
      const draft = this.#draftOn(loaded, jobs.length);
      const outcomes = await this.#decideAll(jobs, loaded, draft);
      if (outcomes === undefined) continue;
      if (draft.events.length > 0) {
        const result = await appendSurely(this.#options, this.#stream, loaded.revision, draft.encoded);
        if (result.outcome === 'appended') {
          repository.advance(loaded, draft.state, draft.events, result.positions);
          return outcomes;
        }
        await repository.catchUp(loaded);
      } else {
        if (loaded.revision === seenRevision || outcomes.every(isRecorded)) return outcomes;
        // Another process may have written since: "nothing to do" and "not now" must be true of the newest state, too.
        await repository.catchUp(loaded);
        if (loaded.revision === draft.baseRevision) return outcomes;
      }
      seenRevision = loaded.revision;
    }
    throw new ProblemException('CONTENTION');
  }

  #draftOn({ state, revision, lastAt }: Loaded<State>, jobCount: number): Draft<State, Event> {
    const { clock, nextDraftId } = this.#options;
    const now = toIso(clock.nowMs());
    const at = now > lastAt ? now : lastAt;
    return { id: nextDraftId(), at, baseRevision: revision, state, events: [], encoded: [], recent: jobCount > 1 ? new Map() : undefined };
  }

  /** Undefined: key segments are lost, and the account must be loaded from zero first. */
  async #decideAll(jobs: readonly Job<Command, Event>[], loaded: Loaded<State>, draft: Draft<State, Event>): Promise<readonly Outcome<Event>[] | undefined> {
    const outcomes: Outcome<Event>[] = [];
    try {
      for (const job of jobs) {
        // Nearly every command recalls nothing that must be read, and then nothing is waited for.
        const outcome = this.#decide(job, loaded, draft);
        outcomes.push(outcome instanceof Promise ? await outcome : outcome);
      }
    } catch (error) {
      if (!(error instanceof LostSegmentError)) throw error;
      this.#options.onSnapshotFailure(error);
      loaded.hasLostSegments = true;
      return undefined;
    }
    return outcomes;
  }

  #decide(job: Job<Command, Event>, loaded: Loaded<State>, draft: Draft<State, Event>): Outcome<Event> | Promise<Outcome<Event>> {
    let command: Command;
    try {
      command = job.command(draft.at);
    } catch (failure) {
      return { failure };
    }
    let recalled: Recalled<Event>;
    let reads: Promise<unknown>[] | undefined;
    for (const key of this.#options.aggregate.decider.recalls(command)) {
      const found = draft.recent?.get(key) ?? this.#options.repository.recall(loaded, key);
      if (found === undefined) continue;
      const known = (recalled ??= new Map());
      if (found instanceof Promise) (reads ??= []).push(found.then((placed) => placed && known.set(key, placed)));
      else known.set(key, found);
    }
    if (reads === undefined) return this.#decideKnowing(job, command, recalled, draft);
    return Promise.all(reads).then(() => this.#decideKnowing(job, command, recalled, draft));
  }

  #decideKnowing(job: Job<Command, Event>, command: Command, recalled: Recalled<Event>, draft: Draft<State, Event>): Outcome<Event> {
    const asked = recalled && this.#options.aggregate.answerKey?.(command);
    const earlier = asked && recalled?.get(asked.key);
    if (asked !== undefined && earlier !== undefined) return this.#earlierAnswer(earlier, asked.requestHash);
    return this.#decideAnew(job, command, recalled, draft);
  }

  /** The same key and body: the same answer for ever. The same key, another body: refused, and nothing is recorded. */
  #earlierAnswer(answer: Placed<Event>, requestHash: string): Outcome<Event> {
    const { event, revision } = answer;
    const isSame = 'requestHash' in event && event.requestHash === requestHash;
    const refusal = isSame ? undefined : { code: 'IDEMPOTENCY_KEY_REUSED' as const, detail: {} };
    return { handled: { stream: this.#stream, revision, answer: isSame ? answer : undefined, refusal }, isRecorded: true };
  }

  /** An assertion that fails in one command's decision is that command's failure, not its neighbours'. */
  #decideAnew({ context }: Job<Command, Event>, command: Command, recalled: Recalled<Event>, draft: Draft<State, Event>): Outcome<Event> {
    const { decider } = this.#options.aggregate;
    const first = draft.baseRevision + 1 + draft.events.length;
    try {
      const decision = decider.decide(command, draft.state, (key) => recalled?.get(key)?.event);
      let { state } = draft;
      for (const event of decision.events) state = decider.evolve(state, event);
      const encoded = decision.events.map((event, index) => encode(event, context, index, draft.id));
      draft.state = state;
      draft.events.push(...decision.events);
      draft.encoded.push(...encoded);
      if (draft.recent !== undefined) {
        for (const [index, event] of decision.events.entries()) {
          for (const key of decider.keysOf(event)) draft.recent.set(key, { event, revision: first + index });
        }
      }
      const [event] = decision.events;
      const refusal = decision.outcome === 'refused' ? { code: decision.code, detail: decision.detail } : undefined;
      const revision = draft.baseRevision + draft.events.length;
      return { handled: { stream: this.#stream, revision, answer: event && { event, revision: first }, refusal }, isRecorded: false };
    } catch (failure) {
      return { failure };
    }
  }
}

/** "Unknown" is not "refused": the stream is read again and, if the events are not there, the same append is sent again. */
async function appendSurely(
  { eventStore, appendRetriesMax }: { readonly eventStore: EventStore; readonly appendRetriesMax: number },
  stream: string,
  revision: number,
  events: readonly NewEvent[],
): Promise<AppendResult> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await eventStore.append(stream, revision === -1 ? 'no-stream' : revision, events);
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError) || attempt >= appendRetriesMax) throw error;
    }
    const written = await eventStore.readStream(stream, { fromRevision: revision + 1, maxCount: events.length });
    if (written.length === events.length && written.every((recorded, index) => recorded.id === events[index]?.id)) {
      return { outcome: 'appended', revision: revision + events.length, positions: written.map((recorded) => recorded.position) };
    }
  }
}

function isRecorded<Event>(outcome: Outcome<Event>): boolean {
  return 'handled' in outcome && outcome.isRecorded;
}

function answer<Command, Event>(job: Job<Command, Event> | undefined, outcome: Outcome<Event> | undefined): void {
  if (job === undefined || outcome === undefined) throw new Error('every command has its outcome');
  if ('handled' in outcome) job.resolve(outcome.handled);
  else job.reject(outcome.failure);
}

function asProblem(error: unknown): unknown {
  return error instanceof StoreUnavailableError || error instanceof OutcomeUnknownError ? new ProblemException('STORE_UNAVAILABLE') : error;
}
