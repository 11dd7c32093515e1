// The slip as it is written: its fields, and which of them are text, numbers or flags. Called by read-slip.ts, which makes terms of it.
// Money and odds are exact text; a JSON number for them is refused here, as is every field that nobody knows.

import { exactNumber, exactTextLengthMax } from '@wagerline/shared-kernel/betting/fractions';
import { feedResult } from '@wagerline/shared-kernel/betting/results/feed-schema';
import { rulesSchema } from '@wagerline/shared-kernel/betting/rules';
import type { ProblemCode } from '@wagerline/shared-kernel/problems';
import type { Rational } from '@wagerline/shared-kernel/values/rational';
import { z } from 'zod';

const listMax = 5_000;
const percentsMax = 100;

/** `word` is taken as it stands. */
const exact = (says: string, isRight: (value: Rational) => boolean, word?: string): z.ZodType<string, string> =>
  z.string(`${says}, as a string`).refine((text) => {
    if (text === word) return true;
    const value = exactNumber(text);
    return value !== undefined && isRight(value);
  }, `${says}: a decimal such as "6.5" or a fraction such as "13/2", of at most ${exactTextLengthMax} characters`);

const odds = exact('exact decimal odds above 1', ({ n, d }) => n > d);
const oddsOrStartingPrice = exact('exact decimal odds above 1, or SP', ({ n, d }) => n > d, 'SP');
const money = exact('an exact amount above 0', ({ n }) => n > 0n);
const share = exact('an exact share from 0 to 1', ({ n, d }) => n >= 0n && n <= d);
/** A percentage is neither money nor odds: a JSON number means what it says. */
const percent = z
  .union([z.string(), z.number()], 'a percentage from 0 to 100')
  .transform(String)
  .pipe(exact('a percentage from 0 to 100', ({ n, d }) => n >= 0n && n <= 100n * d));
const percents = z.union([z.array(percent).max(percentsMax), percent.transform((one) => [one])], 'a percentage from 0 to 100, or a list of them');

const name = z.string().min(1).max(200);
const result = z.enum(['won', 'placed', 'lost', 'void', 'half_won', 'half_lost', 'open']);

const leg = z.strictObject({
  odds: oddsOrStartingPrice,
  result: result.exactOptional(),
  placeResult: result.exactOptional(),
  placeFraction: exact('an exact fraction above 0 and at most 1', ({ n, d }) => n > 0n && n <= d).exactOptional(),
  winDeadHeat: share.exactOptional(),
  placeDeadHeat: share.exactOptional(),
  rule4Percent: percents.exactOptional(),
  startingOdds: odds.exactOptional(),
  startingRule4Percent: percents.exactOptional(),
  banker: z.boolean().exactOptional(),
  fixture: name.exactOptional(),
  market: name.exactOptional(),
  selection: name.exactOptional(),
  uof: z.strictObject(feedResult).exactOptional(),
});

const index = z.int().min(0);
const indices = z.array(index).max(100);

/** The two fields that a feed decides, and which no slip may choose. */
const slipRules = rulesSchema.omit({ supercededBy: true, settleAt: true }).extend({ combinedOdds: odds.exactOptional() });

export const slipSchema = z.strictObject({
  id: z.string().min(1).max(200),
  currency: z.string().max(10),
  unitStake: money.exactOptional(),
  totalStake: money.exactOptional(),
  eachWay: z.boolean().exactOptional(),
  freeBet: z.enum(['stake-not-returned', 'stake-returned']).exactOptional(),
  bet: z.strictObject({
    type: z.string().max(100).exactOptional(),
    folds: z.array(z.int()).max(100).exactOptional(),
    lines: z.array(indices).max(listMax).exactOptional(),
    groups: z.array(indices).max(100).exactOptional(),
  }),
  legs: z.array(leg).min(1).max(listMax),
  rules: slipRules.exactOptional(),
});

/** Of a history: its bets may say how they take the two fields. */
export const historySlipSchema = slipSchema.extend({ rules: rulesSchema.extend({ combinedOdds: odds.exactOptional() }).exactOptional() });

export type Slip = z.infer<typeof historySlipSchema>;
export type SlipLeg = Slip['legs'][number];

export type InputError = { readonly code: ProblemCode; readonly detail: string; readonly pointer: string };

/** The first thing that is wrong, in the order of the fields. */
export function inputErrorOf(error: z.ZodError): InputError {
  const issue = error.issues[0];
  if (issue === undefined) return { code: 'BODY_INVALID', detail: error.message, pointer: '' };
  const { path, detail, isUnknownField } = innermost(issue, []);
  return { code: isUnknownField ? 'BODY_INVALID' : codeAt(path), detail, pointer: pointerOf(path) };
}

type Found = { readonly path: readonly PropertyKey[]; readonly detail: string; readonly isUnknownField: boolean };

/** Of a choice between forms the one that fits best says what is wrong: with the fewest complaints, and the deepest. */
function innermost(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): Found {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const field = issue.keys[0] ?? '';
    return { path: [...path, field], detail: `there is no field ${JSON.stringify(field.slice(0, 40))} here`, isUnknownField: true };
  }
  if (issue.code === 'invalid_union') {
    const candidates = issue.errors.flatMap((issues) => (issues[0] === undefined ? [] : [{ count: issues.length, found: innermost(issues[0], path) }]));
    const [best] = candidates.toSorted((a, b) => a.count - b.count || b.found.path.length - a.found.path.length);
    if (best !== undefined && best.found.path.length > path.length) return best.found;
  }
  return { path, detail: issue.message, isUnknownField: false };
}

/** RFC 6901. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const resultFields = ['result', 'placeResult', 'winDeadHeat', 'placeDeadHeat', 'rule4Percent', 'startingRule4Percent', 'uof'];

const codeOfField: ReadonlyMap<string, ProblemCode> = new Map<string, ProblemCode>([
  ['odds', 'ODDS_INVALID'],
  ['startingOdds', 'ODDS_INVALID'],
  ['combinedOdds', 'ODDS_INVALID'],
  ['unitStake', 'STAKE_INVALID'],
  ['totalStake', 'STAKE_INVALID'],
  ['bet', 'BET_TYPE_INVALID'],
  ['rules', 'RULES_INVALID'],
  ...resultFields.map((field) => [field, 'RESULT_INVALID'] as const),
]);

/** The innermost field that has a code of its own. */
function codeAt(path: readonly PropertyKey[]): ProblemCode {
  const codes = path.flatMap((step) => codeOfField.get(String(step)) ?? []);
  return codes.at(-1) ?? (path.length === 1 && path[0] === 'legs' ? 'LEGS_INVALID' : 'BODY_INVALID');
}
