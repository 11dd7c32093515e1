// Answers as rows for people, one at a time so that the input may be of any length. Called by settle.ts and lifecycle.ts.

import { explanationOf, type Answer, type Refused } from './answer.ts';
import { exactText } from './exact-text.ts';
import type { BetChange } from './lifecycle-lines.ts';

const columns = [
  ['id', 16],
  ['state', 9],
  ['lines', 6],
  ['stake', 12],
  ['return', 14],
  ['at most', 14],
  ['exact', 0],
] as const;

export function tableHead(): readonly string[] {
  const head = columns.map(([title, width]) => title.padEnd(width)).join('  ').trimEnd();
  return [head, '-'.repeat(head.length)];
}

export function tableRows(answer: Answer | Refused): readonly string[] {
  if ('error' in answer) return [`${(answer.id ?? '(no id)').padEnd(columns[0][1])}  ${answer.error.code} ${answer.error.pointer}: ${answer.error.detail}`];
  const cells = [answer.id, answer.state, `${answer.lines}`, answer.totalStake, answer.return, answer.returnMax ?? '?', answer.returnExact];
  const row = cells.map((cell, index) => cell.padEnd(columns[index]?.[1] ?? 0)).join('  ').trimEnd();
  return [row, ...stepRows(answer.explanation)];
}

/** What a message made of a bet: what it takes back, and what it settles it at, with the steps that lead there. */
export function changeRows({ slip, before, after, legs, settled }: BetChange): readonly string[] {
  const { id, bet, unitStakeMinor } = slip;
  const isTakenBack = after.reversals > (before?.reversals ?? 0);
  const paid = (rounded: typeof after.now.rounded): string => exactText(rounded, bet.perMajor);
  const back = isTakenBack && before !== undefined ? [`${id}  reversed ${before.settlements}: ${paid(before.now.rounded)} taken back`] : [];
  if (after.settlements === (before?.settlements ?? 0)) return [...back, `${id}  open again`];
  const { state, rounded } = after.now;
  return [...back, `${id}  settled ${after.settlements}: ${state}, ${paid(rounded)}`, ...stepRows(explanationOf(bet, unitStakeMinor, legs, settled))];
}

function stepRows(steps: Answer['explanation']): readonly string[] {
  return steps.map(({ step, amount, text }) => `    ${step.padEnd(8)}  ${amount.padStart(12)}  ${text}`);
}
