// The load generator against a small server: it counts what was answered, keeps a rate, and sees answers that come in pieces.

import { createServer, type RequestListener, type Server } from 'node:http';

import { describe, expect, test } from 'vitest';

import { LoadConnection } from './load-connection.ts';
import { forkLoad, rawRequest, runLoad, type LoadPlan, type LoadResult } from './load.ts';

const plan = (changes: Partial<LoadPlan>): Omit<LoadPlan, 'port'> => ({
  host: '127.0.0.1',
  connectionCount: 4,
  warmupMs: 0,
  durationMs: 60_000,
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

const farewell = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

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
    // Each connection has sent one at once; how many more there is time for is the machine's affair.
    expect(result.sent).toBeGreaterThanOrEqual(4);
    expect(result.byStatus).toEqual({ 201: result.sent });
  });

  test('does not count its warm-up', async () => {
    const result = await load(fine, { warmupMs: 60_000, requestsMax: 50 });
    expect(result).toMatchObject({ sent: 0, byStatus: {} });
  });
});

describe('an open loop', () => {
  test('keeps its rate, whatever the answers take', async () => {
    const begunMs = performance.now();
    let lastMs = 0;
    const result = await load(
      (request, response) => {
        lastMs = performance.now();
        fine(request, response);
      },
      { offeredPerSecond: 1_000, requestsMax: 200 },
    );
    expect(result).toMatchObject({ sent: 200, byStatus: { 201: 200 } });
    // Never before it is due; what was held up is sent at once, so the time between two of them says nothing.
    expect(lastMs - begunMs).toBeGreaterThanOrEqual(199);
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
    const server = createServer(fine);
    server.once('connection', (socket) => socket.end(farewell));
    const [reopened, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<number | undefined>()];
    let openings = 0;
    const ready = (): void => {
      openings += 1;
      if (openings === 2) reopened.resolve();
    };
    await on(server, async (port) => {
      const connection = new LoadConnection('127.0.0.1', port, { ready, arrived: ({ status }) => answered.resolve(status) });
      await connection.open();
      await reopened.promise;
      connection.send(numbered(0), 0);
      // Had the farewell counted as an answer, it would be this one.
      expect(await answered.promise).toBe(201);
      connection.close();
    });
  });

  test('does not come where the farewell has crossed the request', async () => {
    let count = 0;
    const result = await load(
      (request, response) => {
        if (count++ === 10) request.socket.end(farewell);
        else fine(request, response);
      },
      { connectionCount: 1, requestsMax: 30 },
    );
    expect(result).toMatchObject({ sent: 30, byStatus: { 201: 29 }, unanswered: 1 });
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
