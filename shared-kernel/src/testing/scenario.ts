// given / when / then for deciders. `then` checks the events, that each is valid and survives JSON, that money balances,
// and that the same command again writes nothing: no author has to think of idempotence.

import { expect } from 'vitest';
import type { Decider, Decision } from '../decider.ts';
import { catalogue, type DomainEvent } from '../events/catalogue.ts';
import { postings } from '../events/postings.ts';
import type { ProblemCode } from '../problems.ts';
import type { JsonObject } from '../values/json.ts';

export type When<Command, Event> = { when(command: Command): Then<Event> };
export type Then<Event> = {
  /** Accepted with exactly these events. */
  then(...events: readonly Event[]): void;
  /** Accepted, and nothing to do. */
  thenNothing(): void;
  /** Refused with this code and detail, and with these events if the command moves money. */
  thenRefused(code: ProblemCode, detail: JsonObject, ...events: readonly Event[]): void;
  /** The decision itself, for looser checks. */
  decision: Decision<Event>;
};

/** `const given = scenarioOf(marketDecider)` gives an aggregate its `given(...).when(...).then(...)`. */
export function scenarioOf<Command, State, Event extends DomainEvent>(
  decider: Decider<Command, State, Event>,
): (...history: readonly Event[]) => When<Command, Event> {
  return (...history) => ({
    when(command) {
      const decision = decideAfter(decider, history, command);
      return {
        decision,
        then(...events) {
          expect(decision).toEqual({ outcome: 'accepted', events });
          checkEvents(decision.events);
          expectNothingNew(decideAfter(decider, [...history, ...decision.events], command));
        },
        thenNothing() {
          expect(decision).toEqual({ outcome: 'accepted', events: [] });
        },
        thenRefused(code, detail, ...events) {
          expect(decision).toEqual({ outcome: 'refused', code, detail, events });
          checkEvents(decision.events);
          expectNothingNew(decideAfter(decider, [...history, ...decision.events], command));
        },
      };
    },
  });
}

function decideAfter<Command, State, Event>(decider: Decider<Command, State, Event>, history: readonly Event[], command: Command): Decision<Event> {
  const byKey = new Map<string, Event>();
  let state = decider.initial;
  for (const event of history) {
    state = decider.evolve(state, event);
    for (const key of decider.keysOf(event)) byKey.set(key, event);
  }
  const recalled = new Set(decider.recalls(command));
  return decider.decide(command, state, (key) => {
    expect(recalled, `decide recalls ${key}, but recalls() does not name it`).toContain(key);
    return byKey.get(key);
  });
}

function checkEvents(events: readonly DomainEvent[]): void {
  for (const event of events) {
    const { type, at, ...payload } = event;
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(JSON.parse(JSON.stringify(payload))).toEqual(payload);
    expect(catalogue.get(type)?.payload.safeParse(payload).error).toBeUndefined();
    const sums = new Map<string, number>();
    for (const posting of postings(event)) sums.set(posting.currency, (sums.get(posting.currency) ?? 0) + posting.amountMinor);
    for (const sum of sums.values()) expect(sum).toBe(0);
  }
}

function expectNothingNew<Event>(again: Decision<Event>): void {
  expect(again.events, 'the same command again must write nothing').toEqual([]);
}
