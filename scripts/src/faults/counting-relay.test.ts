import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { freePorts } from '@wagerline/infra/testing/engines-ports';
import { openRelay, type CountingRelay } from './counting-relay.ts';

const host = '127.0.0.1';
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (let close = closing.pop(); close !== undefined; close = closing.pop()) await close();
});

async function open(serve: (socket: Socket) => void): Promise<{ readonly relay: CountingRelay; dial(): Socket }> {
  const server: Server = createServer(serve).listen(0, host);
  await once(server, 'listening');
  closing.push(() => server.close());
  const [port = 0] = await freePorts(1);
  const relay = await openRelay('redis', { host, port }, { host, port: (server.address() as AddressInfo).port });
  closing.push(() => relay.close());
  return { relay, dial: () => connect({ host, port }) };
}

const ping = '*1\r\n$4\r\nPING\r\n';

test('what is sent arrives as it is, and is counted; a connection without a request counts as one', async () => {
  const { relay, dial } = await open((socket) => socket.pipe(socket));
  const client = dial();
  client.end(ping + ping);
  expect(await text(client)).toBe(ping + ping);
  expect(relay.requests()).toBe(2);
  const silent = dial();
  silent.end();
  await text(silent);
  await expect.poll(() => relay.requests()).toBe(3);
});

test('a server that resets its connection resets the client', async () => {
  const { dial } = await open((socket) => void socket.once('data', () => socket.resetAndDestroy()));
  const client = dial();
  client.write(ping);
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
});

test('the request that is waited for is not passed on, its connection is cut, and later ones are left alone', async () => {
  const received: string[] = [];
  const { relay, dial } = await open((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk.toString());
      socket.write('+OK\r\n');
    });
  });
  let cuts = 0;
  const cut = relay.cutAt(Buffer.from('SECRET'), () => {
    cuts += 1;
  });
  const first = dial();
  first.write(ping);
  await once(first, 'data');
  first.write('*1\r\n$6\r\nSECRET\r\n');
  await Promise.all([cut, once(first, 'error')]);
  const second = dial();
  second.write('*1\r\n$6\r\nSECRET\r\n');
  await once(second, 'data');
  second.destroy();
  expect([cuts, received]).toEqual([1, [ping, '*1\r\n$6\r\nSECRET\r\n']]);
});
