// Answers as rows for people, one at a time so that the input may be of any length. Called by settle.ts. Says nothing that the JSON does not.

import type { Answer, Refused } from './answer.ts';

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
  return [row, ...answer.explanation.map(({ step, amount, text }) => `    ${step.padEnd(8)}  ${amount.padStart(12)}  ${text}`)];
}
