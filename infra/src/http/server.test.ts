// Stopping: what runs may end, what is idle goes at once, and nothing outlasts the grace.

import { Agent, createServer, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';

import { expect, test } from 'vitest';

import { startHttpServer, type HttpServer } from './server.ts';

type Held = { readonly server: HttpServer; readonly response: Promise<ServerResponse> };

/** A server that answers /quick and keeps any other request for the test to answer. */
async function holding(): Promise<Held> {
  const held = Promise.withResolvers<ServerResponse>();
  const server = await startHttpServer((message, response) => (message.url === '/quick' ? response.end('quick') : held.resolve(response)), {
    host: '127.0.0.1',
    port: 0,
  });
  return { server, response: held.promise };
}

function get(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      response.on('data', (chunk: Buffer) => resolve(chunk.toString()));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('a running request ends with its answer, a new one finds nobody', async () => {
  const { server, response } = await holding();
  const agent = new Agent({ keepAlive: true });
  const running = get(`${server.url}/slow`, agent);
  const waiting = await response;
  const closed = server.close(5_000);
  await expect(get(`${server.url}/quick`, new Agent())).rejects.toThrow(/ECONNREFUSED/);
  waiting.end('done');
  expect(await running).toBe('done');
  // The client keeps its connection alive, so only the server's sweep ends this well before the grace.
  await closed;
  agent.destroy();
});

test('an idle connection does not hold up the stop', async () => {
  const { server } = await holding();
  const agent = new Agent({ keepAlive: true });
  expect(await get(`${server.url}/quick`, agent)).toBe('quick');
  await server.close(60_000);
  agent.destroy();
});

test('a request that does not end is cut off after the grace', async () => {
  const { server, response } = await holding();
  const running = get(`${server.url}/slow`, new Agent());
  running.catch(() => undefined);
  await response;
  await server.close(30);
  await expect(running).rejects.toThrow(/hang up|ECONNRESET/);
});

test('a header that is too large is refused before it reaches anybody', async () => {
  const { server } = await holding();
  const header = `GET /slow HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`;
  const status = await new Promise<string>((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(header));
    socket.once('data', (chunk) => resolve(chunk.toString().slice(0, 12)));
  });
  expect(status).toBe('HTTP/1.1 431');
  await server.close(1_000);
});

test('a port that is taken fails the start', async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => {
      const address = taken.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  await expect(startHttpServer(() => undefined, { host: '127.0.0.1', port })).rejects.toThrow(/EADDRINUSE/);
  taken.close();
});
