// One line of slips in, one line of answers out. Called by settle.ts for every line. A line that is wrong gets an answer that says so.

import { explainPrepared, type ExplanationStep } from '@wagerline/shared-kernel/betting/explanation';
import type { Leg } from '@wagerline/shared-kernel/betting/legs';
import { legsOf, outcomesProblem, settlePrepared, type BetSettlement, type BetState } from '@wagerline/shared-kernel/betting/settlement';
import type { PreparedBet } from '@wagerline/shared-kernel/betting/terms';
import type { Rational } from '@wagerline/shared-kernel/values/rational';
import { exactText } from './exact-text.ts';
import { isInputError, readSlip } from './read-slip.ts';
import type { InputError } from './slip-schema.ts';

export type Answer = {
  readonly id: string;
  readonly lines: number;
  readonly totalStake: string;
  readonly state: BetState;
  readonly returnExact: string;
  readonly return: string;
  readonly uncappedReturn: string;
  readonly bonus: string;
  readonly returnMax: string | null;
  readonly explanation: readonly {
    readonly step: ExplanationStep['step'];
    readonly legs: readonly number[];
    readonly part: ExplanationStep['part'];
    readonly amount: string;
    readonly text: string;
  }[];
};

export type Refused = { readonly id: string | null; readonly error: InputError };

export const notJson: Refused = { id: null, error: { code: 'BODY_NOT_JSON', detail: 'the line is not JSON', pointer: '' } };

export function answerLine(line: string): Answer | Refused {
  const value = parsedLine(line);
  return value === undefined ? notJson : answerSlip(value);
}

/** Undefined = not JSON, which has no undefined. */
export function parsedLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

export function answerSlip(value: unknown): Answer | Refused {
  const slip = readSlip(value, true);
  if (isInputError(slip)) return { id: idOf(value), error: slip };
  const { id, bet, unitStakeMinor, outcomes } = slip;
  const missing = outcomesProblem(bet, outcomes);
  if (missing !== undefined) return { id, error: { code: missing.code, detail: missing.detail, pointer: missing.pointer } };
  const legs = legsOf(bet, outcomes);
  const settled = settlePrepared(bet, unitStakeMinor, legs);
  const { state, payout, returnMax } = settled;
  const major = (minor: Rational): string => exactText(minor, bet.perMajor);
  return {
    id,
    lines: bet.lines,
    totalStake: major({ n: BigInt(unitStakeMinor) * BigInt(bet.lines), d: 1n }),
    state,
    returnExact: major(payout.capped),
    return: major(payout.rounded),
    uncappedReturn: major(payout.uncapped),
    bonus: major(payout.bonus),
    returnMax: returnMax === null ? null : major(returnMax),
    explanation: explanationOf(bet, unitStakeMinor, legs, settled),
  };
}

/** In major units, as text. */
export function explanationOf(bet: PreparedBet, unitStakeMinor: number, legs: readonly Leg[], settled: BetSettlement): Answer['explanation'] {
  return explainPrepared(bet, unitStakeMinor, legs, settled).map(({ step, legs: of, part, amount, text }) => {
    return { step, legs: of, part, amount: exactText(amount, bet.perMajor), text };
  });
}

/** The id of a slip that is wrong in something else. */
export function idOf(value: unknown): string | null {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : null;
}
