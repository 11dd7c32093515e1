// The run itself is `npm run mutants`. Here: every fault fits the sources as they are, and a few of them are seen through to the end.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { edited } from './planted-copy.ts';
import { mutants, runMutants, type Mutant } from './run-mutants.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const textOf = ({ file }: Mutant): string => readFileSync(join(root, file), 'utf8');

test('there are enough of them, each with a name of its own, in both folders', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(30);
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  for (const folder of ['shared-kernel/src/betting/', 'command-side/src/settlement/']) {
    expect(mutants.filter(({ file }) => file.startsWith(folder)).length).toBeGreaterThan(10);
  }
});

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s fits the sources as they are', (_, mutant) => {
  expect(edited(textOf(mutant), mutant)).not.toBe(textOf(mutant));
});

test('faults are caught by name, what changes nothing survives, what does not load proves nothing; the tree stays as it is', { timeout: 300_000 }, async () => {
  const chosen = mutants.filter(({ name }) => name === 'rule4-after-dead-heat' || name === 'window-closed-at-its-end');
  const [first] = chosen;
  if (first === undefined) throw new Error('the faults are there');
  const harmless: Mutant = { ...first, name: 'harmless', replace: `${first.find} // changes nothing` };
  const unreadable: Mutant = { ...first, name: 'unreadable', replace: 'this is no TypeScript' };
  const before = chosen.map(textOf);
  const results = await runMutants([...chosen, harmless, unreadable], 1, () => undefined);
  expect(results.map(({ verdict }) => verdict)).toEqual(['caught', 'caught', 'survived', 'broken']);
  expect(results[0]?.by).toMatch(/test\.ts: /);
  expect(chosen.map(textOf)).toEqual(before);
});
