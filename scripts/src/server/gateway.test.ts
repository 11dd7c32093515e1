// The gateway in front of small servers that say which of them was asked, and what for.

import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Gateway } from './gateway.ts';

const servers: Server[] = [];
let gateway: Gateway;
const command: (string | undefined)[] = [];
const query: (string | undefined)[] = [];

beforeEach(() => {
  gateway = new Gateway({ command, query });
});
afterEach(() => {
  gateway.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  command.length = 0;
  query.length = 0;
});

async function listen(handler: Parameters<typeof createServer>[1] & object): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** Answers its name with what it was sent. */
function upstream(name: string): Promise<string> {
  return listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      response.writeHead(request.method === 'POST' ? 201 : 200, { ETag: `"${name}"`, 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ name, method: request.method, url: request.url, key: request.headers['idempotency-key'] ?? null, body }));
    });
  });
}

const front = (): Promise<string> => listen((request, response) => gateway.handle(request, response));

/** A port that nobody listens on. */
async function nobody(): Promise<string> {
  const url = await upstream('gone');
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return url;
}

async function names(url: string, count: number): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  for (let turn = 0; turn < count; turn += 1) answers.push(((await (await fetch(`${url}/v1/bets`)).json()) as { name: unknown }).name);
  return answers;
}

test('queries and commands reach their own processes, whole, and the answers come back whole', async () => {
  command.push(await upstream('command'));
  query.push(await upstream('query'));
  const url = await front();
  const read = await fetch(`${url}/v1/bets?limit=2`);
  expect([read.status, read.headers.get('etag'), await read.json()]).toMatchObject([200, '"query"', { name: 'query', method: 'GET', url: '/v1/bets?limit=2' }]);
  const body = JSON.stringify({ text: 'é'.repeat(50_000) });
  const placed = await fetch(`${url}/v1/bets`, { method: 'POST', body, headers: { 'idempotency-key': 'k' } });
  expect([placed.status, await placed.json()]).toMatchObject([201, { name: 'command', method: 'POST', key: 'k', body }]);
});

test('how the producers of the feed do is asked of those who take their messages', async () => {
  command.push(await upstream('command'));
  query.push(await upstream('query'));
  expect(await (await fetch(`${await front()}/v1/feed/producers`)).json()).toMatchObject({ name: 'command', method: 'GET' });
});

test('several processes of one part take turns, and one that is starting is left out', async () => {
  query.push(await upstream('a'), undefined, await upstream('b'));
  expect((await names(await front(), 4)).toSorted()).toEqual(['a', 'a', 'b', 'b']);
});

test('a process that refuses the connection is passed over, a body included', async () => {
  command.push(await nobody(), await upstream('living'));
  const url = await front();
  for (let turn = 0; turn < 4; turn += 1) {
    const answer = await fetch(`${url}/v1/bets`, { method: 'POST', body: '{"whole":true}' });
    expect(await answer.json()).toMatchObject({ name: 'living', body: '{"whole":true}' });
  }
});

test('where nobody can answer it is a 503 that may be tried again', async () => {
  query.push(undefined, await nobody());
  const answer = await fetch(`${await front()}/v1/bets`);
  expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toMatchObject([503, '1', { code: 'PART_UNAVAILABLE' }]);
});

test('a process that breaks off is not asked twice', async () => {
  let asked = 0;
  const breaking = await listen((request) => {
    asked += 1;
    request.socket.destroy();
  });
  command.push(breaking, breaking);
  const answer = await fetch(`${await front()}/v1/bets`, { method: 'POST', body: '{}' });
  expect([answer.status, asked]).toEqual([503, 1]);
});

test('a process that takes a request and says nothing is a 503 in time, and the others are asked before it from then on', async () => {
  let asked = 0;
  command.push(await listen(() => void (asked += 1)), await upstream('living'));
  gateway = new Gateway({ command, query }, 100);
  const url = await front();
  const place = () => fetch(`${url}/v1/bets`, { method: 'POST', body: '{}' });
  const refused = [await place(), await place()].find(({ status }) => status === 503);
  expect([refused?.headers.get('retry-after'), await refused?.json()]).toMatchObject(['1', { code: 'PART_UNAVAILABLE' }]);
  for (let turn = 0; turn < 4; turn += 1) expect((await place()).status).toBe(201);
  expect(asked).toBe(1);
});

test('a sender who takes too long with a request is refused, and no process rests for it', async () => {
  command.push(await upstream('a'), await upstream('b'));
  gateway = new Gateway({ command, query }, 1_000);
  const url = await front();
  const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) });
  expect((await fetch(`${url}/v1/bets`, { method: 'POST', body, duplex: 'half' })).status).toBe(503);
  const places = [1, 2].map(async () => (await (await fetch(`${url}/v1/bets`, { method: 'POST', body: '{}' })).json()) as { name: unknown });
  expect((await Promise.all(places)).map(({ name }) => name).toSorted()).toEqual(['a', 'b']);
});
