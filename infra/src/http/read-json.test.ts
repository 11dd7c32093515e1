// Bodies as they come over a real socket: whole, in pieces, too large, broken, abandoned.

import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestServer, type TestServer } from '../testing/test-server.ts';
import type { Route } from './route.ts';

const bodyBytesMax = 1_000;
const echo: Route = { method: 'POST', path: '/echo', roles: 'public', body: 'json', handler: ({ json }) => ({ status: 200, body: json }) };
const headerOf = (length: number): string =>
  `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

let server: TestServer;
let port: number;

beforeAll(async () => {
  server = await startTestServer([echo], { bodyBytesMax });
  port = Number(new URL(server.url).port);
});
afterAll(() => server.close());

describe('a body', () => {
  const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}/echo`, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } });
  const codeOf = async (response: Response): Promise<unknown> => [response.status, Object(await response.json()).code];

  test.each(['{"a":', '', 'undefined', '{"a":1}}'])('that is not JSON (%j): 400', async (text) => {
    expect(await codeOf(await post(text))).toEqual([400, 'BODY_NOT_JSON']);
  });

  test('that is not UTF-8: 400', async () => {
    expect(await codeOf(await post(Buffer.from([0x22, 0xff, 0xfe, 0x22])))).toEqual([400, 'BODY_NOT_JSON']);
  });

  test.each(['text/plain', 'application/json-seq', 'application/x-www-form-urlencoded'])('of type %s: 415', async (type) => {
    expect(await codeOf(await post('{}', { 'Content-Type': type }))).toEqual([415, 'CONTENT_TYPE_UNSUPPORTED']);
  });

  test('may name its charset', async () => {
    expect((await post('{}', { 'Content-Type': 'Application/JSON; charset=utf-8' })).status).toBe(200);
  });

  test('as long as the limit passes, one byte more does not', async () => {
    expect((await post(JSON.stringify('x'.repeat(bodyBytesMax - 2)))).status).toBe(200);
    expect(await codeOf(await post(JSON.stringify('x'.repeat(bodyBytesMax - 1))))).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('of a megabyte is refused, and its sender sees the answer', async () => {
    expect(await codeOf(await post('x'.repeat(1_048_576)))).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('over the limit is refused by its Content-Length alone', async () => {
    const answer = await rawAnswer(headerOf(1_001));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('far over the limit is not read to its end', async () => {
    const closed = Promise.withResolvers<undefined>();
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(headerOf(99_999_999));
      socket.write(Buffer.alloc(5_000_000, 'x'));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => closed.resolve(undefined));
    socket.resume();
    await closed.promise;
  });

  test('in chunks of unknown length is put together, also inside a character', async () => {
    const bytes = Buffer.from('{"name":"Zürich"}');
    expect(await chunked([bytes.subarray(0, 10), bytes.subarray(10, 11), bytes.subarray(11)])).toEqual([200, '{"name":"Zürich"}']);
  });

  test('in chunks over the limit is refused', async () => {
    const [status, text] = await chunked([Buffer.alloc(600, 'x'), Buffer.alloc(600, 'x'), Buffer.alloc(600, 'x')]);
    expect([status, JSON.parse(text)]).toMatchObject([413, { code: 'BODY_TOO_LARGE', bodyBytesMax }]);
  });

  test('that never ends costs its sender the connection, and nobody else', async () => {
    const closed = Promise.withResolvers<undefined>();
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`${headerOf(99)}{"a"`, () => socket.destroy());
    });
    socket.on('close', () => closed.resolve(undefined));
    await closed.promise;
    expect((await post('{}')).status).toBe(200);
  });
});

/** The start of what the server answers to these bytes. */
function rawAnswer(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.once('error', reject);
    socket.once('data', (chunk) => {
      resolve(chunk.toString());
      socket.destroy();
    });
  });
}

function chunked(chunks: readonly Buffer[]): Promise<[number | undefined, string]> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${server.url}/echo`, { method: 'POST', headers: { 'Content-Type': 'application/json' } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve([response.statusCode, Buffer.concat(parts).toString()]));
    });
    sent.once('error', reject);
    for (const chunk of chunks) sent.write(chunk);
    sent.end();
  });
}
