// Settlement rules as versioned data. A bet names the rule set that it was struck under, so a file that bets have named never
// changes: another choice is another file with the next number. Read and checked when the process starts.

import { z } from 'zod';

import { addHours, isTimeZone } from '../values/time.ts';
import { slug } from '../events/schema.ts';
import { amount, ruleFields } from './rules.ts';
import confirmedResults1 from './rule-sets/confirmed-results@1.json' with { type: 'json' };
import competitionHours1 from './rule-sets/competition-hours@1.json' with { type: 'json' };
import equallyDivided1 from './rule-sets/equally-divided@1.json' with { type: 'json' };
import promotions1 from './rule-sets/promotions@1.json' with { type: 'json' };
import seasonMoves1 from './rule-sets/season-moves@1.json' with { type: 'json' };
import skipRelated1 from './rule-sets/skip-related@1.json' with { type: 'json' };
import standard1 from './rule-sets/standard@1.json' with { type: 'json' };

export const playWithinHours = 48;
const hours = z.int().min(1).max(366 * 24);

const ruleSetSchema = z.strictObject({
  /** Name and version. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}@[1-9]\d{0,4}$/),
  ...ruleFields,
  // What a bet's record names is said aloud in every set.
  rounding: ruleFields.rounding.unwrap(),
  roundPer: ruleFields.roundPer.unwrap(),
  related: ruleFields.related.unwrap(),
  /** What the bets of one bettor that were struck on one day may return together, in major units; the day is that of `timeZone`. */
  dailyCap: z.strictObject({ amount, timeZone: z.string().max(64).refine(isTimeZone, 'a time zone of the tz database') }).exactOptional(),
  /**
   * A fixture that was postponed or rescheduled has to start within so many hours after the start that a bet was struck on, else its leg is void;
   * `competitions`: those with hours of their own. Absent: `playWithinHours` for all.
   */
  playWithin: z.strictObject({ hours, competitions: z.record(slug, hours).exactOptional() }).exactOptional(),
});

export type RuleSet = Readonly<z.infer<typeof ruleSetSchema>>;

export function parseRuleSets(files: readonly unknown[]): ReadonlyMap<string, RuleSet> {
  const sets = new Map<string, RuleSet>();
  for (const file of files) {
    const set = ruleSetSchema.parse(file);
    if (sets.has(set.id)) throw new Error(`two rule sets are called ${set.id}`);
    sets.set(set.id, set);
  }
  return sets;
}

const ruleSets = parseRuleSets([standard1, skipRelated1, confirmedResults1, equallyDivided1, promotions1, competitionHours1, seasonMoves1]);

export const defaultRuleSet = 'standard@1';

export function ruleSetIds(): readonly string[] {
  return [...ruleSets.keys()];
}

/** Legs of a replaced season go on in the one that replaces it. */
export function isMoving(id: string): boolean {
  return ruleSet(id).supercededBy === 'move';
}

/** Throws for a name that we do not have: a bet under unknown rules is never settled by a guess. */
export function ruleSet(id: string): RuleSet {
  const set = ruleSets.get(id);
  if (set === undefined) throw new Error(`there is no rule set ${id.slice(0, 64)}`);
  return set;
}

/** The last moment at which a fixture of that competition may start for a leg to stand that was struck on `startsAt`. */
export function playBy({ playWithin }: Pick<RuleSet, 'playWithin'>, competition: string, startsAt: string): string {
  const { competitions = {}, hours: others } = playWithin ?? { hours: playWithinHours };
  return addHours(startsAt, Object.hasOwn(competitions, competition) ? (competitions[competition] ?? others) : others);
}

/** Of all rule sets, each moment once, earliest first: bets of every one of them may be open. */
export function everyPlayBy(competition: string, startsAt: string): readonly string[] {
  return [...new Set([...ruleSets.values()].map((set) => playBy(set, competition, startsAt)))].sort();
}

/** `startsAt`: as the leg was struck; `unplayedUntil`: its fixture had not started by then. */
export function isUnplayed(
  id: string,
  { competition, startsAt }: { readonly competition: string; readonly startsAt?: string },
  unplayedUntil: string | undefined,
): boolean {
  return unplayedUntil !== undefined && startsAt !== undefined && playBy(ruleSet(id), competition, startsAt) <= unplayedUntil;
}
