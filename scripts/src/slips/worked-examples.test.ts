// Every worked example of the settlement rules, all rows and variants, through the slip format.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { add, equals, parseRational, rational, type Rational } from '@wagerline/shared-kernel/values/rational';
import { expect, test } from 'vitest';
import { answerSlip, type Answer } from './answer.ts';

type Field = 'returnExact' | 'return' | 'uncappedReturn' | 'bonus' | 'returnMax' | 'state';
type Example = { readonly example: string; readonly slip: { readonly id: string }; readonly expected: Partial<Record<Field, string>> };

const text = readFileSync(join(import.meta.dirname, 'samples', 'worked-examples.jsonl'), 'utf8');
const examples = text.trim().split('\n').map((line) => JSON.parse(line) as Example);

test('all fifteen rows are here', () => {
  const rows = new Set(examples.map(({ example }) => Number(example)));
  expect([...rows].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
});

test.each(examples.map((example) => [example.slip.id, example] as const))('example %s', (_, { slip, expected }) => {
  const answer = answerSlip(slip);
  if ('error' in answer) throw new Error(JSON.stringify(answer));
  for (const [field, value] of Object.entries(expected)) {
    if (field === 'state') expect(answer.state).toBe(value);
    else expect(numberOf(fieldOf(answer, field)), field).toEqual(numberOf(value));
  }
  const explained = answer.explanation.map(({ amount }) => numberOf(amount)).reduce(add, rational(0n));
  expect(equals(explained, numberOf(answer.return))).toBe(true);
  if (answer.state !== 'open') expect(answer.returnMax).toBe(answer.return);
});

function fieldOf(answer: Answer, field: string): string {
  const value: unknown = Object.entries(answer).find(([name]) => name === field)?.[1];
  if (typeof value !== 'string') throw new Error(`the answer has no text ${field}`);
  return value;
}

function numberOf(exact: string): Rational {
  const value = parseRational(exact);
  if (value === undefined) throw new Error(`${exact} is no exact number`);
  return value;
}
