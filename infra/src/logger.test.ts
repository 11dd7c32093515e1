// Log lines: JSON, named, and without secrets wherever they come along.

import { Writable } from 'node:stream';

import { expect, test } from 'vitest';

import { componentLogger, createLogger } from './logger.ts';

function collect(): { readonly lines: string[]; readonly stream: Writable } {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return { lines, stream };
}

test('a line is JSON with level, time and component', () => {
  const { lines, stream } = collect();
  componentLogger(createLogger({ logLevel: 'info' }, stream), 'relay').info({ position: 7 }, 'published');
  const line: unknown = JSON.parse(lines[0] ?? '');
  expect(line).toMatchObject({ level: 'info', component: 'relay', position: 7, msg: 'published', time: expect.any(String) });
});

test('below the level nothing is written', () => {
  const { lines, stream } = collect();
  createLogger({ logLevel: 'warn' }, stream).info('quiet');
  expect(lines).toEqual([]);
});

test('a token is not written, at whatever depth it comes', () => {
  const { lines, stream } = collect();
  const logger = createLogger({ logLevel: 'info' }, stream);
  const secret = 'Bearer abc.def.ghi';
  const headers = { authorization: secret, cookie: secret };
  logger.info({ ...headers, headers, request: { headers } }, 'x');
  logger.child({ token: secret }).info('y');
  expect(lines.join('')).not.toContain('abc.def');
  expect(lines.join('')).toContain('[redacted]');
});
