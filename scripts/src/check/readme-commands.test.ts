// The commands of a document are what a reader would paste: nothing of the output, nothing of other blocks.

import { expect, test } from 'vitest';
import { commandsOf, isRunnable } from './readme-commands.ts';

const document = `# Title

\`\`\`console
$ npm ci && npm start
ready on http://127.0.0.1:3000
$ npm run season -- --bets 50000 \\
    --json
{ "fixtures": 380 }
\`\`\`

\`\`\`sh
$ npm run never
\`\`\`

$ npm run neither
`;

test('commands are read from console blocks, with their lines, continued ones as one', () =>
  expect(commandsOf(document)).toEqual([
    { line: 4, command: 'npm ci && npm start' },
    { line: 6, command: 'npm run season -- --bets 50000 --json' },
  ]));

test('a document without console blocks has no commands', () => expect(commandsOf('$ npm run x\n')).toEqual([]));

test('our own tools are run, servers, installs and the checks are not', () => {
  expect(isRunnable('npm run season -- --bets 50000 --json')).toBe(true);
  expect(isRunnable('npm ci && npm start')).toBe(false);
  expect(isRunnable('npm run check')).toBe(false);
  expect(isRunnable('npm run engines -- start')).toBe(false);
});
