// Applies planted faults to copies of the sources, one at a time, and runs the tests of the folder that each is in. Called by mutants.ts and its
// test. A fault counts as caught only when a test fails by its own word: a source that does not load proves nothing, nor does a slow machine.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { copyTree, type TreeCopy } from '../check/copy-tree.ts';
import { runTool } from '../check/run-tool.ts';
import { bettingMutants, type Mutant } from './betting-faults.ts';
import { edited } from './planted-copy.ts';
import { settlementMutants } from './settlement-faults.ts';

export type { Mutant };
export type Verdict = 'caught' | 'survived' | 'broken';
/** `by`: the test that turned red, or what the run said of itself. */
export type MutantResult = { readonly mutant: Mutant; readonly verdict: Verdict; readonly by: string; readonly seconds: number };

export const mutants: readonly Mutant[] = [...bettingMutants, ...settlementMutants];

const root = resolve(import.meta.dirname, '..', '..', '..');
/** Of one folder of sources: the tests that see most faults at once, and all of them for what those do not see. */
type Tests = { readonly sources: string; readonly quick: readonly string[]; readonly all: readonly string[] };
const slips = 'scripts/src/slips';
const betting = 'shared-kernel/src/betting';
const settlement = 'command-side/src/settlement';
const account = 'command-side/src/account';
const market = 'command-side/src/market';
const fixture = 'command-side/src/fixture';
/** The worked examples and the format of results that change are tests of the arithmetic that stand beside the tools. */
const testsOf: readonly Tests[] = [
  {
    sources: `${betting}/`,
    quick: [
      `${slips}/worked-examples.test.ts`,
      `${slips}/answer.test.ts`,
      `${betting}/settlement.test.ts`,
      `${betting}/settle.test.ts`,
      `${betting}/rule4.test.ts`,
      `${betting}/results/`,
    ],
    all: [`${betting}/`, `${slips}/`],
  },
  {
    sources: `${settlement}/`,
    quick: ['judge', 'by-hand', 'slot', 'settlement', 'moves'].map((name) => `${settlement}/${name}.test.ts`),
    all: [`${settlement}/`],
  },
  {
    sources: `${account}/`,
    quick: [`${account}/approvals.test.ts`, `${account}/settle-bet.test.ts`, `${account}/moves.test.ts`],
    all: [`${account}/`],
  },
  { sources: `${market}/`, quick: [`${market}/by-hand.test.ts`], all: [`${market}/`] },
  { sources: `${fixture}/`, quick: [`${fixture}/abandonment.test.ts`], all: [`${fixture}/`] },
];
/** In the copy alone: files share a process, because starting one for each costs more than the tests. */
const config = `import { defineConfig } from 'vitest/config';
const files = { include: ['*/src/**/*.test.ts'], exclude: ['**/node_modules/**', '**/*.engine.test.ts'] };
const test = { ...files, pool: 'forks', isolate: false, maxWorkers: 1, testTimeout: 60_000 };
export default defineConfig({ cacheDir: '.vite-cache', test });
`;
const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullable() })),
    }),
  ),
});

/** Without any fault the tests are green in the copy: else every fault would seem to be caught. @throws Error when they are not */
export async function runMutants(chosen: readonly Mutant[], laneCount: number, onResult: (result: MutantResult) => void): Promise<readonly MutantResult[]> {
  const lanes = Array.from({ length: Math.max(1, Math.min(laneCount, chosen.length)) }, () => new Lane());
  const results: MutantResult[] = [];
  const left = chosen.values();
  try {
    await lanes[0]?.expectGreen(chosen);
    await Promise.all(
      lanes.map(async (lane) => {
        for (const mutant of left) {
          const result = await lane.run(mutant);
          results.push(result);
          onResult(result);
        }
      }),
    );
  } finally {
    for (const lane of lanes) lane.remove();
  }
  return chosen.flatMap((mutant) => results.find((result) => result.mutant === mutant) ?? []);
}

/** One copy of the sources, with at most one fault in it at a time. */
class Lane {
  readonly #copy: TreeCopy;

  constructor() {
    this.#copy = copyTree(root, { withSamples: true });
    this.#copy.plant('vitest.config.ts', config);
  }

  remove(): void {
    this.#copy.remove();
  }

  async expectGreen(chosen: readonly Mutant[]): Promise<void> {
    for (const { sources, all } of new Set(chosen.map(testsFor))) {
      const { verdict, by } = await this.#verdict(all);
      if (verdict !== 'survived') throw new Error(`without a fault the tests of ${sources} are not green: ${by}`);
    }
  }

  async run(mutant: Mutant): Promise<MutantResult> {
    const startedMs = performance.now();
    const text = readFileSync(join(root, mutant.file), 'utf8');
    this.#copy.plant(mutant.file, edited(text, mutant));
    const { quick, all } = testsFor(mutant);
    const first = await this.#verdict(quick, mutant);
    const judged = first.verdict === 'survived' ? await this.#verdict(all, mutant) : first;
    this.#copy.plant(mutant.file, text);
    return { mutant, ...judged, seconds: Math.round((performance.now() - startedMs) / 100) / 10 };
  }

  async #verdict(tests: readonly string[], mutant?: Mutant): Promise<Pick<MutantResult, 'verdict' | 'by'>> {
    const { root: copy } = this.#copy;
    const file = join(copy, 'report.json');
    rmSync(file, { force: true });
    const run = await runTool(copy, 'vitest', ['run', '--root', copy, '--reporter=json', `--outputFile=${file}`, '--bail=1', ...tests]);
    const parsed = report.safeParse(jsonIn(file));
    const files = parsed.success ? parsed.data.testResults : [];
    if (files.length === 0) return { verdict: 'broken', by: `no test ran: ${run.stderr.slice(-400)}` };
    for (const { name, assertionResults } of files) {
      const failed = assertionResults.find(({ status }) => status === 'failed');
      if (failed === undefined) continue;
      const by = `${relative(copy, name)}: ${failed.fullName}`;
      const said = failed.failureMessages?.join('\n') ?? '';
      if (said.includes('ReferenceError')) return { verdict: 'broken', by: `${by}: ${said.slice(0, 200)}` };
      return said.includes('timed out') && mutant?.hangs !== true ? { verdict: 'broken', by: `${by} timed out` } : { verdict: 'caught', by };
    }
    const unloaded = files.find(({ status }) => status === 'failed');
    if (unloaded !== undefined) return { verdict: 'broken', by: `${relative(copy, unloaded.name)} did not load: ${unloaded.message.slice(0, 300)}` };
    return { verdict: 'survived', by: '' };
  }
}

function testsFor({ file }: Mutant): Tests {
  const found = testsOf.find(({ sources }) => file.startsWith(sources));
  if (found === undefined) throw new Error(`no tests are known for ${file}`);
  return found;
}

function jsonIn(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
