// The two tools as they are called: lines in, lines out, in order, and an exit code that says whether one was wrong.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

async function run(tool: string, args: readonly string[], input: string): Promise<{ code: number | null; lines: readonly string[] }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, tool), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.end(input);
  await once(child, 'close');
  return { code: child.exitCode, lines: output.split('\n').slice(0, -1) };
}

const slip = (id: string, odds: unknown = '2.5') =>
  JSON.stringify({ id, currency: 'GBP', unitStake: '2', bet: { type: 'single' }, legs: [{ odds, result: 'won' }] });

test('settle answers every line in order and goes on after a broken one', async () => {
  const { code, lines } = await run('settle.ts', [], `${slip('a')}\r\n\nnonsense\n${slip('b', 2.5)}\n${slip('c')}`);
  expect(code).toBe(1);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { id: 'a', lines: 1, totalStake: '2', state: 'returned', returnExact: '5', return: '5', explanation: [{ step: 'line', legs: [0], amount: '5' }] },
    { id: null, error: { code: 'BODY_NOT_JSON', pointer: '' } },
    { id: 'b', error: { code: 'ODDS_INVALID', pointer: '/legs/0/odds' } },
    { id: 'c', return: '5' },
  ]);
});

test('settle takes more than it could hold in one piece, and a line that is too long costs that line alone', async () => {
  const many = Array.from({ length: 3_000 }, (_, index) => slip(`s${index}`));
  const { code, lines } = await run('settle.ts', [], [...many, `"${'x'.repeat(1_100_000)}"`, slip('last')].join('\n'));
  expect(code).toBe(1);
  expect(lines).toHaveLength(3_002);
  expect(lines.at(-2)).toContain('BODY_TOO_LARGE');
  expect(lines.at(-1)).toContain('"id":"last"');
});

test('settle --table is for people', async () => {
  const { code, lines } = await run('settle.ts', ['--table'], slip('a'));
  expect(code).toBe(0);
  expect(lines[0]).toMatch(/^id +state +lines +stake +return/);
  expect(lines[2]).toMatch(/^a +returned +1 +2 +5/);
});

test('lifecycle answers every bet', async () => {
  const bet = { id: 'b', currency: 'GBP', unitStake: '2', bet: { type: 'single' }, legs: [{ odds: '3', fixture: 'F1', market: 'M1', selection: 'S1' }] };
  const said = { type: 'settlement', product: 1, fixture: 'F1', market: 'M1', specifiers: '', timestamp: 2_000, certainty: 2 };
  const feed = { ...said, outcomes: [{ selection: 'S1', result: 1 }] };
  const { code, lines } = await run('lifecycle.ts', [], [{ bet, acceptedAt: 1_000 }, { feed }, { feed }].map((line) => JSON.stringify(line)).join('\n'));
  expect(code).toBe(0);
  expect(lines).toEqual(['{"id":"b","state":"returned","returnExact":"6","return":"6","settlements":1,"reversals":0}']);
});

test.each([
  ['settle', '--table', 'slips.jsonl'],
  ['lifecycle', '--explain', 'history.jsonl'],
])('the README shows what %s %s prints', async (tool, flag, samples) => {
  const root = join(import.meta.dirname, '..', '..');
  const command = `$ npm run --silent ${tool} -- ${flag} < scripts/samples/${samples}\n`;
  const [, after = ''] = readFileSync(join(root, 'README.md'), 'utf8').split(command);
  const shown = after.slice(0, after.indexOf('```')).split('\n').filter((line) => line !== '' && line !== '...');
  const { code, lines } = await run(`${tool}.ts`, [flag], readFileSync(join(root, 'scripts', 'samples', samples), 'utf8'));
  expect(code).toBe(0);
  expect(shown.length).toBeGreaterThan(5);
  expect(lines.filter((line) => shown.includes(line))).toEqual(shown);
});
