// Plants a violation of every border in a copy of the sources and expects the checker of that border, and the right rule of it, to see it.

import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkBoundaries } from './boundaries.ts';
import { isGreen, packages, verdictOver, type Verdict } from './checker.ts';
import { copyTree, type TreeCopy } from './copy-tree.ts';
import { checkImports } from './imports.ts';
import { lintFiles, type LintFinding } from './lint.ts';

type Plant = { readonly breaks: string; readonly file: string; readonly text: string; readonly rule: string };

const importing = (module: string): string => `import * as planted from '${module}';\nexport default planted;\n`;
const imports = (breaks: string, file: string, module: string, rule: string): Plant => ({ breaks, file, text: importing(module), rule });

const importPlants: readonly Plant[] = [
  imports('projections import command-side', 'projections/src/planted/a.ts', '@wagerline/command-side/start', 'projections-stands-alone'),
  imports('query-side imports projections', 'query-side/src/planted/b.ts', '@wagerline/projections/start', 'query-side-stands-alone'),
  imports('command-side imports query-side', 'command-side/src/planted/c.ts', '@wagerline/query-side/readiness', 'command-side-stands-alone'),
  imports('infra imports command-side', 'infra/src/planted/d.ts', '@wagerline/command-side/start', 'infra-imports-kernel'),
  imports('shared-kernel imports infra', 'shared-kernel/src/planted/e.ts', '@wagerline/infra/config', 'kernel-imports-nothing'),
  imports('an engine outside infra', 'command-side/src/planted/f.ts', 'node:sqlite', 'engines-in-infra'),
  imports('an engine client outside infra', 'projections/src/planted/g.ts', 'kafkajs', 'engines-in-infra'),
  imports('express in shared-kernel', 'shared-kernel/src/planted/h.ts', 'express', 'libraries-of-shared-kernel'),
  imports('express away from the edge', 'command-side/src/planted/i.ts', 'express', 'express-at-the-edge'),
  imports('the logger library outside infra', 'query-side/src/planted/j.ts', 'pino', 'libraries-of-query-side'),
  imports('values import events', 'shared-kernel/src/values/planted.ts', '../events/catalogue.ts', 'values-import-values'),
  imports('decide reads files', 'command-side/src/planted/decide.ts', 'node:fs', 'pure-without-io'),
  imports('bet arithmetic reads files', 'shared-kernel/src/betting/planted.ts', 'node:fs', 'pure-without-io'),
  imports('project knows infra', 'projections/src/planted/project.ts', '@wagerline/infra/config', 'pure-without-infra'),
  imports('a test library outside tests', 'command-side/src/planted/k.ts', 'vitest', 'test-libraries-in-tests'),
  imports('a file imports itself by way of another', 'query-side/src/planted/l.ts', './m.ts', 'no-circle'),
  imports('an import that leads nowhere', 'query-side/src/planted/n.ts', './nowhere.ts', 'resolvable'),
];

const lintPlants: readonly Plant[] = [
  { breaks: 'randomness in decide', file: 'command-side/src/dice/decide.ts', text: 'export const x = Math.random();\n', rule: 'no-restricted-properties' },
  { breaks: 'the clock in project', file: 'projections/src/now/project.ts', text: 'export const x = Date.now();\n', rule: 'no-restricted-properties' },
  { breaks: 'the date in shared-kernel', file: 'shared-kernel/src/betting/now.ts', text: 'export const x = new Date();\n', rule: 'no-restricted-syntax' },
  {
    breaks: 'a random id in shared-kernel',
    file: 'shared-kernel/src/values/dice.ts',
    text: "import { randomUUID } from 'node:crypto';\nexport const x = randomUUID();\n",
    rule: 'no-restricted-imports',
  },
  { breaks: 'the environment outside config', file: 'infra/src/planted/env.ts', text: 'export const x = process.env;\n', rule: 'no-restricted-properties' },
  {
    breaks: 'a promise that nobody awaits',
    file: 'projections/src/planted/floating.ts',
    text: 'async function save(): Promise<void> {}\nexport function run(): void {\n  save();\n}\n',
    rule: '@typescript-eslint/no-floating-promises',
  },
  {
    breaks: 'an async callback where nobody waits',
    file: 'projections/src/planted/misused.ts',
    text: 'async function save(n: number): Promise<void> {\n  console.log(n);\n}\n[1].forEach(save);\n',
    rule: '@typescript-eslint/no-misused-promises',
  },
  {
    breaks: 'a switch that forgets a member',
    file: 'query-side/src/planted/switch.ts',
    text: "export function f(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1;\n    default:\n      return 2;\n  }\n}\n",
    rule: '@typescript-eslint/switch-exhaustiveness-check',
  },
  {
    breaks: 'a rule silenced in place',
    file: 'query-side/src/planted/silenced.ts',
    text: `/* ${'eslint'}-disable */\nexport const x: any = 1;\n`,
    rule: '@typescript-eslint/no-explicit-any',
  },
];

const leavesPackage = 'command-side/src/planted/path.ts';

describe('borders', () => {
  const root = resolve(import.meta.dirname, '..', '..', '..');
  let copy: TreeCopy;
  let untouched: { imports: Verdict; boundaries: Verdict };
  let planted: { imports: Verdict; boundaries: Verdict; lint: readonly LintFinding[] };
  let emptied: Verdict;

  beforeAll(async () => {
    copy = copyTree(root);
    untouched = { imports: await checkImports(copy.root), boundaries: await checkBoundaries(copy.root) };
    for (const plant of [...importPlants, ...lintPlants]) copy.plant(plant.file, plant.text);
    copy.plant('query-side/src/planted/m.ts', importing('./l.ts'));
    copy.plant(leavesPackage, importing('../../../infra/src/config.ts'));
    copy.plant('projections/package.json', withDependency(copy.root, 'projections', '@wagerline/query-side'));
    planted = {
      imports: await checkImports(copy.root),
      boundaries: await checkBoundaries(copy.root),
      lint: (await lintFiles(copy.root, lintPlants.map((plant) => plant.file))).findings,
    };
    rmSync(join(copy.root, 'projections', 'src'), { recursive: true });
    copy.plant('projections/src/nothing.txt', '');
    emptied = await checkImports(copy.root);
  }, 60_000);

  afterAll(() => copy.remove());

  test('the copy without plants is green', () => {
    expect(untouched.imports.findings).toEqual([]);
    expect(untouched.boundaries.findings).toEqual([]);
    expect(untouched.imports.filesSeen).toBeGreaterThan(packages.length);
    expect(untouched.boundaries.filesSeen).toBeGreaterThan(packages.length);
  });

  test.each(importPlants)('imports: $breaks', ({ file, rule }) => {
    expect(rulesFor(file, planted.imports)).toContain(rule);
  });

  test.each(lintPlants)('lint: $breaks', ({ file, rule }) => {
    expect(planted.lint.filter((finding) => finding.file === file).map((finding) => finding.rule)).toContain(rule);
  });

  test('boundaries: a package that is not declared, a path out of the package, a dependency against the arrows', () => {
    const text = planted.boundaries.findings.join('\n');
    expect(text).toContain('cannot import package `@wagerline/command-side` because it is not a');
    expect(text).toContain('`../../../infra/src/config.ts` leaves the package');
    expect(text).toMatch(/Package `@wagerline\/query-side` found without any tag listed in allowlist\s*\|?\s*for `@wagerline\/projections`/);
  });

  test('a checker that read no file of a package is red, and so is one that read nothing', () => {
    expect(emptied.findings).toContain('no file of projections was read');
    expect(isGreen(verdictOver(packages.map((name) => `${name}/src/a.ts`), []))).toBe(true);
    expect(isGreen(verdictOver(['infra/src/a.ts'], []))).toBe(false);
    expect(isGreen({ findings: [], filesSeen: 0 })).toBe(false);
  });
});

/** Findings of imports read `rule: from -> to`. */
function rulesFor(file: string, verdict: Verdict): string[] {
  return verdict.findings.filter((finding) => finding.includes(` ${file} ->`)).map((finding) => finding.slice(0, finding.indexOf(':')));
}

function withDependency(root: string, name: string, dependency: string): string {
  const manifest = readFileSync(join(root, name, 'package.json'), 'utf8');
  return manifest.replace('"dependencies": {', `"dependencies": { "${dependency}": "0.1.0",`);
}
