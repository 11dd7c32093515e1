import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { Line, UnexpectedAnswer } from './line.ts';

let server: Server | undefined;
let line: Line | undefined;
afterEach(() => {
  line?.close();
  server?.closeAllConnections();
  server?.close();
});

async function listening(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

test('the same request is sent again until it is answered: after a broken connection, half an answer, and "not now"', async () => {
  const seen: string[] = [];
  const url = await listening((request, response) => {
    seen.push(`${request.method} ${request.url} ${String(request.headers['idempotency-key'])}`);
    if (seen.length === 1) request.socket.destroy();
    else if (seen.length === 2) response.writeHead(201, { 'content-length': 100 }).write('{"half":');
    else if (seen.length === 3) response.writeHead(503).end('{}');
    else response.writeHead(201).end('{"betId":"1"}');
    if (seen.length === 2) setImmediate(() => request.socket.destroy());
  });
  line = new Line(4);
  const asking = line.ask({ method: 'POST', path: '/v1/bets', token: 't', key: 'k', text: '{}' });
  line.up(url);
  expect(await asking).toEqual({ status: 201, text: '{"betId":"1"}', tries: 4 });
  expect(seen).toEqual(Array.from({ length: 4 }, () => 'POST /v1/bets k'));
  expect(line.retried).toBe(3);
});

test('a client that hangs up comes back with the same request', async () => {
  let requests = 0;
  const url = await listening((_, response) => {
    requests += 1;
    if (requests > 1) response.writeHead(201).end('{}');
  });
  line = new Line(4);
  line.up(url);
  expect((await line.ask({ method: 'POST', path: '/', token: 't', key: 'k', text: '{}' }, 20)).tries).toBe(2);
});

test('an answer that says that something is broken is not repeated away, and a line that fails ends who waits', async () => {
  const url = await listening((_, response) => void response.writeHead(500).end('{"code":"INTERNAL_ERROR"}'));
  line = new Line(4);
  const sent = { method: 'GET', path: '/', token: 't' } as const;
  const waiting = line.ask(sent);
  line.up(url);
  await expect(waiting).rejects.toThrow(UnexpectedAnswer);
  line.down();
  const stuck = line.ask(sent);
  line.fail(new Error('gone for good'));
  await expect(stuck).rejects.toThrow('gone for good');
});
