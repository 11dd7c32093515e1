// What can happen to a fixture (a match): facts of stream `fixture-{fixtureId}`.

import { z } from 'zod';
import { displayName, event, instant, rational, slug, type EventOf } from './schema.ts';

export const fixtureEvents = {
  FixtureScheduled: event(
    1,
    z.strictObject({ fixtureId: slug, sport: slug, competition: slug, home: displayName, away: displayName, startsAt: instant }),
  ),
  FixtureRescheduled: event(1, z.strictObject({ fixtureId: slug, startsAt: instant })),
  /** Not at its time, and nobody knows when: no bets until it is rescheduled. */
  FixturePostponed: event(1, z.strictObject({ fixtureId: slug, reason: slug })),
  /** Postponed or rescheduled, it had not started by `until`: legs that had to be played by then are void. */
  FixtureUnplayed: event(1, z.strictObject({ fixtureId: slug, until: instant })),
  FixtureStarted: event(1, z.strictObject({ fixtureId: slug })),
  FixtureEnded: event(1, z.strictObject({ fixtureId: slug, score: z.strictObject({ home: z.int().min(0), away: z.int().min(0) }).nullable() })),
  FixtureAbandoned: event(1, z.strictObject({ fixtureId: slug, reason: slug })),
  /** One price for several selections of the fixture together, at which bet builders are struck. `odds` null: no longer offered. */
  BuilderPriced: event(
    1,
    z.strictObject({
      fixtureId: slug,
      builderId: slug,
      legs: z.array(z.strictObject({ marketId: slug, selectionId: slug })).min(2).max(20),
      odds: rational.nullable(),
    }),
  ),
};

export type FixtureEvent = EventOf<typeof fixtureEvents>;

export function isFixtureEvent(event: { readonly type: string }): event is FixtureEvent {
  return event.type in fixtureEvents;
}
