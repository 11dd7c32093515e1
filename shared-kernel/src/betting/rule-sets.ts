// Settlement rules as versioned data. A bet names the rule set that it was struck under, so a file that bets have named never
// changes: another choice is another file with the next number. Read and checked when the process starts.

import { z } from 'zod';

import { isTimeZone } from '../values/time.ts';
import { amount, ruleFields } from './rules.ts';
import confirmedResults1 from './rule-sets/confirmed-results@1.json' with { type: 'json' };
import equallyDivided1 from './rule-sets/equally-divided@1.json' with { type: 'json' };
import promotions1 from './rule-sets/promotions@1.json' with { type: 'json' };
import skipRelated1 from './rule-sets/skip-related@1.json' with { type: 'json' };
import standard1 from './rule-sets/standard@1.json' with { type: 'json' };

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

const ruleSets = parseRuleSets([standard1, skipRelated1, confirmedResults1, equallyDivided1, promotions1]);

export const defaultRuleSet = 'standard@1';

export function ruleSetIds(): readonly string[] {
  return [...ruleSets.keys()];
}

/** Throws for a name that we do not have: a bet under unknown rules is never settled by a guess. */
export function ruleSet(id: string): RuleSet {
  const set = ruleSets.get(id);
  if (set === undefined) throw new Error(`there is no rule set ${id.slice(0, 64)}`);
  return set;
}
