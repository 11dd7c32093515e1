// Every rule of tidy sees what it forbids, and leaves a tidy tree alone. Plants are put together from pieces, so that this file stays tidy.

import { expect, test } from 'vitest';
import type { SourceFile } from './source-tree.ts';
import { tidyFindings } from './tidy.ts';

const header = '// What it is.\n\n';
const path = 'projections/src/planted.ts';
const manifest: SourceFile = { path: 'package.json', text: '{ "scripts": { "walk": "node scripts/src/walk.ts" } }' };
const machine = ['', 'home', 'somebody', 'x'].join('/');
const statements = (count: number): string => 'x();\n'.repeat(count);

type Plant = { readonly breaks: string; readonly files: readonly SourceFile[]; readonly finding: string };
const file = (text: string, at = path): SourceFile[] => [{ path: at, text }];

const plants: readonly Plant[] = [
  { breaks: 'no header', files: file('export const x = 1;\n'), finding: `${path}:1 no header` },
  { breaks: 'a header that is an essay', files: file('// line\n'.repeat(5)), finding: `${path}:1 a header of 5 lines` },
  { breaks: 'a long line', files: file(`${header}// ${'x'.repeat(160)}\n`), finding: `${path}:3 longer than` },
  { breaks: 'a long file', files: file(header + statements(300)), finding: `${path}:1 302 lines` },
  { breaks: 'a long function', files: file(`${header}function f(): void {\n${statements(70)}}\n`), finding: `${path}:3 a function of 72 lines` },
  { breaks: 'a barrel', files: file(header, 'projections/src/index.ts'), finding: 'projections/src/index.ts: a barrel' },
  { breaks: 'a test that runs alone', files: file('test.only(1);\n', 'infra/src/x.test.ts'), finding: 'infra/src/x.test.ts:1 `test.only`' },
  { breaks: 'a suite that is skipped', files: file('describe.skip(1);\n', 'infra/src/x.test.ts'), finding: 'infra/src/x.test.ts:1 `describe.skip`' },
  { breaks: 'a double cast', files: file(`${header}f(x as unknown as Y);\n`), finding: `${path}:3 \`as unknown as\`` },
  { breaks: 'any', files: file(`${header}let x: any;\n`), finding: `${path}:3 \`any\`` },
  { breaks: 'a silenced type error', files: file(`${header}// ${'@ts'}-ignore\n`), finding: `${path}:3 a type error` },
  { breaks: 'a silenced lint rule', files: file(`${header}// ${'eslint'}-disable-line\n`), finding: `${path}:3 a lint rule` },
  { breaks: 'a path of one machine', files: file(`${header}open('${machine}');\n`), finding: `${path}:3 a path of one machine` },
  { breaks: 'a registry host', files: file(`${'registry'}=https://packages.example/\n`, '.npmrc'), finding: '.npmrc:1 a registry host' },
  {
    breaks: 'a lock that names a host',
    files: file(`"${'resolved'}": "https://packages.example/x.tgz"\n`, 'package-lock.json'),
    finding: 'package-lock.json:1 a resolved address',
  },
  { breaks: 'an aggregate without routes', files: file(header, 'command-side/src/market/commands.ts'), finding: 'command-side/src/market: has no routes.ts' },
  { breaks: 'a port without its contract', files: file(header, 'infra/src/cache/embedded.ts'), finding: 'infra/src/cache: has no contract.ts' },
  { breaks: 'a document that names no script', files: file('`npm run dance`\n', 'README.md'), finding: 'README.md: `npm run dance` is no script' },
  { breaks: 'a script whose file is missing', files: file('`npm run walk`\n', 'README.md'), finding: 'README.md: `npm run walk` runs scripts/src/walk.ts' },
];

test.each(plants)('tidy sees $breaks', ({ files, finding }) => {
  const findings = tidyFindings([manifest, ...files]);
  expect(findings.some((each) => each.startsWith(finding)), findings.join('\n')).toBe(true);
});

test('tidy leaves a tidy tree alone', () => {
  const inner = `  function g(): void {\n${statements(50)}  }\n`;
  const files = [
    ...file(`${header}function f(): void {\n${inner}${statements(30)}}\n`),
    ...file("test('x', () => undefined);\n", 'infra/src/x.test.ts'),
    ...file('`npm run walk` and `npm run walk -- --json`\n', 'README.md'),
    ...file(header, 'scripts/src/walk.ts'),
  ];
  expect(tidyFindings([manifest, ...files])).toEqual([]);
});
