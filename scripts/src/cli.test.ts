import { expect, test } from 'vitest';
import { ToolError, toolExitCode, type Tool } from './cli.ts';

function streams(isTTY: boolean) {
  const written = { out: '', error: '' };
  const out = { write: (text: string) => (written.out += text) };
  const error = { write: (text: string) => (written.error += text), isTTY };
  return { written, out, error };
}

const tool: Tool<'bets' | 'file' | 'mode' | 'fast'> = {
  name: 'sample',
  says: 'Does something.',
  options: {
    bets: { kind: 'integer', value: 'N', says: 'how many bets', min: 1, max: 100 },
    file: { kind: 'text', value: 'FILE', says: 'which file' },
    mode: { kind: 'text', value: 'MODE', says: 'how', oneOf: ['stop', 'skip'] },
    fast: { kind: 'flag', says: 'hurry' },
  },
  async run(given, output) {
    output.progress('working');
    output.progress('working');
    if (given.text('file') === 'broken') throw new Error('cannot read it');
    if (given.json) output.json({ bets: given.integer('bets') ?? null, fast: given.flag('fast') });
    else output.line(`bets ${given.integer('bets')}`);
    return given.text('file') !== 'wrong';
  },
};

test('the result goes to standard output, progress to standard error', async () => {
  const io = streams(false);
  expect(await toolExitCode(tool, ['--bets', '7'], io)).toBe(0);
  expect(io.written).toEqual({ out: 'bets 7\n', error: 'working\n' });
});

test('on a terminal progress overwrites itself and is gone at the end', async () => {
  const io = streams(true);
  await toolExitCode(tool, ['--bets', '7'], io);
  expect(io.written.error).toBe('\r\u001b[Kworking\r\u001b[K');
});

test('--json prints one JSON value and nothing else', async () => {
  const io = streams(false);
  await toolExitCode(tool, ['--json', '--fast'], io);
  expect(JSON.parse(io.written.out)).toEqual({ bets: null, fast: true });
});

test('--help names every option and runs nothing', async () => {
  const io = streams(false);
  expect(await toolExitCode(tool, ['--help'], io)).toBe(0);
  for (const name of ['--bets N', '--file FILE', '--mode MODE', '--fast', '--json', '--help']) expect(io.written.out).toContain(name);
  expect(io.written.error).toBe('');
});

test.each([
  [['--bets', '0']],
  [['--bets', '101']],
  [['--bets', '1e1']],
  [['--mode', 'other']],
  [['--unknown']],
  [['operand']],
])('%j is refused with exit code 2', async (args) => {
  const io = streams(false);
  expect(await toolExitCode(tool, args, io)).toBe(2);
  expect(io.written.error).toContain('--help');
  expect(io.written.out).toBe('');
});

test('a failure that says everything is printed without its stack', async () => {
  const io = streams(false);
  const failing: Tool<never> = { name: 'sample', says: '', options: {}, run: () => Promise.reject(new ToolError('the file is empty')) };
  expect(await toolExitCode(failing, [], io)).toBe(1);
  expect(io.written.error).toBe('sample: the file is empty\n');
});

test('a tool that found something wrong ends with 1, and so does one that failed', async () => {
  expect(await toolExitCode(tool, ['--file', 'wrong'], streams(false))).toBe(1);
  const io = streams(false);
  expect(await toolExitCode(tool, ['--file', 'broken'], io)).toBe(1);
  expect(io.written.error).toContain('cannot read it');
});
