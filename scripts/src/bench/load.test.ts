// The load generator against a small server: it counts what was answered, keeps a rate, and sees answers that come in pieces.

import { createServer, type RequestListener, type Server } from 'node:http';

import { describe, expect, test } from 'vitest';

import { forkLoad, rawRequest, runLoad, type LoadPlan, type LoadResult } from './load.ts';

const plan = (changes: Partial<LoadPlan>): Omit<LoadPlan, 'port'> => ({
  host: '127.0.0.1',
  connectionCount: 4,
  warmupMs: 0,
  durationMs: 5_000,
  requestsMax: 200,
  ...changes,
});

const against = <T>(listener: RequestListener, run: (port: number) => Promise<T>): Promise<T> => on(createServer(listener), run);

async function on<T>(server: Server, run: (port: number) => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  try {
    return await run(address.port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const numbered = (index: number): string => rawRequest('POST', `/${index}`, {}, `{"index":${index},"é":1}`);

const load = (listener: RequestListener, changes: Partial<LoadPlan> = {}): Promise<LoadResult> =>
  against(listener, (port) => runLoad({ ...plan(changes), port }, numbered));

const text = '{"fine":true}';
const fine: RequestListener = (request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(201, { 'Content-Length': text.length }).end(text));
};

describe('a closed loop', () => {
  test('sends each request once, whole, and counts the answers by status', async () => {
    const bodies: string[] = [];
    const result = await load((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        bodies.push(`${request.url} ${body}`);
        response.writeHead(bodies.length % 4 === 0 ? 409 : 201, { 'Content-Length': text.length }).end(text);
      });
    });
    expect(result).toMatchObject({ sent: 200, byStatus: { 201: 150, 409: 50 }, unanswered: 0 });
    expect(bodies.toSorted()).toEqual(Array.from({ length: 200 }, (_, index) => `/${index} {"index":${index},"é":1}`).toSorted());
    expect(result.p50Ms).toBeGreaterThan(0);
    expect(result.p50Ms).toBeLessThanOrEqual(result.p95Ms);
    expect(result.p99Ms).toBeLessThanOrEqual(result.maxMs);
  });

  test('ends with its time', async () => {
    const { requestsMax: _none, ...endless } = plan({ durationMs: 150 });
    const result = await against(fine, (port) => runLoad({ ...endless, port }, () => rawRequest('POST', '/', {}, '{}')));
    expect(result.unanswered).toBe(0);
    expect(result.sent).toBeGreaterThan(4);
    expect(result.byStatus).toEqual({ 201: result.sent });
  });

  test('does not count its warm-up', async () => {
    const result = await load(fine, { warmupMs: 5_000, requestsMax: 50 });
    expect(result).toMatchObject({ sent: 0, byStatus: {} });
  });
});

describe('an open loop', () => {
  test('keeps its rate, whatever the answers take', async () => {
    const arrivalsMs: number[] = [];
    const result = await load(
      (request, response) => {
        arrivalsMs.push(performance.now());
        fine(request, response);
      },
      { offeredPerSecond: 1_000, requestsMax: 200 },
    );
    expect(result).toMatchObject({ sent: 200, byStatus: { 201: 200 } });
    expect((arrivalsMs.at(-1) ?? 0) - (arrivalsMs[0] ?? 0)).toBeGreaterThan(150);
  });

  test('counts latency from when a request was due, not from when a connection was free for it', async () => {
    // The first answer is held for 200 ms; with one connection all others, due every 10 ms, wait behind it.
    let releaseMs: number | undefined;
    const result = await load(
      (request, response) => {
        releaseMs ??= performance.now() + 200;
        const answer = (): unknown => (performance.now() < (releaseMs ?? 0) ? setImmediate(answer) : fine(request, response));
        answer();
      },
      { connectionCount: 1, offeredPerSecond: 100, requestsMax: 15 },
    );
    expect(result).toMatchObject({ sent: 15, byStatus: { 201: 15 } });
    expect(result.p50Ms).toBeGreaterThan(80);
  });
});

describe('an answer', () => {
  test('in pieces is one answer', async () => {
    const result = await load(
      (request, response) => {
        request.resume();
        request.on('end', () => {
          const { socket } = response;
          socket?.write('HTTP/1.1 201 Created\r\nContent-Le');
          setImmediate(() => socket?.write('ngth: 10\r\n\r\n01234', () => setImmediate(() => socket.write('56789'))));
        });
      },
      { connectionCount: 1, requestsMax: 1 },
    );
    expect(result).toMatchObject({ sent: 1, byStatus: { 201: 1 }, unanswered: 0 });
  });

  test('that never comes is counted, and its connection replaced', async () => {
    let count = 0;
    const result = await load(
      (request, response) => {
        if (count++ === 10) request.socket.destroy();
        else fine(request, response);
      },
      { connectionCount: 1, requestsMax: 30 },
    );
    expect(result).toMatchObject({ sent: 30, byStatus: { 201: 29 }, unanswered: 1 });
  });

  test('that nobody asked for is the farewell of a connection that was idle for too long', async () => {
    let farewells = 0;
    const impatient = createServer({ headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 10 }, fine);
    impatient.on('clientError', (_error, socket) => {
      farewells += 1;
      socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
    });
    // One connection is enough for this load; the other one is never used.
    const result = await on(impatient, (port) => runLoad({ ...plan({ connectionCount: 2, requestsMax: 30, offeredPerSecond: 100 }), port }, numbered));
    expect(farewells).toBeGreaterThan(0);
    expect(result).toMatchObject({ sent: 30, byStatus: { 201: 30 }, unanswered: 0 });
  });
});

test('a load runs in a process of its own', async () => {
  const request = `(index) => 'GET ' + path + index + ' HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'`;
  const source = `data:text/javascript,export const requestSource = ({ path }) => ${request};`;
  const urls: (string | undefined)[] = [];
  const result = await against(
    (request, response) => {
      urls.push(request.url);
      fine(request, response);
    },
    (port) => forkLoad({ plan: { ...plan({ requestsMax: 8 }), port }, sourceModule: source, settings: { path: '/n' } }),
  );
  expect(result).toMatchObject({ sent: 8, byStatus: { 201: 8 } });
  expect(urls.toSorted()).toEqual(Array.from({ length: 8 }, (_, index) => `/n${index}`));
});
