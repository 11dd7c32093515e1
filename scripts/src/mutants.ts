// `npm run mutants`: plants faults in the arithmetic of bets, in the settlement job and in what accounts, markets and fixtures make of it, one at a time in
// a copy of the sources, and expects the tests of those folders to turn red. Fails when a fault survives: then a test is missing.

import { availableParallelism } from 'node:os';
import { runTool, UsageError, type Output } from './cli.ts';
import { mutants, runMutants, type Mutant, type MutantResult } from './planted-faults/run-mutants.ts';

const lanesMax = 16;

await runTool({
  name: 'mutants',
  says: `Plants ${mutants.length} faults in shared-kernel/src/betting, command-side/src/settlement, command-side/src/account, command-side/src/market and
command-side/src/fixture, each in a copy of the sources, and runs the tests.
Ends with 1 when no test sees one of them.`,
  options: {
    only: { kind: 'text', value: 'NAME,NAME', says: 'these faults alone' },
    lanes: { kind: 'integer', value: 'N', says: 'copies that are worked on side by side (default: one per core)', min: 1, max: lanesMax },
  },
  async run(given, output) {
    const chosen = chosenOf(given.text('only'));
    const startedMs = performance.now();
    let done = 0;
    const results = await runMutants(chosen, given.integer('lanes') ?? Math.min(availableParallelism(), lanesMax), (result) => {
      done += 1;
      output.progress(`${done} of ${chosen.length}: ${result.mutant.name} ${result.verdict}`);
    });
    const uncaught = results.filter(({ verdict }) => verdict !== 'caught');
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    if (given.json) output.json({ faults: results.length, caught: results.length - uncaught.length, seconds, results: results.map(plain) });
    else printTable(results, seconds, output);
    return uncaught.length === 0;
  },
});

function chosenOf(only: string | undefined): readonly Mutant[] {
  if (only === undefined) return mutants;
  const wanted = only.split(',');
  const unknown = wanted.find((name) => !mutants.some((mutant) => mutant.name === name));
  if (unknown !== undefined) throw new UsageError(`there is no fault "${unknown}": ${mutants.map(({ name }) => name).join(', ')}`);
  return mutants.filter(({ name }) => wanted.includes(name));
}

function plain({ mutant, verdict, by, seconds }: MutantResult) {
  const { name, says, file } = mutant;
  return { name, says, file, verdict, by, seconds };
}

function printTable(results: readonly MutantResult[], seconds: number, output: Output): void {
  const width = Math.max(...results.map(({ mutant }) => mutant.name.length));
  for (const { mutant, verdict, by } of results) {
    output.line(`${verdict.padEnd(8)}  ${mutant.name.padEnd(width)}  ${mutant.says}`);
    if (verdict !== 'survived') output.line(`${' '.repeat(10)}${by}`);
  }
  const caught = results.filter(({ verdict }) => verdict === 'caught').length;
  output.line(`${caught} of ${results.length} planted faults were caught, in ${seconds} s`);
}
