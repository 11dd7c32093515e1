// The shape of every aggregate: a pure decision over a folded state. Called by handle-command and by given/when/then alone.

import type { ProblemCode } from './problems.ts';
import type { JsonObject } from './values/json.ts';

/**
 * `accepted` with no events means "already so". `refused` is a value; a command that moves money records its refusal
 * in `events`, any other command leaves them empty.
 */
export type Decision<Event> =
  | { readonly outcome: 'accepted'; readonly events: readonly Event[] }
  | { readonly outcome: 'refused'; readonly code: ProblemCode; readonly detail: JsonObject; readonly events: readonly Event[] };

/** The events of this stream that answered earlier commands, by key: how `decide` sees past the hot state. */
export type Recall<Event> = (key: string) => Event | undefined;

export type Decider<Command, State, Event> = {
  readonly initial: State;
  decide(command: Command, state: State, recall: Recall<Event>): Decision<Event>;
  evolve(state: State, event: Event): State;
  /** Keys under which this event can be recalled later; the newest event of a key wins. */
  keysOf(event: Event): readonly string[];
  /** Keys that `decide` may recall for this command. */
  recalls(command: Command): readonly string[];
};

export function accept<Event>(...events: readonly Event[]): Decision<Event> {
  return { outcome: 'accepted', events };
}

export function refuse<Event>(code: ProblemCode, detail: JsonObject, ...events: readonly Event[]): Decision<Event> {
  return { outcome: 'refused', code, detail, events };
}

export function fold<Command, State, Event>(decider: Decider<Command, State, Event>, events: Iterable<Event>, from: State = decider.initial): State {
  let state = from;
  for (const event of events) state = decider.evolve(state, event);
  return state;
}
